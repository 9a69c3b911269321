//! Webhooks: events that the node posts to an account's URL.

use farthing_protocol::{AccountId, LicenseId, UnixTime};
use serde::{Deserialize, Serialize};

use super::object::objects;
use super::{EventType, WireBlockNumber, WireBytes32};

objects!(RegisterWebhookBody, RotateSecretBody, ResendBody, TestWebhookBody);

/// A request for a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct RegisterWebhookBody {
    /// The URL to which events are posted: `https`, without user, password and fragment. Its host has
    /// public addresses only.
    #[cfg_attr(
        feature = "openapi",
        schema(max_length = 1024, example = "https://app.example/hook")
    )]
    pub url: String,
    /// The events that are posted.
    #[serde(default)]
    pub filter: EventFilterBody,
}

/// Conditions on events; an event must meet all that are given. Without any, all events are posted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EventFilterBody {
    /// The event has one of these types; every type if the list is empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(max_items = 16))]
    pub types: Vec<EventType>,
    /// The event pays this account: a license in which it holds shares, or its owner on L1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u32>))]
    pub account: Option<AccountId>,
    /// The event pays or updates this license.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u32>))]
    pub license: Option<LicenseId>,
    /// The event is a step of this block, or a payout in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<WireBlockNumber>,
}

/// A webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookBody {
    /// Its name.
    pub id: WireBytes32,
    /// The account that registered it.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, example = 7))]
    pub account: AccountId,
    /// The URL to which events are posted.
    pub url: String,
    /// The events that are posted.
    pub filter: EventFilterBody,
    /// Unix seconds of its registration. Events from then on are posted.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub created: UnixTime,
    /// Number of secrets that sign: two while one replaces the other.
    pub secrets: u32,
    /// Events that the URL has not yet answered.
    pub pending: u64,
}

/// A webhook and its new secret, which no later answer shows.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookSecretBody {
    /// The webhook.
    pub webhook: WebhookBody,
    /// The secret that signs the posted events.
    #[cfg_attr(feature = "openapi", schema(pattern = "^whsec_[0-9a-f]{64}$"))]
    pub secret: String,
}

impl std::fmt::Debug for WebhookSecretBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { webhook, secret: _ } = self;
        f.debug_struct("WebhookSecretBody").field("webhook", webhook).finish_non_exhaustive()
    }
}

/// The webhooks of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookList {
    /// All of them.
    pub items: Vec<WebhookBody>,
}

/// A request for a new secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct RotateSecretBody {
    /// Seconds for which the old secret signs too, at most a week; a day if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 604_800))]
    pub keep_seconds: Option<u32>,
}

/// A request to post a test event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct TestWebhookBody {}

/// A request to post an event again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct ResendBody {
    /// The event's id.
    pub event: WireBytes32,
}

/// The state of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It is tried until the URL takes it, for three days.
    Pending,
    /// The URL answered 2xx.
    Delivered,
    /// The URL did not take it in three days. It can be sent again.
    GivenUp,
}

/// The reason why the last attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeliveryFault {
    /// The host has an address that is not public.
    PrivateAddress,
    /// The host has no address.
    Unresolved,
    /// No connection, or no TLS.
    Connection,
    /// No answer in time.
    Timeout,
    /// An answer with a status other than 2xx. Redirects are not followed.
    Status,
}

/// The delivery of an event to a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeliveryBody {
    /// The event's id.
    pub event: WireBytes32,
    /// The event's type, or `webhook.test`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its state.
    pub state: DeliveryState,
    /// Number of attempts made.
    pub attempts: u32,
    /// The time of the last attempt, in unix seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u64>))]
    pub attempted: Option<UnixTime>,
    /// The time of the next attempt, in unix seconds, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u64>))]
    pub next_attempt: Option<UnixTime>,
    /// The status of the last answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u32>, minimum = 100, maximum = 999))]
    pub status: Option<u16>,
    /// The reason why the last attempt failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<DeliveryFault>,
}
