//! The client of the REST API.

mod error;
mod manifests;
mod recipients;
mod retry;
mod verbs;
mod webhooks;

use std::sync::Arc;
use std::time::Duration;

use farthing_api_types::Problem;
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Method, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use error::{ClientError, UrlError};
pub use retry::Retry;

use recipients::Recipients;

/// The timeout of one call, a long poll's waiting not counted.
const CALL_TIMEOUT: Duration = Duration::from_secs(40);
/// The header with the signature of an account's request.
const SIGNATURE: &str = "farthing-signature";
/// The header with the server's advice.
const SHOULD_RETRY: &str = "x-should-retry";
/// The timeout of a connection attempt.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Speaks to one node. Cheap to clone; connections are shared.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    /// Without a slash at the end.
    base: Arc<str>,
    retry: Retry,
    recipients: Recipients,
}

/// One call, before it is made for the first time.
struct Call {
    method: Method,
    path: String,
    body: Option<Vec<u8>>,
    /// The time for which the node was asked to wait.
    wait: Duration,
    /// The `Idempotency-Key` of a POST; without it, one is drawn for the call and its repeats.
    key: Option<String>,
    /// The `Farthing-Signature` of a request that an account's key signs.
    signature: Option<String>,
}

/// The result of one attempt.
enum Attempt<T> {
    Done(T),
    /// To be repeated, if attempts are left.
    Again(ClientError, Option<Duration>),
    Failed(ClientError),
}

impl Client {
    /// A client of the node at `base`, such as `http://127.0.0.1:8080`.
    pub fn new(base: &str) -> Result<Self, UrlError> {
        let url = Url::parse(base).map_err(|error| UrlError::Syntax(error.into()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(UrlError::Scheme);
        }
        let mut http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .user_agent(concat!("farthing-client/", env!("CARGO_PKG_VERSION")));
        if is_loopback(&url) {
            // A proxy cannot reach this machine's own addresses.
            http = http.no_proxy();
        }
        Ok(Self {
            http: http.build().map_err(UrlError::Setup)?,
            base: url.as_str().trim_end_matches('/').into(),
            retry: Retry::default(),
            recipients: Recipients::default(),
        })
    }

    /// Repeats calls as `retry` says.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// The node's URL, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.base
    }

    async fn get<T: DeserializeOwned>(&self, path: String) -> Result<T, ClientError> {
        self.get_waiting(path, Duration::ZERO).await
    }

    async fn get_waiting<T: DeserializeOwned>(
        &self,
        path: String,
        wait: Duration,
    ) -> Result<T, ClientError> {
        self.call(Call { method: Method::GET, path, body: None, wait, key: None, signature: None })
            .await
    }

