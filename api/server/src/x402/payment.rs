//! The comparison of a payment with its requirements, before admission.

use farthing_aggregator::Info;
use farthing_api_types::dto::{
    ExactPayloadBody, PaymentPayloadBody, PaymentRequirementsBody, WireAddress,
    X402_PAYMENT_IDENTIFIER, X402_SCHEME, X402_VERSION, X402Request,
};
use farthing_protocol::{Amount, Bytes32, LicenseId, Operation, Pay, SignedIntent, UnixTime};
use serde_json::{Map, Value};
use sha3::{Digest as _, Keccak256};

use super::{Refusal, network};
use crate::http::ParamText as _;

/// Seconds that a payment must still be valid for when it is verified: a resource server that settles
/// after its work would else find it expired.
const SLACK_SECONDS: u64 = 6;
/// The first line of the text that a memo commits to.
const MEMO_TAG: &str = "farthing x402";
const PAY_TO_PREFIX: &str = "license:";
/// Characters of a payment identifier.
const IDENTIFIER_LENGTHS: std::ops::RangeInclusive<usize> = 16..=128;

/// Names of `extra` that the requirements may have.
const RESOURCE: &str = "resource";
const ACCEPTS_REPEATS: &str = "acceptsRepeats";

/// A payment that agrees with its requirements; whether it is admitted is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Payment {
    pub(crate) signed: SignedIntent,
    pub(crate) pay: Pay,
    /// The resource server lets a repeat succeed, and the signed memo commits to the payment identifier
    /// that came with this one: it is the same purchase.
    pub(crate) may_repeat: bool,
}

impl Payment {
    /// Reads a payment and compares it with its requirements.
    pub(crate) fn read(request: X402Request, info: &Info) -> Result<Self, Refusal> {
        let X402Request { x402_version, payment_payload, payment_requirements: required } = request;
        if x402_version != X402_VERSION || payment_payload.x402_version != X402_VERSION {
            return Err(wrong_version());
        }
        let (license, amount) = terms(&required, info)?;
        let PaymentPayloadBody { accepted, payload, extensions, .. } = payment_payload;
        if !agrees(&accepted, &required) {
            let message = "the accepted requirements differ from those of the resource server";
            return Err(Refusal::new("invalid_payment_requirements", message));
        }
        let identifier = identifier(extensions.as_ref())?;
        let payload = serde_json::from_value::<ExactPayloadBody>(Value::Object(payload));
        let payload = payload.map_err(|error| invalid_payload(format_args!("payload: {error}")))?;
        let signed = SignedIntent::try_from(payload.intent);
        let signed = signed.map_err(|error| invalid_payload(format_args!("intent: {error}")))?;
        let payer = signed.intent.account;
        let Operation::Pay(pay) = &signed.intent.operation else {
            let message = "the intent is not a payment to a license";
            return Err(Refusal::new("invalid_payload", message).with_payer(payer));
        };
        let pay = *pay;
        let refused =
            |reason, message: String| Err(Refusal::new(reason, message).with_payer(payer));
        if pay.license != license {
            let message = format!("license {} is paid, and {license} is required", pay.license);
            return refused("invalid_exact_farthing_payload_recipient_mismatch", message);
        }
        if pay.amount != amount {
            let message = format!("{} nano are paid, and {amount} are required", pay.amount);
            return refused("invalid_exact_farthing_payload_amount_mismatch", message);
        }
        let resource = text(required.extra.as_ref(), RESOURCE);
        if resource.is_some_and(|resource| pay.memo != memo(resource, identifier.as_deref())) {
            let message = "the memo is not of this resource and payment identifier".to_owned();
            return refused("invalid_exact_farthing_payload_memo_mismatch", message);
        }
        let allowed = flag(required.extra.as_ref(), ACCEPTS_REPEATS);
        let may_repeat = allowed && resource.is_some() && identifier.is_some();
        Ok(Self { signed, pay, may_repeat })
    }

