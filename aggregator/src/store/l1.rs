//! Facts about L1 that the node stores.

use farthing_protocol::{BatchNumber, BatchStatement, Bytes32, PublicData, QueueIndex};
use serde::{Deserialize, Serialize};

use super::keys::{self, Family, INDEXED, QUEUE_CURSOR, RESTORED};
use super::{NodeStore, NodeStoreError};
use crate::block::{Block, BlockState, L1Inclusion};

/// End of the part of L1's queue that has been read and consumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct QueueCursor {
    /// The first entry not read.
    pub(crate) next: QueueIndex,
    /// The hash chain behind those read.
    pub(crate) chain: Bytes32,
    /// An L1 block in which all entries read are confirmed.
    pub(crate) l1_block: u64,
}

impl QueueCursor {
    /// Nothing read.
    pub(crate) const START: Self =
        Self { next: QueueIndex::MIN, chain: Bytes32([0; 32]), l1_block: 0 };
}

impl NodeStore {
    /// Up to where the queue has been read and consumed; `None` before the first time.
    pub(crate) fn queue_cursor(&self) -> Result<Option<QueueCursor>, NodeStoreError> {
        self.get(Family::Meta, QUEUE_CURSOR)
    }

    pub(crate) fn set_queue_cursor(&self, cursor: &QueueCursor) -> Result<(), NodeStoreError> {
        let mut changes = self.changes();
        changes.put(Family::Meta, QUEUE_CURSOR, cursor)?;
        changes.commit()
    }

    /// The first batch that was not rebuilt from L1: of the intents of those before it, nothing is
    /// known. `None` if this node was never rebuilt.
    pub(crate) fn restored(&self) -> Result<Option<BatchNumber>, NodeStoreError> {
        self.get(Family::Meta, RESTORED)
    }

    pub(crate) fn set_restored(&self, end: BatchNumber) -> Result<(), NodeStoreError> {
        let mut changes = self.changes();
        changes.put(Family::Meta, RESTORED, &end)?;
        changes.commit()
    }

    /// Stores a block that was rebuilt from L1, final there, and indexes its batches as far as L1
    /// knows them: what each license received in a batch is not on L1.
    pub(crate) fn restore_block(
        &self,
        batches: &[(BatchStatement, PublicData)],
        inclusion: L1Inclusion,
    ) -> Result<Block, NodeStoreError> {
        let statements: Vec<BatchStatement> = batches.iter().map(|(one, _)| *one).collect();
        let formed = self.form_block(&statements)?;
        let block = Block { state: BlockState::Finalized(inclusion), ..formed };
        let mut changes = self.changes();
        for (statement, data) in batches {
            changes.put_settled(statement, data)?;
        }
        changes.put(Family::Blocks, &keys::block(block.number), &block)?;
        changes.put(Family::Meta, INDEXED, &block.end())?;
        changes.commit()?;
        Ok(block)
    }
}
