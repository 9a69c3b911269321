//! State that handlers share.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use farthing_aggregator::Aggregator;
use tokio::sync::{Semaphore, watch};

use crate::config::ServerConfig;
use crate::error::ServerError;
use crate::http::{BodyLimits, CorsOrigins};
use crate::idempotency::{IdempotencyError, IdempotencyStore, KeyLocks};
use crate::limits::{ClientShares, RateLimiter};
use crate::manifests::ManifestStore;
use crate::metrics::HttpMetrics;
use crate::web::WebFiles;
use crate::webhooks::Webhooks;

/// The folder of idempotency keys under the data folder.
const IDEMPOTENCY_FOLDER: &str = "idempotency-2";
/// The folder of manifests.
const MANIFESTS_FOLDER: &str = "manifests";
/// The folder of webhooks and their queue.
const WEBHOOKS_FOLDER: &str = "webhooks";

/// State that handlers share.
pub(crate) struct App {
    pub(crate) aggregator: Aggregator,
    pub(crate) config: ServerConfig,
    pub(crate) rate: RateLimiter,
    /// Requests for accounts.
    pub(crate) openings: RateLimiter,
    pub(crate) bodies: BodyLimits,
    /// Permits for requests at work.
    pub(crate) work: Arc<Semaphore>,
    /// Permits for paths of accounts.
    pub(crate) account_proofs: Arc<Semaphore>,
    /// Permits for long polls.
    pub(crate) polls: Arc<Semaphore>,
    /// Long polls of each client.
    pub(crate) poll_shares: Arc<ClientShares>,
    /// Permits for streams of events.
    pub(crate) streams: Arc<Semaphore>,
    /// Streams of each client.
    pub(crate) stream_shares: Arc<ClientShares>,
    /// True once the server ends: what stays open ends too.
    pub(crate) ending: watch::Sender<bool>,
    /// Origins of the web pages that may call.
    pub(crate) origins: CorsOrigins,
    pub(crate) idempotency: IdempotencyStore,
    pub(crate) manifests: ManifestStore,
    pub(crate) webhooks: Webhooks,
    pub(crate) locks: Arc<KeyLocks>,
    pub(crate) metrics: HttpMetrics,
    pub(crate) documents: Documents,
    pub(crate) web: WebFiles,
    /// Unix seconds, for request ids.
    pub(crate) started: u64,
}

/// The API's descriptions of itself.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    /// For machines: OpenAPI, as JSON.
    pub(crate) openapi: String,
    /// For people, as HTML.
    pub(crate) docs: String,
}

impl App {
    /// Opens the server's stores in the folder `data`.
    pub(crate) fn open(
        aggregator: Aggregator,
        config: ServerConfig,
        origins: CorsOrigins,
        data: &Path,
        documents: Documents,
    ) -> Result<Self, ServerError> {
        let rate = RateLimiter::new(
            (config.requests_per_second, Duration::from_secs(1)),
            config.requests_burst,
            config.addresses_max,
            Instant::now(),
        );
        let openings = RateLimiter::new(
            (config.accounts_per_minute, Duration::from_secs(60)),
            config.accounts_burst,
            config.addresses_max,
            Instant::now(),
        );
        Ok(Self {
            metrics: HttpMetrics::new(aggregator.clone()),
            aggregator,
            rate,
            openings,
            bodies: BodyLimits::new(
                config.body_bytes_max,
                config.bodies_bytes_max,
                config.receive_timeout(),
            ),
            work: Arc::new(Semaphore::new(config.requests_max.min(Semaphore::MAX_PERMITS))),
            account_proofs: Arc::new(Semaphore::new(
                config.account_proofs_max.min(Semaphore::MAX_PERMITS),
            )),
            polls: Arc::new(Semaphore::new(config.long_polls_max.min(Semaphore::MAX_PERMITS))),
            poll_shares: Arc::new(ClientShares::new(config.long_polls_per_address_max)),
            streams: Arc::new(Semaphore::new(
                config.events.streams_max.min(Semaphore::MAX_PERMITS),
            )),
            stream_shares: Arc::new(ClientShares::new(config.events.streams_per_address_max)),
            ending: watch::Sender::new(false),
            origins,
            idempotency: IdempotencyStore::open(
                &data.join(IDEMPOTENCY_FOLDER),
                &config.idempotency,
            )?,
            manifests: ManifestStore::open(&data.join(MANIFESTS_FOLDER))?,
            webhooks: Webhooks::open(&data.join(WEBHOOKS_FOLDER), &config.webhooks)?,
            locks: Arc::new(KeyLocks::default()),
            documents,
            web: WebFiles::embedded(),
            config,
            started: unix_now()?,
        })
    }
}

impl App {
    /// Returns once the server ends.
    pub(crate) async fn ended(&self) {
        let mut ending = self.ending.subscribe();
        // The sender is in this very value.
        let _ = ending.wait_for(|ending| *ending).await;
    }
}

/// Unix seconds: the server's only clock besides durations.
pub(crate) fn unix_now() -> Result<u64, IdempotencyError> {
    unix_seconds(SystemTime::now())
}

fn unix_seconds(time: SystemTime) -> Result<u64, IdempotencyError> {
    let since = time.duration_since(UNIX_EPOCH).map_err(|_| IdempotencyError::Clock)?;
    Ok(since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_before_1970_says_no_time() {
        let second = Duration::from_secs(1);
        assert_eq!(unix_seconds(UNIX_EPOCH + second).ok(), Some(1));
        let before = UNIX_EPOCH.checked_sub(second).map(unix_seconds);
        assert!(matches!(before, Some(Err(IdempotencyError::Clock))), "{before:?}");
    }
}
