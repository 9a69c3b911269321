//! Problem details (RFC 9457) with stable codes: the body of every error.

use std::fmt::Write as _;

use farthing_protocol::ErrorCode;
use serde::{Deserialize, Serialize};
use thiserror::Error;

macro_rules! problem_codes {
    ($($(#[doc = $title:literal])* $variant:ident = $code:literal, $status:literal;)*) => {
        /// The code of a problem: stable across versions, never used for anything else.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub enum ProblemCode {
            $($(#[doc = $title])* #[serde(rename = $code)] $variant,)*
        }

        impl ProblemCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code as it stands in JSON.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The HTTP status that goes with it.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// The same for every occurrence.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => concat!($($title,)*).trim_ascii(),)* }
            }
        }
    };
}

problem_codes! {
    /// There is no such route.
    RouteNotFound = "route_not_found", 404;
    /// The request must carry one Host header, and carries none or several.
    InvalidHost = "invalid_host", 400;
    /// The X-Request-Id header is not 1 to 64 visible ASCII characters.
    InvalidRequestId = "invalid_request_id", 400;
    /// The route has no such method.
    MethodNotAllowed = "method_not_allowed", 405;
    /// The body did not arrive in time.
    RequestTimeout = "request_timeout", 408;
    /// The body is larger than the limit.
    BodyTooLarge = "body_too_large", 413;
    /// The body is not application/json in UTF-8 without a content encoding.
    UnsupportedMediaType = "unsupported_media_type", 415;
    /// The body could not be read.
    BodyUnreadable = "body_unreadable", 400;
    /// The body is not JSON.
    MalformedJson = "malformed_json", 400;
    /// The body is JSON, but does not match the schema of the route.
    InvalidBody = "invalid_body", 422;
    /// A part of the path is malformed or out of range.
    InvalidPath = "invalid_path", 400;
    /// A query parameter is missing, unknown or out of range.
    InvalidQuery = "invalid_query", 400;
    /// The cursor does not belong to this list.
    InvalidCursor = "invalid_cursor", 400;
    /// The Idempotency-Key header is not 1 to 128 visible ASCII characters.
    InvalidIdempotencyKey = "invalid_idempotency_key", 400;
    /// The Idempotency-Key was used with another body, and that request took effect.
    IdempotencyConflict = "idempotency_conflict", 409;
    /// The node cannot store Idempotency-Keys now: the request had no effect.
    IdempotencyUnavailable = "idempotency_unavailable", 503;
    /// The Farthing-Signature header is missing or malformed: the account's key signs the request.
    RequestNotSigned = "request_not_signed", 400;
    /// The signature's time is too far from the node's clock: sign the request again.
    RequestStale = "request_stale", 422;
    /// The same signed request was carried out before: sign it again to repeat it.
    RequestRepeated = "request_repeated", 409;
    /// This node does not post to the webhook's URL.
    InvalidWebhookUrl = "invalid_webhook_url", 422;
    /// The account or the node has reached its limit of webhooks.
    TooManyWebhooks = "too_many_webhooks", 409;
    /// The account has no such webhook.
    WebhookNotFound = "webhook_not_found", 404;
    /// The webhook has no such event, or the node no longer keeps it.
    EventNotFound = "event_not_found", 404;
    /// The body does not follow the schema of provenance manifests.
    InvalidManifest = "invalid_manifest", 422;
    /// The account or the node has reached its limit of manifests.
    TooManyManifests = "too_many_manifests", 409;
    /// The node has no such manifest.
    ManifestNotFound = "manifest_not_found", 404;
    /// The request holds too many items.
    TooManyItems = "too_many_items", 422;
    /// Too many requests from this address.
    RateLimited = "rate_limited", 429;
    /// The limit of free account openings is reached: try again later, or deposit on L1.
    AccountQuota = "account_quota", 429;
    /// Too many batches wait for a proof: try again later.
    ProofsBehind = "proofs_behind", 503;
    /// The node's clock is ahead of L1's: the node accepts nothing new until the clocks agree.
    ClockAhead = "clock_ahead", 503;
    /// The rollup is late on L1: the node accepts nothing new until its proofs have caught up.
    RollupLate = "rollup_late", 503;
    /// The rollup is frozen on L1: nothing is settled any more.
    RollupFrozen = "rollup_frozen", 503;
    /// The node is overloaded: try again later.
    Overloaded = "overloaded", 503;
    /// The node does not accept intents now.
    NotReady = "not_ready", 503;
    /// The node did not answer in time: whether the request took effect is not known.
    DeadlineExceeded = "deadline_exceeded", 504;
    /// The node failed while it worked on the request: whether it took effect is not known.
    EffectUnknown = "effect_unknown", 500;
    /// An internal error of the node. Nothing was changed.
    Internal = "internal", 500;

    /// There is no such account.
    AccountNotFound = "account_not_found", 404;
    /// The account is not in a state that is final on L1 yet.
    AccountNotFinal = "account_not_final", 409;
    /// There is no such license.
    LicenseNotFound = "license_not_found", 404;
    /// No such intent was accepted.
    IntentNotFound = "intent_not_found", 404;
    /// This node was rebuilt from L1, which holds no intents: it knows only those of later batches.
    IntentHistoryUnavailable = "intent_history_unavailable", 404;
    /// There is no such sealed batch.
    BatchNotFound = "batch_not_found", 404;
    /// There is no such block.
    BlockNotFound = "block_not_found", 404;
    /// The block is not proven yet.
    ProofNotReady = "proof_not_ready", 409;
    /// This node does not keep the block's proof: it is in the calldata of the transaction on L1.
    ProofNotKept = "proof_not_kept", 404;
    /// The intent's batch is not sealed yet.
    ReceiptNotReady = "receipt_not_ready", 409;

    /// The intent's account does not exist.
    UnknownAccount = "unknown_account", 422;
    /// The intent was accepted, but cannot settle on L1's state: it is dropped permanently.
    IntentDropped = "intent_dropped", 409;
    /// The signature is invalid.
    InvalidSignature = "invalid_signature", 422;
    /// The key of the account is not a point of the curve: no signature is valid for it.
    InvalidKey = "invalid_key", 422;
    /// Another intent of the account used the nonce.
    NonceUsed = "nonce_used", 409;
    /// The nonce is not above the account's largest settled nonce: the intent can never settle.
    NonceTooLow = "nonce_too_low", 409;
    /// A batch that this node took from L1 settled the nonce, or a greater one, of the account. The node
    /// cannot tell whether it held this intent: look for the effect before signing it again.
    NonceUndecided = "nonce_undecided", 409;
    /// The nonce is too far ahead of the clock: it would block the account's later intents.
    NonceTooHigh = "nonce_too_high", 422;
    /// The intent is valid for longer than this node accepts.
    ValidTooLong = "valid_too_long", 422;
    /// The fee is below the least fee of this node.
    FeeTooLow = "fee_too_low", 422;
    /// The owner can claim nothing on L1: it is the zero address, the rollup contract or the token contract.
    InvalidOwner = "invalid_owner", 422;
    /// The intent has expired.
    Expired = "expired", 422;
    /// The license to be paid does not exist.
    UnknownLicense = "unknown_license", 422;
    /// The license, or a parent, is paused or retired: it is neither paid nor derived from.
    LicensePaused = "license_paused", 409;
    /// Another account alone may pay the license; nothing derives from it.
    NotLicensee = "not_licensee", 403;
    /// The open batch registers or updates the license: send the update again once that is sealed.
    LicenseUpdating = "license_updating", 409;
    /// Another account registered the license: it alone updates it.
    NotLicensor = "not_licensor", 403;
    /// The license is retired and never changes again, or is to be retired with terms for others.
    LicenseRetired = "license_retired", 409;
    /// Price times uses is more than an intent can move.
    AmountTooLarge = "amount_too_large", 422;
    /// The amount is not price times uses.
    AmountMismatch = "amount_mismatch", 422;
    /// The account to be credited does not exist.
    UnknownRecipient = "unknown_recipient", 422;
    /// An account or a license does not have the identity or origin that the intent names as its recipient.
    RecipientChanged = "recipient_changed", 422;
    /// A parent license does not exist, or is not older than the new license.
    UnknownParent = "unknown_parent", 422;
    /// The registration leaves a parent license fewer shares than its derivative shares.
    ParentShareTooSmall = "parent_share_too_small", 422;
    /// The license would have too many ancestors.
    TooManyAncestors = "too_many_ancestors", 422;
    /// The lineage is not 1 + the sum of the parents' lineages.
    WrongLineage = "wrong_lineage", 422;
    /// A holder does not exist.
    UnknownHolder = "unknown_holder", 422;
    /// The account's spendable balance is too small.
    InsufficientFunds = "insufficient_funds", 422;
    /// The deposit cap is reached: the node accepts only steps that credit no account.
    DepositCapReached = "deposit_cap_reached", 422;
    /// The intent needs more room than a batch of this node's class has.
    IntentTooLarge = "intent_too_large", 422;
    /// No account number or license number is left.
    IdSpaceExhausted = "id_space_exhausted", 422;
}

macro_rules! from_error_code {
    ($($name:ident,)*) => {
        impl From<ErrorCode> for ProblemCode {
            fn from(code: ErrorCode) -> Self {
                match code { $(ErrorCode::$name => Self::$name,)* }
            }
        }
    };
}

// The compiler refuses a list that leaves out a code of the protocol.
from_error_code! {
    UnknownAccount,
    IntentDropped,
    InvalidSignature,
    InvalidKey,
    NonceUsed,
    NonceTooLow,
    NonceUndecided,
    NonceTooHigh,
    ValidTooLong,
    FeeTooLow,
    InvalidOwner,
    Expired,
    UnknownLicense,
    LicensePaused,
    NotLicensee,
    LicenseUpdating,
    NotLicensor,
    LicenseRetired,
    AmountTooLarge,
    AmountMismatch,
    UnknownRecipient,
    RecipientChanged,
    UnknownParent,
    ParentShareTooSmall,
    TooManyAncestors,
    WrongLineage,
    UnknownHolder,
    InsufficientFunds,
    DepositCapReached,
    IntentTooLarge,
    IdSpaceExhausted,
    LicenseNotFound,
    TooManyItems,
    AccountQuota,
    ProofsBehind,
    ClockAhead,
    RollupLate,
    RollupFrozen,
    Overloaded,
    NotReady,
    Internal,
}

impl ProblemCode {
    /// True if the same request may be sent again, later: it takes effect once.
    pub const fn is_retryable(self) -> bool {
        matches!(
            self,
            Self::RequestTimeout
                | Self::RateLimited
                | Self::AccountQuota
                | Self::ProofsBehind
                | Self::ClockAhead
                | Self::RollupLate
                | Self::Overloaded
                | Self::NotReady
                | Self::DeadlineExceeded
                | Self::IdempotencyUnavailable
                | Self::EffectUnknown
                | Self::LicenseUpdating
        )
    }
}

/// The schema, by hand: the derive does not see names that a macro gives to serde.
#[cfg(feature = "openapi")]
mod schema {
    use utoipa::openapi::RefOr;
    use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
    use utoipa::{PartialSchema, ToSchema};

    use super::ProblemCode;

    impl PartialSchema for ProblemCode {
        fn schema() -> RefOr<Schema> {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .description(Some(
                    "The code of a problem: stable across versions, never used for anything else.",
                ))
                .enum_values(Some(Self::ALL.iter().map(|code| code.as_str())))
                .into()
        }
    }

    impl ToSchema for ProblemCode {}
}

impl std::fmt::Display for ProblemCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A problem (RFC 9457), `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Error)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[error("{code}: {}", .detail.as_deref().unwrap_or(.title))]
pub struct Problem {
    /// The explanation of the code: `/docs#` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same for every occurrence of the code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The code: stable across versions.
    pub code: ProblemCode,
    /// The detail of this occurrence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The answer's `X-Request-Id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl Problem {
    /// The problem with this code, nothing said about this occurrence.
    pub fn new(code: ProblemCode) -> Self {
        Self {
            kind: format!("/docs#{code}"),
            title: code.title().to_owned(),
            status: code.status(),
            code,
            detail: None,
            request_id: None,
        }
    }

    /// Says what went wrong this time, in at most [`DETAIL_BYTES_MAX`] bytes: a detail may quote
    /// the request, and an answer must not grow with it.
    #[must_use]
    pub fn with_detail(mut self, detail: impl std::fmt::Display) -> Self {
        let mut bounded = Bounded { text: String::new(), cut: false };
        // Writing to it does not fail; a detail that fails to print is cut where it failed.
        let _ = write!(bounded, "{detail}");
        if bounded.cut {
            bounded.text.push('…');
        }
        self.detail = Some(bounded.text);
        self
    }
}

