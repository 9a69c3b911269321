//! Every durable step of a block: formed, proven, included on L1, removed from L1, divided again,
//! final. A step that does not follow from the stored state is refused, so no block can be formed
//! or settled twice.

use farthing_protocol::{BatchNumber, BatchStatement, BlockNumber, BlockStatement};

use super::keys::{self, Family};
use super::proofs::ProofStep;
use super::{NodeStore, NodeStoreError, decode};
use crate::block::{Block, BlockState, L1Inclusion};

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

    /// The first block that is not proven, or the next one to form. Blocks behind it may be proven:
    /// L1 may have taken back one that somebody else had proven.
    pub(crate) fn first_unproven(&self) -> Result<BlockNumber, NodeStoreError> {
        let mut number = self.first_unfinal()?;
        while self.block(number)?.is_some_and(|block| block.state.is_proven()) {
            number = number.next();
        }
        Ok(number)
    }

    /// The first block that is not final, or the next one to form: blocks become final in order.
    pub(crate) fn first_unfinal(&self) -> Result<BlockNumber, NodeStoreError> {
        let family = self.family(Family::Blocks)?;
        for entry in self.db.iterator_cf(family, rocksdb::IteratorMode::End) {
            let block: Block = decode(Family::Blocks, &entry?.1)?;
            if block.state.finalized().is_some() {
                return Ok(block.number.next());
            }
        }
        Ok(BlockNumber::FIRST)
    }

    /// The first batch that no block before `number` holds: every batch below it is as far as those
    /// blocks are.
    pub(crate) fn end_before(&self, number: BlockNumber) -> Result<BatchNumber, NodeStoreError> {
        if let Some(block) = self.block(number)? {
            return Ok(block.first_batch());
        }
        Ok(self.last_block()?.map_or(BatchNumber::MIN, |block| block.end()))
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
        let _step = self.one_step();
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

    /// Stores the proof of a statement, which must still be the block's; the nodes below it are not
    /// needed any more.
    pub(crate) fn block_proven(
        &self,
        number: BlockNumber,
        statement: &BlockStatement,
        proof: &[u8],
    ) -> Result<Block, NodeStoreError> {
        let _step = self.one_step();
        let block = self.step(number, "proving", |block| {
            let due = matches!(block.state, BlockState::Proving) && block.statement == *statement;
            due.then_some(BlockState::Proven)
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
        inclusion: L1Inclusion,
    ) -> Result<Block, NodeStoreError> {
        self.put_step(number, "inclusion", |block| match block.state {
            BlockState::Finalized(_) => None,
            // Anyone may prove while the operator is late: also what is not proven here.
            _ => Some(BlockState::Included(inclusion)),
        })
    }

    /// The block left L1 by a reorganisation. If somebody else had proven it, it is to be proven.
    pub(crate) fn block_removed(&self, number: BlockNumber) -> Result<Block, NodeStoreError> {
        let own = self.has_proof(ProofStep::Final(number))?;
        let before = if own { BlockState::Proven } else { BlockState::Proving };
        self.put_step(number, "removal", |block| {
            matches!(block.state, BlockState::Included(_)).then_some(before)
        })
    }

    /// Puts the cut that L1 has in the place of ours: there, `batches` are one block, proven by
    /// somebody else. Blocks from `number` on are dropped with their proofs; the batches that they
    /// held and L1 does not wait for a block again.
    pub(crate) fn adopt_l1_block_boundaries(
        &self,
        number: BlockNumber,
        batches: &[BatchStatement],
        inclusion: L1Inclusion,
    ) -> Result<Block, NodeStoreError> {
        let statement = BlockStatement::join(batches)?;
        let _step = self.one_step();
        let dropped = self.blocks(number, usize::MAX)?;
        let follows =
            dropped.first().is_some_and(|block| block.first_batch() == statement.first_batch)
                && dropped.iter().all(|block| block.state.finalized().is_none());
        if !follows {
            return Err(NodeStoreError::Transition {
                step: "adopting L1's boundaries",
                block: number,
            });
        }
        let block = Block { number, statement, state: BlockState::Included(inclusion) };
        let mut changes = self.changes();
        for block in &dropped {
            let proof = ProofStep::Final(block.number).key();
            changes.delete(Family::Blocks, &keys::block(block.number))?;
            changes.delete(Family::BlockOfFirst, &keys::batch(block.first_batch()))?;
            changes.delete(Family::Proofs, &proof)?;
            changes.delete(Family::Failures, &proof)?;
        }
        for step in self.nodes_of_no_use(statement.first_batch, block.end())? {
            changes.delete(Family::Proofs, &step)?;
        }
        changes.put(Family::Blocks, &keys::block(number), &block)?;
        changes.put(Family::BlockOfFirst, &keys::batch(statement.first_batch), &number)?;
        changes.commit()?;
        Ok(block)
    }

    /// L1 takes the block only if it reaches further: it is formed again of `batches`. It and those
    /// behind it lose their proofs; batches behind `batches` wait for a block again.
    pub(crate) fn widen_block(
        &self,
        number: BlockNumber,
        batches: &[BatchStatement],
    ) -> Result<Block, NodeStoreError> {
        let statement = BlockStatement::join(batches)?;
        let _step = self.one_step();
        let wider = self.block(number)?.is_some_and(|block| {
            matches!(block.state, BlockState::Proving | BlockState::Proven)
                && block.first_batch() == statement.first_batch
                && block.statement.batches < statement.batches
        });
        if !wider {
            return Err(NodeStoreError::Transition { step: "widening", block: number });
        }
        let block = Block { number, statement, state: BlockState::Proving };
        let mut changes = self.changes();
        self.drop_blocks(statement.first_batch, &mut changes)?;
        changes.put(Family::Blocks, &keys::block(number), &block)?;
        changes.put(Family::BlockOfFirst, &keys::batch(statement.first_batch), &number)?;
        changes.commit()?;
        Ok(block)
    }

    /// L1 has accepted the block for good.
    pub(crate) fn block_finalized(
        &self,
        number: BlockNumber,
        inclusion: L1Inclusion,
    ) -> Result<Block, NodeStoreError> {
        self.put_step(number, "finality", |block| {
            let included = matches!(block.state, BlockState::Included(_));
            included.then_some(BlockState::Finalized(inclusion))
        })
    }

    fn put_step(
        &self,
        number: BlockNumber,
        step: &'static str,
        next: impl FnOnce(&Block) -> Option<BlockState>,
    ) -> Result<Block, NodeStoreError> {
        let _step = self.one_step();
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
        next: impl FnOnce(&Block) -> Option<BlockState>,
    ) -> Result<Block, NodeStoreError> {
        let refused = NodeStoreError::Transition { step, block: number };
        let Some(block) = self.block(number)? else { return Err(refused) };
        match next(&block) {
            Some(state) => Ok(Block { state, ..block }),
            None => Err(refused),
        }
    }
}
