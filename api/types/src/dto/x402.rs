//! Payments by x402, version 2: the bodies of a facilitator's routes. Names and forms are those of
//! that protocol. It grows with each release, so unknown fields are taken; only the payload is ours.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::object::objects;
use super::{IntentBody, WireBatchNumber, WireIntentId};

/// The version of the protocol.
pub const X402_VERSION: u32 = 2;
/// The scheme: an exact amount for each payment.
pub const X402_SCHEME: &str = "exact";
/// The namespace of networks; the reference is the first 32 digits of the deployment's digest.
pub const X402_NAMESPACE: &str = "farthing";
/// The extension by which a buyer names a payment, to ask for its result again.
pub const X402_PAYMENT_IDENTIFIER: &str = "payment-identifier";
/// The places of an amount after the point: nano.
pub const X402_DECIMALS: u32 = 9;

objects!(X402Request, PaymentPayloadBody, PaymentRequirementsBody, ExactPayloadBody);

/// A payment, and what the resource server asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", remote = "Self")]
pub struct X402Request {
    /// The protocol's version.
    #[cfg_attr(feature = "openapi", schema(example = 2))]
    pub x402_version: u32,
    /// The payment, as the buyer sent it.
    pub payment_payload: PaymentPayloadBody,
    /// The requirements, by the resource server.
    pub payment_requirements: PaymentRequirementsBody,
}

/// A payment, as a buyer sends it to a resource server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", remote = "Self")]
pub struct PaymentPayloadBody {
    /// The protocol's version.
    #[cfg_attr(feature = "openapi", schema(example = 2))]
    pub x402_version: u32,
    /// The requirements that the buyer chose.
    pub accepted: PaymentRequirementsBody,
    /// The scheme's part, `{"intent": …}`: a signed payment to the license, as `/v1/intents` takes it.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub payload: Map<String, Value>,
    /// Extensions by name; `payment-identifier` is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub extensions: Option<Map<String, Value>>,
}

/// The terms of a payment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", remote = "Self")]
pub struct PaymentRequirementsBody {
    /// `exact`.
    #[cfg_attr(feature = "openapi", schema(example = "exact"))]
    pub scheme: String,
    /// `farthing:` and the first 32 hexadecimal digits of the deployment's digest.
    #[cfg_attr(feature = "openapi", schema(example = "farthing:00112233445566778899aabbccddeeff"))]
    pub network: String,
    /// Nano-units, in decimal digits.
    #[cfg_attr(feature = "openapi", schema(example = "5000"))]
    pub amount: String,
    /// The settlement token's address on L1.
    pub asset: String,
    /// `license:` and the license's number.
    #[cfg_attr(feature = "openapi", schema(example = "license:3"))]
    pub pay_to: String,
    /// Seconds that the payment may take.
    #[cfg_attr(feature = "openapi", schema(example = 300))]
    pub max_timeout_seconds: f64,
    /// `resource` binds the payment's memo to a resource; `acceptsRepeats` lets a repeat with the same
    /// payment identifier succeed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub extra: Option<Map<String, Value>>,
}

/// The payload of scheme `exact`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct ExactPayloadBody {
    /// The payment, signed.
    pub intent: IntentBody,
}

/// The answer to a request to check a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct VerifyAnswer {
    /// True if it would be accepted now. Nothing is reserved.
    pub is_valid: bool,
    /// The reason of a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invalid_reason: Option<String>,
    /// An explanation of the refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invalid_message: Option<String>,
    /// `account:` and the payer's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payer: Option<String>,
}

/// The answer to a request to make a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SettleAnswer {
    /// True if the resource may be released: once for each payment.
    pub success: bool,
    /// The reason of a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_reason: Option<String>,
    /// An explanation of the refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// `account:` and the payer's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payer: Option<String>,
    /// The intent's id; empty if it was not accepted.
    pub transaction: String,
    /// The network.
    pub network: String,
    /// Nano-units paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// The intent's place, if it was accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<SettleExtra>,
}

/// The place of an accepted payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SettleExtra {
    /// `accepted`: it is durable and will be settled.
    #[cfg_attr(feature = "openapi", schema(example = "accepted"))]
    pub status: String,
    /// The batch that settles it.
    pub batch: WireBatchNumber,
    /// The path of its receipt, once the batch is sealed.
    pub receipt: String,
    /// True if the payment had been accepted before.
    pub repeated: bool,
}

/// Schemes, networks and extensions of a facilitator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SupportedBody {
    /// Schemes and networks.
    pub kinds: Vec<SupportedKindBody>,
    /// Extensions that it reads.
    pub extensions: Vec<String>,
    /// Keys that sign for buyers, by network: none.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub signers: std::collections::BTreeMap<String, Vec<String>>,
}

/// A scheme on a network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SupportedKindBody {
    /// The protocol's version.
    #[cfg_attr(feature = "openapi", schema(example = 2))]
    pub x402_version: u32,
    /// The scheme.
    #[cfg_attr(feature = "openapi", schema(example = "exact"))]
    pub scheme: String,
    /// The network.
    pub network: String,
    /// Facts of the deployment.
    pub extra: SupportedExtra,
}

/// Facts of a deployment that a resource server passes on to buyers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SupportedExtra {
    /// The settlement token's address on L1, if the node knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset: Option<super::WireAddress>,
    /// The decimals of an amount.
    #[cfg_attr(feature = "openapi", schema(example = 9))]
    pub decimals: u32,
    /// The deployment's chain.
    pub chain_id: u64,
    /// The rollup's contract.
    pub contract: super::WireAddress,
    /// The least fee of a payment, in nano-units, on top of its amount.
    pub least_fee: super::WireFee,
}

impl SettleExtra {
    /// The place of an accepted payment.
    pub fn accepted(id: WireIntentId, batch: WireBatchNumber, repeated: bool) -> Self {
        let receipt = format!("/v1/intents/{id}/receipt");
        Self { status: "accepted".to_owned(), batch, receipt, repeated }
    }
}
