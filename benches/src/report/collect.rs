//! Runs the plan and makes metrics of what comes back.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use super::child::{ChildError, Program};
use super::curves::Curve;
use super::figures::add;
use super::plan::{ConventionalCase, LeafCase, PipelineCase, Plan};
use super::summary::Summary;
use super::{LeafDetail, Report, ratios};
use crate::baseline::conventional::ConventionalReport;
use crate::http;
use crate::leaf::LeafReport;
use crate::prove::ProveReport;
use crate::tables::TablesReport;

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
    ratios::add(report);
    tables(&program, &plan.tables, report);
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
        add(&case.id, runs, report);
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
        spans: spans.collect(),
    })
}

fn pipeline(program: &Program, case: &PipelineCase, repetitions: usize, report: &mut Report) {
    let mut runs: Vec<ProveReport> = Vec::new();
    for repetition in 0..repetitions {
        eprintln!("{} ({} of {repetitions})", case.id(), repetition + 1);
        runs.extend(run(program, "prove", &case.arguments(), report));
    }
    add(&case.id(), &runs, report);
    let circuits = runs.last().map(|run| run.circuits.clone());
    report.circuits.extend(circuits.into_iter().flatten().map(|c| (case.id(), c)));
}

/// Counts rows: the same in every run, so once.
fn tables(program: &Program, arguments: &[String], report: &mut Report) {
    if arguments.is_empty() {
        return;
    }
    eprintln!("tables");
    let counted: Option<TablesReport> = run(program, "tables", arguments, report);
    report.tables = counted.map(|counted| counted.batches).unwrap_or_default();
}

fn http_load(program: &Program, repetitions: usize, report: &mut Report) {
    let mut runs: Vec<http::Report> = Vec::new();
    for repetition in 0..repetitions {
        eprintln!("http ({} of {repetitions})", repetition + 1);
        runs.extend(run(program, "http", &["--json".to_owned()], report));
    }
    add("http", &runs, report);
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
    add(&case.id(), &runs, report);
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
