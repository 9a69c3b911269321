//! Configuration of a server, every limit with its default and its reason.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::http::{CorsOrigins, OriginError};

/// The longest time that a setting may ask for: more is a mistake of units.
const SECONDS_MAX: u64 = 3_600;
/// The longest `keep_seconds`: a year.
const KEEP_SECONDS_MAX: u64 = 366 * 24 * 3_600;
/// The least body: a registration with 16 holders has some 1.6 KB.
const BODY_BYTES_MIN: u64 = 4_096;
/// The most bytes that a setting may allow: addresses of today's machines end there.
const BYTES_MAX: u64 = 1 << 48;
/// The most of anything at once.
const COUNT_MAX: u64 = 1 << 32;

/// A setting that the server cannot work with.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ServerConfigError {
    /// A number outside its range.
    #[error("[server] {setting} = {got}: expected {min} to {max}")]
    OutOfRange {
        /// The setting's name in the file.
        setting: &'static str,
        /// Its value.
        got: u64,
        /// The least.
        min: u64,
        /// The most.
        max: u64,
    },
    /// An origin that no browser sends.
    #[error("[server] cors_origins: {0}")]
    Origin(#[from] OriginError),
}

/// Limits and addresses of the REST server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// Its address; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Origins whose web pages may call, as browsers send them (`https://app.example`), or `*` for
    /// all, which is the default; an empty list for none. Nothing here depends on cookies and every
    /// write is signed, so `*` gives away no more than the address does.
    pub cors_origins: Vec<String>,
    /// Connections at once. Each costs some 20 KiB; beyond it the listener stops accepting.
    pub connections_max: usize,
    /// Requests in work at once; beyond it 503. The sequencer answers 5,000 a second, so further
    /// requests would wait too long.
    pub requests_max: usize,
    /// Paths of accounts read at once: each reads every batch that is not final, tens of MB of the
    /// largest class. Beyond it 503.
    pub account_proofs_max: usize,
    /// Long polls at once: they do no work, but hold a connection. Beyond it 503.
    pub long_polls_max: usize,
    /// Long polls at once of one client address: a quarter of all. Beyond it 429.
    pub long_polls_per_address_max: usize,
    /// Bytes of one body: 2,048 intents of ordinary size, with room.
    pub body_bytes_max: u64,
    /// Bytes of all bodies in memory at once; beyond it 503.
    pub bodies_bytes_max: u64,
    /// A connection that sends no complete header, or no complete body, in this time is closed.
    pub receive_seconds_max: u64,
    /// A request that is not answered in this time is answered 504.
    pub answer_seconds_max: u64,
    /// The longest `wait` of a long poll: below what proxies usually allow.
    pub wait_seconds_max: u64,
    /// Requests per second and client address, on the average; beyond it 429.
    pub requests_per_second: u32,
    /// Requests at once from one client address.
    pub requests_burst: u32,
    /// Requests for accounts per minute and client address, on the average; beyond it 429. The node's
    /// own quota is for all addresses together.
    pub accounts_per_minute: u32,
    /// Requests for accounts at once from one client address.
    pub accounts_burst: u32,
    /// Client addresses told apart; those beyond share one allowance. 64 bytes each.
    pub addresses_max: usize,
    /// Takes the client's address from the last entry of `X-Forwarded-For`. Only behind a proxy
    /// that sets it: any other client could write any address there.
    pub trust_forwarded_for: bool,
    /// Limits of the store of idempotency keys.
    pub idempotency: IdempotencyConfig,
    /// Limits of streams of events.
    pub events: EventsConfig,
    /// Limits of the store of manifests.
    pub manifests: ManifestsConfig,
    /// Webhooks, and their limits.
    pub webhooks: WebhooksConfig,
}

