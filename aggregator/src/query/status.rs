//! The stage of an intent.

use std::time::Duration;

use farthing_ledger::{DropReason, DroppedIntent, StoredIntent};
use farthing_protocol::{AccountId, BatchNumber, BlockNumber, IntentId, LicenseId, Nonce, Stage};

use tokio::time::Instant;

use super::QueryService;
use crate::block::L1Inclusion;
use crate::error::QueryError;

/// An acknowledged intent and its stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntentView {
    /// Its name.
    pub id: IntentId,
    /// Its account.
    pub account: AccountId,
    /// The nonce that it used.
    pub nonce: Nonce,
    /// The number of the license that it registers.
    pub registers: Option<LicenseId>,
    /// The batch that settles it.
    pub batch: BatchNumber,
    /// The stage that it has reached.
    pub stage: Stage,
    /// The block that holds its batch, once one is formed.
    pub block: Option<BlockNumber>,
    /// The inclusion of the block on L1, once it is final.
    pub inclusion: Option<L1Inclusion>,
    /// Reason why the intent will never settle, if L1 made batches final under which it is
    /// impossible. `batch` is then the batch that was to settle it.
    pub dropped: Option<DropReason>,
}

impl QueryService {
    /// The stage of an intent and its place in batch and block; `None` if none of this name has
    /// been acknowledged.
    pub(crate) fn intent(&self, id: &IntentId) -> Result<Option<IntentView>, QueryError> {
        if let Some(stored) = self.reader.intent(id)? {
            return self.view(&stored).map(Some);
        }
        match self.reader.dropped(id)? {
            Some(dropped) => Ok(Some(dropped_view(&dropped))),
            // It may be on its way from a batch that was taken back to another one.
            None if self.store.is_rebasing()? => Err(QueryError::Rebasing),
            None => Ok(None),
        }
    }

    /// Those of these intents that have not been acknowledged.
    pub(crate) fn unknown_intents(
        &self,
        mut ids: Vec<IntentId>,
    ) -> Result<Vec<IntentId>, QueryError> {
        let mut failed = None;
        ids.retain(|id| match self.reader.intent(id) {
            Ok(found) => found.is_none(),
            Err(error) => {
                failed = Some(error);
                true
            }
        });
        failed.map_or(Ok(ids), |error| Err(error.into()))
    }

    fn view(&self, stored: &StoredIntent) -> Result<IntentView, QueryError> {
        let admission = stored.admission;
        let stage = self.progress.now().stage(admission.batch);
        let block = match stage {
            Stage::Accepted => None,
            _ => self.store.block_of(admission.batch)?,
        };
        Ok(IntentView {
            id: admission.id,
            account: stored.account,
            nonce: stored.nonce,
            registers: admission.registers,
            batch: admission.batch,
            stage,
            block: block.as_ref().map(|block| block.number),
            inclusion: block.and_then(|block| block.state.finalized()),
            dropped: None,
        })
    }

    /// The same, when the intent has come to `stage`, or when `timeout` is over.
    pub(crate) async fn wait(
        &self,
        id: &IntentId,
        stage: Stage,
        timeout: Duration,
    ) -> Result<Option<IntentView>, QueryError> {
        let until = Instant::now() + timeout;
        let mut progress = self.progress.subscribe();
        loop {
            let runs = progress.borrow_and_update().runs;
            let batch = match self.intent(id) {
                Ok(None) => return Ok(None),
                Ok(Some(view)) if view.stage >= stage || view.dropped.is_some() => {
                    return Ok(Some(view));
                }
                Ok(Some(view)) => Some(view.batch),
                Err(QueryError::Rebasing) => None,
                Err(failure) => return Err(failure),
            };
            // A rebase gives it another batch.
            let reached = progress.wait_for(|progress| {
                progress.runs != runs || batch.is_some_and(|batch| progress.stage(batch) >= stage)
            });
            // Both a timeout and the end of the node are answered with what is known.
            if !matches!(tokio::time::timeout_at(until, reached).await, Ok(Ok(_))) {
                return self.intent(id);
            }
        }
    }
}

fn dropped_view(dropped: &DroppedIntent) -> IntentView {
    IntentView {
        id: dropped.id,
        account: dropped.account,
        nonce: dropped.nonce,
        registers: None,
        batch: dropped.batch,
        stage: Stage::Dropped,
        block: None,
        inclusion: None,
        dropped: Some(dropped.reason),
    }
}