/// The most bytes of a problem's detail; what is longer ends with an ellipsis.
pub const DETAIL_BYTES_MAX: usize = 512;

/// A text that takes no more than [`DETAIL_BYTES_MAX`] bytes, an ellipsis included.
struct Bounded {
    text: String,
    cut: bool,
}

impl std::fmt::Write for Bounded {
    fn write_str(&mut self, more: &str) -> std::fmt::Result {
        let room = DETAIL_BYTES_MAX - '…'.len_utf8() - self.text.len();
        if self.cut || more.len() > room {
            let end = if self.cut { 0 } else { more.floor_char_boundary(room) };
            self.text.push_str(&more[..end]);
            self.cut = true;
        } else {
            self.text.push_str(more);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_survive_json() -> Result<(), serde_json::Error> {
        let mut names: Vec<&str> = ProblemCode::ALL.iter().map(|code| code.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ProblemCode::ALL.len());
        for code in ProblemCode::ALL {
            let json = serde_json::to_string(code)?;
            assert_eq!(json, format!("\"{code}\""));
            assert_eq!(serde_json::from_str::<ProblemCode>(&json)?, *code);
            assert!((400..600).contains(&code.status()) && code.title().ends_with('.'));
        }
        Ok(())
    }

    #[test]
    fn a_detail_is_bounded_whatever_it_quotes() {
        let detail = |text: &str| {
            let problem = Problem::new(ProblemCode::InvalidBody).with_detail(text);
            problem.detail.unwrap_or_default()
        };
        assert_eq!(detail("short"), "short");
        let fits = "x".repeat(DETAIL_BYTES_MAX - '…'.len_utf8());
        assert_eq!(detail(&fits), fits);
        for long in ["x".repeat(1 << 20), "ü".repeat(1 << 20), format!("x{}", "€".repeat(999))] {
            let cut = detail(&long);
            assert!(cut.len() <= DETAIL_BYTES_MAX && cut.ends_with('…'), "{} bytes", cut.len());
            assert!(cut.len() + 8 > DETAIL_BYTES_MAX, "as much as fits");
        }
    }
}
