//! Ratios to the conventional design.
//!
//! *Like for like*: both to one aggregated plonky2 proof, Farthing's with wraps, lifts and joins. *Leaf
//! alone*: the conventional design with its joins against Farthing's leaf proof without its wrap.

use super::Report;
use super::metric::{Better, Metric, Unit};
use super::summary::Summary;
use crate::baseline::conventional::ConventionalReport;

/// Depths of the conventional design's tree.
const DEPTHS: [u32; 2] = [32, 20];

/// A number of payments that both designs prove, and names of the conventional design's figures for
/// that number.
pub(super) struct Compared {
    /// The payments.
    pub(super) payments: usize,
    /// Payments per second.
    pub(super) rate: &'static str,
    /// Processor time of a payment.
    pub(super) cpu: &'static str,
}

impl Compared {
    /// 16,384 payments.
    pub(super) const LARGE: Self =
        Self { payments: 16_384, rate: "payments_per_s", cpu: "cpu_per_payment" };
    /// 65,536 payments.
    pub(super) const HUGE: Self =
        Self { payments: 65_536, rate: "payments_per_s_64k", cpu: "cpu_per_payment_64k" };

    /// The number that a case is compared at, by the class at the end of its id: a batch of a small
    /// class is compared with as many payments as a large one holds.
    fn of_case(id: &str) -> &'static Self {
        if id.ends_with("/64k") { &Self::HUGE } else { &Self::LARGE }
    }

    /// Payments per second of the conventional design.
    pub(super) fn payments_per_s(&self, report: &ConventionalReport) -> f64 {
        self.payments as f64 / report.time_for(self.payments).wall_s
    }

    /// Processor time of a payment in the conventional design.
    pub(super) fn cpu_per_payment(&self, report: &ConventionalReport) -> f64 {
        (report.time_for(self.payments) / self.payments).cpu_s
    }
}

/// Adds the ratios of each leaf and each block of the reference workload to the fastest conventional
/// circuit of each depth: of rates, and of processor time.
pub(super) fn add(report: &mut Report) {
    let cases =
        report.metrics.iter().filter_map(|metric| metric.id.strip_suffix("/payments_per_s"));
    let ours = |id: &&str| id.starts_with("leaf/reference/") || id.starts_with("pipeline/");
    let cases: Vec<&str> = cases.filter(ours).collect();
    let mut ratios = Vec::new();
    for depth in DEPTHS {
        for case in &cases {
            ratios.extend(to_conventional(report, case, depth));
        }
    }
    report.metrics.extend(ratios);
}

fn to_conventional(report: &Report, case: &str, depth: u32) -> Vec<Metric> {
    let compared = Compared::of_case(case);
    let summary = |id: &str, figure: &str| Some(report.metric(&format!("{id}/{figure}"))?.summary);
    let Some(fastest) = fastest(report, depth, compared) else { return Vec::new() };
    let rates = [summary(case, "payments_per_s"), summary(fastest, compared.rate)];
    let times = [summary(fastest, compared.cpu), summary(case, "cpu_per_payment")];
    let pairs = [("conventional_ratio", rates), ("conventional_cpu_ratio", times)];
    let metric = |(name, [above, below]): (&str, [Option<Summary>; 2])| {
        let id = format!("{case}/{name}_{depth}");
        let summary = ratio(&above?, &below?);
        Some(Metric { id, unit: Unit::Ratio, better: Better::Higher, summary })
    };
    pairs.into_iter().filter_map(metric).collect()
}

/// The conventional circuit of a depth with the highest rate.
fn fastest<'a>(report: &'a Report, depth: u32, compared: &Compared) -> Option<&'a str> {
    let (prefix, suffix) = (format!("conventional/depth-{depth}/"), format!("/{}", compared.rate));
    let cases = report.metrics.iter().filter_map(|metric| {
        let id = metric.id.strip_suffix(&suffix).filter(|id| id.starts_with(&prefix))?;
        Some((id, metric.summary.median))
    });
    cases.max_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(id, _)| id)
}

