//! A run against an earlier one: what is worse beyond the noise.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::Report;
use super::metric::{Better, Metric};
use crate::processor::Processor;

/// Relative difference of times between two quiet runs of one program.
const NOISE_MIN: f64 = 0.05;
/// Relative difference, by rounding, of figures that do not depend on the machine.
const NOISE_EXACT: f64 = 1e-6;

/// Result of comparing a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Worse, beyond the noise.
    Worse,
    /// Better, beyond the noise.
    Improved,
    /// No more than the noise.
    Same,
}

/// One figure in both runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The figure.
    pub id: String,
    /// As read in the earlier run, and in this one.
    pub shown: [String; 2],
    /// This run's median ÷ the earlier one's.
    pub ratio: f64,
    /// Distance of the ratio from 1 that the noise of both runs explains.
    pub noise: f64,
    /// The result.
    pub verdict: Verdict,
}

/// Two runs compared.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The earlier run's commit.
    pub with: String,
    /// Why the two may not be comparable.
    pub caveats: Vec<String>,
    /// Figures that both runs have, the worst first.
    pub changes: Vec<Change>,
    /// Figures of the earlier run that this one lacks.
    pub missing: Vec<String>,
}

impl Comparison {
    /// `now` against `before`.
    pub fn new(before: &Report, now: &Report) -> Self {
        let by_id: HashMap<&str, &Metric> =
            now.metrics.iter().map(|metric| (metric.id.as_str(), metric)).collect();
        let (mut changes, mut missing) = (Vec::new(), Vec::new());
        for old in &before.metrics {
            match by_id.get(old.id.as_str()) {
                Some(new) if new.unit == old.unit => changes.push(change(old, new)),
                _ => missing.push(old.id.clone()),
            }
        }
        changes.sort_by(|a, b| badness(b).total_cmp(&badness(a)));
        let with = before.machine.commit.clone();
        Self { with, caveats: caveats(before, now), changes, missing }
    }

    /// Figures that are worse beyond the noise.
    pub fn regressions(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.verdict == Verdict::Worse)
    }
}

fn change(old: &Metric, new: &Metric) -> Change {
    let (before, now) = (&old.summary, &new.summary);
    let ratio = match (before.median, now.median) {
        (0.0, 0.0) => 1.0,
        (before, now) => now / before,
    };
    let noise = if old.unit.varies() {
        NOISE_MIN.max(before.spread()).max(now.spread())
    } else {
        NOISE_EXACT
    };
    // A median beyond the noise, and no repetition of one run like one of the other.
    let beyond = (ratio - 1.0).abs() > noise && !before.overlaps(now);
    let verdict = match (beyond, (ratio > 1.0) == (new.better == Better::Higher)) {
        (false, _) => Verdict::Same,
        (true, true) => Verdict::Improved,
        (true, false) => Verdict::Worse,
    };
    Change { id: new.id.clone(), shown: [old.shown(), new.shown()], ratio, noise, verdict }
}

/// Regressions by size, then what stayed, then improvements by size.
fn badness(change: &Change) -> f64 {
    let size = change.ratio.max(f64::MIN_POSITIVE).ln().abs();
    match change.verdict {
        Verdict::Worse => 1.0 + size,
        Verdict::Same => 0.0,
        Verdict::Improved => -1.0 - size,
    }
}

fn caveats(before: &Report, now: &Report) -> Vec<String> {
    let mut caveats = Vec::new();
    let mut differ = |what: &str, before: &str, now: &str| {
        if before != now {
            caveats.push(format!("{what}: {before} then, {now} now"));
        }
    };
    differ("processor", &before.machine.cpu, &now.machine.cpu);
    // Reports of earlier versions say nothing about details.
    if before.machine.processor != Processor::default() {
        let [before, now] = [before, now].map(|report| report.machine.processor.to_string());
        differ("processor's details", &before, &now);
    }
    differ("cores", &before.machine.cores.to_string(), &now.machine.cores.to_string());
    differ("flags", &before.machine.flags, &now.machine.flags);
    differ("scale", before.scale.name(), now.scale.name());
    for (name, version) in &now.versions {
        let then = before.versions.get(name).map_or("none", String::as_str);
        differ(name, then, version);
    }
    let noisy =
        before.noise.warnings().into_iter().map(|warning| format!("the earlier run: {warning}"));
    caveats.extend(noisy);
    caveats
}

