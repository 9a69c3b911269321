//! Repeated measurements in three numbers.

use serde::{Deserialize, Serialize};

/// Median and range of repetitions of one measurement.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The middle one, or the mean of the two in the middle.
    pub median: f64,
    /// The least.
    pub low: f64,
    /// The greatest.
    pub high: f64,
    /// Repetitions.
    pub repetitions: usize,
}

impl Summary {
    /// Of repetitions in any order; `None` of none.
    pub fn of(repetitions: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = repetitions.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let (low, high) = (*sorted.first()?, *sorted.last()?);
        let count = sorted.len();
        let median = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2.0;
        Some(Self { median, low, high, repetitions: count })
    }

    /// Range ÷ median.
    pub fn spread(&self) -> f64 {
        if self.median == 0.0 { 0.0 } else { (self.high - self.low) / self.median.abs() }
    }

    /// Returns true if the ranges have a value in common.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.low <= other.high && other.low <= self.high
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_ranges() {
        let of = |values: &[f64]| Summary::of(values.iter().copied());
        assert_eq!(of(&[]), None);
        let three = of(&[3.0, 1.0, 2.0]).expect("three");
        assert_eq!((three.median, three.low, three.high, three.repetitions), (2.0, 1.0, 3.0, 3));
        assert_eq!(three.spread(), 1.0);
        assert_eq!(of(&[1.0, 2.0]).map(|two| two.median), Some(1.5));
        assert_eq!(of(&[0.0]).map(|zero| zero.spread()), Some(0.0));
        let above = of(&[3.0, 4.0]).expect("two");
        assert!(three.overlaps(&above) && above.overlaps(&three));
        let far = of(&[3.5]).expect("one");
        assert!(!three.overlaps(&far) && !far.overlaps(&three));
    }
}