/// Of independent measurements: the range is the widest that theirs allow.
fn ratio(above: &Summary, below: &Summary) -> Summary {
    Summary {
        median: above.median / below.median,
        low: above.low / below.high,
        high: above.high / below.low,
        repetitions: above.repetitions.min(below.repetitions),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::{Machine, SpanTime};

    fn metric(id: &str, values: &[f64]) -> Metric {
        let summary = Summary::of(values.iter().copied()).expect("values");
        Metric { id: id.to_owned(), unit: Unit::PerSecond, better: Better::Higher, summary }
    }

    fn report(figures: &[(&str, &[f64])]) -> Report {
        let metrics = figures.iter().map(|(id, values)| metric(id, values)).collect();
        Report { metrics, ..Report::default() }
    }

    fn median(report: &Report, id: &str) -> Option<f64> {
        report.metric(id).map(|metric| metric.summary.median)
    }

    #[test]
    fn ratios_are_to_the_fastest_circuit_of_the_depth() {
        let mut report = report(&[
            ("leaf/reference/1k/payments_per_s", &[100.0, 110.0, 90.0]),
            ("leaf/reference/1k/cpu_per_payment", &[0.01]),
            ("conventional/depth-32/rows-2^12/payments_per_s", &[1.0, 1.0, 1.0]),
            ("conventional/depth-32/rows-2^12/cpu_per_payment", &[2.0]),
            ("conventional/depth-32/rows-2^13/payments_per_s", &[2.0, 2.0, 2.5]),
            ("conventional/depth-32/rows-2^13/cpu_per_payment", &[1.0]),
            ("conventional/depth-20/rows-2^13/payments_per_s", &[4.0, 4.0, 4.0]),
        ]);
        add(&mut report);
        let rates = report.metric("leaf/reference/1k/conventional_ratio_32").map(|m| m.summary);
        let rates = rates.expect("both were measured");
        assert_eq!((rates.median, rates.low, rates.high), (50.0, 90.0 / 2.5, 55.0));
        let of = |name: &str| median(&report, &format!("leaf/reference/1k/{name}"));
        assert_eq!(of("conventional_cpu_ratio_32"), Some(100.0));
        assert_eq!(of("conventional_ratio_20"), Some(25.0));
    }

    /// A block is counted with wraps and joins, a leaf without; each class at its own number of
    /// payments.
    #[test]
    fn both_ratios_are_there_for_both_classes() {
        let mut report = report(&[
            ("leaf/reference/16k/payments_per_s", &[3_000.0]),
            ("leaf/reference/64k/payments_per_s", &[2_800.0]),
            ("leaf/worst/16k/payments_per_s", &[30.0]),
            ("pipeline/16k/payments_per_s", &[1_200.0]),
            ("pipeline/16k/cpu_per_payment", &[0.001]),
            ("pipeline/64k/payments_per_s", &[2_000.0]),
            ("conventional/depth-32/rows-2^15/payments_per_s", &[30.0]),
            ("conventional/depth-32/rows-2^15/cpu_per_payment", &[0.06]),
            ("conventional/depth-32/rows-2^15/payments_per_s_64k", &[25.0]),
        ]);
        add(&mut report);
        let ratio = |case: &str| median(&report, &format!("{case}/conventional_ratio_32"));
        assert_eq!(ratio("leaf/reference/16k"), Some(100.0));
        assert_eq!(ratio("pipeline/16k"), Some(40.0));
        assert_eq!(ratio("leaf/reference/64k"), Some(112.0));
        assert_eq!(ratio("pipeline/64k"), Some(80.0));
        assert_eq!(ratio("leaf/worst/16k"), None);
        assert_eq!(median(&report, "pipeline/16k/conventional_cpu_ratio_32"), Some(60.0));
    }

    #[test]
    fn rates_count_proofs_and_joins() {
        let time = |wall_s: f64| SpanTime { wall_s, cpu_s: 2.0 * wall_s };
        let conventional = ConventionalReport {
            machine: Machine::default(),
            depth: 32,
            log_rows: [15; 3],
            payments: 64,
            setup: SpanTime::default(),
            prove: time(4.0),
            first_join: time(2.0),
            join: time(1.0),
            peak_memory_mib: 0,
        };
        // 256 circuits, 128 first joins, 127 joins above.
        let seconds = 256.0 * 4.0 + 128.0 * 2.0 + 127.0;
        assert_eq!(Compared::LARGE.payments_per_s(&conventional), 16_384.0 / seconds);
        assert_eq!(Compared::LARGE.cpu_per_payment(&conventional), 2.0 * seconds / 16_384.0);
        let seconds = 1_024.0 * 4.0 + 512.0 * 2.0 + 511.0;
        assert_eq!(Compared::HUGE.payments_per_s(&conventional), 65_536.0 / seconds);
    }
}
