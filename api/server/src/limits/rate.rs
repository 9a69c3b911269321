//! Requests per client address: a token bucket each, in bounded memory.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Buckets are looked through for full ones at most so often, while there are too many.
const SWEEP_PAUSE: Duration = Duration::from_secs(1);

/// Token buckets by client address.
#[derive(Debug)]
pub(crate) struct RateLimiter {
    per_second: f64,
    burst: f64,
    addresses_max: usize,
    buckets: Mutex<Buckets>,
}

#[derive(Debug)]
struct Buckets {
    by_client: HashMap<IpAddr, Bucket>,
    /// Shared by all clients for whom there is no room: under attack from very many addresses they
    /// are slowed down together, and memory does not grow.
    shared: Bucket,
    swept: Instant,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl RateLimiter {
    /// `per` is how long `count` tokens take to come.
    pub(crate) fn new(
        (count, per): (u32, Duration),
        burst: u32,
        addresses_max: usize,
        now: Instant,
    ) -> Self {
        let burst = f64::from(burst.max(1));
        Self {
            per_second: f64::from(count.max(1)) / per.as_secs_f64(),
            burst,
            addresses_max,
            buckets: Mutex::new(Buckets {
                by_client: HashMap::new(),
                shared: Bucket { tokens: burst, at: now },
                swept: now,
            }),
        }
    }

    /// Takes a token of `client`, or says how long until there is one.
    pub(crate) fn take(&self, client: IpAddr, now: Instant) -> Result<(), Duration> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let client = network_of(client);
        let known = buckets.by_client.contains_key(&client);
        if !known && buckets.by_client.len() >= self.addresses_max {
            self.sweep(&mut buckets, now);
        }
        let room = known || buckets.by_client.len() < self.addresses_max;
        let bucket = match room {
            true => {
                buckets.by_client.entry(client).or_insert(Bucket { tokens: self.burst, at: now })
            }
            false => &mut buckets.shared,
        };
        bucket.tokens = self.tokens(bucket, now);
        bucket.at = now;
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return Ok(());
        }
        Err(Duration::from_secs_f64((1.0 - bucket.tokens) / self.per_second))
    }

    fn tokens(&self, bucket: &Bucket, now: Instant) -> f64 {
        let since = now.saturating_duration_since(bucket.at).as_secs_f64();
        (bucket.tokens + since * self.per_second).min(self.burst)
    }

    /// A full bucket says no more than a new one would.
    fn sweep(&self, buckets: &mut Buckets, now: Instant) {
        if now.saturating_duration_since(buckets.swept) < SWEEP_PAUSE {
            return;
        }
        buckets.swept = now;
        buckets.by_client.retain(|_, bucket| self.tokens(bucket, now) < self.burst);
    }
}

/// One customer has at least a /64 of IPv6: its addresses count as one.
pub(super) fn network_of(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(n: u32) -> IpAddr {
        IpAddr::V4(n.into())
    }

    #[test]
    fn a_client_has_its_burst_and_then_its_rate() {
        let start = Instant::now();
        let limiter = RateLimiter::new((10, Duration::from_secs(1)), 3, 8, start);
        for _ in 0..3 {
            assert_eq!(limiter.take(client(1), start), Ok(()));
        }
        assert_eq!(limiter.take(client(1), start), Err(Duration::from_millis(100)));
        assert_eq!(limiter.take(client(2), start), Ok(()), "another client has its own");
        let later = start + Duration::from_millis(150);
        assert_eq!(limiter.take(client(1), later), Ok(()));
        assert!(limiter.take(client(1), later).is_err());
        assert_eq!(limiter.take(client(1), later + Duration::from_secs(60)), Ok(()));
    }

    #[test]
    fn memory_is_bounded_and_full_buckets_make_room() {
        let start = Instant::now();
        let limiter = RateLimiter::new((60, Duration::from_secs(60)), 2, 4, start);
        let count = |limiter: &RateLimiter| {
            limiter.buckets.lock().unwrap_or_else(PoisonError::into_inner).by_client.len()
        };
        let passed = (0..100).filter(|n| limiter.take(client(*n), start).is_ok()).count();
        assert_eq!((passed, count(&limiter)), (4 + 2, 4), "four of their own, two shared tokens");
        let later = start + Duration::from_secs(5);
        assert_eq!(limiter.take(client(200), later), Ok(()));
        assert_eq!(count(&limiter), 1, "the others were full again");
    }

    #[test]
    fn addresses_of_one_network_count_as_one() -> Result<(), std::net::AddrParseError> {
        let of = |text: &str| text.parse().map(network_of);
        assert_eq!(of("2001:db8::1")?, of("2001:db8::ffff:1")?);
        assert_ne!(of("2001:db8::1")?, of("2001:db8:0:1::1")?);
        assert_eq!(of("::ffff:10.0.0.1")?, of("10.0.0.1")?);
        Ok(())
    }
}
