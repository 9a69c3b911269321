//! The six figures that the README at the root shows.

use super::Report;
use super::table::Table;

/// Names and ids of the figures.
const FIGURES: [(&str, &str); 6] = [
    ("payments proven per second, 65,536 in a block", "pipeline/64k/payments_per_s"),
    ("intents accepted per second over HTTP, each durable first", "http/intents_per_s"),
    ("L1 gas per payment, 65,536 in a block", "gas/per_payment/64k"),
    ("public data per payment, 16,384 in a batch", "leaf/reference/16k/public_data"),
    (
        "leaf proof against plain plonky2, payment by payment, 16,384 payments",
        "leaf/reference/16k/conventional_ratio_32",
    ),
    ("peak memory of the prover, 65,536 in a block", "pipeline/64k/peak_memory"),
];

/// One row for each figure; a figure that the run did not measure is marked so.
pub(super) fn table(report: &Report) -> Table {
    let mut table = Table::new("Figures", "", &["figure", "measured"]);
    let measured = |id| match report.metric(id) {
        Some(metric) => metric.shown_with_spread(),
        None => "not measured".to_owned(),
    };
    table.rows = FIGURES.iter().map(|(name, id)| vec![(*name).to_owned(), measured(id)]).collect();
    table
}

#[cfg(test)]
mod tests {
    use super::super::metric::{Better, Metric, Unit};
    use super::super::summary::Summary;
    use super::*;

    #[test]
    fn figures_are_shown_or_marked_as_not_measured() {
        let summary = Summary { median: 82.9, low: 82.9, high: 82.9, repetitions: 1 };
        let id = "gas/per_payment/64k".to_owned();
        let gas = Metric { id, unit: Unit::Gas, better: Better::Lower, summary };
        let table = table(&Report { metrics: vec![gas], ..Report::default() });
        let measured: Vec<&str> = table.rows.iter().map(|row| row[1].as_str()).collect();
        assert_eq!(measured[2], "82.9");
        assert_eq!(measured.iter().filter(|cell| **cell == "not measured").count(), 5);
    }
}
