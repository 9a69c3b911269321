//! The aggregator's own store, beside the ledger's: an index of sealed batches, blocks and their
//! proofs. Every durable change of a block's state is in `blocks`.

mod blocks;
mod by_batch;
mod earnings;
mod error;
mod history;
mod index;
mod keys;
mod l1;
mod proofs;
mod rebase;
mod records;
mod versions;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rocksdb::{ColumnFamily, DB, Direction, IteratorMode, Options, WriteBatch, WriteOptions};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use earnings::{AccountMovements, MovementKind, PayerTotal, RoyaltySources};
pub use error::NodeStoreError;
use keys::Family;
pub(crate) use l1::QueueCursor;
pub(crate) use proofs::ProofStep;
pub(crate) use rebase::{L1Checked, ProvenBlock, RebasePlan};
pub use records::{BatchSummary, RoyaltySplit};

/// The database. Clones share it.
#[derive(Clone)]
pub(crate) struct NodeStore {
    db: Arc<DB>,
    /// Held while a block takes a step: pipeline and settler both take some.
    blocks: Arc<Mutex<()>>,
}

/// Changes to be made together.
struct Changes<'a> {
    store: &'a NodeStore,
    batch: WriteBatch,
}

impl NodeStore {
    /// Opens the store at `path`, creating it if there is none.
    pub(crate) fn open(path: &Path) -> Result<Self, NodeStoreError> {
        let mut options = Options::default();
        options.create_if_missing(true);
        options.create_missing_column_families(true);
        let families = Family::ALL.map(Family::name);
        let db = DB::open_cf(&options, path, families)?;
        let store = Self { db: Arc::new(db), blocks: Arc::default() };
        store.find_by_batch()?;
        Ok(store)
    }

    fn family(&self, family: Family) -> Result<&ColumnFamily, NodeStoreError> {
        self.db.cf_handle(family.name()).ok_or(NodeStoreError::MissingFamily(family.name()))
    }

    fn get<T: DeserializeOwned>(
        &self,
        family: Family,
        key: &[u8],
    ) -> Result<Option<T>, NodeStoreError> {
        match self.db.get_pinned_cf(self.family(family)?, key)? {
            None => Ok(None),
            Some(bytes) => Ok(Some(decode(family, &bytes)?)),
        }
    }

    fn get_bytes(&self, family: Family, key: &[u8]) -> Result<Option<Vec<u8>>, NodeStoreError> {
        Ok(self.db.get_cf(self.family(family)?, key)?)
    }

    /// Entries from key `from` on whose key begins with `prefix`, at most `limit`.
    fn scan<T>(
        &self,
        family: Family,
        prefix: &[u8],
        from: &[u8],
        limit: usize,
        read: impl Fn(&[u8], &[u8]) -> Result<T, NodeStoreError>,
    ) -> Result<Vec<T>, NodeStoreError> {
        let start = IteratorMode::From(from, Direction::Forward);
        let entries = self.db.iterator_cf(self.family(family)?, start).take(limit);
        read_entries(entries, prefix, read)
    }

    /// Entries from key `from` on downwards whose key begins with `prefix`, at most `limit`.
    fn scan_back<T>(
        &self,
        family: Family,
        prefix: &[u8],
        from: &[u8],
        limit: usize,
        read: impl Fn(&[u8], &[u8]) -> Result<T, NodeStoreError>,
    ) -> Result<Vec<T>, NodeStoreError> {
        let start = IteratorMode::From(from, Direction::Reverse);
        let entries = self.db.iterator_cf(self.family(family)?, start).take(limit);
        read_entries(entries, prefix, read)
    }

    /// The entry with the largest key.
    fn last<T: DeserializeOwned>(&self, family: Family) -> Result<Option<T>, NodeStoreError> {
        let last = self.db.iterator_cf(self.family(family)?, IteratorMode::End).next();
        last.map(|entry| decode(family, &entry?.1)).transpose()
    }

    /// A lock: blocks are changed by its holder alone.
    fn one_step(&self) -> MutexGuard<'_, ()> {
        self.blocks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changes(&self) -> Changes<'_> {
        Changes { store: self, batch: WriteBatch::default() }
    }
}

impl Changes<'_> {
    fn put(
        &mut self,
        family: Family,
        key: &[u8],
        value: &impl Serialize,
    ) -> Result<(), NodeStoreError> {
        let value = postcard::to_stdvec(value)
            .map_err(|source| NodeStoreError::Encode { family: family.name(), source })?;
        self.put_bytes(family, key, &value)
    }

    fn put_bytes(
        &mut self,
        family: Family,
        key: &[u8],
        value: &[u8],
    ) -> Result<(), NodeStoreError> {
        self.batch.put_cf(self.store.family(family)?, key, value);
        Ok(())
    }

    fn delete(&mut self, family: Family, key: &[u8]) -> Result<(), NodeStoreError> {
        self.batch.delete_cf(self.store.family(family)?, key);
        Ok(())
    }

    /// Makes all changes as one, on disk when this returns.
    fn commit(self) -> Result<(), NodeStoreError> {
        let mut options = WriteOptions::default();
        options.set_sync(true);
        Ok(self.store.db.write_opt(self.batch, &options)?)
    }
}

/// A key and its value, if the database gives them.
type Entry = Result<(Box<[u8]>, Box<[u8]>), rocksdb::Error>;

/// Reads entries up to the first whose key has not the prefix.
fn read_entries<T>(
    entries: impl Iterator<Item = Entry>,
    prefix: &[u8],
    read: impl Fn(&[u8], &[u8]) -> Result<T, NodeStoreError>,
) -> Result<Vec<T>, NodeStoreError> {
    let mut found = Vec::new();
    for entry in entries {
        let (key, value) = entry?;
        if !key.starts_with(prefix) {
            break;
        }
        found.push(read(&key, &value)?);
    }
    Ok(found)
}

fn decode<T: DeserializeOwned>(family: Family, bytes: &[u8]) -> Result<T, NodeStoreError> {
    postcard::from_bytes(bytes)
        .map_err(|source| NodeStoreError::Corrupt { family: family.name(), source })
}
