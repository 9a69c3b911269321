//! Proofs of blocks in progress, step by step. A step whose proof is stored is done and never
//! repeated, also after a crash.

use farthing_protocol::{BatchNumber, BlockNumber};
use serde::{Deserialize, Serialize};

use super::keys::Family;
use super::{NodeStore, NodeStoreError};

/// Kind, number, batches.
const KEY_BYTES: usize = 13;
const LEAF: u8 = 0;
const NODE: u8 = 1;
const FINAL: u8 = 2;

/// A step of a block's proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum ProofStep {
    /// The leaf proof of a batch.
    Leaf(BatchNumber),
    /// A node over consecutive batches: a wrapped leaf, or a join of two nodes.
    Node { first: BatchNumber, batches: u32 },
    /// The final proof of a block.
    Final(BlockNumber),
}

/// The number of times that a step has failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub(crate) attempts: u32,
}

impl ProofStep {
    /// Kind, number, batches.
    pub(crate) fn key(self) -> [u8; KEY_BYTES] {
        let (kind, number, batches) = match self {
            Self::Leaf(batch) => (LEAF, batch.get(), 1),
            Self::Node { first, batches } => (NODE, first.get(), batches),
            Self::Final(block) => (FINAL, block.get(), 0),
        };
        let mut key = [kind; KEY_BYTES];
        key[1..9].copy_from_slice(&number.to_be_bytes());
        key[9..].copy_from_slice(&batches.to_be_bytes());
        key
    }
}

impl NodeStore {
    /// The proof of a step that is done.
    pub(crate) fn proof(&self, step: ProofStep) -> Result<Option<Vec<u8>>, NodeStoreError> {
        self.get_bytes(Family::Proofs, &step.key())
    }

    pub(crate) fn has_proof(&self, step: ProofStep) -> Result<bool, NodeStoreError> {
        let family = self.family(Family::Proofs)?;
        Ok(self.db.get_pinned_cf(family, step.key())?.is_some())
    }

    /// Stores the proof of a step and drops those that went into it.
    pub(crate) fn proof_made(
        &self,
        step: ProofStep,
        proof: &[u8],
        used: &[ProofStep],
    ) -> Result<(), NodeStoreError> {
        let mut changes = self.changes();
        changes.put_bytes(Family::Proofs, &step.key(), proof)?;
        changes.delete(Family::Failures, &step.key())?;
        for step in used {
            changes.delete(Family::Proofs, &step.key())?;
        }
        changes.commit()
    }

    /// Forgets a stored proof that turned out not to decode: its step is to be done again.
    pub(crate) fn proof_refused(&self, step: ProofStep) -> Result<(), NodeStoreError> {
        let mut changes = self.changes();
        changes.delete(Family::Proofs, &step.key())?;
        changes.commit()
    }

    /// Keys of leaves and nodes from batch `first` on that a new cut has no use for: those that L1
    /// has proven, below `end`, and joins behind them, which may lie across the new borders.
    pub(super) fn nodes_of_no_use(
        &self,
        first: BatchNumber,
        end: BatchNumber,
    ) -> Result<Vec<[u8; KEY_BYTES]>, NodeStoreError> {
        let mut found = Vec::new();
        for (from, kind) in
            [(ProofStep::Leaf(first), LEAF), (ProofStep::Node { first, batches: 0 }, NODE)]
        {
            let read = |key: &[u8], _: &[u8]| Ok(<[u8; KEY_BYTES]>::try_from(key).ok());
            let keys = self.scan(Family::Proofs, &[kind], &from.key(), usize::MAX, read)?;
            let single = ProofStep::Node { first, batches: 1 }.key();
            found.extend(
                keys.into_iter().flatten().filter(|key| {
                    key[1..9] < end.get().to_be_bytes()[..] || key[9..] != single[9..]
                }),
            );
        }
        Ok(found)
    }

    /// Keys of the proofs that cover a batch from `cut` on, and of final ones from `block` on.
    pub(super) fn proofs_from(
        &self,
        cut: BatchNumber,
        block: BlockNumber,
    ) -> Result<Vec<[u8; KEY_BYTES]>, NodeStoreError> {
        let read = |key: &[u8], _: &[u8]| Ok(<[u8; KEY_BYTES]>::try_from(key).ok());
        let keys = self.scan(Family::Proofs, &[], &[], usize::MAX, read)?;
        let stale = |key: &[u8; KEY_BYTES]| {
            let number = u64::from_be_bytes(std::array::from_fn(|i| key[1 + i]));
            let batches = u32::from_be_bytes(std::array::from_fn(|i| key[9 + i]));
            match key[0] {
                FINAL => number >= block.get(),
                _ => number.saturating_add(u64::from(batches)) > cut.get(),
            }
        };
        Ok(keys.into_iter().flatten().filter(stale).collect())
    }

    /// The failures of a step that is not done.
    pub(crate) fn failures(&self, step: ProofStep) -> Result<Failure, NodeStoreError> {
        Ok(self.get(Family::Failures, &step.key())?.unwrap_or_default())
    }

    /// Counts a failure of a step.
    pub(crate) fn step_failed(&self, step: ProofStep) -> Result<Failure, NodeStoreError> {
        let before = self.failures(step)?;
        let failure = Failure { attempts: before.attempts.saturating_add(1) };
        let mut changes = self.changes();
        changes.put(Family::Failures, &step.key(), &failure)?;
        changes.commit()?;
        Ok(failure)
    }
}