/// Limits of `/v1/events`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EventsConfig {
    /// Streams at once: each holds a connection, and reads the store when a batch moves. Beyond it 503.
    pub streams_max: usize,
    /// Streams at once of one client address. Beyond it 429.
    pub streams_per_address_max: usize,
    /// The pause between heartbeats of an idle stream: less than the time after which proxies close
    /// idle connections.
    pub heartbeat_seconds: u64,
    /// A client that reads nothing for this time is disconnected. It can resume at its position.
    pub send_seconds_max: u64,
}

/// Limits of the store of requests with an `Idempotency-Key` that took effect. Beyond the limits
/// the oldest are forgotten; an intent settles only once even then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IdempotencyConfig {
    /// An answer is kept this long: longer than any client retries.
    pub keep_seconds: u64,
    /// Answers kept.
    pub entries_max: u64,
    /// Bytes of answers kept.
    pub bytes_max: u64,
}

/// Limits of the store of provenance manifests; each has 64 KiB at most. None is ever deleted: a license
/// names it by its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ManifestsConfig {
    /// Manifests in all: 640 MiB of the largest.
    pub manifests_max: usize,
    /// Manifests that one account may give: those of its licenses and their versions. Accounts cost
    /// nothing, so `manifests_max` limits all of them together.
    pub manifests_per_account_max: usize,
}

/// Webhooks, and their limits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhooksConfig {
    /// Posts to private, loopback and other special addresses too, and over plain HTTP. Every
    /// account then reaches what this machine reaches: for development only.
    pub private_addresses: bool,
    /// Webhooks in all; each is looked at once a second.
    pub webhooks_max: usize,
    /// Webhooks of one account.
    pub webhooks_per_account_max: usize,
    /// Events that wait for one webhook; later ones are queued once there is room, and none is lost.
    pub pending_max: usize,
    /// Attempts at once, to all webhooks.
    pub attempts_at_once_max: usize,
    /// A receiver answers within this time, or the attempt has failed.
    pub attempt_seconds_max: u64,
    /// The first pause after an attempt that failed; doubled for each further one, up to six hours.
    pub retry_first_seconds: u64,
    /// The time for which an event is tried: three days.
    pub retry_seconds: u64,
    /// The time for which an event can be sent again after its last attempt.
    pub keep_seconds: u64,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            cors_origins: vec![CorsOrigins::ANY.to_owned()],
            connections_max: 4_096,
            requests_max: 1_024,
            account_proofs_max: 2,
            long_polls_max: 1_024,
            long_polls_per_address_max: 256,
            body_bytes_max: 4 << 20,
            bodies_bytes_max: 256 << 20,
            receive_seconds_max: 15,
            answer_seconds_max: 30,
            wait_seconds_max: 30,
            requests_per_second: 1_000,
            requests_burst: 2_000,
            accounts_per_minute: 120,
            accounts_burst: 128,
            addresses_max: 65_536,
            trust_forwarded_for: false,
            idempotency: IdempotencyConfig::default(),
            events: EventsConfig::default(),
            manifests: ManifestsConfig::default(),
            webhooks: WebhooksConfig::default(),
        }
    }
}

impl Default for EventsConfig {
    fn default() -> Self {
        Self {
            streams_max: 512,
            streams_per_address_max: 64,
            heartbeat_seconds: 15,
            send_seconds_max: 30,
        }
    }
}

impl Default for ManifestsConfig {
    fn default() -> Self {
        Self { manifests_max: 10_000, manifests_per_account_max: 64 }
    }
}

impl Default for WebhooksConfig {
    fn default() -> Self {
        Self {
            private_addresses: false,
            webhooks_max: 1_000,
            webhooks_per_account_max: 16,
            pending_max: 10_000,
            attempts_at_once_max: 64,
            attempt_seconds_max: 10,
            retry_first_seconds: 5,
            retry_seconds: 3 * 24 * 3_600,
            keep_seconds: 3 * 24 * 3_600,
        }
    }
}

impl WebhooksConfig {
    pub(crate) const fn attempt_timeout(&self) -> Duration {
        Duration::from_secs(self.attempt_seconds_max)
    }

