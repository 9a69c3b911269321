//! Posting of events to webhooks.
//!
//! Reading order: `worker` (queues and posts), `attempt` (one post), `backoff` (the time of the
//! next attempt).

mod attempt;
mod backoff;
mod worker;

use std::sync::Arc;

use crate::app::App;
use worker::Worker;

/// Queues and posts events until the server ends.
pub(crate) async fn run_webhooks(app: Arc<App>) {
    match Worker::new(app) {
        Ok(worker) => worker.run().await,
        Err(error) => {
            tracing::error!(%error, "the HTTP client cannot be set up: no webhook is served")
        }
    }
}
