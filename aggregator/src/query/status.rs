//! Where an intent is.

use std::time::Duration;

use farthing_ledger::StoredIntent;
use farthing_protocol::{AccountId, BatchNumber, IntentId, LicenseId, Nonce};

use super::Sources;
use crate::block::{BlockNumber, Settled};
use crate::error::QueryError;
use crate::progress::Rung;

/// An intent that has been acknowledged, and how far it has come.
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
    /// How far it has come.
    pub rung: Rung,
    /// The block that holds its batch, once one is formed.
    pub block: Option<BlockNumber>,
    /// Where the block stands on L1, once it is final there.
    pub settled: Option<Settled>,
}

impl Sources {
    /// Where an intent is; `None` if none of this name has been acknowledged.
    pub(crate) fn intent(&self, id: &IntentId) -> Result<Option<IntentView>, QueryError> {
        match self.reader.intent(id)? {
            None => Ok(None),
            Some(stored) => self.view(&stored).map(Some),
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
        let rung = self.board.now().rung(admission.batch);
        let block = match rung {
            Rung::Accepted => None,
            _ => self.store.block_of(admission.batch)?,
        };
        Ok(IntentView {
            id: admission.id,
            account: stored.account,
            nonce: stored.nonce,
            registers: admission.registers,
            batch: admission.batch,
            rung,
            block: block.as_ref().map(|block| block.number),
            settled: block.and_then(|block| block.state.finalized()),
        })
    }

    /// The same, when the intent has come to `rung`, or when `patience` is over.
    pub(crate) async fn wait(
        &self,
        id: &IntentId,
        rung: Rung,
        patience: Duration,
    ) -> Result<Option<IntentView>, QueryError> {
        let Some(stored) = self.reader.intent(id)? else { return Ok(None) };
        let batch = stored.admission.batch;
        let mut progress = self.board.subscribe();
        let reached = progress.wait_for(|progress| progress.rung(batch) >= rung);
        // Both a timeout and the end of the node are answered with what is known.
        let _ = tokio::time::timeout(patience, reached).await;
        self.view(&stored).map(Some)
    }
}