    pub(crate) const fn retry_first(&self) -> Duration {
        Duration::from_secs(self.retry_first_seconds)
    }
}

impl EventsConfig {
    pub(crate) const fn heartbeat(&self) -> Duration {
        Duration::from_secs(self.heartbeat_seconds)
    }

    pub(crate) const fn send_timeout(&self) -> Duration {
        Duration::from_secs(self.send_seconds_max)
    }
}

impl Default for IdempotencyConfig {
    fn default() -> Self {
        Self { keep_seconds: 24 * 3_600, entries_max: 1_000_000, bytes_max: 4 << 30 }
    }
}

impl ServerConfig {
    /// Checks that every setting has a value that the server can use as it is.
    pub fn check(&self) -> Result<(), ServerConfigError> {
        let Self { idempotency, events, manifests, webhooks, .. } = self;
        let count = |value: usize| u64::try_from(value).unwrap_or(u64::MAX);
        let ranges = [
            ("connections_max", count(self.connections_max), 1, COUNT_MAX),
            ("requests_max", count(self.requests_max), 1, COUNT_MAX),
            ("account_proofs_max", count(self.account_proofs_max), 1, COUNT_MAX),
            ("long_polls_max", count(self.long_polls_max), 1, COUNT_MAX),
            ("long_polls_per_address_max", count(self.long_polls_per_address_max), 1, COUNT_MAX),
            ("body_bytes_max", self.body_bytes_max, BODY_BYTES_MIN, BYTES_MAX),
            ("bodies_bytes_max", self.bodies_bytes_max, self.body_bytes_max, BYTES_MAX),
            ("receive_seconds_max", self.receive_seconds_max, 1, SECONDS_MAX),
            ("answer_seconds_max", self.answer_seconds_max, 1, SECONDS_MAX),
            ("wait_seconds_max", self.wait_seconds_max, 1, SECONDS_MAX),
            ("requests_per_second", self.requests_per_second.into(), 1, u32::MAX.into()),
            ("requests_burst", self.requests_burst.into(), 1, u32::MAX.into()),
            ("accounts_per_minute", self.accounts_per_minute.into(), 1, u32::MAX.into()),
            ("accounts_burst", self.accounts_burst.into(), 1, u32::MAX.into()),
            ("addresses_max", count(self.addresses_max), 1, COUNT_MAX),
            ("idempotency.keep_seconds", idempotency.keep_seconds, 1, KEEP_SECONDS_MAX),
            ("idempotency.entries_max", idempotency.entries_max, 1, COUNT_MAX),
            ("idempotency.bytes_max", idempotency.bytes_max, self.body_bytes_max, BYTES_MAX),
            ("events.streams_max", count(events.streams_max), 1, COUNT_MAX),
            ("events.streams_per_address_max", count(events.streams_per_address_max), 1, COUNT_MAX),
            ("events.heartbeat_seconds", events.heartbeat_seconds, 1, SECONDS_MAX),
            ("events.send_seconds_max", events.send_seconds_max, 1, SECONDS_MAX),
            ("manifests.manifests_max", count(manifests.manifests_max), 0, COUNT_MAX),
            (
                "manifests.manifests_per_account_max",
                count(manifests.manifests_per_account_max),
                0,
                COUNT_MAX,
            ),
            ("webhooks.webhooks_max", count(webhooks.webhooks_max), 0, COUNT_MAX),
            (
                "webhooks.webhooks_per_account_max",
                count(webhooks.webhooks_per_account_max),
                0,
                COUNT_MAX,
            ),
            ("webhooks.pending_max", count(webhooks.pending_max), 1, COUNT_MAX),
            ("webhooks.attempts_at_once_max", count(webhooks.attempts_at_once_max), 1, COUNT_MAX),
            ("webhooks.attempt_seconds_max", webhooks.attempt_seconds_max, 1, SECONDS_MAX),
            ("webhooks.retry_first_seconds", webhooks.retry_first_seconds, 1, SECONDS_MAX),
            ("webhooks.retry_seconds", webhooks.retry_seconds, 1, KEEP_SECONDS_MAX),
            ("webhooks.keep_seconds", webhooks.keep_seconds, 1, KEEP_SECONDS_MAX),
        ];
        for (setting, got, min, max) in ranges {
            if !(min..=max).contains(&got) {
                return Err(ServerConfigError::OutOfRange { setting, got, min, max });
            }
        }
        self.origins()?;
        Ok(())
    }

