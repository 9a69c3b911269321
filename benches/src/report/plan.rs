//! What a report measures: each case is a child process, so that its peak of memory is its own and
//! no run warms the next one's caches.

use std::path::PathBuf;

use farthing_protocol::BatchClass;

use crate::workload::WorkloadName;

/// Repetitions of each case.
const REPETITIONS: usize = 5;
const REPETITIONS_QUICK: usize = 3;
/// Repetitions of each point of a curve.
const POINT_REPETITIONS: usize = 3;
/// Repetitions of each figure of the ledger, within one process.
const LEDGER_REPETITIONS: usize = 11;
const LEDGER_REPETITIONS_QUICK: usize = 5;
/// Free memory that a class of the default settings needs, MiB, with a third to spare.
const NEEDS_MIB: [(BatchClass, u64); 2] = [(BatchClass::LARGE, 4_500), (BatchClass::HUGE, 15_500)];

/// What the x-axis of a curve is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Axis {
    /// Payments of a full batch, by class.
    Batch,
    /// Payers.
    Payers,
    /// Licenses.
    Licenses,
    /// Accounts in the tree, among which payers and holders lie anywhere.
    Accounts,
}

impl Axis {
    /// Every one.
    pub(super) const ALL: [Self; 4] = [Self::Batch, Self::Payers, Self::Licenses, Self::Accounts];

    /// Its name in a report.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Batch => "payments in a batch",
            Self::Payers => "payers",
            Self::Licenses => "licenses",
            Self::Accounts => "accounts in the tree",
        }
    }

    /// Its name in ids.
    pub(super) const fn id(self) -> &'static str {
        match self {
            Self::Batch => "batch",
            Self::Payers => "payers",
            Self::Licenses => "licenses",
            Self::Accounts => "accounts",
        }
    }
}

/// A leaf to prove.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LeafCase {
    /// What it is in ids: `leaf/reference/16k`.
    pub(super) id: String,
    /// What it is in words.
    pub(super) name: String,
    /// Arguments of `farthing-benches leaf`.
    pub(super) arguments: Vec<String>,
    /// The point it is on a curve, if on any.
    pub(super) point: Option<(Axis, f64)>,
    /// How often.
    pub(super) repetitions: usize,
}

/// The conventional design at one size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ConventionalCase {
    /// Levels of the tree.
    pub(super) depth: usize,
    /// log₂ of the rows of a circuit of payments.
    pub(super) log_rows: usize,
}

impl ConventionalCase {
    /// What it is in ids.
    pub(super) fn id(&self) -> String {
        format!("conventional/depth-{}/rows-2^{}", self.depth, self.log_rows)
    }

    /// Arguments of `farthing-benches conventional`.
    pub(super) fn arguments(&self) -> Vec<String> {
        let Self { depth, log_rows } = self;
        ["--depth", &depth.to_string(), "--log-rows", &log_rows.to_string()]
            .map(str::to_owned)
            .into()
    }
}

/// A block: leaves, wraps, joins, last layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PipelineCase {
    /// Its class.
    pub(super) class: BatchClass,
    /// Full batches of it.
    pub(super) leaves: u32,
}

impl PipelineCase {
    /// What it is in ids.
    pub(super) fn id(&self) -> String {
        format!("pipeline/{}", self.class.name)
    }

    /// Arguments of `farthing-benches prove`.
    pub(super) fn arguments(&self) -> Vec<String> {
        let payments = (self.class.capacity.intents * self.leaves).to_string();
        let mut all =
            arguments(&[("--payments", &payments), ("--leaves", &self.leaves.to_string())]);
        all.push("--json".to_owned());
        all
    }
}

/// Everything that is measured.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plan {
    /// Leaves, those with a workload's name first.
    pub(super) leaves: Vec<LeafCase>,
    /// Blocks.
    pub(super) pipelines: Vec<PipelineCase>,
    /// Repetitions of each block.
    pub(super) pipeline_repetitions: usize,
    /// The conventional design.
    pub(super) conventional: Vec<ConventionalCase>,
    /// Repetitions of the conventional design.
    pub(super) conventional_repetitions: usize,
    /// Repetitions of the ledger's figures.
    pub(super) ledger_repetitions: usize,
    /// Classes left out for want of memory.
    pub(super) left_out: Vec<&'static str>,
}

impl Plan {
    /// The plan of a quick report, or of a full one, on a machine with so much memory free.
    pub(super) fn new(quick: bool, trace: Option<&PathBuf>, free_mib: u64) -> Self {
        let repetitions = if quick { REPETITIONS_QUICK } else { REPETITIONS };
        let wanted = if quick { &BatchClass::ALL[1..4] } else { &BatchClass::ALL[1..] };
        let needs = |class: &BatchClass| {
            NEEDS_MIB.iter().find(|(known, _)| known == class).map_or(0, |(_, needs)| *needs)
        };
        let (classes, left_out): (Vec<BatchClass>, Vec<BatchClass>) =
            wanted.iter().partition(|class| needs(class) <= free_mib);
        let mut leaves: Vec<LeafCase> = classes
            .iter()
            .map(|class| workload(WorkloadName::Reference, class, repetitions))
            .collect();
        let extremes = classes.iter().filter(|class| !quick || **class == BatchClass::MEDIUM);
        for class in extremes {
            leaves.push(workload(WorkloadName::Worst, class, repetitions));
            leaves.push(workload(WorkloadName::Best, class, repetitions));
        }
        if let (Some(trace), Some(class)) = (trace, classes.last()) {
            leaves.push(traced(trace, class, repetitions));
        }
        let curves = if quick { BatchClass::SMALL } else { BatchClass::LARGE };
        if classes.contains(&&curves) {
            leaves.extend(points(quick, &curves));
        }
        Self {
            leaves,
            pipelines: pipelines(quick, &classes),
            pipeline_repetitions: if quick { 1 } else { 3 },
            conventional: conventional(quick),
            conventional_repetitions: if quick { 1 } else { 3 },
            ledger_repetitions: if quick { LEDGER_REPETITIONS_QUICK } else { LEDGER_REPETITIONS },
            left_out: left_out.iter().map(|class| class.name).collect(),
        }
    }
}

