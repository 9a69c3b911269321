//! The RocksDB store: column families, typed reads, one atomic write per step.

mod displaced;
mod error;
mod keys;
mod state_read;
mod write;

use std::path::Path;
use std::sync::Arc;

use farthing_protocol::{
    Account, AccountId, AccountIdentity, BatchNumber, BatchWitness, Digest, IntentId, License,
    LicenseId, Nonce, TREE_DEPTH,
};
use rocksdb::{BlockBasedOptions, Cache, ColumnFamily, ColumnFamilyDescriptor, DB, Options};
use serde::de::DeserializeOwned;

pub use error::StoreError;
pub(crate) use keys::{Family, IntentKey};
pub use state_read::StateRead;
pub(crate) use write::Writes;

use crate::header::{OpenRecord, StateHeader};
use crate::records::{IntentRecord, LogEntry};
use crate::tree::{NodeAt, NodeSource, TreeId, empty_subtree};

/// Bytes of blocks that stay in memory: the nodes of a tree of a million accounts.
const BLOCK_CACHE_BYTES: usize = 128 << 20;
/// Bits per key of the bloom filters: about 1 % false positives.
const BLOOM_BITS: f64 = 10.0;

/// The database. Every change goes through [`Store::commit`]; clones are for readers.
#[derive(Clone)]
pub(crate) struct Store {
    db: Arc<DB>,
}

impl Store {
    /// Opens the store at `path`, creating it if there is none.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let cache = Cache::new_lru_cache(BLOCK_CACHE_BYTES);
        let families =
            Family::ALL.map(|f| ColumnFamilyDescriptor::new(f.name(), family_options(&cache)));
        let mut options = Options::default();
        options.create_if_missing(true);
        options.create_missing_column_families(true);
        let db = DB::open_cf_descriptors(&options, path, families)
            .map_err(|error| StoreError::of_open(error, path))?;
        Ok(Self { db: Arc::new(db) })
    }

    fn family(&self, family: Family) -> Result<&ColumnFamily, StoreError> {
        self.db.cf_handle(family.name()).ok_or(StoreError::MissingFamily(family.name()))
    }

    fn get<T: DeserializeOwned>(
        &self,
        family: Family,
        key: &[u8],
    ) -> Result<Option<T>, StoreError> {
        match self.db.get_pinned_cf(self.family(family)?, key)? {
            None => Ok(None),
            Some(bytes) => Ok(Some(decode(family, &bytes)?)),
        }
    }

    /// Applies `writes` as one: all of them are there after a crash, or none. With `sync`, they
    /// are on disk when this returns.
    pub(crate) fn commit(&self, writes: Writes, sync: bool) -> Result<(), StoreError> {
        let batch = writes.into_batch(|family| self.family(family))?;
        let mut options = rocksdb::WriteOptions::default();
        options.set_sync(sync);
        Ok(self.db.write_opt(batch, &options)?)
    }

    /// Returns true if a ledger of any version is stored.
    pub(crate) fn has_ledger(&self) -> Result<bool, StoreError> {
        Ok(self.db.get_pinned_cf(self.family(Family::Meta)?, keys::META)?.is_some())
    }

    /// The version of the protocol that what is stored is of.
    pub(crate) fn protocol_version(&self) -> Result<u32, StoreError> {
        Ok(self.get(Family::Meta, keys::PROTOCOL)?.unwrap_or(1))
    }

    pub(crate) fn meta(&self) -> Result<Option<StateHeader>, StoreError> {
        self.get(Family::Meta, keys::META)
    }

    pub(crate) fn intent(&self, key: IntentKey) -> Result<Option<IntentRecord>, StoreError> {
        self.get(Family::Intents, &key.bytes())
    }

    pub(crate) fn intent_key(&self, id: &IntentId) -> Result<Option<IntentKey>, StoreError> {
        let key: Option<(AccountId, Nonce)> = self.get(Family::IntentIds, &id.0.to_bytes())?;
        Ok(key.map(|(account, nonce)| IntentKey { account, nonce }))
    }

    /// The largest nonce of the account in batches taken from L1.
    pub(crate) fn taken_nonce(&self, account: AccountId) -> Result<Option<Nonce>, StoreError> {
        self.get(Family::TakenNonces, &account.get().to_be_bytes())
    }

    pub(crate) fn batch(&self, number: BatchNumber) -> Result<Option<BatchWitness>, StoreError> {
        self.get(Family::Batches, &number.get().to_be_bytes())
    }

    /// A batch that is not sealed.
    pub(crate) fn open_batch(&self, number: BatchNumber) -> Result<Option<OpenRecord>, StoreError> {
        self.get(Family::Open, &number.get().to_be_bytes())
    }

    /// The batches that are not sealed, ascending.
    pub(crate) fn open_batches(&self) -> Result<Vec<(BatchNumber, OpenRecord)>, StoreError> {
        self.collect(Family::Open, |key, value| {
            let number = BatchNumber::new(keys::read_u64(key)?);
            let number = number.map_err(|_| StoreError::BadBatchNumber)?;
            Ok((number, decode(Family::Open, value)?))
        })
    }

    /// The steps of batches that are not sealed with their sequence numbers, in arrival order.
    pub(crate) fn log(&self) -> Result<Vec<(u64, LogEntry)>, StoreError> {
        self.collect(Family::Log, |key, value| {
            Ok((keys::read_u64(key)?, decode(Family::Log, value)?))
        })
    }

    /// Every account, ascending by id.
    pub(crate) fn accounts(&self) -> Result<Vec<(AccountId, Account)>, StoreError> {
        self.collect(Family::Accounts, |key, value| {
            Ok((AccountId::from(keys::read_u32(key)?), decode(Family::Accounts, value)?))
        })
    }

    /// Every license, ascending by id.
    pub(crate) fn licenses(&self) -> Result<Vec<(LicenseId, License)>, StoreError> {
        self.collect(Family::Licenses, |key, value| {
            Ok((LicenseId::from(keys::read_u32(key)?), decode(Family::Licenses, value)?))
        })
    }

    /// Accounts from `from` on, ascending, at most `limit`.
    pub(crate) fn accounts_from(
        &self,
        from: AccountId,
        limit: usize,
    ) -> Result<Vec<(AccountId, Account)>, StoreError> {
        self.page(Family::Accounts, &from.get().to_be_bytes(), limit, |key, value| {
            Ok((AccountId::from(keys::read_u32(key)?), decode(Family::Accounts, value)?))
        })
    }

    /// Licenses from `from` on, ascending, at most `limit`.
    pub(crate) fn licenses_from(
        &self,
        from: LicenseId,
        limit: usize,
    ) -> Result<Vec<(LicenseId, License)>, StoreError> {
        self.page(Family::Licenses, &from.get().to_be_bytes(), limit, |key, value| {
            Ok((LicenseId::from(keys::read_u32(key)?), decode(Family::Licenses, value)?))
        })
    }

    fn page<T>(
        &self,
        family: Family,
        from: &[u8],
        limit: usize,
        read: impl Fn(&[u8], &[u8]) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let start = rocksdb::IteratorMode::From(from, rocksdb::Direction::Forward);
        self.db
            .iterator_cf(self.family(family)?, start)
            .take(limit)
            .map(|entry| {
                let (key, value) = entry?;
                read(&key, &value)
            })
            .collect()
    }

    fn collect<T>(
        &self,
        family: Family,
        read: impl Fn(&[u8], &[u8]) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let start = rocksdb::IteratorMode::Start;
        self.db
            .iterator_cf(self.family(family)?, start)
            .map(|entry| {
                let (key, value) = entry?;
                read(&key, &value)
            })
            .collect()
    }

    /// The nodes of one tree.
    pub(crate) fn tree(&self, tree: TreeId) -> StoredTree<'_> {
        StoredTree { store: self, family: Family::of_tree(tree) }
    }

    /// The root of one tree.
    pub(crate) fn tree_root(&self, tree: TreeId) -> Result<Digest, StoreError> {
        let level = TREE_DEPTH as u8;
        let root = self.tree(tree).nodes(&[NodeAt { level, index: 0 }])?.pop().flatten();
        Ok(root.unwrap_or(empty_subtree(level)))
    }
}

