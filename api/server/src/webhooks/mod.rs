//! Webhooks: events posted to the URLs of accounts.
//!
//! Reading order: `record` (a webhook, a delivery), `store` and `changes` (the queue on disk), `worker`
//! (queues and posts), `attempt` (one post), `address` (where it may go), `backoff` (when it is made
//! again).

mod address;
mod attempt;
mod backoff;
mod changes;
mod metrics;
mod record;
mod store;
mod worker;

use std::path::Path;
use std::sync::Arc;

use tokio::sync::Notify;

pub(crate) use address::{check_target, parse_target};
pub(crate) use metrics::WebhookMetrics;
pub(crate) use record::{Delivery, DeliveryKey, Webhook};
pub use store::WebhookStoreError;
pub(crate) use store::{ChangeError, NewDelivery, Times, UsedRequest, WebhookStore};

use crate::app::App;
use crate::config::WebhooksConfig;
use worker::Worker;

/// Seconds by which the time of a signed request and the node's clock may differ.
pub(crate) const REQUEST_SECONDS_MAX: u64 = 300;

/// Webhooks as handlers see them.
#[derive(Debug)]
pub(crate) struct Webhooks {
    pub(crate) store: WebhookStore,
    /// Notified of every change by a request.
    pub(crate) changed: Notify,
    retry_seconds: u64,
}

impl Webhooks {
    /// Opens the store at `path`.
    pub(crate) fn open(path: &Path, config: &WebhooksConfig) -> Result<Self, WebhookStoreError> {
        let store = WebhookStore::open(path)?;
        Ok(Self { store, changed: Notify::new(), retry_seconds: config.retry_seconds })
    }

    /// The times of a change at `now`.
    pub(crate) const fn times(&self, now: u64) -> Times {
        Times { now, retry: self.retry_seconds, window: REQUEST_SECONDS_MAX }
    }
}

/// Queues and posts events until the server ends.
pub(crate) async fn run_webhooks(app: Arc<App>) {
    match Worker::new(app) {
        Ok(worker) => worker.run().await,
        Err(error) => {
            tracing::error!(%error, "no HTTP client can be made: webhooks are not served")
        }
    }
}
