//! Noise of a run, which limits the trust in its figures: load of other programs, and spread.

use std::fs;

use serde::{Deserialize, Serialize};

use super::metric::{Metric, Unit};

/// More than this of the processors' time went to others, or was stolen: not quiet.
const OTHERS_MAX: f64 = 0.05;
/// The median spread of times beyond which a run is noisy.
const SPREAD_MAX: f64 = 0.10;

/// Processor time since the machine started, in ticks.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ticks {
    busy: u64,
    stolen: u64,
    all: u64,
    own: u64,
}

impl Ticks {
    /// Now; zero where there is no `/proc`.
    pub(super) fn now() -> Self {
        let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
        let own = fs::read_to_string("/proc/self/stat").unwrap_or_default();
        Self::parse(&stat, &own)
    }

    /// From the texts of `/proc/stat` and `/proc/self/stat`.
    fn parse(stat: &str, own: &str) -> Self {
        let line = stat.lines().next().unwrap_or_default();
        let ticks = numbers(line);
        // user nice system idle iowait irq softirq steal
        let at = |index: usize| ticks.get(index).copied().unwrap_or(0);
        let all: u64 = (0..8).map(at).sum();
        // Behind the name in parentheses: own and waited-for children's, user and system.
        let own = numbers(own.rsplit(')').next().unwrap_or_default());
        let own = own.iter().skip(10).take(4).sum();
        Self { busy: all - at(3) - at(4), stolen: at(7), all, own }
    }

    /// Components of the processors' time since `before` that others used, and that was stolen.
    fn others_since(&self, before: &Self) -> (f64, f64) {
        let all = self.all.saturating_sub(before.all).max(1) as f64;
        let stolen = self.stolen.saturating_sub(before.stolen);
        let busy = self.busy.saturating_sub(before.busy);
        let own = self.own.saturating_sub(before.own);
        (busy.saturating_sub(stolen + own) as f64 / all, stolen as f64 / all)
    }
}

/// The numbers of a line, those below zero as zero; the state's letter of `/proc/self/stat` is none.
fn numbers(line: &str) -> Vec<u64> {
    let numbers = line.split_whitespace().filter_map(|word| word.parse::<i64>().ok());
    numbers.map(|number| u64::try_from(number).unwrap_or(0)).collect()
}

/// Disturbances of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Noise {
    /// Part of the processors' time that other programs used during the run.
    pub others: f64,
    /// Part that the machine below took away.
    pub stolen: f64,
    /// Median of range ÷ median over all times that were repeated.
    pub spread: f64,
}

impl Noise {
    /// Of a run that began at `before` and measured `metrics`.
    pub(super) fn of(before: &Ticks, metrics: &[Metric]) -> Self {
        let (others, stolen) = Ticks::now().others_since(before);
        let timed = metrics.iter().filter(|m| m.unit == Unit::Seconds && m.summary.repetitions > 1);
        let mut spreads: Vec<f64> = timed.map(|metric| metric.summary.spread()).collect();
        spreads.sort_by(f64::total_cmp);
        Self { others, stolen, spread: spreads.get(spreads.len() / 2).copied().unwrap_or(0.0) }
    }

    /// Why the figures should not be trusted, if so.
    pub fn warnings(&self) -> Vec<String> {
        let percent = |part: f64| format!("{:.0} %", part * 100.0);
        let mut warnings = Vec::new();
        if self.others > OTHERS_MAX {
            let others = percent(self.others);
            warnings
                .push(format!("the machine is not quiet: others used {others} of the processors"));
        }
        if self.stolen > OTHERS_MAX {
            let stolen = percent(self.stolen);
            warnings.push(format!("the machine below took {stolen} of the processors' time"));
        }
        if self.spread > SPREAD_MAX {
            let spread = percent(self.spread);
            warnings.push(format!("repetitions differ: the median of range ÷ median is {spread}"));
        }
        warnings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_are_told_from_own_children() {
        let own = |ticks: u64| format!("7 (a (b) c) S 1 1 1 0 -1 1 1 1 1 1 {ticks} 0 10 0 20 0 1");
        let before = Ticks::parse("cpu  100 0 50 1000 10 0 0 0 0 0\n", &own(0));
        let after = Ticks::parse("cpu  180 0 60 1000 10 0 0 10 0 0\n", &own(50));
        // 100 ticks: 90 busy, of them 50 our own; 10 stolen.
        assert_eq!(after.others_since(&before), (0.4, 0.1));
        assert_eq!(before.others_since(&before), (0.0, 0.0));
        assert_eq!(Ticks::parse("", "").all, 0);
    }

    #[test]
    fn noise_is_said() {
        assert!(Noise { others: 0.01, stolen: 0.0, spread: 0.03 }.warnings().is_empty());
        assert_eq!(Noise { others: 0.3, stolen: 0.2, spread: 0.5 }.warnings().len(), 3);
    }
}