    pub(crate) fn origins(&self) -> Result<CorsOrigins, OriginError> {
        CorsOrigins::new(&self.cors_origins)
    }

    pub(crate) const fn receive_timeout(&self) -> Duration {
        Duration::from_secs(self.receive_seconds_max)
    }

    pub(crate) const fn answer_timeout(&self) -> Duration {
        Duration::from_secs(self.answer_seconds_max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Change = fn(&mut ServerConfig);

    #[test]
    fn settings_that_do_not_work_are_refused_by_name() {
        assert_eq!(ServerConfig::default().check(), Ok(()));
        let changes: [(&str, Change); 28] = [
            ("connections_max = 0", |c| c.connections_max = 0),
            ("requests_max = 0", |c| c.requests_max = 0),
            ("account_proofs_max = 0", |c| c.account_proofs_max = 0),
            ("long_polls_max = 0", |c| c.long_polls_max = 0),
            ("long_polls_per_address_max = 0", |c| c.long_polls_per_address_max = 0),
            ("body_bytes_max = 0", |c| c.body_bytes_max = 0),
            ("bodies_bytes_max = 5000", |c| c.bodies_bytes_max = 5_000),
            ("receive_seconds_max = 0", |c| c.receive_seconds_max = 0),
            ("receive_seconds_max = 15000", |c| c.receive_seconds_max = 15_000),
            ("answer_seconds_max = 0", |c| c.answer_seconds_max = 0),
            ("wait_seconds_max = 0", |c| c.wait_seconds_max = 0),
            ("requests_per_second = 0", |c| c.requests_per_second = 0),
            ("requests_burst = 0", |c| c.requests_burst = 0),
            ("accounts_per_minute = 0", |c| c.accounts_per_minute = 0),
            ("accounts_burst = 0", |c| c.accounts_burst = 0),
            ("addresses_max = 0", |c| c.addresses_max = 0),
            ("idempotency.keep_seconds = 0", |c| c.idempotency.keep_seconds = 0),
            ("idempotency.keep_seconds = 18446744073709551615", |c| {
                c.idempotency.keep_seconds = u64::MAX;
            }),
            ("idempotency.entries_max = 0", |c| c.idempotency.entries_max = 0),
            ("idempotency.bytes_max = 1", |c| c.idempotency.bytes_max = 1),
            ("events.streams_max = 0", |c| c.events.streams_max = 0),
            ("events.streams_per_address_max = 0", |c| c.events.streams_per_address_max = 0),
            ("events.heartbeat_seconds = 0", |c| c.events.heartbeat_seconds = 0),
            ("events.send_seconds_max = 0", |c| c.events.send_seconds_max = 0),
            ("webhooks.pending_max = 0", |c| c.webhooks.pending_max = 0),
            ("webhooks.attempt_seconds_max = 0", |c| c.webhooks.attempt_seconds_max = 0),
            ("webhooks.retry_seconds = 0", |c| c.webhooks.retry_seconds = 0),
            ("cors_origins: invalid origin \"app.example\"", |c| {
                c.cors_origins = vec!["app.example".to_owned()];
            }),
        ];
        for (named, change) in changes {
            let mut config = ServerConfig::default();
            change(&mut config);
            let text = config.check().err().map(|error| error.to_string()).unwrap_or_default();
            assert!(text.starts_with(&format!("[server] {named}")), "{named}: {text:?}");
        }
    }
}
