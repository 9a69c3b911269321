//! Proves a block of the reference workload, from witnesses to the proof that the contract takes.

use std::path::Path;

use farthing_airs::{LeafClass, LeafError, LeafProof, Profile, prove_leaf};
use farthing_protocol::{BatchStatement, BatchWitness, BlockStatement, JoinError};
use farthing_recursion::{
    AggregateError, BlockProver, Cancel, FinalError, FinishError, JoinNodesError, NodeProofBytes,
    OpenError, WrapLeafError,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::machine::{Machine, SpanTime, Stopwatch, peak_memory_mib, reset_peak_memory};
use crate::reference_ledger::{ReferenceError, Rounds};
use crate::text;
use crate::workload::{Placement, Shape};

/// A block could not be measured.
#[derive(Debug, Error)]
pub enum ProveBenchError {
    /// The workload did not run.
    #[error(transparent)]
    Workload(#[from] ReferenceError),
    /// A batch was not proven.
    #[error(transparent)]
    Leaf(#[from] LeafError),
    /// The batches make no block.
    #[error(transparent)]
    Statement(#[from] JoinError),
    /// There are no circuits.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A leaf was not wrapped.
    #[error(transparent)]
    Wrap(#[from] WrapLeafError),
    /// Nodes were not joined.
    #[error(transparent)]
    Join(#[from] JoinNodesError),
    /// The block was not finished.
    #[error(transparent)]
    Finish(#[from] FinishError),
    /// The proof was refused.
    #[error(transparent)]
    Refused(#[from] FinalError),
    /// A node was refused.
    #[error(transparent)]
    Node(#[from] AggregateError),
    /// No class holds a leaf's payments.
    #[error("no batch class holds {payments} payments")]
    TooMany {
        /// Payments of a leaf.
        payments: usize,
    },
}

/// Cost of a block proof.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProveReport {
    /// The machine and the program.
    pub machine: Machine,
    /// The class of the batches.
    pub class: String,
    /// Payments in the block.
    pub payments: usize,
    /// Batches in it.
    pub leaves: usize,
    /// To open the prover; minutes where the cache has no circuits yet.
    pub open: SpanTime,
    /// The circuits.
    pub circuits: Vec<CircuitCost>,
    /// Step by step, in the order in which they were done.
    pub steps: Vec<StepCost>,
    /// All leaves.
    pub leaf: SpanTime,
    /// All wraps, lifts included.
    pub wrap: SpanTime,
    /// All joins.
    pub join: SpanTime,
    /// The last layers.
    pub last: SpanTime,
    /// From the first witness to one aggregated proof, before the last layers.
    pub aggregate: SpanTime,
    /// From the first witness to the last proof.
    pub total: SpanTime,
    /// Payments per second of the total time.
    pub payments_per_s: f64,
    /// Payments per second without the last layers, which a block pays for once.
    pub payments_per_s_before_final: f64,
    /// To verify.
    pub verify: SpanTime,
    /// Bytes of the block's proof.
    pub proof_bytes: usize,
    /// Most memory held at any step, in MiB.
    pub peak_memory_mib: u64,
}

/// A circuit's size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CircuitCost {
    /// Its name.
    pub circuit: String,
    /// Rows in use.
    pub rows: usize,
    /// log₂ of all rows.
    pub log_rows: usize,
}

/// Cost of a step.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StepCost {
    /// Name of the step.
    pub step: String,
    /// Its time, the loading of circuits included.
    pub time: SpanTime,
    /// Most memory held meanwhile, in MiB.
    pub peak_memory_mib: u64,
    /// Bytes of what it made.
    pub bytes: usize,
}

/// Steps as they are done.
#[derive(Default)]
struct Steps(Vec<StepCost>);

impl Steps {
    fn measure<T, E>(
        &mut self,
        step: &'static str,
        bytes: impl FnOnce(&T) -> usize,
        run: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        reset_peak_memory();
        let watch = Stopwatch::start();
        let made = run()?;
        let time = watch.read();
        let peak_memory_mib = peak_memory_mib();
        self.0.push(StepCost { step: step.to_owned(), time, peak_memory_mib, bytes: bytes(&made) });
        Ok(made)
    }

    fn time(&self, step: &str) -> SpanTime {
        self.0.iter().filter(|cost| cost.step == step).map(|cost| cost.time).sum()
    }
}

/// Proves `payments` payments of the reference workload in `leaves` batches of the smallest class
/// that holds them, under the proven profile, with the circuits kept in `cache`.
pub fn measure(
    payments: usize,
    leaves: usize,
    cache: &Path,
) -> Result<ProveReport, ProveBenchError> {
    let machine = Machine::this();
    let (class, witnesses) = batches(payments, leaves)?;

    let mut steps = Steps::default();
    let watch = Stopwatch::start();
    let prover = BlockProver::open(cache, Profile::Proven, &[class.batch])?;
    let open = watch.read();

    let cancel = Cancel::new();
    let start = Stopwatch::start();
    let mut nodes = Vec::with_capacity(leaves);
    let mut statements: Vec<BatchStatement> = Vec::with_capacity(leaves);
    for witness in &witnesses {
        let leaf: LeafProof = steps.measure("leaf", |_| 0, || prove_leaf(class, witness))?;
        let wrap = || prover.wrap(&leaf, &witness.statement, &cancel);
        nodes.push(steps.measure("wrap", |node| node.as_bytes().len(), wrap)?);
        statements.push(witness.statement);
    }
    let node = fold(&prover, &nodes, &mut steps, &cancel)?;
    let aggregate = start.read();
    let finish = || prover.finish(&node, &cancel);
    let proof = steps.measure("final", |proof| proof.as_bytes().len(), finish)?;
    let total = start.read();

    let statement = BlockStatement::join(&statements)?;
    let watch = Stopwatch::start();
    prover.verify(&statement, &proof)?;
    let verify = watch.read();
    let circuits = prover.circuits().into_iter().map(|circuit| CircuitCost {
        circuit: circuit.name,
        rows: circuit.rows.used,
        log_rows: circuit.rows.log_all,
    });
    Ok(ProveReport {
        machine,
        class: class.batch.name.to_owned(),
        payments,
        leaves: witnesses.len(),
        open,
        circuits: circuits.collect(),
        leaf: steps.time("leaf"),
        wrap: steps.time("wrap"),
        join: steps.time("join"),
        last: steps.time("final"),
        aggregate,
        total,
        payments_per_s: payments as f64 / total.wall_s,
        payments_per_s_before_final: payments as f64 / aggregate.wall_s,
        verify,
        proof_bytes: proof.as_bytes().len(),
        peak_memory_mib: steps.0.iter().map(|step| step.peak_memory_mib).max().unwrap_or(0),
        steps: steps.0,
    })
}

/// The batches, in the smallest class that holds them: what else there is in a batch than payments
/// may need a larger one than they do.
fn batches(
    payments: usize,
    leaves: usize,
) -> Result<(&'static LeafClass, Vec<BatchWitness>), ProveBenchError> {
    let per_leaf = payments.div_ceil(leaves.max(1));
    for class in LeafClass::ALL.into_iter().filter(|class| class.intents() >= per_leaf) {
        match witnesses(class, payments, leaves) {
            Err(ReferenceError::Batches { .. }) => {}
            other => return Ok((class, other?)),
        }
    }
    Err(ProveBenchError::TooMany { payments: per_leaf })
}

/// Consecutive batches, as evenly filled as may be.
fn witnesses(
    class: &LeafClass,
    payments: usize,
    leaves: usize,
) -> Result<Vec<BatchWitness>, ReferenceError> {
    let shape = Shape::REFERENCE.with_accounts(0).placed(Placement::First);
    let population = Rounds::population(&shape);
    let mut rounds = Rounds::new(&shape, &population, class.batch)?;
    let leaves = leaves.max(1);
    (0..leaves)
        .map(|leaf| {
            rounds.pay(payments * (leaf + 1) / leaves - payments * leaf / leaves)?;
            rounds.last_batch()
        })
        .collect()
}

/// Folds as a block is folded: the left child of each join a full tree.
fn fold(
    prover: &BlockProver,
    nodes: &[NodeProofBytes],
    steps: &mut Steps,
    cancel: &Cancel,
) -> Result<NodeProofBytes, JoinNodesError> {
    if let [node] = nodes {
        return Ok(node.clone());
    }
    let (left, right) = nodes.split_at(nodes.len().next_power_of_two() / 2);
    let left = fold(prover, left, steps, cancel)?;
    let right = fold(prover, right, steps, cancel)?;
    let join = || prover.join(&left, &right, cancel);
    steps.measure("join", |node| node.as_bytes().len(), join)
}

/// The report in words.
pub fn print(report: &ProveReport) -> String {
    let mut lines = vec![format!(
        "{} payments in {} batches of class {}: {:.1} s, {:.0} payments a second ({:.0} without the last layers)",
        text::thousands(report.payments as u64),
        report.leaves,
        report.class,
        report.total.wall_s,
        report.payments_per_s,
        report.payments_per_s_before_final,
    )];
    let both = |time: SpanTime| format!("{:.1} s ({:.1} s)", time.wall_s, time.cpu_s);
    lines.push(format!(
        "leaves {}, wraps {}, joins {}, last layers {}; opened in {}, verified in {:.1} ms; processor time in parentheses",
        both(report.leaf),
        both(report.wrap),
        both(report.join),
        both(report.last),
        both(report.open),
        1e3 * report.verify.wall_s,
    ));
    lines.push(format!(
        "proof of {} bytes; at most {} MiB",
        text::thousands(report.proof_bytes as u64),
        text::thousands(report.peak_memory_mib),
    ));
    for circuit in &report.circuits {
        let rows = text::thousands(circuit.rows as u64);
        lines.push(format!("  {:<12} {rows:>8} rows of 2^{}", circuit.circuit, circuit.log_rows));
    }
    for step in &report.steps {
        lines.push(format!(
            "  {:<6} {:>7.2} s ({:>7.2} s) {:>7} MiB {:>10} bytes",
            step.step, step.time.wall_s, step.time.cpu_s, step.peak_memory_mib, step.bytes
        ));
    }
    lines.join("\n") + "\n"
}
