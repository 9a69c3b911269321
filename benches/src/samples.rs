//! Repeated measurements of one thing.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// Measurements, at least one.
#[derive(Clone, Debug)]
pub struct Samples(Vec<Duration>);

impl Samples {
    /// Measurements in any order.
    pub fn new(first: Duration, mut others: Vec<Duration>) -> Self {
        others.push(first);
        others.sort_unstable();
        Self(others)
    }

    /// Runs `step` once to warm up, then measures it `repetitions` times, at least once.
    pub fn of<T>(repetitions: usize, mut step: impl FnMut() -> T) -> Self {
        black_box(step());
        let mut measure = || {
            let start = Instant::now();
            black_box(step());
            start.elapsed()
        };
        let first = measure();
        Self::new(first, (1..repetitions).map(|_| measure()).collect())
    }

    /// Each measurement divided by `count`.
    #[must_use]
    pub fn per(&self, count: u32) -> Self {
        Self(self.0.iter().map(|sample| *sample / count).collect())
    }

    /// How many.
    pub const fn count(&self) -> usize {
        self.0.len()
    }

    /// The middle one, or the larger of the two in the middle.
    pub fn median(&self) -> Duration {
        self.0[self.0.len() / 2]
    }

    /// The shortest.
    pub fn shortest(&self) -> Duration {
        self.0[0]
    }

    /// The longest.
    pub fn longest(&self) -> Duration {
        self.0[self.0.len() - 1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        let of = |ms: &[u64]| {
            let mut ms = ms.iter().map(|ms| Duration::from_millis(*ms));
            ms.next().map(|first| Samples::new(first, ms.collect()))
        };
        let median = |ms: &[u64]| of(ms).map(|samples| samples.median().as_millis());
        assert_eq!(median(&[3, 1, 2]), Some(2));
        assert_eq!(median(&[5]), Some(5));
        let spread = of(&[3, 9, 2]).map(|s| (s.shortest().as_millis(), s.longest().as_millis()));
        assert_eq!(spread, Some((2, 9)));
    }
}