#[cfg(test)]
mod tests {
    use super::super::metric::Unit;
    use super::super::summary::Summary;
    use super::*;

    fn metric(id: &str, unit: Unit, better: Better, values: &[f64]) -> Metric {
        let summary = Summary::of(values.iter().copied()).expect("values");
        Metric { id: id.to_owned(), unit, better, summary }
    }

    /// Unit, which way is better, the repetitions of both runs, and what should come of them.
    type Case<'a> = (Unit, Better, &'a [f64], &'a [f64], Verdict);

    fn report(metrics: Vec<Metric>) -> Report {
        Report { metrics, ..Report::default() }
    }

    fn verdict(unit: Unit, better: Better, before: &[f64], now: &[f64]) -> Verdict {
        let [before, now] =
            [before, now].map(|values| report(vec![metric("m", unit, better, values)]));
        Comparison::new(&before, &now).changes[0].verdict
    }

    #[test]
    fn only_what_is_beyond_the_noise_counts() {
        use Better::{Higher, Lower};
        use Verdict::{Improved, Same, Worse};
        let steady = [10.0, 10.1, 9.9];
        let cases: [Case<'_>; 9] = [
            (Unit::Seconds, Lower, &steady, &[12.0, 12.1, 11.9], Worse),
            (Unit::Seconds, Lower, &steady, &[8.0, 8.1, 7.9], Improved),
            (Unit::PerSecond, Higher, &steady, &[8.0, 8.1, 7.9], Worse),
            (Unit::PerSecond, Higher, &steady, &[12.0, 12.1, 11.9], Improved),
            // Four hundredths more, all of them: two quiet runs differ by that.
            (Unit::Seconds, Lower, &steady, &[10.4, 10.4, 10.4], Same),
            // A fifth more, but the repetitions of one run differ by more.
            (Unit::Seconds, Lower, &[10.0, 13.0, 9.0], &[12.0, 12.1, 11.9], Same),
            // A fifth more, ranges apart, and one run is noisier than that.
            (Unit::Seconds, Lower, &[10.0, 11.0, 8.0], &[12.0, 12.1, 11.9], Same),
            // Cells do not depend on the machine: one more is more.
            (Unit::Count, Lower, &[2052.0], &[2053.0], Worse),
            (Unit::Count, Lower, &[2052.0], &[2052.0], Same),
        ];
        for (unit, better, before, now, expected) in cases {
            assert_eq!(verdict(unit, better, before, now), expected, "{before:?} {now:?}");
        }
    }

    #[test]
    fn the_worst_comes_first_and_nothing_is_lost() {
        let of = |id: &str, value| metric(id, Unit::Seconds, Better::Lower, &[value]);
        let before = report(vec![
            of("same", 1.0),
            of("better", 1.0),
            of("bad", 1.0),
            of("worst", 1.0),
            of("gone", 1.0),
        ]);
        let now = report(vec![
            of("same", 1.01),
            of("better", 0.5),
            of("bad", 1.2),
            of("worst", 3.0),
            of("new", 1.0),
        ]);
        let comparison = Comparison::new(&before, &now);
        let order: Vec<&str> = comparison.changes.iter().map(|change| change.id.as_str()).collect();
        assert_eq!(order, ["worst", "bad", "same", "better"]);
        assert_eq!(comparison.missing, ["gone"]);
        assert_eq!(comparison.regressions().count(), 2);
    }

    #[test]
    fn another_machine_is_a_caveat() {
        let mut before = report(Vec::new());
        let now = report(Vec::new());
        assert!(Comparison::new(&before, &now).caveats.is_empty());
        before.machine.cpu = "another".to_owned();
        before.scale = super::super::Scale::Quick;
        before.noise.others = 0.5;
        assert_eq!(Comparison::new(&before, &now).caveats.len(), 3);
        before.machine.processor.model = Some(17);
        assert_eq!(Comparison::new(&before, &now).caveats.len(), 4);
    }
}
