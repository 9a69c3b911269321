//! Applying a batch from L1 to the sealed state.

use std::collections::btree_map::{BTreeMap, Entry};

use farthing_protocol::{
    Account, AccountDiff, AccountId, AccountState, BatchStatement, Digest, Holder, License,
    LicenseDiff, LicenseId, LicenseState, NANO_PER_BASE_UNIT, Nano, NewLicense, OpenedAccount,
    PublicData, PublicDataError, QueueEntry, QueueOutcome, Record, ShortDigest, UpdatedLicense,
    license_origin,
};
use thiserror::Error;

use crate::error::LedgerError;
use crate::header::StateHeader;
use crate::sealed::SealedState;
use crate::store::{StateRead, StoreError, Writes};
use crate::tree::{LeafChange, TreeId, state_root, update};

/// Reasons why public data does not rebuild a state.
#[derive(Debug, Error)]
pub enum RestoreError {
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The public data does not decode.
    #[error(transparent)]
    PublicData(#[from] PublicDataError),
    /// The statement is not the one that follows.
    #[error("{field} of the statement does not follow from the batches before")]
    Statement {
        /// The first field that does not.
        field: &'static str,
    },
    /// The public data is not what the statement commits to.
    #[error("the public data is not what the statement commits to")]
    Commitment,
    /// A record is about an account or a license that does not exist, or opens one that does.
    #[error("a record does not apply to {what} {id}")]
    Record {
        /// Account or license.
        what: &'static str,
        /// Its number.
        id: u32,
    },
    /// The rebuilt state does not have the statement's root.
    #[error("the rebuilt state has root {got}, expected {expected}")]
    WrongRoot {
        /// The statement's new root.
        expected: Digest,
        /// The root of the rebuilt state.
        got: Digest,
    },
}

impl From<StoreError> for RestoreError {
    fn from(error: StoreError) -> Self {
        Self::Ledger(error.into())
    }
}

/// The accounts and licenses that a batch changed, with their leaves before.
#[derive(Default)]
struct Changes {
    accounts: BTreeMap<AccountId, (Option<Account>, Account)>,
    licenses: BTreeMap<LicenseId, (Option<License>, License)>,
    deposited: u128,
    withdrawn: u128,
}

impl SealedState {
    /// Applies a batch from L1; no batch may be open.
    pub(crate) fn apply_l1_batch(
        &mut self,
        statement: &BatchStatement,
        public_data: &PublicData,
    ) -> Result<(), RestoreError> {
        self.check_statement(statement, public_data)?;
        let mut changes = Changes::default();
        for record in public_data.records()? {
            self.apply_record(record, &mut changes)?;
        }
        let header = &statement.header;
        let (writes, new_root) = self.restored_writes(&changes)?;
        if new_root != header.new_root {
            return Err(RestoreError::WrongRoot { expected: header.new_root, got: new_root });
        }
        let last_account = changes.accounts.keys().next_back().map_or(0, |id| id.get());
        let last_license = changes.licenses.keys().next_back();
        let meta = StateHeader {
            root: new_root,
            next_account: self.header().next_account.max(u64::from(last_account) + 1),
            next_license: last_license
                .map_or(0, |id| u64::from(id.get()) + 1)
                .max(self.header().next_license),
            next_batch: header.number.next(),
            queue_next: header.queue_to,
            timestamp: header.timestamp,
            deposited: self.header().deposited + changes.deposited,
            withdrawn: self.header().withdrawn + changes.withdrawn,
            ..*self.header()
        };
        let mut writes = writes;
        writes.meta(&meta)?;
        self.commit(writes)?;
        self.advance(meta);
        Ok(())
    }

    fn check_statement(
        &self,
        statement: &BatchStatement,
        public_data: &PublicData,
    ) -> Result<(), RestoreError> {
        let (header, last) = (&statement.header, self.header());
        let follows = [
            ("domain", header.domain == self.domain()),
            ("number", header.number == last.next_batch),
            ("old root", header.old_root == last.root),
            ("first queue entry", header.queue_from == last.queue_next),
            ("timestamp", header.timestamp >= last.timestamp),
        ];
        if let Some((field, _)) = follows.into_iter().find(|(_, follows)| !follows) {
            return Err(RestoreError::Statement { field });
        }
        if *statement != BatchStatement::new(*header, public_data.limbs())
            || header.public_data != public_data.commitment()
            || header.public_data_limbs as usize != public_data.limbs().len()
        {
            return Err(RestoreError::Commitment);
        }
        Ok(())
    }

