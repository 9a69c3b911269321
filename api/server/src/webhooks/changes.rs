//! Changes of the store of webhooks, each one write, and the keys by which deliveries are found.

use farthing_api_types::dto::WireBytes32;
use rocksdb::WriteBatch;

use super::database::{
    ChangeError, DELIVERIES, DUE, Database, ENDED, EVENTS, NewDelivery, Times, USED, UsedRequest,
    WEBHOOKS, WebhookStoreError,
};
use super::record::{Delivery, DeliveryKey, Webhook};

/// Changes to be made together.
pub(super) struct Changes<'s> {
    database: &'s Database,
    batch: WriteBatch,
}

impl<'s> Changes<'s> {
    pub(super) fn new(database: &'s Database) -> Self {
        Self { database, batch: WriteBatch::default() }
    }

    pub(super) fn put(
        &mut self,
        family: &'static str,
        key: &[u8],
        value: &impl serde::Serialize,
    ) -> Result<(), WebhookStoreError> {
        let value = postcard::to_stdvec(value)?;
        self.batch.put_cf(self.database.family(family)?, key, value);
        Ok(())
    }

    fn put_key(&mut self, family: &'static str, key: &[u8]) -> Result<(), WebhookStoreError> {
        self.batch.put_cf(self.database.family(family)?, key, []);
        Ok(())
    }

    pub(super) fn delete(
        &mut self,
        family: &'static str,
        key: &[u8],
    ) -> Result<(), WebhookStoreError> {
        self.batch.delete_cf(self.database.family(family)?, key);
        Ok(())
    }

    pub(super) fn put_webhook(
        &mut self,
        id: WireBytes32,
        webhook: &Webhook,
    ) -> Result<(), WebhookStoreError> {
        let value = serde_json::to_vec(webhook)?;
        self.batch.put_cf(self.database.family(WEBHOOKS)?, id.0.0, value);
        Ok(())
    }

    /// Notes that a signed request is done, and forgets those that are too old to be taken.
    pub(super) fn use_request(
        &mut self,
        request: UsedRequest,
        times: Times,
    ) -> Result<(), ChangeError> {
        let used = self.database.family(USED)?;
        let mut key = request.time.to_be_bytes().to_vec();
        key.extend(request.signing_domain.to_bytes());
        if self.database.bytes(USED, &key)?.is_some() {
            return Err(ChangeError::Repeated);
        }
        self.batch.put_cf(used, &key, []);
        let old = times.now.saturating_sub(2 * times.window).to_be_bytes();
        self.batch.delete_range_cf(used, &[][..], &old[..]);
        Ok(())
    }

    pub(super) fn queue(
        &mut self,
        id: WireBytes32,
        event: NewDelivery,
        times: Times,
    ) -> Result<(), WebhookStoreError> {
        let NewDelivery { event, kind, body } = event;
        let known = pair(id, event);
        if self.database.bytes(EVENTS, &known)?.is_some() {
            return Ok(());
        }
        let key = DeliveryKey { webhook: id, queued: times.now, event };
        let until = times.now.saturating_add(times.retry);
        self.put(EVENTS, &known, &times.now)?;
        self.put_delivery(key, &Delivery::new(kind, body, times.now, until))
    }

    /// A delivery, and where it is found while it is pending or once it has ended.
    pub(super) fn put_delivery(
        &mut self,
        key: DeliveryKey,
        delivery: &Delivery,
    ) -> Result<(), WebhookStoreError> {
        self.put(DELIVERIES, &key.to_bytes(), delivery)?;
        match delivery.due {
            Some(time) => self.put_key(DUE, &DueKey { time, key }.to_bytes()),
            None => self.put_key(ENDED, &ended(key, delivery)),
        }
    }

    pub(super) fn remove_indices(
        &mut self,
        key: DeliveryKey,
        delivery: &Delivery,
    ) -> Result<(), WebhookStoreError> {
        match delivery.due {
            Some(time) => self.delete(DUE, &DueKey { time, key }.to_bytes()),
            None => self.delete(ENDED, &ended(key, delivery)),
        }
    }

    /// Makes all changes as one, on disk when this returns.
    pub(super) fn commit(self) -> Result<(), WebhookStoreError> {
        self.database.write(self.batch)
    }
}

/// The key of a delivery that is pending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DueKey {
    pub(super) time: u64,
    pub(super) key: DeliveryKey,
}

impl DueKey {
    fn to_bytes(self) -> Vec<u8> {
        let key = self.key.to_bytes();
        let (webhook, rest) = key.split_at(32);
        [webhook, &self.time.to_be_bytes(), rest].concat()
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (webhook, rest) = bytes.split_first_chunk::<32>()?;
        let (time, rest) = rest.split_first_chunk()?;
        let key = DeliveryKey::from_bytes(&[&webhook[..], rest].concat())?;
        Some(Self { time: u64::from_be_bytes(*time), key })
    }
}

/// The key of a delivery that has ended, by the time of its last attempt.
fn ended(key: DeliveryKey, delivery: &Delivery) -> Vec<u8> {
    let time = delivery.attempted.unwrap_or(key.queued);
    [&time.to_be_bytes()[..], &key.to_bytes()].concat()
}

pub(super) fn pair(webhook: WireBytes32, event: WireBytes32) -> [u8; 64] {
    let mut key = [0; 64];
    key[..32].copy_from_slice(&webhook.0.0);
    key[32..].copy_from_slice(&event.0.0);
    key
}
