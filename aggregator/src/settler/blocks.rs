//! Blocks on L1: committed, proven, included, final.

use alloy::primitives::{Address, B256, Bytes};
use farthing_l1::abi::IRollup::Batch;
use farthing_l1::{batch_id, commit_parts, to_batch};
use farthing_ledger::LedgerReader;
use farthing_protocol::{BatchNumber, BatchStatement, BlockNumber, Bytes32, PublicData};
use tracing::{debug, info, warn};

use super::error::SettlerError;
use super::l1_client::L1Client;
use super::sender::Sender;
use crate::block::{Block, BlockState, L1Inclusion, TxHash};
use crate::l1_view::L1ViewWatch;
use crate::metrics::Metrics;
use crate::progress::ProgressWatch;
use crate::store::{NodeStore, ProofStep};

/// Chunks of public data in one transaction: what ordinary nodes relay.
const CHUNKS_PER_TRANSACTION: usize = 4;

/// Brings blocks to L1.
pub(super) struct BlockSettler {
    pub(super) l1: L1Client,
    pub(super) store: NodeStore,
    pub(super) reader: LedgerReader,
    pub(super) sender: Option<Sender>,
    pub(super) metrics: Metrics,
    pub(super) progress: ProgressWatch,
    pub(super) view: L1ViewWatch,
}

/// Heights of L1.
#[derive(Clone, Copy)]
pub(super) struct L1Heights {
    /// The newest block.
    pub(super) head: u64,
    /// The newest block that is deep enough.
    pub(super) confirmed: u64,
}

impl BlockSettler {
    /// Does what is missing of each block, oldest first, up to the first that is not on L1 yet.
    /// Returns true if anything changed.
    pub(super) async fn settle(&self, heights: L1Heights) -> Result<bool, SettlerError> {
        let mut number = self.store.first_unfinal()?;
        let mut changed = false;
        // Blocks become final in order.
        let mut before_final = true;
        while let Some(block) = self.store.block(number)? {
            let next = self.l1.next_batch(heights.head).await?;
            let included = next > block.first_batch().get();
            match (block.state, included) {
                (BlockState::Proving, false) => return Ok(changed),
                (BlockState::Included(_), false) => {
                    warn!(
                        block = number.get(),
                        "the block is no longer on L1: it is submitted again"
                    );
                    self.store.block_removed(number)?;
                    self.metrics.l1_reorgs(1);
                    return Ok(true);
                }
                (BlockState::Proven, false) => {
                    let sent = self.submit_or_split(&block, next).await?;
                    return Ok(changed || sent);
                }
                (BlockState::Proving | BlockState::Proven, true) => {
                    match self.mark_included(&block, heights).await {
                        Err(SettlerError::Foreign { batch }) => {
                            self.wait_for_foreign(batch);
                            return Ok(changed);
                        }
                        included => changed |= included?,
                    }
                }
                (BlockState::Included(inclusion), true) if before_final => {
                    match self.finalize(&block, inclusion, heights).await {
                        Err(SettlerError::Foreign { batch }) => {
                            self.wait_for_foreign(batch);
                            return Ok(changed);
                        }
                        finalized => changed |= finalized?,
                    }
                }
                (BlockState::Included(_), true) | (BlockState::Finalized(_), _) => {}
            }
            let now = self.store.block(number)?;
            before_final &= now.is_some_and(|block| block.state.finalized().is_some());
            number = number.next();
        }
        Ok(changed)
    }

    /// Returns true if L1 would accept transactions of this node, as of the last poll.
    pub(super) fn may_send(&self) -> bool {
        let view = self.view.now();
        view.compared && !view.frozen && !view.paused && (view.operator || view.late)
    }

    /// Tells up to where batches are final.
    fn publish_final(&self) -> Result<(), SettlerError> {
        let end = self.store.end_before(self.store.first_unfinal()?)?;
        self.progress.finalized(end);
        Ok(())
    }

    /// A batch of another prover that a reorganisation could still remove: nothing is sent before it
    /// is deep enough, and then a rebase takes it.
    fn wait_for_foreign(&self, batch: BatchNumber) {
        debug!(batch = batch.get(), "L1 has a batch of another prover: waiting for confirmations");
    }

    /// Submits a block. One that no transaction holds is cut again, of half as many batches.
    async fn submit_or_split(&self, block: &Block, next: u64) -> Result<bool, SettlerError> {
        match self.submit(block, next).await {
            Err(SettlerError::TooMuchGas { limit }) if block.statement.batches > 1 => {
                let batches_max = block.statement.batches.div_ceil(2);
                let number = block.number.get();
                warn!(
                    block = number,
                    limit,
                    batches_max,
                    "the block takes more gas than a transaction may: blocks become smaller"
                );
                self.store.split_blocks(block.number, batches_max)?;
                Ok(true)
            }
            submitted => submitted,
        }
    }

    /// Sends what L1 lacks of a block: the data of its batches, then the proof.
    async fn submit(&self, block: &Block, next: u64) -> Result<bool, SettlerError> {
        let Some(sender) = self.sender.as_ref().filter(|_| self.may_send()) else {
            return Ok(false);
        };
        if next != block.first_batch().get() {
            // The block before is still on its way.
            return Ok(false);
        }
        let mut batches = Vec::new();
        let mut number = block.first_batch();
        while number < block.end() {
            let (batch, data) = self.batch_of(block, number)?;
            self.commit(sender, &batch, &data).await?;
            batches.push(batch);
            number = number.next();
        }
        if self.view.now().reserve_needed.is_some() {
            return Ok(false);
        }
        let missing = SettlerError::Missing { what: "the proof", block: block.number };
        let proof = self.store.proof(ProofStep::Final(block.number))?.ok_or(missing)?;
        let call = self.l1.rollup.prove(batches, Bytes::from(proof));
        let receipt = match sender.send(call.into_transaction_request()).await {
            Err(SettlerError::Reverted(revert)) => return self.refused(block, *revert),
            sent => sent?,
        };
        let gas = receipt.gas_used;
        info!(block = block.number.get(), gas, hash = %receipt.transaction_hash, "the block is proven on L1");
        Ok(true)
    }

