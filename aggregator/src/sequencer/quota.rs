//! The quota of accounts that are opened at no cost. Each account takes part of a batch, of a proof
//! and of the data on L1 for ever. A deposit on L1 opens an account outside the quota.

use std::time::{Duration, Instant};

/// Accounts that may be opened by request, for all clients together. Unused quota is kept up to the
/// burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpeningQuota {
    /// Average number of accounts per minute.
    pub per_minute: u32,
    /// Number of accounts at once.
    pub burst: u32,
}

impl Default for OpeningQuota {
    /// Ten a second, and two batches of class 1k at once: a flood costs the operator a batch in
    /// 13 seconds instead of three a second.
    fn default() -> Self {
        Self { per_minute: 600, burst: 256 }
    }
}

/// A token bucket.
#[derive(Debug)]
pub(crate) struct Openings {
    quota: OpeningQuota,
    tokens: f64,
    at: Instant,
}

impl Openings {
    pub(crate) fn new(quota: OpeningQuota, now: Instant) -> Self {
        Self { quota, tokens: f64::from(quota.burst), at: now }
    }

    /// Takes a permit, or says how long until there is one.
    pub(crate) fn take(&mut self, now: Instant) -> Result<(), Duration> {
        let per_second = f64::from(self.quota.per_minute) / 60.0;
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        self.tokens = (self.tokens + since * per_second).min(f64::from(self.quota.burst));
        self.at = now;
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        let wait = Duration::try_from_secs_f64((1.0 - self.tokens) / per_second);
        Err(wait.unwrap_or(NEVER).min(NEVER))
    }
}

/// A quota of none is asked about again after this.
const NEVER: Duration = Duration::from_secs(24 * 3_600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_opened_and_then_as_many_as_the_rate_gives() {
        let start = Instant::now();
        let mut openings = Openings::new(OpeningQuota { per_minute: 60, burst: 3 }, start);
        let taken = |openings: &mut Openings, at: Duration| {
            (0..10).filter(|_| openings.take(start + at).is_ok()).count()
        };
        assert_eq!(taken(&mut openings, Duration::ZERO), 3);
        assert_eq!(openings.take(start), Err(Duration::from_secs(1)));
        assert_eq!(taken(&mut openings, Duration::from_millis(2_500)), 2);
        assert_eq!(
            taken(&mut openings, Duration::from_secs(3_600)),
            3,
            "never more than the burst"
        );
    }

    #[test]
    fn a_quota_of_none_opens_none() {
        let start = Instant::now();
        let mut openings = Openings::new(OpeningQuota { per_minute: 0, burst: 0 }, start);
        assert_eq!(openings.take(start + Duration::from_secs(9)), Err(NEVER));
    }

    #[test]
    fn a_flood_of_eight_seconds_fills_few_batches() {
        // 2,800 requests in 8 s sealed 21 batches of class 1k, which opens 128 accounts.
        let start = Instant::now();
        let mut openings = Openings::new(OpeningQuota::default(), start);
        let opened = (0..2_800u64)
            .filter(|n| openings.take(start + Duration::from_millis(n * 8_000 / 2_800)).is_ok())
            .count();
        assert!(opened.div_ceil(128) <= 3, "{opened} opened");
    }
}
