//! Figures that a report takes from each kind of measurement.

use super::Report;
use super::metric::{Better, Metric, Unit};
use super::ratios::Compared;
use super::summary::Summary;
use crate::baseline::conventional::ConventionalReport;
use crate::baseline::physical::Floor;
use crate::http;
use crate::leaf::LeafReport;
use crate::machine::SpanTime;
use crate::prove::ProveReport;

/// Id of a time's processor time, after the id of the time.
pub(super) const CPU: &str = "_cpu";
/// Times below this have no processor time beside them: the system counts it in hundredths of a
/// second.
const CPU_TIME_MIN_S: f64 = 0.1;

/// A figure of a measurement: name, unit, which way is better, value.
type Figure<T> = (&'static str, Unit, Better, fn(&T) -> Option<f64>);
/// A time of a measurement: name, value.
type Time<T> = (&'static str, fn(&T) -> Option<SpanTime>);

/// Figures of one kind of measurement.
pub(super) trait Measured: Sized + 'static {
    /// Times, on the wall and of the processors.
    const TIMES: &'static [Time<Self>];
    /// All other figures.
    const FIGURES: &'static [Figure<Self>];
}

impl Measured for LeafReport {
    const TIMES: &'static [Time<Self>] = &[
        ("prove", |leaf| Some(leaf.prove)),
        ("trace", |leaf| Some(leaf.trace)),
        ("commit", |leaf| Some(leaf.commit)),
        ("quotient", |leaf| Some(leaf.quotient)),
        ("open", |leaf| Some(leaf.open)),
        ("verify", |leaf| Some(leaf.verify)),
        ("setup", |leaf| Some(leaf.setup)),
        ("seal", |leaf| Some(leaf.seal)),
        ("native", |leaf| Some(leaf.settle)),
        ("floor", |leaf| leaf.floor.as_ref().map(Floor::both)),
        ("floor_transform", |leaf| Some(leaf.floor?.transform)),
    ];
    const FIGURES: &'static [Figure<Self>] = &[
        ("payments", Unit::Count, Better::Higher, |leaf| Some(leaf.payments as f64)),
        ("payments_per_s", Unit::PerSecond, Better::Higher, |leaf| Some(leaf.payments_per_s)),
        ("cpu_per_payment", Unit::Seconds, Better::Lower, |leaf| {
            Some((leaf.prove / leaf.payments).cpu_s)
        }),
        ("native_ratio", Unit::Ratio, Better::Lower, |leaf| {
            Some(leaf.prove.wall_s / leaf.settle.wall_s)
        }),
        ("admit", Unit::Seconds, Better::Lower, |leaf| Some(leaf.admit_per_payment_s)),
        ("floor_ratio", Unit::Ratio, Better::Lower, |leaf| {
            Some(leaf.prove.wall_s / leaf.floor?.both().wall_s)
        }),
        ("floor_cpu_ratio", Unit::Ratio, Better::Lower, |leaf| {
            Some(leaf.prove.cpu_s / leaf.floor?.both().cpu_s)
        }),
        ("peak_memory", Unit::Mebibytes, Better::Lower, |leaf| Some(leaf.peak_memory_mib as f64)),
        ("proof", Unit::Bytes, Better::Lower, |leaf| Some(leaf.proof_bytes as f64)),
        ("public_data", Unit::Bytes, Better::Lower, |leaf| Some(leaf.public_bytes_per_payment)),
        ("cells", Unit::Count, Better::Lower, |leaf| Some(leaf.cells_per_payment)),
        ("codeword_cells", Unit::Count, Better::Lower, |leaf| {
            Some(leaf.codeword_cells_per_payment)
        }),
        ("columns", Unit::Count, Better::Lower, |leaf| Some(leaf.columns as f64)),
        ("proven_bits", Unit::Bits, Better::Higher, |leaf| Some(leaf.proven_bits)),
        ("conjectured_bits", Unit::Bits, Better::Higher, |leaf| Some(leaf.conjectured_bits)),
    ];
}

impl Measured for ConventionalReport {
    const TIMES: &'static [Time<Self>] = &[
        ("prove", |report| Some(report.prove)),
        ("first_join", |report| Some(report.first_join)),
        ("join", |report| Some(report.join)),
        ("setup", |report| Some(report.setup)),
    ];
    const FIGURES: &'static [Figure<Self>] = &[
        ("payments", Unit::Count, Better::Higher, |report| Some(report.payments as f64)),
        ("peak_memory", Unit::Mebibytes, Better::Lower, |report| {
            Some(report.peak_memory_mib as f64)
        }),
        (Compared::LARGE.rate, Unit::PerSecond, Better::Higher, |report| {
            Some(Compared::LARGE.payments_per_s(report))
        }),
        (Compared::LARGE.cpu, Unit::Seconds, Better::Lower, |report| {
            Some(Compared::LARGE.cpu_per_payment(report))
        }),
        (Compared::HUGE.rate, Unit::PerSecond, Better::Higher, |report| {
            Some(Compared::HUGE.payments_per_s(report))
        }),
        (Compared::HUGE.cpu, Unit::Seconds, Better::Lower, |report| {
            Some(Compared::HUGE.cpu_per_payment(report))
        }),
    ];
}

