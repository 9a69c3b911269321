//! Batches on L1 that are not this node's, and batches of this node that L1 no longer takes. Both
//! end in a rebase, whose plan is made here.

use std::time::Duration;

use alloy::primitives::B256;
use farthing_l1::{FinalBatchData, History, batch_id, to_batch};
use farthing_ledger::{Genesis, Rebase};
use farthing_protocol::{BatchNumber, UnixTime};
use tracing::warn;

use super::blocks::{BlockSettler, L1Heights, address};
use super::error::SettlerError;
use crate::block::{L1Inclusion, TxHash};
use crate::store::{ProvenBlock, RebasePlan};

/// L1 takes no batch that was dated earlier before its data are committed.
pub(super) const BATCH_AGE_MAX: Duration = Duration::from_secs(3 * 86_400);
/// Data of a batch of this age are committed, whether it is proven or not: a proof may take as long
/// as it takes after that.
const COMMIT_AHEAD_AGE: Duration = Duration::from_secs(86_400);
/// Batches that are remade are not older: a day is left to prove and to commit them.
const BATCH_AGE_ANEW: Duration = Duration::from_secs(2 * 86_400);

impl BlockSettler {
    /// The rebase that is due, if one is: because of L1's batches up to the confirmed block, or
    /// because of `time`, that of L1's newest block.
    pub(super) async fn rebase_due(
        &self,
        genesis: &Genesis,
        heights: L1Heights,
        time: UnixTime,
    ) -> Result<Option<RebasePlan>, SettlerError> {
        let next = self.l1.next_batch(heights.confirmed).await?;
        let first_open = self.store.end_before(self.store.first_unfinal()?)?;
        if let Some(first) = self.first_foreign(first_open, next, heights.confirmed).await? {
            warn!(batch = first.get(), "L1 has the batch of another prover: a rebase follows");
            let end = BatchNumber::new(next).unwrap_or(BatchNumber::MAX);
            return self.plan(genesis, first_open, first..end, heights, time).await.map(Some);
        }
        let Some(first) = self.first_outdated(heights.head, time).await? else { return Ok(None) };
        warn!(batch = first.get(), "the batch is too old for L1: it is remade");
        let ledger = Rebase {
            first,
            before: self.time_before(first)?,
            batches: Vec::new(),
            not_before: earlier(time, BATCH_AGE_ANEW),
        };
        Ok(Some(RebasePlan { ledger, blocks: Vec::new() }))
    }

    /// Commits the data of batches that wait long for their proof, before L1 no longer takes them.
    /// Returns true if any was committed.
    pub(super) async fn commit_ahead(
        &self,
        head: u64,
        time: UnixTime,
    ) -> Result<bool, SettlerError> {
        let Some(sender) = self.sender.as_ref().filter(|_| self.may_send()) else {
            return Ok(false);
        };
        let next = self.l1.next_batch(head).await?;
        let mut number = BatchNumber::new(next).unwrap_or(BatchNumber::MAX);
        let mut any = false;
        while let Some(witness) = self.reader.batch(number)? {
            if witness.statement.header.timestamp >= earlier(time, COMMIT_AHEAD_AGE) {
                break;
            }
            let batch = to_batch(&witness.statement.header, witness.public_data.keccak());
            if !self.l1.is_committed(batch_id(&batch)).await? {
                warn!(
                    batch = number.get(),
                    "the batch has waited a day for its proof: its data are committed on L1"
                );
                self.commit(sender, &batch, &witness.public_data).await?;
                any = true;
            }
            number = number.next();
        }
        Ok(any)
    }

    /// The first batch of L1's, as of block `at`, that this node has not, or has otherwise.
    async fn first_foreign(
        &self,
        from: BatchNumber,
        end: u64,
        at: u64,
    ) -> Result<Option<BatchNumber>, SettlerError> {
        let mut number = from;
        while number.get() < end {
            let theirs = self.l1.final_batch(number, at).await?;
            if self.own_id(number)? != Some(theirs) {
                return Ok(Some(number));
            }
            number = number.next();
        }
        Ok(None)
    }

