//! The store of provenance manifests: canonical bytes by their hash, on disk.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use farthing_manifest::{Manifest, ManifestError};
use farthing_protocol::{AccountId, Bytes32};
use rocksdb::{ColumnFamily, DB, Direction, IteratorMode, Options, WriteBatch, WriteOptions};
use thiserror::Error;

use crate::config::ManifestsConfig;

/// Hash → canonical bytes.
const MANIFESTS: &str = "manifests";
/// Account that gave it, hash → nothing.
const ACCOUNTS: &str = "accounts";
const FAMILIES: [&str; 2] = [MANIFESTS, ACCOUNTS];

/// The store of manifests cannot be read or written.
#[derive(Debug, Error)]
pub enum ManifestStoreError {
    /// RocksDB failed.
    #[error("the store of manifests failed: {0}")]
    Database(#[from] rocksdb::Error),
    /// A column family is missing.
    #[error("the store of manifests has no column family {0}")]
    MissingFamily(&'static str),
    /// A stored manifest does not follow the schema.
    #[error("the stored manifest {hash} cannot be read")]
    Manifest {
        /// The hash under which it is stored.
        hash: Bytes32,
        /// The reason.
        #[source]
        source: ManifestError,
    },
    /// A stored manifest has another hash.
    #[error("the stored manifest {0} has another hash: the disk has changed it")]
    Hash(Bytes32),
    /// The thread that reads or writes is gone.
    #[error("the store of manifests is closed")]
    Closed,
}

/// Reason not to keep a manifest.
#[derive(Debug, Error)]
pub(crate) enum KeepError {
    #[error(transparent)]
    Store(#[from] ManifestStoreError),
    /// The node or the account has as many as it may.
    #[error("at most {0} manifests")]
    TooMany(usize),
}

impl From<rocksdb::Error> for KeepError {
    fn from(error: rocksdb::Error) -> Self {
        Self::Store(error.into())
    }
}

/// The store. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct ManifestStore {
    database: Arc<DB>,
    /// The number of manifests; held while one is added.
    count: Arc<Mutex<usize>>,
}

impl ManifestStore {
    pub(crate) fn open(path: &Path) -> Result<Self, ManifestStoreError> {
        let mut options = Options::default();
        options.create_if_missing(true);
        options.create_missing_column_families(true);
        let database = DB::open_cf(&options, path, FAMILIES)?;
        let store = Self { database: Arc::new(database), count: Arc::default() };
        let mut count = 0;
        for entry in store.database.iterator_cf(store.family(MANIFESTS)?, IteratorMode::Start) {
            entry?;
            count += 1;
        }
        *store.count.lock().unwrap_or_else(PoisonError::into_inner) = count;
        Ok(store)
    }

    /// The manifest with a hash.
    pub(crate) fn manifest(&self, hash: Bytes32) -> Result<Option<Manifest>, ManifestStoreError> {
        let Some(bytes) = self.database.get_cf(self.family(MANIFESTS)?, hash.0)? else {
            return Ok(None);
        };
        let failed = |source| ManifestStoreError::Manifest { hash, source };
        let manifest = Manifest::parse(&bytes).map_err(failed)?;
        match manifest.hash().to_bytes() == hash.0 {
            true => Ok(Some(manifest)),
            false => Err(ManifestStoreError::Hash(hash)),
        }
    }

    /// Keeps a manifest that an account gives; it is on disk on return. Returns true if it was there
    /// before.
    pub(crate) fn keep(
        &self,
        account: AccountId,
        manifest: &Manifest,
        limits: &ManifestsConfig,
    ) -> Result<bool, KeepError> {
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        let hash = manifest.hash().to_bytes();
        let (manifests, accounts) = (self.family(MANIFESTS)?, self.family(ACCOUNTS)?);
        if self.database.get_pinned_cf(manifests, hash)?.is_some() {
            return Ok(true);
        }
        if *count >= limits.manifests_max {
            return Err(KeepError::TooMany(limits.manifests_max));
        }
        let account = account.get().to_be_bytes();
        let account_max = limits.manifests_per_account_max;
        if self.given_by(account, account_max)? >= account_max {
            return Err(KeepError::TooMany(account_max));
        }
        let mut batch = WriteBatch::default();
        batch.put_cf(manifests, hash, manifest.canonical());
        batch.put_cf(accounts, [&account[..], &hash].concat(), []);
        let mut options = WriteOptions::default();
        options.set_sync(true);
        self.database.write_opt(batch, &options)?;
        *count += 1;
        Ok(false)
    }

    /// The manifests that an account gave, counted up to `most`.
    fn given_by(&self, account: [u8; 4], most: usize) -> Result<usize, ManifestStoreError> {
        let mode = IteratorMode::From(&account, Direction::Forward);
        let mut given = 0;
        for entry in self.database.iterator_cf(self.family(ACCOUNTS)?, mode).take(most) {
            if !entry?.0.starts_with(&account) {
                break;
            }
            given += 1;
        }
        Ok(given)
    }

    fn family(&self, name: &'static str) -> Result<&ColumnFamily, ManifestStoreError> {
        self.database.cf_handle(name).ok_or(ManifestStoreError::MissingFamily(name))
    }
}
