//! Times of the sequencer's steps: a histogram for each.

use std::array;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The steps between a request with intents and its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SequencerStep {
    /// A request waits until the thread takes it.
    Wait,
    /// Signatures are checked, of all requests taken together.
    Check,
    /// Intents are admitted with one synced write, of all requests taken together.
    Admit,
    /// Execution of a batch, after which the next can open; the wait for a batch being sealed is
    /// included.
    Settle,
    /// Sealing of a batch from its execution to its write, in parallel with admission.
    Seal,
    /// The whole request, from its arrival to its answer.
    Answer,
}

impl SequencerStep {
    /// Every step.
    pub const ALL: [Self; 6] =
        [Self::Wait, Self::Check, Self::Admit, Self::Settle, Self::Seal, Self::Answer];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wait => "wait",
            Self::Check => "check",
            Self::Admit => "admit",
            Self::Settle => "settle",
            Self::Seal => "seal",
            Self::Answer => "answer",
        }
    }
}

/// Upper bounds of the buckets, in microseconds: from a synced write on a fast disk to a stall that
/// clients give up on.
const BOUNDS_MICROS: [u64; 12] = [
    500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 75_000, 100_000, 250_000, 1_000_000,
    5_000_000,
];
const BUCKETS: usize = BOUNDS_MICROS.len() + 1;

/// The times of a step, since the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepTimes {
    /// The step.
    pub step: SequencerStep,
    counts: [u64; BUCKETS],
    micros: u64,
}

impl StepTimes {
    /// The number of times.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// All times together.
    pub const fn total(&self) -> Duration {
        Duration::from_micros(self.micros)
    }

    /// The difference to `before`, an earlier reading of the same step.
    #[must_use]
    pub fn since(&self, before: &Self) -> Self {
        let counts = array::from_fn(|i| self.counts[i].saturating_sub(before.counts[i]));
        Self { step: self.step, counts, micros: self.micros.saturating_sub(before.micros) }
    }

    /// Buckets of the histogram: upper bound, `None` for the last, and number of times in the
    /// bucket.
    pub fn buckets(&self) -> impl Iterator<Item = (Option<Duration>, u64)> {
        let bounds = BOUNDS_MICROS.iter().map(|micros| Some(Duration::from_micros(*micros)));
        bounds.chain([None]).zip(self.counts)
    }

    /// A bound below which this share of all times was, in thousandths; `None` above the last
    /// bound.
    pub fn quantile(&self, permille: u64) -> Option<Duration> {
        let rank = (self.count() * permille).div_ceil(1_000);
        let mut seen = 0;
        let found = self.buckets().find(|(_, count)| {
            seen += count;
            seen >= rank
        });
        found.and_then(|(bound, _)| bound)
    }
}

#[derive(Debug, Default)]
struct Histogram {
    counts: [AtomicU64; BUCKETS],
    micros: AtomicU64,
}

/// Recorder of times. Clones record together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Latency(Arc<[Histogram; SequencerStep::ALL.len()]>);

impl Latency {
    pub(crate) fn note(&self, step: SequencerStep, time: Duration) {
        let micros = micros(time);
        let bucket = BOUNDS_MICROS.partition_point(|bound| *bound < micros);
        let histogram = &self.0[step as usize];
        histogram.counts[bucket].fetch_add(1, Ordering::Relaxed);
        histogram.micros.fetch_add(micros, Ordering::Relaxed);
    }

    pub(crate) fn snapshot(&self) -> [StepTimes; SequencerStep::ALL.len()] {
        SequencerStep::ALL.map(|step| {
            let histogram = &self.0[step as usize];
            StepTimes {
                step,
                counts: array::from_fn(|i| histogram.counts[i].load(Ordering::Relaxed)),
                micros: histogram.micros.load(Ordering::Relaxed),
            }
        })
    }
}

/// Whole microseconds.
pub(crate) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_fall_into_their_buckets() {
        let latency = Latency::default();
        for millis in 1..=100 {
            latency.note(SequencerStep::Admit, Duration::from_millis(millis));
        }
        latency.note(SequencerStep::Seal, Duration::from_secs(60));
        let times = latency.snapshot();
        for (index, step) in SequencerStep::ALL.iter().enumerate() {
            assert_eq!(times[index].step, *step);
        }
        let admit = times[SequencerStep::Admit as usize];
        assert_eq!((admit.count(), admit.total()), (100, Duration::from_millis(5_050)));
        let quantiles = [10, 500, 501, 990].map(|permille| admit.quantile(permille));
        assert_eq!(quantiles, [1, 50, 75, 100].map(|millis| Some(Duration::from_millis(millis))));
        let nothing = admit.since(&admit);
        assert_eq!((nothing.count(), nothing.total()), (0, Duration::ZERO));
        let seal = times[SequencerStep::Seal as usize];
        assert_eq!((seal.count(), seal.quantile(500)), (1, None));
        assert_eq!(times[SequencerStep::Wait as usize].count(), 0);
    }
}
