//! Logs of the contract, in pages of a size that the endpoint grants.
//!
//! Endpoints refuse pages that they find too large: too many blocks, too many logs, too many bytes,
//! too much time. They do not announce their limits, and each endpoint has its own error for a
//! refusal. So a page that is refused is halved until it is granted, and later pages grow again.

use std::time::Duration;

use alloy::providers::Provider;
use alloy::rpc::types::{Filter, Log};
use alloy::transports::{RpcError, TransportErrorKind};
use tracing::debug;

use super::error::SettlerError;
use super::l1_client::L1Client;

/// Attempts at a page of one block before the reader gives up.
const ATTEMPTS: u32 = 5;
/// The pause before the second attempt at a page that cannot be halved; it doubles with each.
const PAUSE: Duration = Duration::from_millis(500);

/// JSON-RPC error codes with which endpoints refuse a page: limit exceeded (EIP-1474), a server's
/// own (ranges and numbers of results), invalid parameters (ranges), internal (time and memory).
const REFUSALS: [i64; 4] = [-32005, -32000, -32602, -32603];
/// HTTP statuses with which endpoints and their proxies refuse a page: too large, and time-outs.
const REFUSED_STATUSES: [u16; 6] = [400, 408, 413, 500, 503, 504];
/// The status of an endpoint that is asked too often.
const TOO_MANY_REQUESTS: u16 = 429;

impl L1Client {
    /// The contract's logs of L1 blocks `from` to `to` that pass the filter, in order.
    pub(super) async fn logs(
        &self,
        filter: Filter,
        from: u64,
        to: u64,
    ) -> Result<Vec<Log>, SettlerError> {
        let mut pages = LogPages::new(self, filter, from, to);
        let mut logs = Vec::new();
        while let Some(page) = pages.next().await? {
            logs.extend(page);
        }
        Ok(logs)
    }
}

/// Reads the logs of L1 blocks `next` to `to` that pass a filter, in order.
pub(super) struct LogPages {
    l1: L1Client,
    filter: Filter,
    next: u64,
    to: u64,
    /// Blocks in the next page.
    range: u64,
}

impl LogPages {
    /// All pages of the contract's logs of L1 blocks `from` to `to`. Blocks before its deployment
    /// are passed over.
    pub(super) fn new(l1: &L1Client, filter: Filter, from: u64, to: u64) -> Self {
        let filter = filter.address(*l1.rollup.address());
        let next = from.max(l1.deployed_at);
        Self { l1: l1.clone(), filter, next, to, range: l1.log_range }
    }

    /// Goes on to a later block.
    pub(super) const fn extend(&mut self, to: u64) {
        if to > self.to {
            self.to = to;
        }
    }

    /// The logs of the next page; `None` behind the last. A page is read whole or not at all.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Log>>, SettlerError> {
        let mut attempts = 0;
        while self.next <= self.to {
            let end = self.to.min(self.next.saturating_add(self.range - 1));
            let page = self.filter.clone().from_block(self.next).to_block(end);
            match self.l1.provider.get_logs(&page).await {
                Ok(logs) => {
                    self.next = end + 1;
                    self.range = self.range.saturating_mul(2).min(self.l1.log_range);
                    return Ok(Some(logs));
                }
                Err(refused) if refuses_size(&refused) && end > self.next => {
                    debug!(from = self.next, to = end, error = %refused, "L1's node refuses the page of logs: a smaller one is asked for");
                    self.range = (end - self.next).div_ceil(2);
                }
                Err(refused) if refuses_size(&refused) || is_asked_too_often(&refused) => {
                    attempts += 1;
                    if attempts == ATTEMPTS {
                        let (from, to) = (self.next, end);
                        return Err(SettlerError::LogsRefused { from, to, source: refused });
                    }
                    tokio::time::sleep(PAUSE * 2_u32.pow(attempts - 1)).await;
                }
                Err(failed) => return Err(failed.into()),
            }
        }
        Ok(None)
    }
}

/// Returns true if the endpoint may grant a smaller page.
fn refuses_size(error: &RpcError<TransportErrorKind>) -> bool {
    match error {
        RpcError::ErrorResp(answer) => REFUSALS.contains(&answer.code),
        RpcError::Transport(TransportErrorKind::HttpError(answer)) => {
            REFUSED_STATUSES.contains(&answer.status)
        }
        // The request timed out, or the answer was cut off.
        RpcError::Transport(TransportErrorKind::Custom(source)) => {
            let source = source.downcast_ref::<alloy::transports::http::reqwest::Error>();
            source.is_some_and(|error| error.is_timeout() || error.is_body() || error.is_decode())
        }
        RpcError::DeserError { .. } => true,
        _ => false,
    }
}

fn is_asked_too_often(error: &RpcError<TransportErrorKind>) -> bool {
    match error {
        RpcError::ErrorResp(answer) => answer.code == i64::from(TOO_MANY_REQUESTS),
        RpcError::Transport(TransportErrorKind::HttpError(answer)) => {
            answer.status == TOO_MANY_REQUESTS
        }
        _ => false,
    }
}