    /// The name that our batch has on L1; `None` if there is none.
    fn own_id(&self, number: BatchNumber) -> Result<Option<B256>, SettlerError> {
        let witness = self.reader.batch(number)?;
        Ok(witness.map(|witness| {
            batch_id(&to_batch(&witness.statement.header, witness.public_data.keccak()))
        }))
    }

    /// The first of our batches that L1 has not and can have no more: too old, and not committed.
    async fn first_outdated(
        &self,
        head: u64,
        time: UnixTime,
    ) -> Result<Option<BatchNumber>, SettlerError> {
        let next = self.l1.next_batch(head).await?;
        let mut number = BatchNumber::new(next).unwrap_or(BatchNumber::MAX);
        // Batches ascend in time.
        while let Some(batch) = self.store.batch(number)? {
            if batch.statement.header.timestamp >= earlier(time, BATCH_AGE_MAX) {
                return Ok(None);
            }
            match self.own_id(number)? {
                Some(id) if !self.l1.is_committed(id).await? => return Ok(Some(number)),
                _ => number = number.next(),
            }
        }
        Ok(None)
    }

    async fn plan(
        &self,
        genesis: &Genesis,
        first_open: BatchNumber,
        theirs: std::ops::Range<BatchNumber>,
        heights: L1Heights,
        time: UnixTime,
    ) -> Result<RebasePlan, SettlerError> {
        let (first, end) = (theirs.start, theirs.end);
        let blocks = self.blocks_on_l1(first_open, end, heights.confirmed).await?;
        let mut history = History::from_batch(genesis.domain.digest(), first);
        let mut ids = Vec::new();
        let mut number = first;
        while number < end {
            ids.push(self.l1.final_batch(number, heights.confirmed).await?);
            number = number.next();
        }
        // Data may have been committed long before the proof.
        for log in self.l1.data_of(&ids, heights.confirmed).await? {
            history.take(&log.inner)?;
        }
        let from = blocks.first().map_or(0, |block| block.inclusion.l1_block);
        for log in self.l1.finalized(first, from, heights.confirmed).await? {
            history.take(&log.inner)?;
        }
        let batches: Vec<_> = history
            .take_batches()
            .into_iter()
            .map(|FinalBatchData { statement, public_data }| (statement, public_data))
            .collect();
        if batches.len() != ids.len() {
            return Err(SettlerError::MissingBlock { batch: end });
        }
        let not_before = earlier(time, BATCH_AGE_ANEW);
        let ledger = Rebase { first, before: self.time_before(first)?, batches, not_before };
        Ok(RebasePlan { ledger, blocks })
    }

    /// L1's blocks that hold the batches from `first` on, below `end`.
    async fn blocks_on_l1(
        &self,
        first: BatchNumber,
        end: BatchNumber,
        confirmed: u64,
    ) -> Result<Vec<ProvenBlock>, SettlerError> {
        let number = self.store.first_unfinal()?;
        let from = self.settled_before(number)?;
        let contract = address(self.l1.rollup.address());
        let (mut blocks, mut next) = (Vec::new(), first);
        for proven in self.l1.proofs(from, confirmed).await? {
            if proven.first != next.get() {
                continue;
            }
            let transaction = TxHash(farthing_protocol::Bytes32(proven.transaction.0));
            let inclusion = L1Inclusion { contract, transaction, l1_block: proven.l1_block };
            blocks.push(ProvenBlock { first: next, batches: proven.batches, inclusion });
            next = (0..proven.batches).fold(next, |number, _| number.next());
        }
        match next == end {
            true => Ok(blocks),
            false => Err(SettlerError::MissingBlock { batch: next }),
        }
    }

    /// The time of the batch before `first`.
    fn time_before(&self, first: BatchNumber) -> Result<UnixTime, SettlerError> {
        let Some(before) = first.get().checked_sub(1) else { return Ok(UnixTime::MIN) };
        let before = BatchNumber::new(before).unwrap_or(BatchNumber::MIN);
        let batch = self.store.batch(before)?;
        let missing = crate::store::NodeStoreError::NotIndexed(before);
        Ok(batch.ok_or(missing)?.statement.header.timestamp)
    }
}

fn earlier(time: UnixTime, by: Duration) -> UnixTime {
    UnixTime::new(time.get().saturating_sub(by.as_secs())).unwrap_or(UnixTime::MIN)
}
