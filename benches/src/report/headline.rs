//! The figures that the README at the root shows: ratios of one run first, then absolute figures with the
//! processor that they belong to.

use super::Report;
use super::table::Table;

/// Names and ids of figures.
type Figures = [(&'static str, &'static str)];

const RATIOS: &Figures = &[
    (
        "block against plain plonky2, payment by payment, both to one aggregated proof, 65,536 payments",
        "pipeline/64k/conventional_ratio_32",
    ),
    ("the same, 16,384 payments", "pipeline/16k/conventional_ratio_32"),
    (
        "leaf proof alone, without its wrap, against the same with its joins, 16,384 payments",
        "leaf/reference/16k/conventional_ratio_32",
    ),
    (
        "leaf prover ÷ hashing and transforming the same cells, 16,384 payments",
        "leaf/reference/16k/floor_ratio",
    ),
];
const ABSOLUTE: &Figures = &[
    ("payments proven per second, 65,536 in a block", "pipeline/64k/payments_per_s"),
    ("intents accepted per second over HTTP, each durable first", "http/intents_per_s"),
    ("peak memory of the prover, 65,536 in a block", "pipeline/64k/peak_memory"),
    ("L1 gas per payment, 65,536 in a block", "gas/per_payment/64k"),
    ("public data per payment, 16,384 in a batch", "leaf/reference/16k/public_data"),
];

/// Quotients of figures of one run, which differ little between machines.
pub(super) fn ratios(report: &Report) -> Table {
    table(report, "ratio, of one run", RATIOS)
}

/// Figures of this machine, gas and bytes apart, which are the same on every machine.
pub(super) fn absolute(report: &Report) -> Table {
    table(report, "absolute figure", ABSOLUTE)
}

/// One row for each figure; a figure that the run did not measure is marked so.
fn table(report: &Report, name: &str, figures: &Figures) -> Table {
    let mut table = Table::new("Figures", "", &[name, "measured"]);
    let measured = |id| match report.metric(id) {
        Some(metric) => metric.shown_with_spread(),
        None => "not measured".to_owned(),
    };
    table.rows = figures.iter().map(|(name, id)| vec![(*name).to_owned(), measured(id)]).collect();
    table
}

#[cfg(test)]
mod tests {
    use super::super::metric::{Better, Metric, Unit};
    use super::super::summary::Summary;
    use super::*;

    #[test]
    fn figures_are_shown_or_marked_as_not_measured() {
        let metric = |id: &str, unit, value| {
            let summary = Summary { median: value, low: value, high: value, repetitions: 1 };
            Metric { id: id.to_owned(), unit, better: Better::Lower, summary }
        };
        let metrics = vec![
            metric("gas/per_payment/64k", Unit::Gas, 82.9),
            metric("pipeline/16k/conventional_ratio_32", Unit::Ratio, 58.2),
        ];
        let report = Report { metrics, ..Report::default() };
        let missing =
            |table: &Table| table.rows.iter().filter(|row| row[1] == "not measured").count();
        let (ratios, absolute) = (ratios(&report), absolute(&report));
        assert_eq!((ratios.rows[1][1].as_str(), missing(&ratios)), ("58.20 ×", 3));
        assert_eq!((absolute.rows[3][1].as_str(), missing(&absolute)), ("82.9", 4));
    }
}
