//! The only place where the aggregator asks what time it is.

use std::time::{SystemTime, UNIX_EPOCH};

use farthing_protocol::UnixTime;

/// What time it is.
pub trait Clock: Send + Sync + 'static {
    /// Unix seconds.
    fn now(&self) -> UnixTime;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UnixTime {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
        UnixTime::new(seconds).unwrap_or(UnixTime::MAX)
    }
}