    /// Refuses a payment that could expire while the resource is made.
    pub(crate) fn check_slack(&self, now: u64) -> Result<(), Refusal> {
        let least = UnixTime::new(now.saturating_add(SLACK_SECONDS)).unwrap_or(UnixTime::MAX);
        let got = self.signed.intent.valid_until;
        if got >= least {
            return Ok(());
        }
        let message = format!("valid until {got}, and must be until {least} at least");
        let refusal = Refusal::new("invalid_exact_farthing_payload_expired", message);
        Err(refusal.with_payer(self.signed.intent.account))
    }
}

/// The refusal of another version of the protocol.
pub(crate) fn wrong_version() -> Refusal {
    Refusal::new("invalid_x402_version", format!("expected version {X402_VERSION}"))
}

/// The memo of a payment for a resource: keccak256 of three lines, the second empty without an
/// identifier. An identifier has no line break, so no two pairs have the same text.
fn memo(resource: &str, identifier: Option<&str>) -> Bytes32 {
    let text = format!("{MEMO_TAG}\n{}\n{resource}", identifier.unwrap_or_default());
    Bytes32(Keccak256::digest(text.as_bytes()).into())
}

/// License and amount of the requirements, which are for this scheme and deployment.
fn terms(required: &PaymentRequirementsBody, info: &Info) -> Result<(LicenseId, Amount), Refusal> {
    let network = network(info);
    if required.scheme != X402_SCHEME {
        return Err(Refusal::new("unsupported_scheme", format!("expected {X402_SCHEME}")));
    }
    if required.network != network {
        return Err(Refusal::new("invalid_network", format!("this node serves {network}")));
    }
    let wrong = |message: &str| Err(Refusal::new("invalid_payment_requirements", message));
    if let Some(token) = info.rules.token
        && required.asset.parse::<WireAddress>().ok() != Some(token.into())
    {
        return wrong("asset: expected the address of the settlement token on L1");
    }
    let license = required.pay_to.strip_prefix(PAY_TO_PREFIX);
    let Some(license) = license.and_then(|id| u32::parse(id).ok()) else {
        return wrong("payTo: expected license: and the number of a license");
    };
    let amount = u64::parse(&required.amount).ok().and_then(|nano| Amount::new(nano).ok());
    match amount {
        Some(amount) => Ok((license.into(), amount)),
        None => wrong("amount: expected nano-units in decimal digits, within an intent's range"),
    }
}

/// True if the buyer accepted these requirements. A buyer may add to `extra`.
fn agrees(accepted: &PaymentRequirementsBody, required: &PaymentRequirementsBody) -> bool {
    let terms =
        |of: &PaymentRequirementsBody| PaymentRequirementsBody { extra: None, ..of.clone() };
    let added = accepted.extra.as_ref();
    terms(accepted) == terms(required)
        && required.extra.iter().flatten().all(|(name, value)| {
            added.and_then(|extra| extra.get(name)).unwrap_or(&Value::Null) == value
        })
}

/// The buyer's name for the payment, if there is one.
fn identifier(extensions: Option<&Map<String, Value>>) -> Result<Option<String>, Refusal> {
    let extension = extensions.and_then(|extensions| extensions.get(X402_PAYMENT_IDENTIFIER));
    let id = extension.and_then(|extension| extension.get("info")?.get("id"));
    let Some(id) = id.filter(|id| !id.is_null()) else { return Ok(None) };
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    match id.as_str() {
        Some(id) if IDENTIFIER_LENGTHS.contains(&id.len()) && id.bytes().all(allowed) => {
            Ok(Some(id.to_owned()))
        }
        _ => Err(invalid_payload(
            "payment-identifier: expected 16 to 128 letters, digits, hyphens and underscores",
        )),
    }
}

/// A refusal whose message may quote the request: it is bounded like a problem's.
fn invalid_payload(message: impl std::fmt::Display) -> Refusal {
    use farthing_api_types::{Problem, ProblemCode};
    let detail = Problem::new(ProblemCode::InvalidBody).with_detail(message).detail;
    Refusal::new("invalid_payload", detail.unwrap_or_default())
}

fn text<'v>(extra: Option<&'v Map<String, Value>>, name: &str) -> Option<&'v str> {
    extra?.get(name)?.as_str()
}

fn flag(extra: Option<&Map<String, Value>>, name: &str) -> bool {
    extra.and_then(|extra| extra.get(name)).and_then(Value::as_bool).unwrap_or(false)
}