    /// Sends the public data of a batch, or what is missing of them.
    pub(super) async fn commit(
        &self,
        sender: &Sender,
        batch: &Batch,
        data: &PublicData,
    ) -> Result<(), SettlerError> {
        let id = batch_id(batch);
        if self.l1.is_committed(id).await? {
            return Ok(());
        }
        let staged = self.l1.rollup.stagedLimbs(id, sender.from).call().await?;
        for part in commit_parts(data, CHUNKS_PER_TRANSACTION) {
            if part.first_limb < staged {
                continue;
            }
            let call = self.l1.rollup.commit(batch.clone(), part.first_limb, part.bytes);
            let receipt = sender.send(call.into_transaction_request()).await?;
            let gas = receipt.gas_used;
            info!(
                batch = batch.number,
                first_limb = part.first_limb,
                gas,
                "a part of the batch's public data is committed on L1"
            );
        }
        Ok(())
    }

    /// Notes that L1 has the block, and where.
    async fn mark_included(&self, block: &Block, heights: L1Heights) -> Result<bool, SettlerError> {
        let Some((statements, inclusion)) = self.locate_on_l1(block, heights).await? else {
            return Ok(false);
        };
        self.record_inclusion(block, &statements, inclusion)?;
        info!(
            block = block.number.get(),
            l1_block = inclusion.l1_block,
            "the block is included on L1"
        );
        Ok(true)
    }

    /// Notes that the block is final, once its inclusion is deep enough. A reorganisation may have
    /// moved it meanwhile.
    async fn finalize(
        &self,
        block: &Block,
        before: L1Inclusion,
        heights: L1Heights,
    ) -> Result<bool, SettlerError> {
        if before.l1_block > heights.confirmed {
            return Ok(false);
        }
        let Some((statements, inclusion)) = self.locate_on_l1(block, heights).await? else {
            return Ok(false);
        };
        self.record_inclusion(block, &statements, inclusion)?;
        if inclusion.l1_block > heights.confirmed {
            return Ok(false);
        }
        self.store.block_finalized(block.number, inclusion)?;
        info!(
            block = block.number.get(),
            l1_block = inclusion.l1_block,
            "the block is final on L1"
        );
        self.metrics.blocks_finalized(1);
        self.publish_final()?;
        Ok(true)
    }

    /// Notes where L1 has the block. Somebody else may have proven it, of fewer batches than ours or
    /// of more: then L1's cut takes the place of ours.
    fn record_inclusion(
        &self,
        block: &Block,
        statements: &[BatchStatement],
        inclusion: L1Inclusion,
    ) -> Result<(), SettlerError> {
        if statements.len() == block.statement.batches as usize {
            self.store.block_included(block.number, inclusion)?;
            return Ok(());
        }
        warn!(
            block = block.number.get(),
            batches = statements.len(),
            "the block on L1 has other batches: its boundaries are adopted"
        );
        self.store.adopt_l1_block_boundaries(block.number, statements, inclusion)?;
        Ok(())
    }

    /// The block that L1 proved with our block's first batch: its batches, all of which must be
    /// ours, and where it is. `None` if a reorganisation came between two questions.
    async fn locate_on_l1(
        &self,
        block: &Block,
        at: L1Heights,
    ) -> Result<Option<(Vec<BatchStatement>, L1Inclusion)>, SettlerError> {
        let first = block.first_batch();
        let from = self.settled_before(block.number)?;
        let Some(found) = self.l1.proof_of(first, from, at.head).await? else {
            return Ok(None);
        };
        if found.first != first.get() {
            return Err(SettlerError::BlocksDiverged { first: found.first, block: block.number });
        }
        let mut statements = Vec::new();
        let mut number = first;
        for _ in 0..found.batches {
            let diverged = SettlerError::Foreign { batch: number };
            let witness = self.reader.batch(number)?.ok_or(diverged)?;
            let own = to_batch(&witness.statement.header, witness.public_data.keccak());
            match self.l1.final_batch(number, at.head).await? {
                B256::ZERO => return Ok(None),
                id if id == batch_id(&own) => statements.push(witness.statement),
                _ => return Err(SettlerError::Foreign { batch: number }),
            }
            number = number.next();
        }
        let inclusion = L1Inclusion {
            contract: address(self.l1.rollup.address()),
            transaction: TxHash(Bytes32(found.transaction.0)),
            l1_block: found.l1_block,
        };
        Ok(Some((statements, inclusion)))
    }

    /// An L1 block before which this block cannot be: that of the final block before it.
    pub(super) fn settled_before(&self, number: BlockNumber) -> Result<u64, SettlerError> {
        let before = number.previous().map(|number| self.store.block(number)).transpose()?;
        let before = before.flatten().and_then(|block| block.state.finalized());
        Ok(before.map_or(0, |inclusion| inclusion.l1_block))
    }

    fn batch_of(
        &self,
        block: &Block,
        number: BatchNumber,
    ) -> Result<(Batch, PublicData), SettlerError> {
        let missing = SettlerError::Missing { what: "a batch", block: block.number };
        let witness = self.reader.batch(number)?.ok_or(missing)?;
        let data = witness.public_data;
        Ok((to_batch(&witness.statement.header, data.keccak()), data))
    }
}

pub(super) fn address(address: &Address) -> farthing_protocol::Address {
    farthing_protocol::Address(address.into_array())
}
