//! Accounts in the last final state, for callers of the aggregator.

use farthing_protocol::AccountId;

use crate::aggregator::Aggregator;
use crate::error::QueryError;
use crate::query::FinalAccount;

impl Aggregator {
    /// An account in the last state that is final on L1, with its path; `None` if that state has no
    /// such account. Every batch that is not final is read, so callers should run one query at a
    /// time.
    pub async fn final_account(&self, id: AccountId) -> Result<Option<FinalAccount>, QueryError> {
        self.ask(move |queries| queries.final_account(id)).await
    }
}
