//! Queries for batches, blocks and payouts.

use farthing_l1::{Claim, Payout};
use farthing_protocol::{Address, BatchNumber, BlockNumber, Stage};

use super::{PAGE_MAX, QueryService};
use crate::block::{Block, BlockState, L1Inclusion};
use crate::error::QueryError;
use crate::store::{BatchSummary, ProofStep};

/// A sealed batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchView {
    /// The summary.
    pub summary: BatchSummary,
    /// The stage that it has reached.
    pub stage: Stage,
    /// The block that holds it, once one is formed.
    pub block: Option<BlockNumber>,
}

/// The final proof of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlockProofView {
    /// As the contract takes it.
    Here(Vec<u8>),
    /// Another prover, or this node before it was rebuilt, sent it to L1: it is in the transaction's
    /// calldata, and this node does not keep it.
    OnL1(L1Inclusion),
    /// It is not made yet.
    NotYet,
}

impl BlockProofView {
    /// The proof, if it is here.
    pub fn here(self) -> Option<Vec<u8>> {
        match self {
            Self::Here(proof) => Some(proof),
            Self::OnL1(_) | Self::NotYet => None,
        }
    }
}

/// A payout on L1 and the stage of its batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutView {
    /// The payout.
    pub payout: Payout,
    /// The stage of its batch.
    pub stage: Stage,
    /// The arguments of its claim, once its batch is final on L1.
    pub claim: Option<Claim>,
}

impl QueryService {
    pub(crate) fn batch(&self, number: BatchNumber) -> Result<Option<BatchView>, QueryError> {
        self.store.batch(number)?.map(|summary| self.batch_view(summary)).transpose()
    }

    pub(crate) fn batches(
        &self,
        from: BatchNumber,
        limit: usize,
    ) -> Result<Vec<BatchView>, QueryError> {
        let found = self.store.batches(from, limit.min(PAGE_MAX))?;
        found.into_iter().map(|summary| self.batch_view(summary)).collect()
    }

    fn batch_view(&self, summary: BatchSummary) -> Result<BatchView, QueryError> {
        let number = summary.statement.header.number;
        let block = self.store.block_of(number)?.map(|block| block.number);
        Ok(BatchView { summary, stage: self.progress.now().sealed_stage(number), block })
    }

    pub(crate) fn block(&self, number: BlockNumber) -> Result<Option<Block>, QueryError> {
        Ok(self.store.block(number)?)
    }

    pub(crate) fn blocks(&self, from: BlockNumber, limit: usize) -> Result<Vec<Block>, QueryError> {
        Ok(self.store.blocks(from, limit.min(PAGE_MAX))?)
    }

    /// The final proof of a block, as the contract takes it.
    pub(crate) fn block_proof(&self, number: BlockNumber) -> Result<BlockProofView, QueryError> {
        if let Some(proof) = self.store.proof(ProofStep::Final(number))? {
            return Ok(BlockProofView::Here(proof));
        }
        Ok(match self.store.block(number)?.map(|block| block.state) {
            Some(BlockState::Included(inclusion) | BlockState::Finalized(inclusion)) => {
                BlockProofView::OnL1(inclusion)
            }
            _ => BlockProofView::NotYet,
        })
    }

    /// The payouts of an owner on L1, from number `from.1` of batch `from.0` on.
    pub(crate) fn payouts(
        &self,
        owner: Address,
        from: (BatchNumber, u32),
        limit: usize,
    ) -> Result<Vec<PayoutView>, QueryError> {
        let found = self.store.payouts(owner, from, limit.min(PAGE_MAX))?;
        Ok(found.into_iter().map(|claim| self.payout_view(claim)).collect())
    }

    fn payout_view(&self, claim: Claim) -> PayoutView {
        let payout = claim.payout;
        let stage = self.progress.now().sealed_stage(payout.batch);
        PayoutView { payout, stage, claim: (stage == Stage::Finalized).then_some(claim) }
    }
}
