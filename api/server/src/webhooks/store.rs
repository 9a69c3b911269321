//! The store of webhooks: a queue on disk. Every change is one synced write, so an event is either
//! queued for a webhook or still to come from the place in the sequence that the webhook has reached.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use farthing_aggregator::EventPlace;
use farthing_api_types::dto::{DeliveryState, WireBytes32};
use farthing_protocol::{Bytes32, Digest};
use rocksdb::{ColumnFamily, DB, Direction, IteratorMode, Options};
use serde::de::DeserializeOwned;
use thiserror::Error;

use super::changes::{Changes, DueKey, pair};
use super::record::{Delivery, DeliveryKey, Webhook};

/// Webhook → its record, in JSON.
pub(super) const WEBHOOKS: &str = "webhooks";
/// Webhook → the place after the last event that was queued for it, or passed over.
const PLACES: &str = "places";
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
const FAMILIES: [&str; 7] = [WEBHOOKS, PLACES, DELIVERIES, EVENTS, DUE, ENDED, USED];

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

/// The reason for which a change is refused.
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

/// The store. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct WebhookStore {
    pub(super) db: Arc<DB>,
    /// Held while a record is read and changed.
    changing: Arc<Mutex<()>>,
}

impl WebhookStore {
    pub(crate) fn open(path: &Path) -> Result<Self, WebhookStoreError> {
        // Secrets are in it: the folder is its owner's alone.
        let folder = DirBuilder::new().recursive(true).mode(0o700).create(path);
        folder.map_err(WebhookStoreError::Folder)?;
        let mut options = Options::default();
        options.create_if_missing(true);
        options.create_missing_column_families(true);
        let db = DB::open_cf(&options, path, FAMILIES)?;
        Ok(Self { db: Arc::new(db), changing: Arc::default() })
    }

    /// All webhooks.
    pub(crate) fn webhooks(&self) -> Result<Vec<(WireBytes32, Webhook)>, WebhookStoreError> {
        let entries = self.db.iterator_cf(self.family(WEBHOOKS)?, IteratorMode::Start);
        let mut webhooks = Vec::new();
        for entry in entries {
            let (key, value) = entry?;
            if let Some(id) = name(&key) {
                webhooks.push((id, serde_json::from_slice(&value)?));
            }
        }
        Ok(webhooks)
    }

    pub(crate) fn webhook(&self, id: WireBytes32) -> Result<Option<Webhook>, WebhookStoreError> {
        let found = self.db.get_pinned_cf(self.family(WEBHOOKS)?, id.0.0)?;
        Ok(found.map(|bytes| serde_json::from_slice(&bytes)).transpose()?)
    }

    pub(crate) fn place(&self, id: WireBytes32) -> Result<Option<EventPlace>, WebhookStoreError> {
        self.get(PLACES, &id.0.0)
    }

    /// Deliveries that are pending, counted up to `most`.
    pub(crate) fn pending(&self, id: WireBytes32, most: usize) -> Result<usize, WebhookStoreError> {
        Ok(self.keys_from(DUE, &id.0.0, &id.0.0, most)?.len())
    }

    /// Deliveries that are due, those longest due first.
    pub(crate) fn due(
        &self,
        id: WireBytes32,
        now: u64,
        limit: usize,
    ) -> Result<Vec<DeliveryKey>, WebhookStoreError> {
        let keys = self.keys_from(DUE, &id.0.0, &id.0.0, limit)?;
        let due = keys.iter().map_while(|key| DueKey::from_bytes(key));
        Ok(due.take_while(|due| due.time <= now).map(|due| due.key).collect())
    }

    pub(crate) fn delivery(&self, key: DeliveryKey) -> Result<Option<Delivery>, WebhookStoreError> {
        self.get(DELIVERIES, &key.to_bytes())
    }

