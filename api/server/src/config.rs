//! What a server is configured by, every limit with its default and its reason.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Limits and addresses of the REST server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// Where it listens; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Connections at once. Each costs some 20 KiB; beyond it the listener stops accepting.
    pub connections_max: usize,
    /// Requests at once that do work; beyond it 503. The sequencer answers 5,000 a second, so what
    /// waits behind more than this would wait too long.
    pub requests_max: usize,
    /// Long polls at once: they do no work, but hold a connection. Beyond it 503.
    pub long_polls_max: usize,
    /// Bytes of one body: 2,048 intents of ordinary size, with room.
    pub body_bytes_max: u64,
    /// Bytes of all bodies in memory at once; beyond it 503.
    pub bodies_bytes_max: u64,
    /// A connection that sends no complete header, or no complete body, in this time is let go.
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
    /// that sets it: anybody else could write any address there.
    pub trust_forwarded_for: bool,
    /// What `Idempotency-Key` keeps.
    pub idempotency: IdempotencyConfig,
}

/// What is kept of answers to requests with an `Idempotency-Key`. Beyond the limits the oldest are
/// forgotten; an intent is settled once whatever is forgotten here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IdempotencyConfig {
    /// An answer is kept so long: longer than any client retries.
    pub keep_seconds: u64,
    /// Answers kept.
    pub entries_max: u64,
    /// Bytes of answers kept.
    pub bytes_max: u64,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            connections_max: 4_096,
            requests_max: 1_024,
            long_polls_max: 1_024,
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
        }
    }
}

impl Default for IdempotencyConfig {
    fn default() -> Self {
        Self { keep_seconds: 24 * 3_600, entries_max: 1_000_000, bytes_max: 4 << 30 }
    }
}

impl ServerConfig {
    pub(crate) const fn receive_timeout(&self) -> Duration {
        Duration::from_secs(self.receive_seconds_max)
    }

    pub(crate) const fn answer_timeout(&self) -> Duration {
        Duration::from_secs(self.answer_seconds_max)
    }
}
