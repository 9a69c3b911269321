//! The state that a batch leaves, between its execution and the write of it: the next batch is
//! filled on it meanwhile.

use std::collections::HashMap;

use farthing_protocol::{Account, AccountId, AccountIdentity, License, LicenseId};

use crate::execution::{BatchExecution, accounts_after};
use crate::meta::Meta;
use crate::store::StateRead;
use crate::store::{Store, StoreError};

/// Changes of a batch that is being sealed.
pub(crate) struct Overlay {
    /// The header that the batch leaves, but for the root: the trees have not moved yet.
    pub(crate) meta: Meta,
    accounts: HashMap<AccountId, Account>,
    opened: HashMap<AccountIdentity, AccountId>,
    licenses: HashMap<LicenseId, License>,
}

impl Overlay {
    pub(crate) fn new(meta: Meta, execution: &BatchExecution) -> Self {
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
        Self { meta, accounts, opened, licenses: licenses.collect() }
    }
}

/// The state that the open batch is filled on: what is stored, under what a batch being sealed
/// will store.
#[derive(Clone, Copy)]
pub(crate) struct Base<'a> {
    pub(crate) store: &'a Store,
    pub(crate) overlay: Option<&'a Overlay>,
}

impl StateRead for Base<'_> {
    fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        match self.overlay.and_then(|overlay| overlay.accounts.get(&id)) {
            Some(account) => Ok(Some(*account)),
            None => self.store.account(id),
        }
    }

    fn account_of(&self, identity: &AccountIdentity) -> Result<Option<AccountId>, StoreError> {
        match self.overlay.and_then(|overlay| overlay.opened.get(identity)) {
            Some(id) => Ok(Some(*id)),
            None => self.store.account_of(identity),
        }
    }

    fn license(&self, id: LicenseId) -> Result<Option<License>, StoreError> {
        match self.overlay.and_then(|overlay| overlay.licenses.get(&id)) {
            Some(license) => Ok(Some(license.clone())),
            None => self.store.license(id),
        }
    }
}
