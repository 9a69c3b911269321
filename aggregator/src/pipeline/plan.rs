//! The plan of a block's proof: the steps that can be made now, from what is on disk.

use farthing_protocol::{BatchNumber, BlockNumber};

use super::view::StepKind;
use crate::block::Block;
use crate::store::{NodeStore, NodeStoreError, ProofStep};

/// A step whose inputs are all on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Work {
    /// Make the leaf proof of a batch.
    Leaf(BatchNumber),
    /// Wrap a batch's leaf.
    Wrap(BatchNumber),
    /// Join the node over `left` batches from `first` on with that over the next `right`.
    Join { first: BatchNumber, left: u32, right: u32 },
    /// Finish a block.
    Final(BlockNumber),
}

/// A block's steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// The steps that can be made now, the first batches' first; none if all are done.
    pub(super) ready: Vec<Work>,
    /// Steps done.
    pub(super) done: u32,
    /// All steps.
    pub(super) steps: u32,
}

impl Work {
    /// The kind of the step.
    pub(super) const fn kind(self) -> StepKind {
        match self {
            Self::Leaf(_) => StepKind::Leaf,
            Self::Wrap(_) => StepKind::Wrap,
            Self::Join { .. } => StepKind::Join,
            Self::Final(_) => StepKind::Final,
        }
    }

    /// The first batch that the step covers; a final step has its block's.
    pub(super) const fn batch(self) -> Option<BatchNumber> {
        match self {
            Self::Leaf(batch) | Self::Wrap(batch) => Some(batch),
            Self::Join { first, .. } => Some(first),
            Self::Final(_) => None,
        }
    }

    /// The proof that is on disk when it is done.
    pub(super) fn result(self) -> ProofStep {
        match self {
            Self::Leaf(batch) => ProofStep::Leaf(batch),
            Self::Wrap(batch) => ProofStep::Node { first: batch, batches: 1 },
            Self::Join { first, left, right } => ProofStep::Node { first, batches: left + right },
            Self::Final(block) => ProofStep::Final(block),
        }
    }
}

/// The number of the batch `count` after `first`.
pub(super) fn after(first: BatchNumber, count: u32) -> BatchNumber {
    BatchNumber::new(first.get().saturating_add(u64::from(count))).unwrap_or(BatchNumber::MAX)
}

/// The number of batches that the left child covers: it is a full tree, the largest that leaves a
/// right one.
pub(super) const fn left_of(batches: u32) -> u32 {
    1 << (batches - 1).ilog2()
}

/// The steps of a block that is being proven.
pub(super) fn plan_of(store: &NodeStore, block: &Block) -> Result<Plan, NodeStoreError> {
    let (first, batches) = (block.first_batch(), block.statement.batches);
    let mut plan = Plan { ready: Vec::new(), done: 0, steps: 3 * batches };
    if block.state.is_proven() {
        return Ok(Plan { done: plan.steps, ..plan });
    }
    if visit(store, first, batches, &mut plan)? {
        plan.ready.push(Work::Final(block.number));
    }
    Ok(plan)
}

/// The next step of a batch that no block holds yet.
pub(super) fn ahead(store: &NodeStore, batch: BatchNumber) -> Result<Option<Work>, NodeStoreError> {
    let mut plan = Plan { ready: Vec::new(), done: 0, steps: 2 };
    visit(store, batch, 1, &mut plan)?;
    Ok(plan.ready.pop())
}

