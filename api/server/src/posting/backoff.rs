//! Times of attempts: soon at first, then at growing intervals, for three days.

use std::time::Duration;

/// The longest pause between two attempts.
const PAUSE_MAX: Duration = Duration::from_secs(6 * 3_600);

/// Seconds until the next attempt after `attempts` that failed: twice as long each time, and between
/// half and all of that, so that events that failed together are not tried together again. `spread`
/// is a random number.
pub(super) fn pause_seconds(first: Duration, attempts: u32, spread: u32) -> u64 {
    let doublings = attempts.saturating_sub(1).min(32);
    let longest = first.as_secs().saturating_mul(1 << doublings).min(PAUSE_MAX.as_secs()).max(1);
    let half = longest / 2;
    longest - u64::from(spread) % (half + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_six_hours_and_are_spread() {
        let first = Duration::from_secs(5);
        let longest = |attempts| pause_seconds(first, attempts, 0);
        assert_eq!([1, 2, 3, 4].map(longest), [5, 10, 20, 40]);
        assert_eq!([13, 14, 40, u32::MAX].map(longest), [20_480, 21_600, 21_600, 21_600]);
        for spread in [1, 7, u32::MAX] {
            let pause = pause_seconds(first, 5, spread);
            assert!((40..=80).contains(&pause), "{pause}");
        }
        assert_eq!(pause_seconds(Duration::from_secs(1), 1, u32::MAX), 1, "never at once");
        // The first day has more attempts than the last one.
        let times = (1..).scan(0, |time, attempts| {
            *time += longest(attempts);
            Some(*time)
        });
        let days: Vec<u64> = times.take_while(|time| *time <= 3 * 86_400).collect();
        assert_eq!(days.len(), 23, "attempts after the first");
    }
}
