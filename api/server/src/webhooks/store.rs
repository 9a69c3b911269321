//! The store of webhooks, a queue on disk. Every change is one synced write. So an event is either
//! queued for a webhook, or still after the position that the webhook has reached in the sequence
//! of events.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use farthing_aggregator::EventPosition;
use farthing_api_types::dto::{DeliveryState, WireBytes32};
use farthing_protocol::Bytes32;
use rocksdb::{Direction, IteratorMode};

use super::changes::{Changes, DueKey, pair};
use super::database::{
    ChangeError, DELIVERIES, DUE, Database, ENDED, EVENTS, NewDelivery, POSITIONS, Times,
    UsedRequest, WEBHOOKS, WebhookStoreError,
};
use super::record::{Delivery, DeliveryKey, Webhook};

/// The store. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct WebhookStore {
    database: Database,
    /// Held while a record is read and changed.
    changing: Arc<Mutex<()>>,
}

impl WebhookStore {
    pub(crate) fn open(path: &Path) -> Result<Self, WebhookStoreError> {
        Ok(Self { database: Database::open(path)?, changing: Arc::default() })
    }

    /// All webhooks.
    pub(crate) fn webhooks(&self) -> Result<Vec<(WireBytes32, Webhook)>, WebhookStoreError> {
        let entries = self.database.entries(WEBHOOKS, IteratorMode::Start)?;
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
        let found = self.database.bytes(WEBHOOKS, &id.0.0)?;
        Ok(found.map(|bytes| serde_json::from_slice(&bytes)).transpose()?)
    }

    pub(crate) fn position(
        &self,
        id: WireBytes32,
    ) -> Result<Option<EventPosition>, WebhookStoreError> {
        self.database.get(POSITIONS, &id.0.0)
    }

    /// Deliveries that are pending, counted up to `most`.
    pub(crate) fn pending(&self, id: WireBytes32, most: usize) -> Result<usize, WebhookStoreError> {
        Ok(self.database.keys_from(DUE, &id.0.0, &id.0.0, most)?.len())
    }

    /// Deliveries that are due, those longest due first.
    pub(crate) fn due(
        &self,
        id: WireBytes32,
        now: u64,
        limit: usize,
    ) -> Result<Vec<DeliveryKey>, WebhookStoreError> {
        let keys = self.database.keys_from(DUE, &id.0.0, &id.0.0, limit)?;
        let due = keys.iter().map_while(|key| DueKey::from_bytes(key));
        Ok(due.take_while(|due| due.time <= now).map(|due| due.key).collect())
    }

    pub(crate) fn delivery(&self, key: DeliveryKey) -> Result<Option<Delivery>, WebhookStoreError> {
        self.database.get(DELIVERIES, &key.to_bytes())
    }

    /// Deliveries of a webhook, the newest first, from a position on.
    pub(crate) fn deliveries(
        &self,
        id: WireBytes32,
        from: (u64, u32),
        limit: usize,
    ) -> Result<Vec<(DeliveryKey, Delivery)>, WebhookStoreError> {
        let from = DeliveryKey::last_at(id, from).to_bytes();
        let mode = IteratorMode::From(&from, Direction::Reverse);
        let mut found = Vec::new();
        for entry in self.database.entries(DELIVERIES, mode)?.take(limit) {
            let (key, value) = entry?;
            let Some(key) = DeliveryKey::from_bytes(&key).filter(|key| key.webhook == id) else {
                break;
            };
            found.push((key, postcard::from_bytes(&value)?));
        }
        Ok(found)
    }

    /// Registers a webhook that is told of events from `position` on.
    pub(crate) fn register(
        &self,
        id: WireBytes32,
        webhook: &Webhook,
        position: &EventPosition,
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
        changes.put(POSITIONS, &id.0.0, position)?;
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
        for family in [WEBHOOKS, POSITIONS, DELIVERIES, EVENTS, DUE] {
            for key in self.database.keys_from(family, &id.0.0, &id.0.0, usize::MAX)? {
                changes.delete(family, &key)?;
            }
        }
        changes.commit()?;
        Ok(webhook)
    }

    /// Queues events for a webhook and moves its position behind them. Those that it has already had
    /// are passed over: an event may be told again.
    pub(crate) fn queue(
        &self,
        id: WireBytes32,
        events: Vec<NewDelivery>,
        position: &EventPosition,
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
        changes.put(POSITIONS, &id.0.0, position)?;
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
        let queued = self.database.get(EVENTS, &pair(id, event))?.ok_or(ChangeError::NoEvent)?;
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
        let ended = self.database.keys_from(ENDED, &[], &[], limit)?;
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

    fn one_change(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changes(&self) -> Changes<'_> {
        Changes::new(&self.database)
    }
}

fn name(bytes: &[u8]) -> Option<WireBytes32> {
    bytes.try_into().ok().map(|bytes| Bytes32(bytes).into())
}
