//! Records of webhooks and deliveries, and their ids.

use farthing_aggregator::EventFilter;
use farthing_api_types::dto::{
    DeliveryFault, DeliveryState, EventFilterBody, WireAddress, WireBytes32, WirePublicKey,
};
use farthing_protocol::{AccountId, Bytes32, PublicKey};
use serde::{Deserialize, Serialize};

use crate::convert::event_kind;

/// Bytes of a secret's random part.
const SECRET_BYTES: usize = 32;

/// A webhook as it is stored, in JSON: it has few of them, and fields may come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Webhook {
    /// The account that registered it.
    pub(crate) account: AccountId,
    /// The account's key: a rebase may give the number to another one.
    key: WirePublicKey,
    pub(crate) url: String,
    pub(crate) filter: EventFilterBody,
    /// The owner of the account in the filter.
    owner: Option<WireAddress>,
    /// The time of its registration.
    pub(crate) created: u64,
    /// The newest first.
    secrets: Vec<Secret>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Secret {
    text: String,
    /// The time at which it ceases to sign; none for the newest.
    until: Option<u64>,
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secret").field("until", &self.until).finish_non_exhaustive()
    }
}

impl Webhook {
    /// A webhook with a new secret.
    pub(crate) fn new(
        owner: (AccountId, PublicKey),
        url: String,
        (body, filter): (EventFilterBody, &EventFilter),
        created: u64,
    ) -> Self {
        let ((account, key), filtered) = (owner, filter.account);
        Self {
            account,
            key: key.into(),
            url,
            filter: body,
            owner: filtered.map(|(_, owner)| owner.into()),
            created,
            secrets: vec![Secret { text: new_secret(), until: None }],
        }
    }

    /// The events that it is told of.
    pub(crate) fn event_filter(&self) -> EventFilter {
        let EventFilterBody { types, account, license, block } = &self.filter;
        EventFilter {
            kinds: types.iter().copied().map(event_kind).collect(),
            account: account.zip(self.owner).map(|(account, owner)| (account, owner.0)),
            license: *license,
            block: block.map(|block| block.0),
        }
    }

    /// True if it is an account's, and the account still has the key that registered it.
    pub(crate) fn is_of(&self, account: AccountId, key: &PublicKey) -> bool {
        self.account == account && self.key.0 == *key
    }

    /// The secrets that sign at a time, the newest first.
    pub(crate) fn secrets(&self, now: u64) -> Vec<String> {
        let valid = self.secrets.iter().filter(|secret| secret.until.is_none_or(|end| now < end));
        valid.map(|secret| secret.text.clone()).collect()
    }

    /// The newest secret.
    pub(crate) fn secret(&self) -> String {
        self.secrets.first().map(|secret| secret.text.clone()).unwrap_or_default()
    }

    /// Puts a new secret in the position of the newest, which signs too until `until`. One that was
    /// about to cease ceases now: there are never more than two.
    pub(crate) fn rotate(&mut self, until: u64) {
        self.secrets.truncate(1);
        for secret in &mut self.secrets {
            secret.until = Some(until);
        }
        self.secrets.insert(0, Secret { text: new_secret(), until: None });
    }
}

fn new_secret() -> String {
    format!("whsec_{}", hex::encode(rand::random::<[u8; SECRET_BYTES]>()))
}

/// The name of a delivery: by webhook, then by time, so that they list in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct DeliveryKey {
    pub(crate) webhook: WireBytes32,
    /// The time at which it was queued.
    pub(crate) queued: u64,
    pub(crate) event: WireBytes32,
}

impl DeliveryKey {
    pub(super) const BYTES: usize = 32 + 8 + 32;

