//! Cases that a report measures. Each case is a child process, so that its peak of memory is its own
//! and no run warms the next one's caches.

use std::path::Path;

use farthing_protocol::BatchClass;
use serde::{Deserialize, Serialize};

use crate::workload::WorkloadName;

/// Repetitions of each point of a curve.
const POINT_REPETITIONS: usize = 3;
/// Free memory that a class needs, MiB, with a third to spare.
const NEEDS_MIB: [(BatchClass, u64); 2] = [(BatchClass::LARGE, 4_500), (BatchClass::HUGE, 8_500)];

/// Extent of the measurements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Scale {
    /// Everything.
    #[default]
    Full,
    /// Fewer and smaller cases: ten minutes on two cores.
    Quick,
    /// One of a kind and tiny: whether the report works, not what is fast.
    Smoke,
}

impl Scale {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Quick => "quick",
            Self::Smoke => "smoke",
        }
    }
}

/// A scale in numbers.
struct Extent {
    /// Classes of the reference workload, ascending.
    classes: &'static [BatchClass],
    /// Classes of the worst case and the best case.
    extremes: &'static [BatchClass],
    repetitions: usize,
    /// The class of the curves.
    curves: BatchClass,
    payers: &'static [u32],
    licenses: &'static [u32],
    accounts: &'static [u32],
    /// Classes of blocks: those that hold as many payments of the reference workload as intents.
    blocks: &'static [BatchClass],
    block_leaves: u32,
    block_repetitions: usize,
    /// Depths of trees, and log₂ of rows. A circuit of more rows has fewer joins, which are dear:
    /// the larger the cheaper per payment, by less and less.
    conventional: &'static [(usize, usize)],
    conventional_repetitions: usize,
    /// Runs of the node under load over HTTP.
    http_repetitions: usize,
}

const FULL: Extent = Extent {
    classes: &[BatchClass::SMALL, BatchClass::MEDIUM, BatchClass::LARGE, BatchClass::HUGE],
    extremes: &[BatchClass::SMALL, BatchClass::MEDIUM, BatchClass::LARGE, BatchClass::HUGE],
    repetitions: 3,
    curves: BatchClass::LARGE,
    payers: &[1, 16, 64, 200, 400, 1_600],
    licenses: &[1, 64, 512, 2_000, 8_000],
    accounts: &[1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20],
    blocks: &[BatchClass::LARGE, BatchClass::HUGE],
    // So that there is a join.
    block_leaves: 2,
    block_repetitions: 3,
    conventional: &[(32, 13), (32, 14), (32, 15), (32, 16), (20, 15), (20, 16)],
    conventional_repetitions: 3,
    http_repetitions: 3,
};

const QUICK: Extent = Extent {
    classes: &[BatchClass::SMALL, BatchClass::MEDIUM, BatchClass::LARGE],
    extremes: &[BatchClass::MEDIUM],
    repetitions: 3,
    curves: BatchClass::SMALL,
    payers: &[1, 16, 64],
    licenses: &[1, 64, 1_024],
    accounts: &[1 << 12, 1 << 14, 1 << 16],
    blocks: &[BatchClass::LARGE, BatchClass::HUGE],
    block_leaves: 1,
    block_repetitions: 1,
    conventional: &[(32, 14), (32, 15)],
    conventional_repetitions: 1,
    http_repetitions: 1,
};

const SMOKE: Extent = Extent {
    classes: &[BatchClass::TINY],
    extremes: &[BatchClass::TINY],
    repetitions: 1,
    curves: BatchClass::TINY,
    payers: &[1, 16],
    licenses: &[],
    accounts: &[],
    blocks: &[],
    block_leaves: 1,
    block_repetitions: 1,
    conventional: &[(4, 6)],
    conventional_repetitions: 1,
    http_repetitions: 0,
};

/// Number on the x-axis of a curve.
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
    /// Its id: `leaf/reference/16k`.
    pub(super) id: String,
    /// Its name.
    pub(super) name: String,
    /// Arguments of `farthing-benches leaf`.
    pub(super) arguments: Vec<String>,
    /// The point it is on a curve, if on any.
    pub(super) point: Option<(Axis, f64)>,
    /// Number of repetitions.
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
    /// Id of the case.
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
    /// Id of the case.
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
    /// Arguments of `farthing-benches tables`; empty if no class has room.
    pub(super) tables: Vec<String>,
    /// Runs of the node under load over HTTP.
    pub(super) http_repetitions: usize,
    /// Classes left out for want of memory.
    pub(super) left_out: Vec<&'static str>,
}