/// Classes that hold as many payments of the reference workload as intents. Two leaves, so that
/// there is a join; a quick report has time for one.
fn pipelines(quick: bool, classes: &[BatchClass]) -> Vec<PipelineCase> {
    let full =
        classes.iter().filter(|class| class.capacity.intents >= BatchClass::LARGE.capacity.intents);
    full.map(|class| PipelineCase { class: *class, leaves: if quick { 1 } else { 2 } }).collect()
}

/// At the protocol's depth and at that of a tree of 2²⁰ accounts. A circuit of more rows has fewer
/// joins, which are dear: the larger the cheaper per payment, by less and less.
fn conventional(quick: bool) -> Vec<ConventionalCase> {
    let sizes: &[(usize, usize)] = if quick {
        &[(32, 14), (32, 15)]
    } else {
        &[(32, 13), (32, 14), (32, 15), (32, 16), (20, 15), (20, 16)]
    };
    sizes.iter().map(|&(depth, log_rows)| ConventionalCase { depth, log_rows }).collect()
}

fn workload(workload: WorkloadName, class: &BatchClass, repetitions: usize) -> LeafCase {
    let name = match workload {
        WorkloadName::Reference => "reference",
        WorkloadName::Worst => "worst",
        WorkloadName::Best => "best",
    };
    let mut arguments = arguments(&[("--workload", name), ("--class", class.name)]);
    arguments.push("--floor".to_owned());
    LeafCase {
        id: format!("leaf/{name}/{}", class.name),
        name: format!("{name}, {}", class.name),
        arguments,
        point: (workload == WorkloadName::Reference)
            .then_some((Axis::Batch, f64::from(class.capacity.intents))),
        repetitions,
    }
}

fn traced(trace: &std::path::Path, class: &BatchClass, repetitions: usize) -> LeafCase {
    LeafCase {
        id: format!("leaf/trace/{}", class.name),
        name: format!("inference trace, {}", class.name),
        arguments: arguments(&[("--trace", &trace.to_string_lossy()), ("--class", class.name)]),
        point: None,
        repetitions,
    }
}

/// Each curve changes one number of the reference workload; the batch is as full as it gets.
fn points(quick: bool, class: &BatchClass) -> Vec<LeafCase> {
    let curves: [(Axis, &str, &[u32]); 3] = if quick {
        [
            (Axis::Payers, "--payers", &[1, 16, 64]),
            (Axis::Licenses, "--licenses", &[1, 64, 1_024]),
            (Axis::Accounts, "--accounts", &[1 << 12, 1 << 14, 1 << 16]),
        ]
    } else {
        [
            (Axis::Payers, "--payers", &[1, 16, 64, 200, 400, 1_600]),
            (Axis::Licenses, "--licenses", &[1, 64, 512, 2_000, 8_000]),
            (Axis::Accounts, "--accounts", &[1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20]),
        ]
    };
    let point = |axis: Axis, argument: &str, x: u32| LeafCase {
        id: format!("leaf/{}-{x}/{}", axis.id(), class.name),
        name: format!("{x} {}, {}", axis.name(), class.name),
        arguments: arguments(&[(argument, &x.to_string()), ("--class", class.name)]),
        point: Some((axis, f64::from(x))),
        repetitions: POINT_REPETITIONS,
    };
    let curve = |(axis, argument, xs): (Axis, &'static str, &'static [u32])| {
        xs.iter().map(move |x| point(axis, argument, *x))
    };
    curves.into_iter().flat_map(curve).collect()
}

fn arguments(pairs: &[(&str, &str)]) -> Vec<String> {
    pairs.iter().flat_map(|(name, value)| [(*name).to_owned(), (*value).to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_memory_is_heeded() {
        for (quick, free, last) in
            [(true, 32_000, "16k"), (false, 32_000, "64k"), (false, 9_000, "16k")]
        {
            let trace = PathBuf::from("trace.csv");
            let plan = Plan::new(quick, Some(&trace), free);
            let ids: HashSet<&str> = plan.leaves.iter().map(|leaf| leaf.id.as_str()).collect();
            assert_eq!(ids.len(), plan.leaves.len());
            assert!(ids.contains(format!("leaf/reference/{last}").as_str()), "{ids:?}");
            assert!(ids.contains(format!("leaf/trace/{last}").as_str()), "{ids:?}");
            assert_eq!(plan.left_out.is_empty(), quick || free > 16_000);
        }
        let small = Plan::new(false, None, 2_000);
        assert_eq!(small.left_out, ["16k", "64k"]);
        assert!(small.leaves.iter().all(|leaf| !leaf.id.ends_with("/16k")));
    }
}
