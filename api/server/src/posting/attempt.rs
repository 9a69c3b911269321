//! One attempt to post an event.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use farthing_api_types::dto::{DeliveryFault, WireBytes32};
use farthing_api_types::{WEBHOOK_SIGNATURE_HEADER, webhook_signature};
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;

use crate::http::JSON;
use crate::webhooks::{GuardedResolver, TargetError, parse_target};

/// Headers that name event and webhook, so that a receiver can sort before it reads.
const EVENT_HEADER: &str = "Farthing-Event-Id";
const WEBHOOK_HEADER: &str = "Farthing-Webhook-Id";
/// Bytes of an answer that are read, so that the connection can be used again. Nothing is done with
/// them.
const ANSWER_BYTES_MAX: usize = 4_096;

/// A post to be made.
#[derive(Clone)]
pub(super) struct Post {
    pub(super) webhook: WireBytes32,
    pub(super) event: WireBytes32,
    pub(super) url: String,
    pub(super) secrets: Vec<String>,
    pub(super) body: Vec<u8>,
}

/// The outcome of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Attempt {
    /// The status of the answer, if there was one.
    pub(super) status: Option<u16>,
    /// The reason for its failure; `None` if it succeeded.
    pub(super) fault: Option<DeliveryFault>,
}

/// Posts to URLs that others have given.
#[derive(Clone, Debug)]
pub(super) struct Poster {
    http: reqwest::Client,
    private: bool,
}

impl Poster {
    pub(super) fn new(private: bool, timeout: Duration) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .dns_resolver(Arc::new(GuardedResolver { private }))
            // A proxy of this machine would resolve the name again; a redirect leads anywhere.
            .no_proxy()
            .redirect(Policy::none())
            .timeout(timeout)
            .connect_timeout(timeout)
            .pool_max_idle_per_host(1)
            .user_agent(concat!("farthing-webhook/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { http, private })
    }

    /// Posts an event, signed at `now` (unix seconds).
    pub(super) async fn post(&self, post: Post, now: u64) -> Attempt {
        let Post { webhook, event, url, secrets, body } = post;
        let failed = |fault| Attempt { status: None, fault: Some(fault) };
        let url = match parse_target(&url, self.private) {
            Ok(url) => url,
            // The setting has changed since it was registered.
            Err(_) => return failed(DeliveryFault::PrivateAddress),
        };
        let signature = webhook_signature(secrets.iter().map(String::as_str), now, &body);
        let sent = self
            .http
            .post(url)
            .header(CONTENT_TYPE, JSON)
            .header(WEBHOOK_SIGNATURE_HEADER, signature)
            .header(EVENT_HEADER, event.to_string())
            .header(WEBHOOK_HEADER, webhook.to_string())
            .body(body)
            .send()
            .await;
        match sent {
            Ok(mut answer) => {
                let status = answer.status();
                let mut read = 0;
                while let Ok(Some(chunk)) = answer.chunk().await {
                    read += chunk.len();
                    if read > ANSWER_BYTES_MAX {
                        break;
                    }
                }
                let fault = (!status.is_success()).then_some(DeliveryFault::Status);
                Attempt { status: Some(status.as_u16()), fault }
            }
            Err(error) => failed(fault_of(&error)),
        }
    }
}

fn fault_of(error: &reqwest::Error) -> DeliveryFault {
    let mut source = error.source();
    while let Some(cause) = source {
        match cause.downcast_ref::<TargetError>() {
            Some(TargetError::Unresolved) => return DeliveryFault::Unresolved,
            Some(_) => return DeliveryFault::PrivateAddress,
            None => source = cause.source(),
        }
    }
    if error.is_timeout() { DeliveryFault::Timeout } else { DeliveryFault::Connection }
}
