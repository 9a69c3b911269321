//! Performance goals, and the figures that meet or miss them.

use super::Report;
use super::metric::{Metric, Unit};
use super::table::Table;

/// A figure and what it should be.
struct Goal {
    name: &'static str,
    id: &'static str,
    /// The least it should be, or the most.
    bound: Bound,
    unit: Unit,
}

#[derive(Clone, Copy)]
enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Goal {
    const fn new(name: &'static str, id: &'static str, bound: Bound, unit: Unit) -> Self {
        Self { name, id, bound, unit }
    }

    fn holds(&self, metric: &Metric) -> bool {
        match self.bound {
            Bound::AtLeast(least) => metric.summary.median >= least,
            Bound::AtMost(most) => metric.summary.median <= most,
        }
    }

    fn shown(&self) -> String {
        match self.bound {
            Bound::AtLeast(least) => format!("≥ {}", self.unit.show(least)),
            Bound::AtMost(most) => format!("≤ {}", self.unit.show(most)),
        }
    }
}

/// Goals of the design.
const GOALS: [Goal; 12] = [
    Goal::new(
        "leaf alone, 16,384 payments, proven per second",
        "leaf/reference/16k/payments_per_s",
        Bound::AtLeast(4_500.0),
        Unit::PerSecond,
    ),
    Goal::new(
        "leaf + wrap + aggregation, 16,384 payments, proven per second",
        "pipeline/16k/payments_per_s",
        Bound::AtLeast(1_600.0),
        Unit::PerSecond,
    ),
    Goal::new(
        "leaf + wrap + aggregation, 65,536 payments, proven per second",
        "pipeline/64k/payments_per_s",
        Bound::AtLeast(3_000.0),
        Unit::PerSecond,
    ),
    Goal::new(
        "leaf prover ÷ hashing and transforming the same cells",
        "leaf/reference/16k/floor_ratio",
        Bound::AtMost(1.3),
        Unit::Ratio,
    ),
    Goal::new(
        "against payment by payment in plain plonky2, paths of depth 32, both to one aggregated proof, 16,384 payments",
        "pipeline/16k/conventional_ratio_32",
        Bound::AtLeast(100.0),
        Unit::Ratio,
    ),
    Goal::new(
        "the same, 65,536 payments",
        "pipeline/64k/conventional_ratio_32",
        Bound::AtLeast(200.0),
        Unit::Ratio,
    ),
    Goal::new(
        "codeword cells per payment, 16,384 payments",
        "leaf/reference/16k/codeword_cells",
        Bound::AtMost(5_000.0),
        Unit::Count,
    ),
    Goal::new(
        "peak memory, a block of 65,536",
        "pipeline/64k/peak_memory",
        Bound::AtMost(4.0 * 1024.0),
        Unit::Mebibytes,
    ),
    Goal::new(
        "L1 gas per payment under Amsterdam's rules, 65,536 payments",
        "gas/per_payment/64k, Amsterdam",
        Bound::AtMost(150.0),
        Unit::Gas,
    ),
    Goal::new(
        "public data per payment, 16,384 payments",
        "leaf/reference/16k/public_data",
        Bound::AtMost(4.0),
        Unit::Bytes,
    ),
    Goal::new(
        "intents accepted per second over HTTP, each durable before its answer",
        "http/intents_per_s",
        Bound::AtLeast(50_000.0),
        Unit::PerSecond,
    ),
    Goal::new(
        "99 of 100 single intents over HTTP at half load are answered within",
        "http/half_load_p99",
        Bound::AtMost(0.025),
        Unit::Seconds,
    ),
];

/// Goal by goal; figures that this run did not measure are said to be missing.
pub(super) fn table(report: &Report) -> Table {
    let note = "Medians of this run. Goals are for two quiet cores.";
    let mut table = Table::new("Goals", note, &["figure", "goal", "measured", "holds"]);
    table.rows = GOALS
        .iter()
        .map(|goal| {
            let (measured, holds) = match report.metric(goal.id) {
                Some(metric) if goal.holds(metric) => (metric.shown_with_spread(), "yes"),
                Some(metric) => (metric.shown_with_spread(), "no"),
                None => ("not measured".to_owned(), "–"),
            };
            vec![goal.name.to_owned(), goal.shown(), measured, holds.to_owned()]
        })
        .collect();
    table
}

#[cfg(test)]
mod tests {
    use super::super::metric::Better;
    use super::super::summary::Summary;
    use super::*;

    #[test]
    fn goals_hold_or_not_or_are_not_measured() {
        let metric = |id: &str, unit, value: f64| {
            let summary = Summary { median: value, low: value, high: value, repetitions: 1 };
            Metric { id: id.to_owned(), unit, better: Better::Higher, summary }
        };
        let metrics = vec![
            metric("leaf/reference/16k/payments_per_s", Unit::PerSecond, 4_500.0),
            metric("leaf/reference/16k/floor_ratio", Unit::Ratio, 1.4),
            metric("pipeline/16k/conventional_ratio_32", Unit::Ratio, 99.0),
            metric("pipeline/64k/conventional_ratio_32", Unit::Ratio, 200.0),
        ];
        let table = table(&Report { metrics, ..Report::default() });
        let holds = |row: usize| table.rows[row][3].as_str();
        assert_eq!((holds(0), holds(1), holds(3)), ("yes", "–", "no"));
        assert_eq!(table.rows[3][1], "≤ 1.30 ×");
        assert_eq!((holds(4), holds(5)), ("no", "yes"));
        assert_eq!((table.rows[4][1].as_str(), table.rows[5][1].as_str()), ("≥ 100 ×", "≥ 200 ×"));
    }
}
