//! Every durable step of a block: formed, proven, included on L1, gone from it, final. A step that
//! does not follow from what is stored is refused, so no block can be formed or settled twice.

use farthing_protocol::{BatchNumber, BatchStatement, BlockStatement};

use super::keys::{self, Family};
use super::proofs::ProofStep;
use super::{NodeStore, NodeStoreError, decode};
use crate::block::{Block, BlockNumber, BlockState, Settled};

impl NodeStore {
    pub(crate) fn block(&self, number: BlockNumber) -> Result<Option<Block>, NodeStoreError> {
        self.get(Family::Blocks, &keys::block(number))
    }

    /// Blocks from `from` on, ascending, at most `limit`.
    pub(crate) fn blocks(
        &self,
        from: BlockNumber,
        limit: usize,
    ) -> Result<Vec<Block>, NodeStoreError> {
        self.scan(Family::Blocks, &[], &keys::block(from), limit, |_, value| {
            decode(Family::Blocks, value)
        })
    }

    pub(crate) fn last_block(&self) -> Result<Option<Block>, NodeStoreError> {
        self.last(Family::Blocks)
    }

    /// The first block that is not proven, or the next one to form: blocks are proven in order.
    pub(crate) fn first_unproven(&self) -> Result<BlockNumber, NodeStoreError> {
        self.after_last(|state| state.is_proven())
    }

    /// The first block that is not final, or the next one to form.
    pub(crate) fn first_unfinal(&self) -> Result<BlockNumber, NodeStoreError> {
        self.after_last(|state| state.finalized().is_some())
    }

    /// The first batch that no block before `number` holds: every batch below it is as far as those
    /// blocks are.
    pub(crate) fn end_before(&self, number: BlockNumber) -> Result<BatchNumber, NodeStoreError> {
        if let Some(block) = self.block(number)? {
            return Ok(block.first_batch());
        }
        Ok(self.last_block()?.map_or(BatchNumber::MIN, |block| block.end()))
    }

    /// The number after the last block whose state is so.
    fn after_last(&self, so: impl Fn(&BlockState) -> bool) -> Result<BlockNumber, NodeStoreError> {
        let family = self.family(Family::Blocks)?;
        for entry in self.db.iterator_cf(family, rocksdb::IteratorMode::End) {
            let block: Block = decode(Family::Blocks, &entry?.1)?;
            if so(&block.state) {
                return Ok(block.number.next());
            }
        }
        Ok(BlockNumber::FIRST)
    }

    /// The block that holds the batch, once one is formed.
    pub(crate) fn block_of(&self, batch: BatchNumber) -> Result<Option<Block>, NodeStoreError> {
        let start = rocksdb::IteratorMode::From(&keys::batch(batch), rocksdb::Direction::Reverse);
        let family = self.family(Family::BlockOfFirst)?;
        let Some(entry) = self.db.iterator_cf(family, start).next() else { return Ok(None) };
        let number = decode(Family::BlockOfFirst, &entry?.1)?;
        Ok(self.block(number)?.filter(|block| block.holds(batch)))
    }

    /// Forms the next block of consecutive batches, which must follow the last block.
    pub(crate) fn form_block(&self, batches: &[BatchStatement]) -> Result<Block, NodeStoreError> {
        let statement = BlockStatement::join(batches)?;
        let last = self.last_block()?;
        let number = last.as_ref().map_or(BlockNumber::FIRST, |block| block.number.next());
        if last.is_some_and(|last| last.end() != statement.first_batch) {
            return Err(NodeStoreError::Transition { step: "forming", block: number });
        }
        let block = Block { number, statement, state: BlockState::Proving };
        let mut changes = self.changes();
        changes.put(Family::Blocks, &keys::block(number), &block)?;
        changes.put(Family::BlockOfFirst, &keys::batch(statement.first_batch), &number)?;
        changes.commit()?;
        Ok(block)
    }

    /// Stores a block's proof; the nodes below it are not needed any more.
    pub(crate) fn block_proven(
        &self,
        number: BlockNumber,
        proof: &[u8],
    ) -> Result<Block, NodeStoreError> {
        let block = self.step(number, "proving", |state| {
            matches!(state, BlockState::Proving).then_some(BlockState::Proven)
        })?;
        let step = ProofStep::Final(number);
        let mut changes = self.changes();
        changes.put(Family::Blocks, &keys::block(number), &block)?;
        changes.put_bytes(Family::Proofs, &step.key(), proof)?;
        changes.delete(Family::Failures, &step.key())?;
        let root = ProofStep::Node { first: block.first_batch(), batches: block.statement.batches };
        changes.delete(Family::Proofs, &root.key())?;
        changes.commit()?;
        Ok(block)
    }

    /// L1 has accepted the block, not yet for good.
    pub(crate) fn block_included(
        &self,
        number: BlockNumber,
        settled: Settled,
    ) -> Result<Block, NodeStoreError> {
        self.put_step(number, "inclusion", |state| match state {
            BlockState::Finalized(_) => None,
            // Anybody may prove while the operator is late: also what is not proven here.
            _ => Some(BlockState::Included(settled)),
        })
    }

    /// The block left L1 by a reorganisation.
    pub(crate) fn block_removed(&self, number: BlockNumber) -> Result<Block, NodeStoreError> {
        self.put_step(number, "removal", |state| {
            matches!(state, BlockState::Included(_)).then_some(BlockState::Proven)
        })
    }

    /// L1 has accepted the block for good.
    pub(crate) fn block_finalized(
        &self,
        number: BlockNumber,
        settled: Settled,
    ) -> Result<Block, NodeStoreError> {
        self.put_step(number, "finality", |state| {
            matches!(state, BlockState::Included(_)).then_some(BlockState::Finalized(settled))
        })
    }

    fn put_step(
        &self,
        number: BlockNumber,
        step: &'static str,
        next: impl FnOnce(BlockState) -> Option<BlockState>,
    ) -> Result<Block, NodeStoreError> {
        let block = self.step(number, step, next)?;
        let mut changes = self.changes();
        changes.put(Family::Blocks, &keys::block(number), &block)?;
        changes.commit()?;
        Ok(block)
    }

    fn step(
        &self,
        number: BlockNumber,
        step: &'static str,
        next: impl FnOnce(BlockState) -> Option<BlockState>,
    ) -> Result<Block, NodeStoreError> {
        let refused = NodeStoreError::Transition { step, block: number };
        let Some(block) = self.block(number)? else { return Err(refused) };
        match next(block.state) {
            Some(state) => Ok(Block { state, ..block }),
            None => Err(refused),
        }
    }
}
