//! Runs the plan and makes metrics of what comes back.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use super::child::{ChildError, Program};
use super::curves::Curve;
use super::metric::{Better, Metric, Unit};
use super::plan::{ConventionalCase, LeafCase, Plan};
use super::summary::Summary;
use super::{LeafDetail, Report};
use crate::baseline::conventional::ConventionalReport;
use crate::baseline::physical::Floor;
use crate::figures::Figures;
use crate::leaf::LeafReport;

/// Payments of the comparison with the conventional design.
pub(super) const COMPARED_PAYMENTS: usize = 16_384;

/// A figure of a measurement: name, unit, which way is better, value.
type Figure<T> = (&'static str, Unit, Better, fn(&T) -> Option<f64>);

const LEAF: [Figure<LeafReport>; 23] = [
    ("payments", Unit::Count, Better::Higher, |leaf| Some(leaf.payments as f64)),
    ("payments_per_s", Unit::PerSecond, Better::Higher, |leaf| Some(leaf.payments_per_s)),
    ("prove", Unit::Seconds, Better::Lower, |leaf| Some(leaf.prove_s)),
    ("trace", Unit::Seconds, Better::Lower, |leaf| Some(leaf.trace_s)),
    ("commit", Unit::Seconds, Better::Lower, |leaf| Some(leaf.commit_s)),
    ("quotient", Unit::Seconds, Better::Lower, |leaf| Some(leaf.quotient_s)),
    ("open", Unit::Seconds, Better::Lower, |leaf| Some(leaf.open_s)),
    ("verify", Unit::Seconds, Better::Lower, |leaf| Some(leaf.verify_s)),
    ("setup", Unit::Seconds, Better::Lower, |leaf| Some(leaf.setup_s)),
    ("seal", Unit::Seconds, Better::Lower, |leaf| Some(leaf.witness_s)),
    ("native", Unit::Seconds, Better::Lower, |leaf| Some(leaf.settle_s)),
    ("native_ratio", Unit::Ratio, Better::Lower, |leaf| Some(leaf.prove_s / leaf.settle_s)),
    ("admit", Unit::Seconds, Better::Lower, |leaf| Some(leaf.admit_per_payment_s)),
    ("floor", Unit::Seconds, Better::Lower, |leaf| leaf.floor.as_ref().map(Floor::seconds)),
    ("floor_transform", Unit::Seconds, Better::Lower, |leaf| Some(leaf.floor?.transform_s)),
    ("floor_ratio", Unit::Ratio, Better::Lower, |leaf| Some(leaf.prove_s / leaf.floor?.seconds())),
    ("peak_memory", Unit::Mebibytes, Better::Lower, |leaf| Some(leaf.peak_memory_mib as f64)),
    ("proof", Unit::Bytes, Better::Lower, |leaf| Some(leaf.proof_bytes as f64)),
    ("public_data", Unit::Bytes, Better::Lower, |leaf| Some(leaf.public_bytes_per_payment)),
    ("cells", Unit::Count, Better::Lower, |leaf| Some(leaf.cells_per_payment)),
    ("columns", Unit::Count, Better::Lower, |leaf| Some(leaf.columns as f64)),
    ("proven_bits", Unit::Bits, Better::Higher, |leaf| Some(leaf.proven_bits)),
    ("conjectured_bits", Unit::Bits, Better::Higher, |leaf| Some(leaf.conjectured_bits)),
];

const CONVENTIONAL: [Figure<ConventionalReport>; 7] = [
    ("payments", Unit::Count, Better::Higher, |report| Some(report.payments as f64)),
    ("prove", Unit::Seconds, Better::Lower, |report| Some(report.payments_s)),
    ("first_join", Unit::Seconds, Better::Lower, |report| Some(report.first_join_s)),
    ("join", Unit::Seconds, Better::Lower, |report| Some(report.join_s)),
    ("setup", Unit::Seconds, Better::Lower, |report| Some(report.setup_s)),
    ("peak_memory", Unit::Mebibytes, Better::Lower, |report| Some(report.peak_memory_mib as f64)),
    ("payments_per_s", Unit::PerSecond, Better::Higher, |report| {
        Some(report.payments_per_s(COMPARED_PAYMENTS))
    }),
];

/// Runs everything. A case that fails is said so and left out.
pub(super) fn measure(plan: &Plan, report: &mut Report) -> Result<(), ChildError> {
    let program = Program::this()?;
    for class in &plan.left_out {
        report.failed.push(format!("class {class} was left out: not enough memory is free"));
    }
    leaves(&program, &plan.leaves, report);
    for case in &plan.conventional {
        conventional(&program, case, plan.conventional_repetitions, report);
    }
    ratios(report);
    ledger(&program, plan.ledger_repetitions, report);
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
        let seconds = runs.iter().filter_map(|run| run.spans.get(name).copied());
        Some((name.clone(), Summary::of(seconds)?))
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

fn ledger(program: &Program, repetitions: usize, report: &mut Report) {
    eprintln!("the ledger's figures");
    let arguments = ["--json".to_owned(), "--repetitions".to_owned(), repetitions.to_string()];
    let Some(figures) = run::<Figures>(program, "figures", &arguments, report) else { return };
    for figure in &figures.figures {
        let summary = Summary {
            median: figure.median_s,
            low: figure.shortest_s,
            high: figure.longest_s,
            repetitions: figure.repetitions,
        };
        let id = format!("ledger/{}", figure.name);
        report.metrics.push(Metric { id, unit: Unit::Seconds, better: Better::Lower, summary });
    }
    report.ledger = Some(figures);
}

/// Payments per second by a leaf ÷ payments per second by the fastest conventional circuit of a
/// depth.
fn ratios(report: &mut Report) {
    for depth in [32, 20] {
        let prefix = format!("conventional/depth-{depth}/");
        let rates = report.metrics.iter().filter(|metric| {
            metric.id.starts_with(&prefix) && metric.id.ends_with("/payments_per_s")
        });
        let fastest =
            rates.map(|metric| metric.summary).max_by(|a, b| a.median.total_cmp(&b.median));
        let Some(fastest) = fastest else { continue };
        let leaves: Vec<(String, Summary)> = report
            .leaves
            .iter()
            .filter(|leaf| leaf.id.starts_with("leaf/reference/"))
            .filter_map(|leaf| {
                let rate = report.metric(&format!("{}/payments_per_s", leaf.id))?;
                Some((format!("{}/conventional_ratio_{depth}", leaf.id), rate.summary))
            })
            .collect();
        for (id, leaf) in leaves {
            let summary = Summary {
                median: leaf.median / fastest.median,
                low: leaf.low / fastest.high,
                high: leaf.high / fastest.low,
                repetitions: leaf.repetitions.min(fastest.repetitions),
            };
            report.metrics.push(Metric { id, unit: Unit::Ratio, better: Better::Higher, summary });
        }
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
