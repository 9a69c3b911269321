//! The state that a batch leaves, from its execution until it is written. The next batch is filled
//! on it meanwhile.

use std::collections::HashMap;

use farthing_protocol::{Account, AccountId, AccountIdentity, License, LicenseId};

use crate::execution::{BatchExecution, accounts_after};
use crate::header::StateHeader;
use crate::store::StateRead;
use crate::store::{Store, StoreError};

/// Changes of a batch that is being sealed.
pub(crate) struct PendingState {
    /// The header that the batch leaves, but for the root: the trees have not moved yet.
    pub(crate) header: StateHeader,
    accounts: HashMap<AccountId, Account>,
    opened: HashMap<AccountIdentity, AccountId>,
    licenses: HashMap<LicenseId, License>,
}

impl PendingState {
    pub(crate) fn new(header: StateHeader, execution: &BatchExecution) -> Self {
        let mut accounts = HashMap::with_capacity(execution.accounts.len());
        let mut opened = HashMap::new();
        for (id, account, new) in accounts_after(&execution.accounts) {
            accounts.insert(id, account);
            if new {
                opened.insert(account.identity, id);
            }
        }
        let licenses = execution
            .licenses
            .iter()
            .map(|change| (change.id, License { terms: change.terms.clone(), state: change.new }));
        Self { header, accounts, opened, licenses: licenses.collect() }
    }
}

/// The state that the open batch is filled on: what is stored, under what a batch being sealed
/// will store.
#[derive(Clone, Copy)]
pub(crate) struct StateView<'a> {
    pub(crate) store: &'a Store,
    pub(crate) pending: Option<&'a PendingState>,
}

impl StateRead for StateView<'_> {
    fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        match self.pending.and_then(|pending| pending.accounts.get(&id)) {
            Some(account) => Ok(Some(*account)),
            None => self.store.account(id),
        }
    }

    fn account_of(&self, identity: &AccountIdentity) -> Result<Option<AccountId>, StoreError> {
        match self.pending.and_then(|pending| pending.opened.get(identity)) {
            Some(id) => Ok(Some(*id)),
            None => self.store.account_of(identity),
        }
    }

    fn license(&self, id: LicenseId) -> Result<Option<License>, StoreError> {
        match self.pending.and_then(|pending| pending.licenses.get(&id)) {
            Some(license) => Ok(Some(license.clone())),
            None => self.store.license(id),
        }
    }
}
