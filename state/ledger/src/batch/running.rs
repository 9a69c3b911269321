//! The running state of an open batch: the settled state with every admitted step applied in
//! arrival order, without the distribution of licenses. A balance here is never more than after
//! execution, so a debit that is possible here is possible there.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;

use farthing_protocol::{
    Account, AccountId, AccountIdentity, AccountState, Amount, Digest, Holder, License, LicenseId,
    LicenseVersion, Nano, Nonce, OpenedAccount,
};

use crate::numbers::unused;
use crate::rules::{EffectTarget, RuleView};
use crate::store::StateRead;
use crate::store::{IntentKey, StoreError};

/// An account as the admitted steps of the open batch leave it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RunningAccount {
    pub(crate) identity: AccountIdentity,
    /// The balance when the batch began.
    pub(crate) old_balance: Nano,
    pub(crate) balance: Nano,
    /// The largest nonce settled before the batch: its intents' nonces are above it, in any order.
    pub(crate) settled_nonce: Nonce,
    /// The largest nonce used, in this batch or before.
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
    /// Licenses that this batch registers.
    registered: HashSet<LicenseId>,
    /// Licenses that this batch updates, and their versions from the next batch on.
    updated: HashMap<LicenseId, LicenseVersion>,
    /// Nonces of this batch's intents.
    nonces: HashSet<IntentKey>,
    /// The start of the search for the next account's number: see [`unused`].
    pub(crate) next_account: u64,
    /// The same for licenses.
    pub(crate) next_license: u64,
    /// Credited by deposits of this batch.
    pub(crate) deposited: u64,
}

impl RunningState {
    pub(crate) fn new(next_account: u64, next_license: u64) -> Self {
        Self { next_account, next_license, ..Self::default() }
    }

    /// A separate state with these accounts and licenses, their ancestors and holders included, as
    /// far as they are loaded.
    pub(crate) fn part(
        &self,
        accounts: impl IntoIterator<Item = AccountId>,
        licenses: Vec<LicenseId>,
    ) -> Self {
        let mut part = Self::new(self.next_account, self.next_license);
        for id in accounts {
            part.copy_account(self, id);
        }
        let mut pending = licenses;
        while let Some(id) = pending.pop() {
            let Some(known) = self.licenses.get(&id).filter(|_| !part.licenses.contains_key(&id))
            else {
                continue;
            };
            for line in known.iter().flat_map(|license| license.terms.shares.holders()) {
                match line.holder {
                    Holder::Account(account) => part.copy_account(self, account),
                    Holder::License(parent) => pending.push(parent),
                }
            }
            part.licenses.insert(id, known.clone());
            part.registered.extend(self.registered.get(&id));
            part.updated.extend(self.next_version(id).map(|version| (id, version)));
        }
        part
    }

