//! Queries for accounts.

use farthing_ledger::LedgerError;
use farthing_protocol::{AccountId, AccountIdentity, AccountState, Nonce};

use super::{PAGE_MAX, QueryService};
use crate::error::QueryError;

/// An account, as the last batch left it and as the open batch has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountView {
    /// Its number.
    pub id: AccountId,
    /// Key and owner.
    pub identity: AccountIdentity,
    /// As the last batch left it; `None` if the open batch opens it.
    pub settled: Option<AccountState>,
    /// As the open batch leaves it now: the balance that it can spend. Its shares of licenses paid
    /// in the open batch are added when that is sealed.
    pub pending: AccountState,
    /// The open batch takes any unused nonce above this: the largest of sealed batches, one being
    /// sealed included.
    pub settled_nonce: Nonce,
    /// True if a batch that is final on L1 opened it: its number cannot change any more.
    pub finalized: bool,
}

impl QueryService {
    pub(crate) async fn account(&self, id: AccountId) -> Result<Option<AccountView>, QueryError> {
        let read = move |ledger: &farthing_ledger::Ledger| {
            let Some(pending) = ledger.pending_account(id)? else { return Ok(None) };
            let settled = ledger.account(id)?.map(|account| account.state);
            let settled_nonce = ledger.settled_nonce(id)?.unwrap_or(pending.state.nonce);
            let (identity, pending) = (pending.identity, pending.state);
            let finalized = false;
            let view = AccountView { id, identity, settled, pending, settled_nonce, finalized };
            Ok::<_, LedgerError>(Some(view))
        };
        Ok(self.sequencer.read(read).await??)
    }

    /// Says of an account that was read before whether it is final.
    pub(crate) fn with_finality(&self, view: AccountView) -> Result<AccountView, QueryError> {
        let finalized = view.settled.is_some() && self.finality()?.of_account(view.id);
        Ok(AccountView { finalized, ..view })
    }

    /// The account of a key and an owner, one that the open batch opens included.
    pub(crate) async fn account_of(
        &self,
        identity: AccountIdentity,
    ) -> Result<Option<AccountView>, QueryError> {
        let id = self.sequencer.read(move |ledger| ledger.account_of(&identity)).await??;
        match id {
            Some(id) => self.account(id).await,
            None => Ok(None),
        }
    }

    /// Settled accounts from `from` on, ascending, at most `limit`.
    pub(crate) fn accounts(
        &self,
        from: AccountId,
        limit: usize,
    ) -> Result<Vec<AccountView>, QueryError> {
        let accounts = self.reader.accounts(from, limit.min(PAGE_MAX))?;
        let finality = self.finality()?;
        let view = |(id, account): (AccountId, farthing_protocol::Account)| AccountView {
            id,
            identity: account.identity,
            settled: Some(account.state),
            pending: account.state,
            settled_nonce: account.state.nonce,
            finalized: finality.of_account(id),
        };
        Ok(accounts.into_iter().map(view).collect())
    }
}
