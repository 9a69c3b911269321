//! The sealed state, for threads that do not own the ledger. Each call reads one consistent value;
//! a batch may be sealed between two calls.

use farthing_protocol::{
    Account, AccountId, AccountIdentity, BatchClass, BatchNumber, BatchWitness, Digest, IntentId,
    License, LicenseId, Nonce,
};

use crate::displaced::DroppedIntent;
use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::records::Admission;
use crate::sealed::Durability;
use crate::store::StateRead;
use crate::store::{Store, StoreError};
use crate::tree::{MerklePath, TreeId, path};

/// A cheap handle on the ledger's store that cannot write. It keeps the store open.
#[derive(Clone)]
pub struct LedgerReader {
    store: Store,
    domain: Digest,
}

/// A durable intent, with its account, nonce and batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredIntent {
    /// The answer of admission.
    pub admission: Admission,
    /// Its account.
    pub account: AccountId,
    /// The nonce that it used.
    pub nonce: Nonce,
}

impl Ledger {
    /// Reads the sealed state, from any thread, beside this ledger.
    pub fn reader(&self) -> LedgerReader {
        LedgerReader::new(self.sealed().store().clone(), self.domain_digest())
    }
}

impl LedgerReader {
    pub(crate) const fn new(store: Store, domain: Digest) -> Self {
        Self { store, domain }
    }

    /// The deployment that signatures and statements are for.
    pub const fn domain_digest(&self) -> Digest {
        self.domain
    }

    /// The account as the last batch left it.
    pub fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.store.account(id)
    }

    /// The account with this key and owner.
    pub fn account_of(&self, identity: &AccountIdentity) -> Result<Option<AccountId>, StoreError> {
        self.store.account_of(identity)
    }

    /// The license as the last batch left it.
    pub fn license(&self, id: LicenseId) -> Result<Option<License>, StoreError> {
        self.store.license(id)
    }

    /// Accounts from `from` on, ascending, at most `limit`.
    pub fn accounts(
        &self,
        from: AccountId,
        limit: usize,
    ) -> Result<Vec<(AccountId, Account)>, StoreError> {
        self.store.accounts_from(from, limit)
    }

    /// Licenses from `from` on, ascending, at most `limit`.
    pub fn licenses(
        &self,
        from: LicenseId,
        limit: usize,
    ) -> Result<Vec<(LicenseId, License)>, StoreError> {
        self.store.licenses_from(from, limit)
    }

    /// The batch of an admitted intent.
    pub fn intent(&self, id: &IntentId) -> Result<Option<StoredIntent>, StoreError> {
        let Some(key) = self.store.intent_key(id)? else { return Ok(None) };
        Ok(self.store.intent(key)?.map(|record| StoredIntent {
            admission: Admission::known(&record),
            account: key.account,
            nonce: key.nonce,
        }))
    }

    /// An intent that was acknowledged and will never settle.
    pub fn dropped(&self, id: &IntentId) -> Result<Option<DroppedIntent>, StoreError> {
        self.store.dropped(id)
    }

    /// Opens the ledger again on this store, as [`Ledger::open`] does on its folder. The ledger
    /// from which this reader was made must be dropped before: two writers would destroy the store.
    pub fn reopen(&self, class: BatchClass, durability: Durability) -> Result<Ledger, LedgerError> {
        Ledger::open_store(self.store.clone(), class, durability)
    }

    /// A sealed batch.
    pub fn batch(&self, number: BatchNumber) -> Result<Option<BatchWitness>, StoreError> {
        self.store.batch(number)
    }

    /// The path from an account's leaf to the accounts tree's root, as the last batch left it.
    pub(crate) fn stored_account_path(&self, id: AccountId) -> Result<MerklePath, StoreError> {
        path(&self.store.tree(TreeId::Accounts), id.get())
    }

    /// The path from a license's leaf to the licenses tree's root, as the last batch left it.
    pub(crate) fn stored_license_path(&self, id: LicenseId) -> Result<MerklePath, StoreError> {
        path(&self.store.tree(TreeId::Licenses), id.get())
    }

    /// The root of the accounts tree, as the last batch left it.
    pub(crate) fn stored_accounts_root(&self) -> Result<Digest, StoreError> {
        self.store.tree_root(TreeId::Accounts)
    }

    /// The root of the licenses tree, as the last batch left it.
    pub(crate) fn stored_licenses_root(&self) -> Result<Digest, StoreError> {
        self.store.tree_root(TreeId::Licenses)
    }

    /// Returns true if no step was ever acknowledged.
    pub fn is_new(&self) -> Result<bool, StoreError> {
        let sealed = self.next_batch()? > BatchNumber::MIN;
        Ok(!sealed
            && self.store.open_batches()?.is_empty()
            && self.store.first_displaced()?.is_none())
    }

    /// The number that the open batch has, or the next one to open: every one below it is sealed.
    pub fn next_batch(&self) -> Result<BatchNumber, StoreError> {
        Ok(self.store.meta()?.map_or(BatchNumber::MIN, |meta| meta.next_batch))
    }
}
