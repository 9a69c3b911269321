//! Runs the plan and makes metrics of what comes back.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use super::child::{ChildError, Program};
use super::curves::Curve;
use super::metric::{Better, Metric, Unit};
use super::plan::{ConventionalCase, LeafCase, PipelineCase, Plan};
use super::summary::Summary;
use super::{LeafDetail, Report};
use crate::baseline::conventional::ConventionalReport;
use crate::baseline::physical::Floor;
use crate::http;
use crate::leaf::LeafReport;
use crate::prove::ProveReport;

/// Payments of the comparison with the conventional design.
pub(super) const COMPARED_PAYMENTS: usize = 16_384;

/// A figure of a measurement: name, unit, which way is better, value.
type Figure<T> = (&'static str, Unit, Better, fn(&T) -> Option<f64>);

const LEAF: [Figure<LeafReport>; 26] = [
    ("payments", Unit::Count, Better::Higher, |leaf| Some(leaf.payments as f64)),
    ("payments_per_s", Unit::PerSecond, Better::Higher, |leaf| Some(leaf.payments_per_s)),
    ("prove", Unit::Seconds, Better::Lower, |leaf| Some(leaf.prove_s)),
    ("prove_cpu", Unit::Seconds, Better::Lower, |leaf| Some(leaf.prove_cpu_s)),
    ("trace", Unit::Seconds, Better::Lower, |leaf| Some(leaf.trace_s)),
    ("commit", Unit::Seconds, Better::Lower, |leaf| Some(leaf.commit_s)),
    ("quotient", Unit::Seconds, Better::Lower, |leaf| Some(leaf.quotient_s)),
    ("open", Unit::Seconds, Better::Lower, |leaf| Some(leaf.open_s)),
    ("verify", Unit::Seconds, Better::Lower, |leaf| Some(leaf.verify_s)),
    ("setup", Unit::Seconds, Better::Lower, |leaf| Some(leaf.setup_s)),
    ("seal", Unit::Seconds, Better::Lower, |leaf| Some(leaf.witness_s)),
    ("cpu_per_payment", Unit::Seconds, Better::Lower, |leaf| {
        Some(leaf.prove_cpu_s / leaf.payments as f64)
    }),
    ("native", Unit::Seconds, Better::Lower, |leaf| Some(leaf.settle_s)),
    ("native_ratio", Unit::Ratio, Better::Lower, |leaf| Some(leaf.prove_s / leaf.settle_s)),
    ("admit", Unit::Seconds, Better::Lower, |leaf| Some(leaf.admit_per_payment_s)),
    ("floor", Unit::Seconds, Better::Lower, |leaf| leaf.floor.as_ref().map(Floor::seconds)),
    ("floor_transform", Unit::Seconds, Better::Lower, |leaf| Some(leaf.floor?.transform_s)),
    ("floor_ratio", Unit::Ratio, Better::Lower, |leaf| Some(leaf.prove_s / leaf.floor?.seconds())),
    ("floor_cpu_ratio", Unit::Ratio, Better::Lower, |leaf| {
        Some(leaf.prove_cpu_s / leaf.floor?.cpu_s)
    }),
    ("peak_memory", Unit::Mebibytes, Better::Lower, |leaf| Some(leaf.peak_memory_mib as f64)),
    ("proof", Unit::Bytes, Better::Lower, |leaf| Some(leaf.proof_bytes as f64)),
    ("public_data", Unit::Bytes, Better::Lower, |leaf| Some(leaf.public_bytes_per_payment)),
    ("cells", Unit::Count, Better::Lower, |leaf| Some(leaf.cells_per_payment)),
    ("columns", Unit::Count, Better::Lower, |leaf| Some(leaf.columns as f64)),
    ("proven_bits", Unit::Bits, Better::Higher, |leaf| Some(leaf.proven_bits)),
    ("conjectured_bits", Unit::Bits, Better::Higher, |leaf| Some(leaf.conjectured_bits)),
];

const CONVENTIONAL: [Figure<ConventionalReport>; 8] = [
    ("payments", Unit::Count, Better::Higher, |report| Some(report.payments as f64)),
    ("prove", Unit::Seconds, Better::Lower, |report| Some(report.prove.wall_s)),
    ("first_join", Unit::Seconds, Better::Lower, |report| Some(report.first_join.wall_s)),
    ("join", Unit::Seconds, Better::Lower, |report| Some(report.join.wall_s)),
    ("setup", Unit::Seconds, Better::Lower, |report| Some(report.setup_s)),
    ("peak_memory", Unit::Mebibytes, Better::Lower, |report| Some(report.peak_memory_mib as f64)),
    ("payments_per_s", Unit::PerSecond, Better::Higher, |report| {
        Some(COMPARED_PAYMENTS as f64 / report.time_for(COMPARED_PAYMENTS).wall_s)
    }),
    ("cpu_per_payment", Unit::Seconds, Better::Lower, |report| {
        Some(report.time_for(COMPARED_PAYMENTS).cpu_s / COMPARED_PAYMENTS as f64)
    }),
];

const PIPELINE: [Figure<ProveReport>; 12] = [
    ("payments", Unit::Count, Better::Higher, |block| Some(block.payments as f64)),
    ("leaves", Unit::Count, Better::Higher, |block| Some(block.leaves as f64)),
    ("payments_per_s", Unit::PerSecond, Better::Higher, |block| {
        Some(block.payments_per_s_before_final)
    }),
    ("payments_per_s_with_last_layers", Unit::PerSecond, Better::Higher, |block| {
        Some(block.payments_per_s)
    }),
    ("leaf", Unit::Seconds, Better::Lower, |block| Some(block.leaf_s)),
    ("wrap", Unit::Seconds, Better::Lower, |block| Some(block.wrap_s)),
    ("join", Unit::Seconds, Better::Lower, |block| Some(block.join_s)),
    ("last_layers", Unit::Seconds, Better::Lower, |block| Some(block.final_s)),
    ("all", Unit::Seconds, Better::Lower, |block| Some(block.total_s)),
    ("verify", Unit::Seconds, Better::Lower, |block| Some(block.verify_s)),
    ("proof", Unit::Bytes, Better::Lower, |block| Some(block.proof_bytes as f64)),
    ("peak_memory", Unit::Mebibytes, Better::Lower, |block| Some(block.peak_memory_mib as f64)),
];

const HTTP: [Figure<http::Report>; 5] = [
    ("intents_per_s", Unit::PerSecond, Better::Higher, |load| Some(load.batch.intents_per_second)),
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

/// Runs everything. A case that fails is said so and left out.
pub(super) fn measure(plan: &Plan, report: &mut Report) -> Result<(), ChildError> {
    let program = Program::this()?;
    for class in &plan.left_out {
        report.failed.push(format!("class {class} was left out: not enough memory is free"));
    }
    leaves(&program, &plan.leaves, report);
    for case in &plan.pipelines {
        pipeline(&program, case, plan.pipeline_repetitions, report);
    }
    for case in &plan.conventional {
        conventional(&program, case, plan.conventional_repetitions, report);
    }
    ratios(report);
    http_load(&program, plan.http_repetitions, report);
    Ok(())
}

/// Repetitions take turns, so that a disturbance meets all cases and not one.
fn leaves(program: &Program, cases: &[LeafCase], report: &mut Report) {
    let mut runs: BTreeMap<&str, Vec<LeafReport>> = BTreeMap::new();
    let most = cases.iter().map(|case| case.repetitions).max().unwrap_or(0);
    for repetition in 0..most {
        for case in cases.iter().filter(|case| repetition < case.repetitions) {
            eprintln!("{} ({} of {})", case.name, repetition + 1, case.repetitions);
            if let Some(run) = run(program, "leaf", &case.arguments, report) {
                runs.entry(&case.id).or_default().push(run);
            }
        }
    }
    for case in cases {
        let Some(runs) = runs.get(case.id.as_str()) else { continue };
        add(&case.id, &LEAF, runs, report);
        report.leaves.extend(detail(case, runs));
    }
    report.curves = Curve::all(cases, &runs);
}

fn detail(case: &LeafCase, runs: &[LeafReport]) -> Option<LeafDetail> {
    let first = runs.first()?;
    let names = first.spans.keys();
    let spans = names.filter_map(|name| {
        let times = || runs.iter().filter_map(|run| run.spans.get(name));
        let wall = Summary::of(times().map(|time| time.wall_s))?;
        Some((name.clone(), [wall, Summary::of(times().map(|time| time.cpu_s))?]))
    });
    Some(LeafDetail {
        id: case.id.clone(),
        name: case.name.clone(),
        class: first.class.clone(),
        settings: first.settings.clone(),
        tables: first.tables.clone(),
        spans: spans.collect(),
    })
}

fn pipeline(program: &Program, case: &PipelineCase, repetitions: usize, report: &mut Report) {
    let mut runs: Vec<ProveReport> = Vec::new();
    for repetition in 0..repetitions {
        eprintln!("{} ({} of {repetitions})", case.id(), repetition + 1);
        runs.extend(run(program, "prove", &case.arguments(), report));
    }
    add(&case.id(), &PIPELINE, &runs, report);
    let circuits = runs.last().map(|run| run.circuits.clone());
    report.circuits.extend(circuits.into_iter().flatten().map(|c| (case.id(), c)));
}

fn http_load(program: &Program, repetitions: usize, report: &mut Report) {
    let mut runs: Vec<http::Report> = Vec::new();
    for repetition in 0..repetitions {
        eprintln!("http ({} of {repetitions})", repetition + 1);
        runs.extend(run(program, "http", &["--json".to_owned()], report));
    }
    add("http", &HTTP, &runs, report);
}

fn conventional(
    program: &Program,
    case: &ConventionalCase,
    repetitions: usize,
    report: &mut Report,
) {
    let mut runs: Vec<ConventionalReport> = Vec::new();
    for repetition in 0..repetitions {
        eprintln!("{} ({} of {repetitions})", case.id(), repetition + 1);
        runs.extend(run(program, "conventional", &case.arguments(), report));
    }
    add(&case.id(), &CONVENTIONAL, &runs, report);
}

/// Leaves ÷ the fastest conventional circuit of a depth: rates, and processor time the other way.
fn ratios(report: &mut Report) {
    for depth in [32, 20] {
        let prefix = format!("conventional/depth-{depth}/");
        let cases: Vec<&str> = report
            .metrics
            .iter()
            .filter_map(|metric| metric.id.strip_suffix("/payments_per_s"))
            .filter(|id| id.starts_with(&prefix))
            .collect();
        let summary =
            |id: &str, figure: &str| Some(report.metric(&format!("{id}/{figure}"))?.summary);
        let fastest = cases.into_iter().max_by(|a, b| {
            let rate = |id| summary(id, "payments_per_s").map_or(0.0, |rate| rate.median);
            rate(a).total_cmp(&rate(b))
        });
        let Some(fastest) = fastest else { continue };
        let leaves = report.leaves.iter().filter(|leaf| leaf.id.starts_with("leaf/reference/"));
        let ratios = leaves.flat_map(|leaf| {
            let rates = [&leaf.id, fastest].map(|id| summary(id, "payments_per_s"));
            let times = [fastest, &leaf.id].map(|id| summary(id, "cpu_per_payment"));
            let pairs = [("conventional_ratio", rates), ("conventional_cpu_ratio", times)];
            pairs.map(|(name, [ours, theirs])| {
                let id = format!("{}/{name}_{depth}", leaf.id);
                let summary = ratio(&ours?, &theirs?);
                Some(Metric { id, unit: Unit::Ratio, better: Better::Higher, summary })
            })
        });
        let ratios: Vec<Metric> = ratios.flatten().collect();
        report.metrics.extend(ratios);
    }
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

fn add<T>(id: &str, figures: &[Figure<T>], runs: &[T], report: &mut Report) {
    for (name, unit, better, value) in figures {
        if let Some(summary) = Summary::of(runs.iter().filter_map(value)) {
            let id = format!("{id}/{name}");
            report.metrics.push(Metric { id, unit: *unit, better: *better, summary });
        }
    }
}

/// One measurement; what went wrong is noted once.
fn run<T: DeserializeOwned>(
    program: &Program,
    command: &str,
    arguments: &[String],
    report: &mut Report,
) -> Option<T> {
    let mut all = vec![command.to_owned()];
    all.extend_from_slice(arguments);
    program
        .measure(&all)
        .map_err(|error| {
            let error = error.to_string();
            if !report.failed.contains(&error) {
                eprintln!("{error}");
                report.failed.push(error);
            }
        })
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(id: &str, unit: Unit, values: &[f64]) -> Metric {
        let summary = Summary::of(values.iter().copied()).expect("values");
        Metric { id: id.to_owned(), unit, better: Better::Higher, summary }
    }

    #[test]
    fn ratios_are_to_the_fastest_circuit_of_the_depth() {
        let mut report = Report::default();
        for (id, rates, cpu) in [
            ("leaf/reference/1k", [100.0, 110.0, 90.0], 0.01),
            ("conventional/depth-32/rows-2^12", [1.0, 1.0, 1.0], 2.0),
            ("conventional/depth-32/rows-2^13", [2.0, 2.0, 2.5], 1.0),
            ("conventional/depth-20/rows-2^13", [4.0, 4.0, 4.0], 0.5),
        ] {
            report.metrics.push(metric(&format!("{id}/payments_per_s"), Unit::PerSecond, &rates));
            report.metrics.push(metric(&format!("{id}/cpu_per_payment"), Unit::Seconds, &[cpu]));
        }
        report
            .leaves
            .push(LeafDetail { id: "leaf/reference/1k".to_owned(), ..LeafDetail::default() });
        ratios(&mut report);
        let ratio =
            |name: &str| report.metric(&format!("leaf/reference/1k/{name}")).map(|m| m.summary);
        let rates = ratio("conventional_ratio_32").expect("both were measured");
        assert_eq!((rates.median, rates.low, rates.high), (50.0, 90.0 / 2.5, 55.0));
        assert_eq!(ratio("conventional_cpu_ratio_32").map(|r| r.median), Some(100.0));
        assert_eq!(ratio("conventional_ratio_20").map(|r| r.median), Some(25.0));
    }
}
