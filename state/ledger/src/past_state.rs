//! Earlier states, as far as Merkle paths need them.
//!
//! No copy of earlier trees is kept. The witness of a batch has the old children of every node that
//! the batch changed. A node of an earlier state is therefore found in the oldest later batch that
//! changed its parent. If no later batch did, the stored node is still the same.

use std::iter::successors;

use farthing_protocol::{BatchNumber, BatchWitness, NodeChange, TREE_DEPTH};
use thiserror::Error;

use crate::reader::LedgerReader;
use crate::store::StoreError;
use crate::tree::MerklePath;

/// Reasons why a path in an earlier state cannot be given.
#[derive(Debug, Error)]
pub enum PastStateError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The witness of a batch after the state asked for is not stored, because the ledger was
    /// rebuilt from L1 after that state.
    #[error("batch {batch} is not kept: paths of states before it cannot be given")]
    NotKept {
        /// The batch.
        batch: BatchNumber,
    },
}

impl LedgerReader {
    /// Reads from one state, with the next batch to seal after it. A batch may be stored between two
    /// reads; then everything is read again.
    pub(crate) fn of_one_state<T>(
        &self,
        read: impl Fn() -> Result<T, StoreError>,
    ) -> Result<(BatchNumber, T), StoreError> {
        loop {
            let next = self.next_batch()?;
            let found = read()?;
            if self.next_batch()? == next {
                return Ok((next, found));
            }
        }
    }

    /// The batches from `end` on, below `next`, from the newest down: an older one overwrites what a
    /// newer one has put back.
    pub(crate) fn batches_after(
        &self,
        end: BatchNumber,
        next: BatchNumber,
    ) -> impl Iterator<Item = Result<BatchWitness, PastStateError>> {
        let after = successors(Some(end.min(next)), |number| Some(number.next()));
        let after: Vec<BatchNumber> = after.take_while(|number| *number < next).collect();
        after
            .into_iter()
            .rev()
            .map(|number| self.batch(number)?.ok_or(PastStateError::NotKept { batch: number }))
    }
}

/// Puts back the siblings that a batch changed. The change of a node has both children before the
/// batch.
pub(crate) fn put_back(path: &mut MerklePath, nodes: &[NodeChange]) {
    let index = u64::from(path.index);
    let mut rest = nodes;
    for (level, sibling) in (1..=TREE_DEPTH as u8).zip(&mut path.siblings) {
        let end = rest.partition_point(|node| node.level <= level);
        let (here, above) = rest.split_at(end);
        let parent = index >> level;
        let found = here.binary_search_by_key(&parent, |node| u64::from(node.index));
        if let Some(node) = found.ok().and_then(|at| here.get(at)) {
            let [left, right] = node.old;
            *sibling = if index >> (level - 1) & 1 == 0 { right } else { left };
        }
        rest = above;
    }
}