    async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        self.post_under(path, body, None).await
    }

    async fn post_under<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        key: Option<&str>,
    ) -> Result<T, ClientError> {
        // The DTOs have string keys only: they always serialize.
        let body = serde_json::to_vec(body)
            .map_err(|error| ClientError::UnexpectedAnswer { status: 0, source: Some(error) })?;
        let (path, key) = (path.to_owned(), key.map(str::to_owned));
        let (body, wait) = (Some(body), Duration::ZERO);
        self.call(Call { method: Method::POST, path, body, wait, key, signature: None }).await
    }

    /// An answer that is text and not JSON.
    async fn get_text(&self, path: &str) -> Result<String, ClientError> {
        let url = format!("{}{path}", self.base);
        let response = self.http.get(url).timeout(CALL_TIMEOUT).send().await?;
        match response.status() {
            status if status.is_success() => Ok(response.text().await?),
            status => Err(ClientError::UnexpectedAnswer { status: status.as_u16(), source: None }),
        }
    }

    async fn call<T: DeserializeOwned>(&self, call: Call) -> Result<T, ClientError> {
        let drawn = || format!("{:032x}", rand::random::<u128>());
        let key = call.key.clone().unwrap_or_else(drawn);
        let mut attempt = 1;
        loop {
            let (error, retry_after) = match self.attempt(&call, &key).await {
                Attempt::Done(answer) => return Ok(answer),
                Attempt::Failed(error) => return Err(error),
                Attempt::Again(error, retry_after) => (error, retry_after),
            };
            match self.retry.delay(attempt, retry_after, rand::random()) {
                Some(delay) => tokio::time::sleep(delay).await,
                None => return Err(error),
            }
            attempt += 1;
        }
    }

    async fn attempt<T: DeserializeOwned>(&self, call: &Call, key: &str) -> Attempt<T> {
        let url = format!("{}{}", self.base, call.path);
        let mut request =
            self.http.request(call.method.clone(), url).timeout(CALL_TIMEOUT + call.wait);
        if let Some(body) = &call.body {
            request = request
                .header(CONTENT_TYPE, "application/json")
                .header("Idempotency-Key", key)
                .body(body.clone());
        }
        if let Some(signature) = &call.signature {
            request = request.header(SIGNATURE, signature);
        }
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) if error.is_builder() => return Attempt::Failed(error.into()),
            Err(error) => return Attempt::Again(error.into(), None),
        };
        let status = response.status();
        let retry_after = retry_after(response.headers());
        let advice = should_retry(response.headers());
        let bytes = match response.bytes().await {
            Ok(bytes) => bytes,
            Err(error) => return Attempt::Again(error.into(), None),
        };
        if status.is_success() {
            return match serde_json::from_slice(&bytes) {
                Ok(answer) => Attempt::Done(answer),
                Err(error) => Attempt::Failed(ClientError::UnexpectedAnswer {
                    status: status.as_u16(),
                    source: Some(error),
                }),
            };
        }
        match serde_json::from_slice::<Problem>(&bytes) {
            Ok(problem) if advice.unwrap_or_else(|| problem.code.is_retryable()) => {
                Attempt::Again(Box::new(problem).into(), retry_after)
            }
            Ok(problem) => Attempt::Failed(Box::new(problem).into()),
            Err(error) => {
                let status = status.as_u16();
                let error = ClientError::UnexpectedAnswer { status, source: Some(error) };
                // A proxy in between speaks for itself.
                match advice.unwrap_or(matches!(status, 429 | 502 | 503 | 504)) {
                    true => Attempt::Again(error, retry_after),
                    false => Attempt::Failed(error),
                }
            }
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost"
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Seconds only: a date would need a clock that agrees with the node's.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok().map(Duration::from_secs)
}

/// Advice of the server, which goes before what a code usually means: a later version may know
/// better.
fn should_retry(headers: &HeaderMap) -> Option<bool> {
    headers.get(SHOULD_RETRY)?.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_is_true_or_false() {
        let advice = |text| {
            let line = (SHOULD_RETRY, reqwest::header::HeaderValue::from_static(text));
            should_retry(&HeaderMap::from_iter(
                [line].map(|(name, value)| (reqwest::header::HeaderName::from_static(name), value)),
            ))
        };
        assert_eq!((advice("true"), advice("false"), advice("1")), (Some(true), Some(false), None));
        assert_eq!(should_retry(&HeaderMap::new()), None);
    }

    #[test]
    fn a_base_url_is_http() {
        for good in ["http://127.0.0.1:8080", "https://node.example/farthing/"] {
            let client = Client::new(good).map(|client| client.base_url().to_owned());
            assert_eq!(client.ok().as_deref(), Some(good.trim_end_matches('/')));
        }
        assert!(matches!(Client::new("ftp://node.example"), Err(UrlError::Scheme)));
        assert!(matches!(Client::new("node.example"), Err(UrlError::Syntax(_))));
    }

    #[test]
    fn loopback_is_known() {
        let loopback = |text| Url::parse(text).is_ok_and(|url| is_loopback(&url));
        assert!(loopback("http://localhost:1") && loopback("http://127.0.0.9"));
        assert!(loopback("http://[::1]:80") && !loopback("http://10.0.0.1"));
    }
}