impl Plan {
    /// Returns the cases of a scale, without classes that need more than `free_mib` of memory.
    pub(super) fn new(scale: Scale, trace: Option<&Path>, free_mib: u64) -> Self {
        let extent = match scale {
            Scale::Full => &FULL,
            Scale::Quick => &QUICK,
            Scale::Smoke => &SMOKE,
        };
        let (classes, left_out): (Vec<BatchClass>, Vec<BatchClass>) =
            extent.classes.iter().partition(|class| needs_mib(class) <= free_mib);
        let repetitions = extent.repetitions;
        let mut leaves: Vec<LeafCase> = classes
            .iter()
            .map(|class| workload(WorkloadName::Reference, class, repetitions))
            .collect();
        for class in extent.extremes.iter().filter(|class| classes.contains(class)) {
            leaves.push(workload(WorkloadName::Worst, class, repetitions));
            leaves.push(workload(WorkloadName::Best, class, repetitions));
        }
        if let (Some(trace), Some(class)) = (trace, classes.last()) {
            leaves.push(traced(trace, class, repetitions));
        }
        if classes.contains(&extent.curves) {
            leaves.extend(points(extent));
        }
        let blocks = extent.blocks.iter().filter(|class| needs_mib(class) <= free_mib);
        let block =
            |class: &BatchClass| PipelineCase { class: *class, leaves: extent.block_leaves };
        let conventional = extent.conventional.iter();
        Self {
            leaves,
            pipelines: blocks.map(block).collect(),
            pipeline_repetitions: extent.block_repetitions,
            conventional: conventional
                .map(|&(depth, log_rows)| ConventionalCase { depth, log_rows })
                .collect(),
            conventional_repetitions: extent.conventional_repetitions,
            tables: tables(&classes, trace),
            http_repetitions: extent.http_repetitions,
            left_out: left_out.iter().map(|class| class.name).collect(),
        }
    }
}

fn needs_mib(class: &BatchClass) -> u64 {
    NEEDS_MIB.iter().find(|(known, _)| known == class).map_or(0, |(_, needs)| *needs)
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

fn traced(trace: &Path, class: &BatchClass, repetitions: usize) -> LeafCase {
    LeafCase {
        id: format!("leaf/trace/{}", class.name),
        name: format!("inference trace, {}", class.name),
        arguments: arguments(&[("--trace", &trace.to_string_lossy()), ("--class", class.name)]),
        point: None,
        repetitions,
    }
}

fn tables(classes: &[BatchClass], trace: Option<&Path>) -> Vec<String> {
    if classes.is_empty() {
        return Vec::new();
    }
    let named = classes.iter().flat_map(|class| arguments(&[("--class", class.name)]));
    let trace = trace.map(|trace| arguments(&[("--trace", &trace.to_string_lossy())]));
    let json = ["--json".to_owned()];
    named.chain(trace.into_iter().flatten()).chain(json).collect()
}

/// Each curve changes one number of the reference workload; the batch is as full as it gets.
fn points(extent: &Extent) -> Vec<LeafCase> {
    let class = &extent.curves;
    let curves = [
        (Axis::Payers, "--payers", extent.payers),
        (Axis::Licenses, "--licenses", extent.licenses),
        (Axis::Accounts, "--accounts", extent.accounts),
    ];
    let point = |axis: Axis, argument: &str, x: u32| LeafCase {
        id: format!("leaf/{}-{x}/{}", axis.id(), class.name),
        name: format!("{x} {}, {}", axis.name(), class.name),
        arguments: arguments(&[(argument, &x.to_string()), ("--class", class.name)]),
        point: Some((axis, f64::from(x))),
        repetitions: POINT_REPETITIONS.min(extent.repetitions),
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
        let runs = [
            (Scale::Quick, 32_000, "16k", "64k"),
            (Scale::Full, 32_000, "64k", "64k"),
            (Scale::Full, 8_000, "16k", "16k"),
        ];
        for (scale, free, last, last_block) in runs {
            let plan = Plan::new(scale, Some(Path::new("trace.csv")), free);
            let ids: HashSet<&str> = plan.leaves.iter().map(|leaf| leaf.id.as_str()).collect();
            assert_eq!(ids.len(), plan.leaves.len());
            assert!(ids.contains(format!("leaf/reference/{last}").as_str()), "{ids:?}");
            assert!(ids.contains(format!("leaf/trace/{last}").as_str()), "{ids:?}");
            assert_eq!(plan.pipelines.last().map(|block| block.class.name), Some(last_block));
            assert_eq!(plan.left_out.is_empty(), free > 8_000);
        }
        let small = Plan::new(Scale::Full, None, 2_000);
        assert_eq!(small.tables, ["--class", "1k", "--class", "4k", "--json"]);
        assert_eq!(small.left_out, ["16k", "64k"]);
        assert!(small.leaves.iter().all(|leaf| !leaf.id.ends_with("/16k")));
        assert!(small.pipelines.is_empty());
    }
}
