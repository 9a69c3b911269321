//! The database of webhooks: its column families, lookups and errors.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::Arc;

use farthing_api_types::dto::WireBytes32;
use farthing_protocol::Digest;
use rocksdb::{
    ColumnFamily, DB, DBIterator, Direction, IteratorMode, Options, WriteBatch, WriteOptions,
};
use serde::de::DeserializeOwned;
use thiserror::Error;

/// Webhook → its record, in JSON.
pub(super) const WEBHOOKS: &str = "webhooks";
/// Webhook → the position after the last event that was queued for it, or passed over.
pub(super) const POSITIONS: &str = "places";
/// [`DeliveryKey`] → delivery.
pub(super) const DELIVERIES: &str = "deliveries";
/// Webhook, event → when it was queued.
pub(super) const EVENTS: &str = "events";
/// Webhook, time of the next attempt, time queued, event → nothing.
pub(super) const DUE: &str = "due";
/// Time at which a delivery ended, [`DeliveryKey`] → nothing.
pub(super) const ENDED: &str = "ended";
/// Time of a signed request, its signing domain → nothing.
pub(super) const USED: &str = "used";
const FAMILIES: [&str; 7] = [WEBHOOKS, POSITIONS, DELIVERIES, EVENTS, DUE, ENDED, USED];

/// The store cannot be read or written.
#[derive(Debug, Error)]
pub enum WebhookStoreError {
    /// RocksDB failed.
    #[error("the store of webhooks failed: {0}")]
    Database(#[from] rocksdb::Error),
    /// The folder cannot be made.
    #[error("the folder of webhooks cannot be made")]
    Folder(#[source] std::io::Error),
    /// A column family is missing.
    #[error("the store of webhooks has no column family {0}")]
    MissingFamily(&'static str),
    /// A record does not decode.
    #[error("a record of the store of webhooks does not decode: {0}")]
    Record(#[from] postcard::Error),
    /// A webhook does not decode.
    #[error("a webhook does not decode: {0}")]
    Webhook(#[from] serde_json::Error),
    /// The thread that reads or writes is gone.
    #[error("the store of webhooks is closed")]
    Closed,
}

/// Reason not to make a change.
#[derive(Debug, Error)]
pub(crate) enum ChangeError {
    #[error(transparent)]
    Store(#[from] WebhookStoreError),
    /// The same request has been done.
    #[error("the request has been done before")]
    Repeated,
    #[error("there is no such webhook")]
    NoWebhook,
    #[error("there is no such event")]
    NoEvent,
    #[error("at most {0} webhooks")]
    TooMany(usize),
}

impl From<rocksdb::Error> for ChangeError {
    fn from(error: rocksdb::Error) -> Self {
        Self::Store(error.into())
    }
}

/// A signed request that makes a change: it is done once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UsedRequest {
    /// The time that it was signed for, in unix seconds.
    pub(crate) time: u64,
    /// The domain of its signature: it binds all that the request says.
    pub(crate) signing_domain: Digest,
}

/// An event to be queued.
#[derive(Clone, Debug)]
pub(crate) struct NewDelivery {
    pub(crate) event: WireBytes32,
    pub(crate) kind: String,
    pub(crate) body: Vec<u8>,
}

/// Times of a change.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    /// Unix seconds.
    pub(crate) now: u64,
    /// The seconds for which a delivery is tried.
    pub(crate) retry: u64,
    /// The seconds for which requests are told apart.
    pub(crate) window: u64,
}

/// The database. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Database(Arc<DB>);

impl Database {
    pub(super) fn open(path: &Path) -> Result<Self, WebhookStoreError> {
        // Secrets are in it: the folder is its owner's alone.
        let folder = DirBuilder::new().recursive(true).mode(0o700).create(path);
        folder.map_err(WebhookStoreError::Folder)?;
        let mut options = Options::default();
        options.create_if_missing(true);
        options.create_missing_column_families(true);
        Ok(Self(Arc::new(DB::open_cf(&options, path, FAMILIES)?)))
    }

    pub(super) fn family(&self, name: &'static str) -> Result<&ColumnFamily, WebhookStoreError> {
        self.0.cf_handle(name).ok_or(WebhookStoreError::MissingFamily(name))
    }

    pub(super) fn get<T: DeserializeOwned>(
        &self,
        family: &'static str,
        key: &[u8],
    ) -> Result<Option<T>, WebhookStoreError> {
        let found = self.bytes(family, key)?;
        Ok(found.map(|bytes| postcard::from_bytes(&bytes)).transpose()?)
    }

    pub(super) fn bytes(
        &self,
        family: &'static str,
        key: &[u8],
    ) -> Result<Option<Vec<u8>>, WebhookStoreError> {
        Ok(self.0.get_cf(self.family(family)?, key)?)
    }

    pub(super) fn entries(
        &self,
        family: &'static str,
        mode: IteratorMode<'_>,
    ) -> Result<DBIterator<'_>, WebhookStoreError> {
        Ok(self.0.iterator_cf(self.family(family)?, mode))
    }

    /// Keys with a prefix from one on, at most `limit`.
    pub(super) fn keys_from(
        &self,
        family: &'static str,
        prefix: &[u8],
        from: &[u8],
        limit: usize,
    ) -> Result<Vec<Box<[u8]>>, WebhookStoreError> {
        let mode = IteratorMode::From(from, Direction::Forward);
        let mut keys = Vec::new();
        for entry in self.entries(family, mode)?.take(limit) {
            let (key, _) = entry?;
            if !key.starts_with(prefix) {
                break;
            }
            keys.push(key);
        }
        Ok(keys)
    }

    /// Writes all of `batch` as one; it is on disk when this returns.
    pub(super) fn write(&self, batch: WriteBatch) -> Result<(), WebhookStoreError> {
        let mut options = WriteOptions::default();
        options.set_sync(true);
        Ok(self.0.write_opt(batch, &options)?)
    }
}