impl Measured for ProveReport {
    const TIMES: &'static [Time<Self>] = &[
        ("leaf", |block| Some(block.leaf)),
        ("wrap", |block| Some(block.wrap)),
        ("join", |block| Some(block.join)),
        ("last_layers", |block| Some(block.last)),
        ("all", |block| Some(block.total)),
        ("verify", |block| Some(block.verify)),
    ];
    const FIGURES: &'static [Figure<Self>] = &[
        ("payments", Unit::Count, Better::Higher, |block| Some(block.payments as f64)),
        ("leaves", Unit::Count, Better::Higher, |block| Some(block.leaves as f64)),
        ("payments_per_s", Unit::PerSecond, Better::Higher, |block| {
            Some(block.payments_per_s_before_final)
        }),
        ("cpu_per_payment", Unit::Seconds, Better::Lower, |block| {
            Some((block.aggregate / block.payments).cpu_s)
        }),
        ("payments_per_s_with_last_layers", Unit::PerSecond, Better::Higher, |block| {
            Some(block.payments_per_s)
        }),
        ("proof", Unit::Bytes, Better::Lower, |block| Some(block.proof_bytes as f64)),
        ("peak_memory", Unit::Mebibytes, Better::Lower, |block| Some(block.peak_memory_mib as f64)),
    ];
}

impl Measured for http::Report {
    const TIMES: &'static [Time<Self>] = &[];
    const FIGURES: &'static [Figure<Self>] = &[
        ("intents_per_s", Unit::PerSecond, Better::Higher, |load| {
            Some(load.batch.intents_per_second)
        }),
        ("single_intents_per_s", Unit::PerSecond, Better::Higher, |load| {
            Some(load.single.intents_per_second)
        }),
        ("half_load_p50", Unit::Seconds, Better::Lower, |load| {
            Some(load.single_at_half_load.p50_ms / 1e3)
        }),
        ("half_load_p99", Unit::Seconds, Better::Lower, |load| {
            Some(load.single_at_half_load.p99_ms / 1e3)
        }),
        ("intents_per_write", Unit::Count, Better::Higher, |load| Some(load.intents_per_write)),
    ];
}

/// Adds the figures of all repetitions of a case to the report.
pub(super) fn add<T: Measured>(id: &str, runs: &[T], report: &mut Report) {
    let mut put = |name: &str, unit, better, values: &mut dyn Iterator<Item = f64>| {
        if let Some(summary) = Summary::of(values) {
            report.metrics.push(Metric { id: format!("{id}/{name}"), unit, better, summary });
        }
    };
    for (name, time) in T::TIMES {
        let (seconds, lower) = (Unit::Seconds, Better::Lower);
        let times: Vec<SpanTime> = runs.iter().filter_map(time).collect();
        put(name, seconds, lower, &mut times.iter().map(|time| time.wall_s));
        let long = times.iter().all(|time| time.wall_s >= CPU_TIME_MIN_S);
        if long {
            let name = format!("{name}{CPU}");
            put(&name, seconds, lower, &mut times.iter().map(|time| time.cpu_s));
        }
    }
    for (name, unit, better, value) in T::FIGURES {
        put(name, *unit, *better, &mut runs.iter().filter_map(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Run(SpanTime);

    impl Measured for Run {
        const TIMES: &'static [Time<Self>] =
            &[("all", |run| Some(run.0)), ("tenth", |run| Some(run.0 / 10))];
        const FIGURES: &'static [Figure<Self>] = &[];
    }

    #[test]
    fn processor_time_is_beside_long_times() {
        let runs = [1.0, 0.9, 0.8].map(|wall_s| Run(SpanTime { wall_s, cpu_s: 2.0 * wall_s }));
        let mut report = Report::default();
        add("case", &runs, &mut report);
        let median = |id: &str| report.metric(id).map(|metric| metric.summary.median);
        assert_eq!((median("case/all"), median("case/all_cpu")), (Some(0.9), Some(1.8)));
        assert_eq!((median("case/tenth"), median("case/tenth_cpu")), (Some(0.09), None));
    }
}