/// Gathers the steps that can be made below a node, and counts those done. Returns true if the node
/// itself is done.
fn visit(
    store: &NodeStore,
    first: BatchNumber,
    batches: u32,
    plan: &mut Plan,
) -> Result<bool, NodeStoreError> {
    if store.has_proof(ProofStep::Node { first, batches })? {
        plan.done += 3 * batches - 1;
        return Ok(true);
    }
    if batches == 1 {
        let leaf = store.has_proof(ProofStep::Leaf(first))?;
        plan.done += u32::from(leaf);
        plan.ready.push(if leaf { Work::Wrap(first) } else { Work::Leaf(first) });
        return Ok(false);
    }
    let left = left_of(batches);
    let right = batches - left;
    let left_done = visit(store, first, left, plan)?;
    let right_done = visit(store, after(first, left), right, plan)?;
    if left_done && right_done {
        plan.ready.push(Work::Join { first, left, right });
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use farthing_protocol::{BatchHeader, BatchStatement, Digest, QueueIndex, UnixTime};

    use super::*;

    fn statements(count: u64) -> Result<Vec<BatchStatement>, farthing_protocol::OutOfRange> {
        let header = |number| BatchHeader {
            domain: Digest::ZERO,
            class: 0,
            number,
            timestamp: UnixTime::MIN,
            old_root: Digest::ZERO,
            new_root: Digest::ZERO,
            receipts_root: Digest::ZERO,
            intents: 0,
            queue_from: QueueIndex::MIN,
            queue_to: QueueIndex::MIN,
            public_data: Digest::ZERO,
            public_data_limbs: 0,
        };
        (0..count).map(|n| Ok(BatchStatement::new(header(BatchNumber::new(n)?), &[]))).collect()
    }

    #[test]
    fn a_left_child_is_a_full_tree() {
        let lefts: Vec<u32> = (2..=9).map(left_of).collect();
        assert_eq!(lefts, [1, 2, 2, 4, 4, 4, 4, 8]);
    }

    /// Doing what the plan says, one step after the other, does each step once, children before
    /// parents, and ends with the final proof.
    #[test]
    fn a_plan_leads_to_the_final_proof() -> Result<(), Box<dyn std::error::Error>> {
        for batches in [1, 2, 3, 5, 8] {
            let dir = tempfile::tempdir()?;
            let store = NodeStore::open(dir.path())?;
            let block = store.form_block(&statements(batches)?)?;
            let mut steps = 0;
            loop {
                let plan = plan_of(&store, &store.block(block.number)?.ok_or("block")?)?;
                let Some(work) = plan.ready.first().copied() else { break };
                assert_eq!((plan.done, plan.steps), (steps, 3 * batches as u32));
                let used = match work {
                    Work::Leaf(_) => Vec::new(),
                    Work::Wrap(batch) => vec![ProofStep::Leaf(batch)],
                    Work::Join { first, left, right } => vec![
                        ProofStep::Node { first, batches: left },
                        ProofStep::Node { first: after(first, left), batches: right },
                    ],
                    Work::Final(_) => Vec::new(),
                };
                for input in &used {
                    assert!(store.has_proof(*input)?);
                }
                match work {
                    Work::Final(number) => {
                        store.block_proven(number, &block.statement, b"proof")?;
                    }
                    _ => store.proof_made(work.result(), b"node", &used)?,
                }
                steps += 1;
            }
            assert_eq!(steps, 3 * batches as u32);
            let again = store.block_proven(block.number, &block.statement, b"again");
            assert!(again.is_err(), "never proven twice");
        }
        Ok(())
    }

    /// Making every step that is ready at once takes as many rounds as the tree is deep.
    #[test]
    fn a_block_of_n_batches_has_depth_log_n() -> Result<(), Box<dyn std::error::Error>> {
        for (batches, rounds) in [(1, 3), (2, 4), (5, 6), (8, 6), (16, 7)] {
            let dir = tempfile::tempdir()?;
            let store = NodeStore::open(dir.path())?;
            let block = store.form_block(&statements(batches)?)?;
            let mut made = 0;
            loop {
                let plan = plan_of(&store, &store.block(block.number)?.ok_or("block")?)?;
                if plan.ready.is_empty() {
                    break;
                }
                for work in plan.ready {
                    match work {
                        Work::Final(number) => {
                            store.block_proven(number, &block.statement, b"proof")?;
                        }
                        _ => store.proof_made(work.result(), b"node", &[])?,
                    }
                }
                made += 1;
            }
            assert_eq!(made, rounds, "{batches} batches");
        }
        Ok(())
    }
}