    fn copy_account(&mut self, from: &Self, id: AccountId) {
        if let Some(known) = from.accounts.get(&id) {
            self.accounts.insert(id, *known);
        }
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
            settled_nonce: state.nonce,
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

    fn account_mut(&mut self, id: AccountId) -> Option<&mut RunningAccount> {
        self.accounts.get_mut(&id)?.as_mut()
    }

    /// The account opened in this batch under `identity`.
    pub(crate) fn opened(&self, identity: &AccountIdentity) -> Option<AccountId> {
        self.opened.get(identity).copied()
    }

    /// The number of the next account; `None` if all 2³² are used.
    pub(crate) fn unused_account(
        &self,
        state: &impl StateRead,
    ) -> Result<Option<AccountId>, StoreError> {
        let found = unused(self.next_account, 0, |number| self.has_account(state, number.into()));
        Ok(found?.map(AccountId::from))
    }

    /// Returns true if an account has the number.
    pub(crate) fn has_account(
        &self,
        state: &impl StateRead,
        id: AccountId,
    ) -> Result<bool, StoreError> {
        match self.accounts.get(&id) {
            Some(known) => Ok(known.is_some()),
            None => Ok(state.account(id)?.is_some()),
        }
    }

    /// The number of the next license, from `least` on; `None` if all of them are used.
    pub(crate) fn unused_license(
        &self,
        state: &impl StateRead,
        least: u64,
    ) -> Result<Option<LicenseId>, StoreError> {
        let found =
            unused(self.next_license, least, |number| self.has_license(state, number.into()));
        Ok(found?.map(LicenseId::from))
    }

    /// Returns true if a license has the number.
    pub(crate) fn has_license(
        &self,
        state: &impl StateRead,
        id: LicenseId,
    ) -> Result<bool, StoreError> {
        match self.licenses.get(&id) {
            Some(known) => Ok(known.is_some()),
            None => Ok(state.license(id)?.is_some()),
        }
    }

    /// The least number that a license may have which is derived from `parents`; they are loaded.
    pub(crate) fn least_license(&self, parents: impl Iterator<Item = LicenseId>) -> u64 {
        let known = parents.filter(|parent| self.license(*parent).is_some());
        known.max().map_or(0, |parent| u64::from(parent.get()) + 1)
    }

    /// Returns true if an intent of this batch has the nonce.
    pub(crate) fn uses_nonce(&self, key: IntentKey) -> bool {
        self.nonces.contains(&key)
    }

    /// Notes the nonce of an intent of this batch.
    pub(crate) fn use_nonce(&mut self, key: IntentKey) {
        self.nonces.insert(key);
        if let Some(account) = self.account_mut(key.account) {
            account.nonce = account.nonce.max(key.nonce);
        }
    }

    /// The account, if it was loaded.
    pub(crate) fn known_account(&self, id: AccountId) -> Option<&Option<RunningAccount>> {
        self.accounts.get(&id)
    }

    /// Returns true if this batch registers the license.
    pub(crate) fn registers(&self, id: LicenseId) -> bool {
        self.registered.contains(&id)
    }

    /// The version of a license that this batch updates, from the next batch on.
    pub(crate) fn next_version(&self, id: LicenseId) -> Option<LicenseVersion> {
        self.updated.get(&id).copied()
    }

    /// The license, if it was loaded.
    pub(crate) fn known_license(&self, id: LicenseId) -> Option<&Option<License>> {
        self.licenses.get(&id)
    }
}

impl RuleView for RunningState {
    fn identity(&self, id: AccountId) -> Option<Digest> {
        self.account(id).map(|account| account.identity.digest())
    }

    fn license(&self, id: LicenseId) -> Option<&License> {
        self.licenses.get(&id)?.as_ref()
    }

    fn changes(&self, id: LicenseId) -> bool {
        self.registered.contains(&id) || self.updated.contains_key(&id)
    }
}

/// Balances saturate: an account's funds are checked before its debit, and a balance above 2⁶²
/// cannot be spent. Payments of licenses, withdrawals and exits change nothing before execution.
impl EffectTarget for RunningState {
    type Error = Infallible;

    fn touch(&mut self, _account: AccountId) -> Result<(), Infallible> {
        Ok(())
    }

    fn open(&mut self, OpenedAccount { id, identity }: OpenedAccount) -> Result<(), Infallible> {
        self.next_account = u64::from(id.get()) + 1;
        self.opened.insert(identity, id);
        let account = RunningAccount {
            identity,
            old_balance: Nano::ZERO,
            balance: Nano::ZERO,
            settled_nonce: Nonce::MIN,
            nonce: Nonce::MIN,
        };
        self.accounts.insert(id, Some(account));
        Ok(())
    }

    fn debit(&mut self, account: AccountId, amount: Nano) -> Result<(), Infallible> {
        if let Some(account) = self.account_mut(account) {
            account.balance = account.balance.checked_sub(amount).unwrap_or(Nano::ZERO);
        }
        Ok(())
    }

    fn credit(&mut self, account: AccountId, amount: Nano) -> Result<(), Infallible> {
        if let Some(account) = self.account_mut(account) {
            account.balance = account.balance.checked_add(amount).unwrap_or(Nano::MAX);
        }
        Ok(())
    }

    fn add_deposited(&mut self, amount: Amount) -> Result<(), Infallible> {
        self.deposited += amount.get();
        Ok(())
    }

    fn pay(&mut self, _license: LicenseId, _amount: Amount) -> Result<(), Infallible> {
        Ok(())
    }

    fn register(&mut self, license: LicenseId, new: &License) -> Result<(), Infallible> {
        self.next_license = u64::from(license.get()) + 1;
        self.registered.insert(license);
        self.licenses.insert(license, Some(new.clone()));
        Ok(())
    }

    /// The batch goes on with the version before.
    fn update(&mut self, license: LicenseId, version: &LicenseVersion) -> Result<(), Infallible> {
        self.updated.insert(license, *version);
        Ok(())
    }

    fn withdraw(&mut self, _account: AccountId, _amount: Amount) -> Result<(), Infallible> {
        Ok(())
    }

    fn exit(&mut self, _account: AccountId) -> Result<(), Infallible> {
        Ok(())
    }
}