    fn apply_record(&self, record: Record, changes: &mut Changes) -> Result<(), RestoreError> {
        match record {
            Record::Queue(QueueEntry::Deposit(deposit), QueueOutcome::Credited(_)) => {
                changes.deposited += u128::from(deposit.raw_amount());
            }
            Record::Queue(..) => {}
            Record::OpenedAccount(OpenedAccount { id, identity }) => {
                let taken = self.store().account(id)?.is_some();
                let account = Account { identity, state: AccountState::NEW };
                if taken || changes.accounts.insert(id, (None, account)).is_some() {
                    return Err(RestoreError::Record { what: "account", id: id.get() });
                }
            }
            Record::Withdrawal(withdrawal) => {
                changes.withdrawn += u128::from(withdrawal.base_units * NANO_PER_BASE_UNIT);
            }
            Record::Account(diff) => self.apply_account(diff, changes)?,
            Record::NewLicense(new) => {
                let id = new.id;
                let taken = self.store().license(id)?.is_some();
                let origin = self.origin_of(&new, changes)?;
                let state = LicenseState::new(new.version());
                let license = License { terms: new.terms(origin), state };
                if taken || changes.licenses.insert(id, (None, license)).is_some() {
                    return Err(RestoreError::Record { what: "license", id: id.get() });
                }
            }
            Record::UpdatedLicense(UpdatedLicense { id, version }) => {
                // A license that the batch registers is not updated.
                let old = self.store().license(id)?;
                let old = old.ok_or(RestoreError::Record { what: "license", id: id.get() })?;
                let mut new = old.clone();
                new.state.version = version;
                changes.licenses.insert(id, (Some(old), new));
            }
            Record::License(diff) => self.apply_license(diff, changes)?,
        }
        Ok(())
    }

    /// The origin of a registered license: its licensor, its holders and its parents come before it.
    fn origin_of(&self, new: &NewLicense, changes: &Changes) -> Result<Digest, RestoreError> {
        let mut recipients = BTreeMap::new();
        let licensor = Holder::Account(new.licensor);
        for holder in new.shares.holders().iter().map(|line| line.holder).chain([licensor]) {
            recipients.insert(holder, self.recipient(holder, changes)?);
        }
        let chain = new.shares.holder_chain(|holder| recipients.get(&holder).copied());
        let (chain, licensor) = (chain.unwrap_or_default(), recipients.get(&licensor).copied());
        Ok(license_origin(licensor.unwrap_or_default(), &chain, &new.provenance))
    }

    fn recipient(&self, holder: Holder, changes: &Changes) -> Result<ShortDigest, RestoreError> {
        let (what, id, found) = match holder {
            Holder::Account(id) => {
                let account = match changes.accounts.get(&id) {
                    Some((_, new)) => Some(*new),
                    None => self.store().account(id)?,
                };
                ("account", id.get(), account.map(|account| account.identity.recipient()))
            }
            Holder::License(id) => {
                let recipient = match changes.licenses.get(&id) {
                    Some((_, new)) => Some(new.terms.recipient()),
                    None => self.store().license(id)?.map(|license| license.terms.recipient()),
                };
                ("license", id.get(), recipient)
            }
        };
        found.ok_or(RestoreError::Record { what, id })
    }

    fn apply_account(&self, diff: AccountDiff, changes: &mut Changes) -> Result<(), RestoreError> {
        let AccountDiff { id, balance, nonce } = diff;
        let account = match changes.accounts.entry(id) {
            Entry::Occupied(entry) => &mut entry.into_mut().1,
            Entry::Vacant(entry) => {
                let unknown = RestoreError::Record { what: "account", id: id.get() };
                let old = self.store().account(id)?.ok_or(unknown)?;
                &mut entry.insert((Some(old), old)).1
            }
        };
        account.state.balance = balance;
        account.state.nonce = nonce.unwrap_or(account.state.nonce);
        Ok(())
    }

    fn apply_license(&self, diff: LicenseDiff, changes: &mut Changes) -> Result<(), RestoreError> {
        let LicenseDiff { id, vault, received } = diff;
        let license = match changes.licenses.entry(id) {
            Entry::Occupied(entry) => &mut entry.into_mut().1,
            Entry::Vacant(entry) => {
                let unknown = RestoreError::Record { what: "license", id: id.get() };
                let old = self.store().license(id)?.ok_or(unknown)?;
                &mut entry.insert((Some(old.clone()), old)).1
            }
        };
        license.state.vault = Nano::from(vault);
        license.state.received = received;
        Ok(())
    }

    fn restored_writes(&self, changes: &Changes) -> Result<(Writes, Digest), RestoreError> {
        let mut writes = Writes::default();
        let mut leaves = Vec::with_capacity(changes.accounts.len());
        for (id, (old, new)) in &changes.accounts {
            let before = old.map_or(Digest::ZERO, |old| old.leaf());
            leaves.push(LeafChange { index: id.get(), old: before, new: new.leaf() });
            writes.account(*id, new, old.is_none())?;
            if old.is_none_or(|old| old.state.nonce < new.state.nonce) {
                writes.taken_nonce(*id, new.state.nonce)?;
            }
        }
        let accounts = update(&self.store().tree(TreeId::Accounts), &leaves)?;
        leaves.clear();
        for (id, (old, new)) in &changes.licenses {
            let before = old.as_ref().map_or(Digest::ZERO, License::leaf);
            leaves.push(LeafChange { index: id.get(), old: before, new: new.leaf() });
            writes.license(*id, new)?;
        }
        let licenses = update(&self.store().tree(TreeId::Licenses), &leaves)?;
        writes.nodes(TreeId::Accounts, &accounts.writes);
        writes.nodes(TreeId::Licenses, &licenses.writes);
        Ok((writes, state_root(&accounts.new_root, &licenses.new_root)))
    }
}