    /// Deliveries of a webhook, the newest first, from a place on.
    pub(crate) fn deliveries(
        &self,
        id: WireBytes32,
        from: (u64, u32),
        limit: usize,
    ) -> Result<Vec<(DeliveryKey, Delivery)>, WebhookStoreError> {
        let from = DeliveryKey::last_at(id, from).to_bytes();
        let mode = IteratorMode::From(&from, Direction::Reverse);
        let mut found = Vec::new();
        for entry in self.db.iterator_cf(self.family(DELIVERIES)?, mode).take(limit) {
            let (key, value) = entry?;
            let Some(key) = DeliveryKey::from_bytes(&key).filter(|key| key.webhook == id) else {
                break;
            };
            found.push((key, postcard::from_bytes(&value)?));
        }
        Ok(found)
    }

    /// Registers a webhook that is told of events from `place` on.
    pub(crate) fn register(
        &self,
        id: WireBytes32,
        webhook: &Webhook,
        place: &EventPlace,
        request: UsedRequest,
        (times, all_max, account_max): (Times, usize, usize),
    ) -> Result<(), ChangeError> {
        let _changing = self.one_change();
        let mut changes = self.changes();
        changes.use_request(request, times)?;
        let all = self.webhooks()?;
        if all.len() >= all_max {
            return Err(ChangeError::TooMany(all_max));
        }
        let same = all.iter().filter(|(_, other)| other.account == webhook.account).count();
        if same >= account_max {
            return Err(ChangeError::TooMany(account_max));
        }
        changes.put_webhook(id, webhook)?;
        changes.put(PLACES, &id.0.0, place)?;
        Ok(changes.commit()?)
    }

    /// Changes a webhook; returns it as it is then.
    pub(crate) fn change(
        &self,
        id: WireBytes32,
        request: UsedRequest,
        times: Times,
        change: impl FnOnce(&mut Webhook),
    ) -> Result<Webhook, ChangeError> {
        let _changing = self.one_change();
        let mut changes = self.changes();
        changes.use_request(request, times)?;
        let mut webhook = self.webhook(id)?.ok_or(ChangeError::NoWebhook)?;
        change(&mut webhook);
        changes.put_webhook(id, &webhook)?;
        changes.commit()?;
        Ok(webhook)
    }

    /// Deletes a webhook with all its deliveries.
    pub(crate) fn delete(
        &self,
        id: WireBytes32,
        request: UsedRequest,
        times: Times,
    ) -> Result<Webhook, ChangeError> {
        let _changing = self.one_change();
        let mut changes = self.changes();
        changes.use_request(request, times)?;
        let webhook = self.webhook(id)?.ok_or(ChangeError::NoWebhook)?;
        for family in [WEBHOOKS, PLACES, DELIVERIES, EVENTS, DUE] {
            for key in self.keys_from(family, &id.0.0, &id.0.0, usize::MAX)? {
                changes.delete(family, &key)?;
            }
        }
        changes.commit()?;
        Ok(webhook)
    }

    /// Queues events for a webhook and moves its place behind them. Those that it has already had
    /// are passed over: an event may be told again.
    pub(crate) fn queue(
        &self,
        id: WireBytes32,
        events: Vec<NewDelivery>,
        place: &EventPlace,
        times: Times,
    ) -> Result<(), WebhookStoreError> {
        let _changing = self.one_change();
        if self.webhook(id)?.is_none() {
            return Ok(());
        }
        let mut changes = self.changes();
        for event in events {
            changes.queue(id, event, times)?;
        }
        changes.put(PLACES, &id.0.0, place)?;
        changes.commit()
    }

    /// Queues one event for a request.
    pub(crate) fn queue_one(
        &self,
        id: WireBytes32,
        event: NewDelivery,
        request: UsedRequest,
        times: Times,
    ) -> Result<(), ChangeError> {
        let _changing = self.one_change();
        let mut changes = self.changes();
        changes.use_request(request, times)?;
        self.webhook(id)?.ok_or(ChangeError::NoWebhook)?;
        changes.queue(id, event, times)?;
        Ok(changes.commit()?)
    }

