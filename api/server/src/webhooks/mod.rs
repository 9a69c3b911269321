//! Webhooks of accounts, and the events that are queued for them; `posting` posts them.
//!
//! Reading order: `record` (a webhook, a delivery), `store`, `changes` and `database` (the queue on
//! disk), `address` (the URLs to which events may be posted).

mod address;
mod changes;
mod database;
mod record;
mod store;

use std::path::Path;

use tokio::sync::Notify;

pub(crate) use address::{GuardedResolver, TargetError, check_target, parse_target};
pub use database::WebhookStoreError;
pub(crate) use database::{ChangeError, NewDelivery, Times, UsedRequest};
pub(crate) use record::{Delivery, DeliveryKey, Webhook};
pub(crate) use store::WebhookStore;

use crate::config::WebhooksConfig;

/// Seconds by which the time of a signed request and the node's clock may differ.
pub(crate) const REQUEST_SECONDS_MAX: u64 = 300;

/// Webhooks as handlers see them.
#[derive(Debug)]
pub(crate) struct Webhooks {
    pub(crate) store: WebhookStore,
    /// Receives every change by a request.
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
