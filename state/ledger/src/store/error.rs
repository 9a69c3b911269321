use std::path::{Path, PathBuf};

use thiserror::Error;

/// The store could not be read or written, or holds what it must not.
#[derive(Debug, Error)]
pub enum StoreError {
    /// RocksDB failed.
    #[error("the database failed: {0}")]
    Database(#[from] rocksdb::Error),
    /// Another process has the store open.
    #[error("{path} is in use by another process: one node on a data folder at a time")]
    InUse {
        /// Path of the store.
        path: PathBuf,
    },
    /// The store lacks one of its column families.
    #[error("the store has no column family {0}")]
    MissingFamily(&'static str),
    /// A stored value does not decode.
    #[error("a value in {family} does not decode: {source}")]
    Corrupt {
        /// The column family.
        family: &'static str,
        /// The decoder's error.
        source: postcard::Error,
    },
    /// A value could not be encoded.
    #[error("a value for {family} cannot be encoded: {source}")]
    Encode {
        /// The column family.
        family: &'static str,
        /// The encoder's error.
        source: postcard::Error,
    },
    /// The key of a stored batch is above every batch number.
    #[error("the key of a stored batch is above every batch number")]
    BadBatchNumber,
    /// A stored tree node is not a digest.
    #[error("a stored tree node is not a digest")]
    BadNode,
    /// A stored key has the wrong length.
    #[error("a stored key has {got} bytes, expected {expected}")]
    BadKey {
        /// Bytes expected.
        expected: usize,
        /// Bytes found.
        got: usize,
    },
}

impl StoreError {
    /// The reason why a store does not open. RocksDB has no kind for a lock that another process holds.
    pub(super) fn of_open(error: rocksdb::Error, path: &Path) -> Self {
        match error.as_ref().contains("lock file") || error.as_ref().contains("lock hold by") {
            true => Self::InUse { path: path.to_owned() },
            false => Self::Database(error),
        }
    }
}