    /// Makes an event due now that was queued before, however it ended.
    pub(crate) fn resend(
        &self,
        id: WireBytes32,
        event: WireBytes32,
        request: UsedRequest,
        times: Times,
    ) -> Result<Delivery, ChangeError> {
        let _changing = self.one_change();
        let mut changes = self.changes();
        changes.use_request(request, times)?;
        self.webhook(id)?.ok_or(ChangeError::NoWebhook)?;
        let queued = self.get(EVENTS, &pair(id, event))?.ok_or(ChangeError::NoEvent)?;
        let key = DeliveryKey { webhook: id, queued, event };
        let delivery = self.delivery(key)?.ok_or(ChangeError::NoEvent)?;
        changes.remove_indices(key, &delivery)?;
        let delivery = Delivery {
            state: DeliveryState::Pending,
            attempts_in_turn: 0,
            due: Some(times.now),
            until: times.now.saturating_add(times.retry),
            ..delivery
        };
        changes.put_delivery(key, &delivery)?;
        changes.commit()?;
        Ok(delivery)
    }

    /// Changes a delivery after an attempt; nothing if its webhook was deleted meanwhile.
    pub(crate) fn attempted(
        &self,
        key: DeliveryKey,
        change: impl FnOnce(&mut Delivery),
    ) -> Result<Option<Delivery>, WebhookStoreError> {
        let _changing = self.one_change();
        let Some(mut delivery) = self.delivery(key)? else { return Ok(None) };
        let mut changes = self.changes();
        changes.remove_indices(key, &delivery)?;
        change(&mut delivery);
        changes.put_delivery(key, &delivery)?;
        changes.commit()?;
        Ok(Some(delivery))
    }

    /// Forgets deliveries that ended before a time, at most `limit`; true if there may be more.
    pub(crate) fn forget_before(&self, time: u64, limit: usize) -> Result<bool, WebhookStoreError> {
        let _changing = self.one_change();
        let ended = self.keys_from(ENDED, &[], &[], limit)?;
        let mut changes = self.changes();
        let mut count = 0;
        for entry in &ended {
            let Some((at, key)) = entry.split_first_chunk() else { continue };
            if u64::from_be_bytes(*at) >= time {
                break;
            }
            count += 1;
            changes.delete(ENDED, entry)?;
            if let Some(key) = DeliveryKey::from_bytes(key) {
                changes.delete(DELIVERIES, &key.to_bytes())?;
                changes.delete(EVENTS, &pair(key.webhook, key.event))?;
            }
        }
        changes.commit()?;
        Ok(count == limit)
    }

    pub(super) fn family(&self, name: &'static str) -> Result<&ColumnFamily, WebhookStoreError> {
        self.db.cf_handle(name).ok_or(WebhookStoreError::MissingFamily(name))
    }

    fn get<T: DeserializeOwned>(
        &self,
        family: &'static str,
        key: &[u8],
    ) -> Result<Option<T>, WebhookStoreError> {
        let found = self.db.get_pinned_cf(self.family(family)?, key)?;
        Ok(found.map(|bytes| postcard::from_bytes(&bytes)).transpose()?)
    }

    /// Keys with a prefix from one on, at most `limit`.
    fn keys_from(
        &self,
        family: &'static str,
        prefix: &[u8],
        from: &[u8],
        limit: usize,
    ) -> Result<Vec<Box<[u8]>>, WebhookStoreError> {
        let mode = IteratorMode::From(from, Direction::Forward);
        let mut keys = Vec::new();
        for entry in self.db.iterator_cf(self.family(family)?, mode).take(limit) {
            let (key, _) = entry?;
            if !key.starts_with(prefix) {
                break;
            }
            keys.push(key);
        }
        Ok(keys)
    }

    fn one_change(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changes(&self) -> Changes<'_> {
        Changes::new(self)
    }
}

fn name(bytes: &[u8]) -> Option<WireBytes32> {
    bytes.try_into().ok().map(|bytes| Bytes32(bytes).into())
}
