//! A set of changes that is written atomically.

use farthing_protocol::{
    Account, AccountId, BatchNumber, BatchWitness, Digest, IntentId, License, LicenseId, Nonce,
};
use rocksdb::{ColumnFamily, WriteBatch};
use serde::Serialize;

use super::StoreError;
use super::keys::{self, Family, IntentKey};
use crate::header::{OpenRecord, StateHeader};
use crate::records::{IntentRecord, LogEntry};
use crate::tree::{NodeAt, TreeId};

pub(super) enum Change {
    Put(Family, Vec<u8>, Vec<u8>),
    Delete(Family, Vec<u8>),
    /// Every key from the first on, below the second.
    DeleteRange(Family, [Vec<u8>; 2]),
}

/// Changes to be made together.
#[derive(Default)]
pub(crate) struct Writes(Vec<Change>);

impl Writes {
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn push(&mut self, change: Change) {
        self.0.push(change);
    }

    pub(super) fn put(
        &mut self,
        family: Family,
        key: &[u8],
        value: &impl Serialize,
    ) -> Result<(), StoreError> {
        let value = postcard::to_stdvec(value)
            .map_err(|source| StoreError::Encode { family: family.name(), source })?;
        self.0.push(Change::Put(family, key.to_vec(), value));
        Ok(())
    }

    /// Says which version of the protocol the store is of.
    pub(crate) fn protocol_version(&mut self, version: u32) -> Result<(), StoreError> {
        self.put(Family::Meta, keys::PROTOCOL, &version)
    }

    pub(crate) fn meta(&mut self, meta: &StateHeader) -> Result<(), StoreError> {
        self.put(Family::Meta, keys::META, meta)
    }

    /// Stores an account; the identity's index entry only when it is new.
    pub(crate) fn account(
        &mut self,
        id: AccountId,
        account: &Account,
        new: bool,
    ) -> Result<(), StoreError> {
        if new {
            self.put(Family::Identities, &keys::identity(&account.identity), &id)?;
        }
        self.put(Family::Accounts, &id.get().to_be_bytes(), account)
    }

    pub(crate) fn taken_nonce(&mut self, id: AccountId, last: Nonce) -> Result<(), StoreError> {
        self.put(Family::TakenNonces, &id.get().to_be_bytes(), &last)
    }

    pub(crate) fn license(&mut self, id: LicenseId, license: &License) -> Result<(), StoreError> {
        self.put(Family::Licenses, &id.get().to_be_bytes(), license)
    }

    pub(crate) fn nodes(&mut self, tree: TreeId, nodes: &[(NodeAt, Digest)]) {
        let family = Family::of_tree(tree);
        self.0.extend(nodes.iter().map(|(at, digest)| {
            Change::Put(family, keys::node(*at).to_vec(), digest.to_bytes().to_vec())
        }));
    }

    pub(crate) fn intent(
        &mut self,
        key: IntentKey,
        record: &IntentRecord,
    ) -> Result<(), StoreError> {
        let IntentRecord { id: IntentId(id), .. } = record;
        self.put(Family::IntentIds, &id.to_bytes(), &(key.account, key.nonce))?;
        self.put(Family::Intents, &key.bytes(), record)
    }

    pub(crate) fn log(&mut self, sequence: u64, entry: &LogEntry) -> Result<(), StoreError> {
        self.put(Family::Log, &sequence.to_be_bytes(), entry)
    }

    pub(crate) fn open(
        &mut self,
        number: BatchNumber,
        record: &OpenRecord,
    ) -> Result<(), StoreError> {
        self.put(Family::Open, &number.get().to_be_bytes(), record)
    }

    /// Forgets an open batch, and every entry of the log below `log_to`: all are of that batch or
    /// of those before it.
    pub(crate) fn forget_open(&mut self, number: BatchNumber, log_to: u64) {
        self.0.push(Change::Delete(Family::Open, number.get().to_be_bytes().to_vec()));
        let range = [0, log_to].map(|sequence: u64| sequence.to_be_bytes().to_vec());
        self.0.push(Change::DeleteRange(Family::Log, range));
    }

    pub(crate) fn batch(
        &mut self,
        number: BatchNumber,
        witness: &BatchWitness,
    ) -> Result<(), StoreError> {
        self.put(Family::Batches, &number.get().to_be_bytes(), witness)
    }

    pub(super) fn into_batch<'a>(
        self,
        family: impl Fn(Family) -> Result<&'a ColumnFamily, StoreError>,
    ) -> Result<WriteBatch, StoreError> {
        let mut batch = WriteBatch::default();
        for change in self.0 {
            match change {
                Change::Put(f, key, value) => batch.put_cf(family(f)?, key, value),
                Change::Delete(f, key) => batch.delete_cf(family(f)?, key),
                Change::DeleteRange(f, [from, to]) => batch.delete_range_cf(family(f)?, from, to),
            }
        }
        Ok(batch)
    }
}
