//! The running state of an open batch: the settled state with every admitted step applied in
//! arrival order, the distribution of licenses left out. A balance here is never more than what
//! settlement gives, so whoever can pay here can pay there.

use std::collections::HashMap;

use farthing_protocol::{
    Account, AccountId, AccountIdentity, AccountState, Holder, License, LicenseId, LicenseState,
    Nano, Nonce, OpenedAccount,
};

use super::tally::Footprint;
use crate::state::StateRead;
use crate::store::StoreError;

/// An account as the steps admitted so far leave it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RunningAccount {
    pub(crate) identity: AccountIdentity,
    /// The balance when the batch began.
    pub(crate) old_balance: Nano,
    pub(crate) balance: Nano,
    pub(crate) nonce: Nonce,
}

impl RunningAccount {
    pub(crate) const fn account(&self) -> Account {
        let state = AccountState { balance: self.balance, nonce: self.nonce };
        Account { identity: self.identity, state }
    }
}

/// Loads on demand and remembers; after [`RunningState::load_account`] or
/// [`RunningState::load_license`], look-ups do no I/O.
#[derive(Default)]
pub(crate) struct RunningState {
    accounts: HashMap<AccountId, Option<RunningAccount>>,
    opened: HashMap<AccountIdentity, AccountId>,
    licenses: HashMap<LicenseId, Option<License>>,
    /// The number of the next account; 2³² when all are used.
    pub(crate) next_account: u64,
    /// The number of the next license; 2³² when all are used.
    pub(crate) next_license: u64,
    /// Credited by deposits of this batch.
    pub(crate) deposited: u64,
    first_new_license: u64,
}

impl RunningState {
    pub(crate) fn new(next_account: u64, next_license: u64) -> Self {
        Self { next_account, next_license, first_new_license: next_license, ..Self::default() }
    }

    pub(crate) fn load_account(
        &mut self,
        state: &impl StateRead,
        id: AccountId,
    ) -> Result<(), StoreError> {
        if self.accounts.contains_key(&id) {
            return Ok(());
        }
        let account = state.account(id)?.map(|Account { identity, state }| RunningAccount {
            identity,
            old_balance: state.balance,
            balance: state.balance,
            nonce: state.nonce,
        });
        self.accounts.insert(id, account);
        Ok(())
    }

    /// Loads a license, its ancestors and every account that holds shares of one of them.
    pub(crate) fn load_license(
        &mut self,
        state: &impl StateRead,
        id: LicenseId,
    ) -> Result<(), StoreError> {
        let mut pending = vec![id];
        while let Some(id) = pending.pop() {
            if self.licenses.contains_key(&id) {
                continue;
            }
            let license = state.license(id)?;
            if let Some(license) = &license {
                for line in license.terms.shares.holders() {
                    match line.holder {
                        Holder::Account(account) => self.load_account(state, account)?,
                        Holder::License(parent) => pending.push(parent),
                    }
                }
            }
            self.licenses.insert(id, license);
        }
        Ok(())
    }

    pub(crate) fn account(&self, id: AccountId) -> Option<&RunningAccount> {
        self.accounts.get(&id)?.as_ref()
    }

    pub(crate) fn account_mut(&mut self, id: AccountId) -> Option<&mut RunningAccount> {
        self.accounts.get_mut(&id)?.as_mut()
    }

    pub(crate) fn license(&self, id: LicenseId) -> Option<&License> {
        self.licenses.get(&id)?.as_ref()
    }

    /// The account opened in this batch under `identity`.
    pub(crate) fn opened(&self, identity: &AccountIdentity) -> Option<AccountId> {
        self.opened.get(identity).copied()
    }

    pub(crate) fn open(&mut self, OpenedAccount { id, identity }: OpenedAccount) {
        self.next_account = u64::from(id.get()) + 1;
        self.opened.insert(identity, id);
        let account = RunningAccount {
            identity,
            old_balance: Nano::ZERO,
            balance: Nano::ZERO,
            nonce: Nonce::MIN,
        };
        self.accounts.insert(id, Some(account));
    }

    pub(crate) fn register(&mut self, id: LicenseId, terms: farthing_protocol::LicenseTerms) {
        self.next_license = u64::from(id.get()) + 1;
        self.licenses.insert(id, Some(License { terms, state: LicenseState::NEW }));
    }

    /// Adds `license` and its ancestors to a footprint, with all their holders.
    pub(crate) fn touch_license(&self, license: LicenseId, footprint: &mut Footprint) {
        let mut pending = vec![license];
        while let Some(id) = pending.pop() {
            let Some(license) = self.license(id) else { continue };
            let holders = license.terms.shares.holders();
            if footprint.licenses.iter().any(|(touched, _)| *touched == id) {
                continue;
            }
            footprint.licenses.push((id, holders.len() as u32));
            for line in holders {
                match line.holder {
                    Holder::Account(account) => footprint.accounts.push(account),
                    Holder::License(parent) => pending.push(parent),
                }
            }
        }
    }

    /// The accounts and licenses known, for settlement to read without I/O.
    pub(crate) fn known_account(&self, id: AccountId) -> Option<&Option<RunningAccount>> {
        self.accounts.get(&id)
    }

    /// The number of the first license that this batch could register.
    pub(crate) const fn first_new_license(&self) -> u64 {
        self.first_new_license
    }

    pub(crate) fn known_license(&self, id: LicenseId) -> Option<&Option<License>> {
        self.licenses.get(&id)
    }
}
