//! When a call is made again, and how much later.

use std::time::Duration;

/// The policy by which a call is repeated: when no answer came, and on the problems that
/// [`is_retryable`](crate::ProblemCode::is_retryable) names. Every POST carries an
/// `Idempotency-Key`, so that a repeat has the effect and the answer of the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Calls in all; 1 means that none is repeated.
    pub attempts: u32,
    /// Before the second call; doubled for each further one.
    pub first_delay: Duration,
    /// The longest wait, also if `Retry-After` asks for more.
    pub max_delay: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            attempts: 6,
            first_delay: Duration::from_millis(100),
            max_delay: Duration::from_secs(10),
        }
    }
}

impl Retry {
    /// Never repeats a call.
    pub const NEVER: Self =
        Self { attempts: 1, first_delay: Duration::ZERO, max_delay: Duration::ZERO };

    /// The time to wait after attempt number `attempt` (the first is 1); `None` if it was the last.
    /// `jitter` in 0..=255 spreads clients that failed together over half of the delay.
    pub(super) fn delay(
        &self,
        attempt: u32,
        retry_after: Option<Duration>,
        jitter: u8,
    ) -> Option<Duration> {
        if attempt >= self.attempts {
            return None;
        }
        let doubled = 1u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
        let backoff = self.first_delay.saturating_mul(doubled);
        let spread = backoff.mul_f64(0.5 + f64::from(jitter) / 510.0);
        Some(retry_after.unwrap_or_default().max(spread).min(self.max_delay))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_are_spread_and_end() {
        let retry = Retry {
            attempts: 4,
            first_delay: Duration::from_millis(100),
            max_delay: Duration::from_millis(300),
        };
        assert_eq!(retry.delay(1, None, 255), Some(Duration::from_millis(100)));
        assert_eq!(retry.delay(1, None, 0), Some(Duration::from_millis(50)));
        assert_eq!(retry.delay(2, None, 255), Some(Duration::from_millis(200)));
        assert_eq!(retry.delay(3, None, 255), Some(Duration::from_millis(300)));
        assert_eq!(retry.delay(4, None, 255), None);
        let later = Some(Duration::from_millis(250));
        assert_eq!(retry.delay(1, later, 0), later);
        assert_eq!(retry.delay(1, Some(Duration::MAX), 0), Some(retry.max_delay));
        assert_eq!(Retry::NEVER.delay(1, None, 9), None);
        let patient = Retry { attempts: u32::MAX, ..retry };
        assert_eq!(patient.delay(4_000, None, 255), Some(retry.max_delay));
    }
}