    pub(super) fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[..32].copy_from_slice(&self.webhook.0.0);
        bytes[32..40].copy_from_slice(&self.queued.to_be_bytes());
        bytes[40..].copy_from_slice(&self.event.0.0);
        bytes
    }

    /// Its position in a list: the time, and the beginning of the event's name.
    pub(crate) fn position(&self) -> (u64, u32) {
        let [a, b, c, d, ..] = self.event.0.0;
        (self.queued, u32::from_be_bytes([a, b, c, d]))
    }

    /// The last that could be at a position.
    pub(super) fn last_at(webhook: WireBytes32, (queued, start): (u64, u32)) -> Self {
        let mut event = [0xff; 32];
        event[..4].copy_from_slice(&start.to_be_bytes());
        Self { webhook, queued, event: Bytes32(event).into() }
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (webhook, rest) = bytes.split_first_chunk()?;
        let (queued, rest) = rest.split_first_chunk()?;
        let event: [u8; 32] = rest.try_into().ok()?;
        Some(Self {
            webhook: Bytes32(*webhook).into(),
            queued: u64::from_be_bytes(*queued),
            event: Bytes32(event).into(),
        })
    }
}

/// An event on its way to a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Delivery {
    /// The event's type.
    pub(crate) kind: String,
    /// The body that is posted, the same each time.
    pub(crate) body: Vec<u8>,
    pub(crate) state: DeliveryState,
    pub(crate) attempts: u32,
    /// Attempts since it was queued, or sent again by request: pauses grow with them.
    pub(crate) attempts_in_turn: u32,
    /// The time of the last attempt.
    pub(crate) attempted: Option<u64>,
    /// The time of the next attempt, while it is pending.
    pub(crate) due: Option<u64>,
    /// The time after which it is given up.
    pub(crate) until: u64,
    pub(crate) status: Option<u16>,
    pub(crate) fault: Option<DeliveryFault>,
}

impl Delivery {
    /// A delivery that is due now.
    pub(crate) const fn new(kind: String, body: Vec<u8>, now: u64, until: u64) -> Self {
        Self {
            kind,
            body,
            state: DeliveryState::Pending,
            attempts: 0,
            attempts_in_turn: 0,
            attempted: None,
            due: Some(now),
            until,
            status: None,
            fault: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn webhook() -> Webhook {
        let key = *farthing_testkit::key(1).public_key();
        let owner = (AccountId::from(1), key);
        let filter = EventFilter::default();
        let wanted = (EventFilterBody::default(), &filter);
        Webhook::new(owner, "https://a.example/".to_owned(), wanted, 5)
    }

    #[test]
    fn two_secrets_sign_during_a_rotation_and_one_after_it() {
        let mut webhook = webhook();
        let first = webhook.secret();
        assert!(first.starts_with("whsec_") && first.len() == 6 + 2 * SECRET_BYTES);
        assert_eq!(webhook.secrets(10), std::slice::from_ref(&first));
        webhook.rotate(100);
        let second = webhook.secret();
        assert_ne!(first, second);
        assert_eq!(webhook.secrets(99), [second.clone(), first.clone()]);
        assert_eq!(webhook.secrets(100), std::slice::from_ref(&second));
        webhook.rotate(200);
        let third = webhook.secret();
        assert_eq!(webhook.secrets(50), [third.clone(), second], "the first ceased early");
        webhook.rotate(0);
        assert_eq!(webhook.secrets(300), [webhook.secret()], "at once");
    }

    #[test]
    fn a_secret_is_in_no_debug_text_and_survives_the_store() -> Result<(), serde_json::Error> {
        let webhook = webhook();
        assert!(!format!("{webhook:?}").contains("whsec_"));
        let again: Webhook = serde_json::from_slice(&serde_json::to_vec(&webhook)?)?;
        assert_eq!(again.secrets(0), webhook.secrets(0));
        let key = *farthing_testkit::key(1).public_key();
        let other = *farthing_testkit::key(2).public_key();
        assert!(again.is_of(AccountId::from(1), &key));
        assert!(!again.is_of(AccountId::from(2), &key) && !again.is_of(AccountId::from(1), &other));
        Ok(())
    }

    #[test]
    fn a_delivery_key_survives_its_bytes() {
        let [webhook, event] = [3, 9].map(|byte| Bytes32([byte; 32]).into());
        let key = DeliveryKey { webhook, queued: 7, event };
        assert_eq!(DeliveryKey::from_bytes(&key.to_bytes()), Some(key));
        assert_eq!(DeliveryKey::from_bytes(&key.to_bytes()[1..]), None);
        let last = DeliveryKey::last_at(webhook, key.position());
        assert!(last.to_bytes() > key.to_bytes() && last.position() == key.position());
    }
}