fn family_options(cache: &Cache) -> Options {
    let mut table = BlockBasedOptions::default();
    table.set_block_cache(cache);
    table.set_bloom_filter(BLOOM_BITS, false);
    let mut options = Options::default();
    options.set_block_based_table_factory(&table);
    options
}

fn decode<T: DeserializeOwned>(family: Family, bytes: &[u8]) -> Result<T, StoreError> {
    postcard::from_bytes(bytes)
        .map_err(|source| StoreError::Corrupt { family: family.name(), source })
}

impl StateRead for Store {
    fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.get(Family::Accounts, &id.get().to_be_bytes())
    }

    fn account_of(&self, identity: &AccountIdentity) -> Result<Option<AccountId>, StoreError> {
        self.get(Family::Identities, &keys::identity(identity))
    }

    fn license(&self, id: LicenseId) -> Result<Option<License>, StoreError> {
        self.get(Family::Licenses, &id.get().to_be_bytes())
    }
}

/// The stored nodes of one tree.
pub(crate) struct StoredTree<'a> {
    store: &'a Store,
    family: Family,
}

impl NodeSource for StoredTree<'_> {
    type Error = StoreError;

    fn nodes(&self, positions: &[NodeAt]) -> Result<Vec<Option<Digest>>, StoreError> {
        let family = self.store.family(self.family)?;
        let keys: Vec<[u8; 5]> = positions.iter().map(|at| keys::node(*at)).collect();
        // Touched places ascend, and so do their siblings: RocksDB can go through its blocks once.
        let found = self.store.db.batched_multi_get_cf(family, &keys, true);
        found
            .into_iter()
            .map(|node| match node? {
                None => Ok(None),
                Some(bytes) => <&[u8; 32]>::try_from(&bytes[..])
                    .ok()
                    .and_then(Digest::from_bytes)
                    .map(Some)
                    .ok_or(StoreError::BadNode),
            })
            .collect()
    }
}
