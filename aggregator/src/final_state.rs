//! Accounts and licenses in final states, for callers of the aggregator.

use farthing_protocol::{AccountId, BatchNumber, LicenseId};

use crate::aggregator::Aggregator;
use crate::error::QueryError;
use crate::query::{FinalAccount, FinalLicense};

impl Aggregator {
    /// An account in the last state that is final on L1, with its path; `None` if that state has no
    /// such account. Every batch that is not final is read, so callers should run one query at a
    /// time.
    pub async fn final_account(&self, id: AccountId) -> Result<Option<FinalAccount>, QueryError> {
        self.ask(move |queries| queries.final_account(id)).await
    }

    /// A license as a final batch left it, or the last one, with its path; `None` if the batch is not
    /// final, or left no such license.
    pub async fn final_license(
        &self,
        id: LicenseId,
        batch: Option<BatchNumber>,
    ) -> Result<Option<FinalLicense>, QueryError> {
        self.ask(move |queries| queries.final_license(id, batch)).await
    }
}
