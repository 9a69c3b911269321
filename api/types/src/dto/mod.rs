//! The wire format: what requests and answers say in JSON. Amounts, nonces, batch and block numbers are
//! decimal strings, bytes are `0x` and hexadecimal digits; ids, times and L1 block numbers are numbers.

mod account;
mod block;
mod encoding;
mod event;
mod intent;
mod l1;
mod license;
mod manifest;
mod node;
mod object;
mod page;
mod payout;
mod receipt;
#[cfg(feature = "openapi")]
mod schema;
mod status;
mod webhook;
mod x402;

use farthing_protocol::{
    Address, Amount, BaseUnits, BatchNumber, BlockNumber, Bytes32, Digest, Fee, Felt, IntentId,
    Nano, Nonce, Price, PublicKey, QueueIndex, ShortDigest, Signature,
};

pub use account::{AccountBody, AccountOpened, AccountProofBody, OpenAccountBody};
pub use block::{BatchBody, BlockBody, BlockProofBody};
pub use encoding::{Decimal, DecimalText, Hex, HexText, TextError};
pub use event::{
    BatchSealedBody, BlockFinalizedBody, BlockProvenBody, EventBody, EventData, EventType,
    LicensePaidBody, LicenseUpdatedBody, NotAnEventType, PayoutClaimableBody,
};
pub use intent::{
    BATCH_INTENTS_MAX, DropReasonName, HolderBody, HolderName, IntentAccepted, IntentAnswer,
    IntentBatch, IntentBatchAnswer, IntentBody, IntentBodyError, IntentStatus, OperationBody,
    PayBody, RegisterLicenseBody, TransferBody, UpdateLicenseBody, WithdrawBody, licensee,
};
pub use l1::L1Location;
pub use license::{
    BatchRangeBody, CreditBody, EarningsLineBody, EarningsPage, LicenseBody, LicenseStatusName,
    LicenseVersionBody, LicenseVersionLineBody, PartBody, QuoteBody, QuoteLineBody,
};
pub use manifest::ManifestKept;
pub use node::{
    AdmissionBody, LeastFeesBody, LimitsBody, LivenessBody, ReadinessBody, VersionBody,
};
pub use page::{PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX, Page};
pub use payout::{ClaimBody, PayoutBody, PayoutReasonName};
pub use receipt::{BatchStatementBody, BlockStatementBody, PathBody, ReceiptBlock, ReceiptBody};
pub use status::{L1StatusBody, LagBody, NotReadyReason, StatusBody};
pub use webhook::{
    DeliveryBody, DeliveryFault, DeliveryState, EventFilterBody, RegisterWebhookBody, ResendBody,
    RotateSecretBody, TestWebhookBody, WebhookBody, WebhookList, WebhookSecretBody,
};
pub use x402::{
    ExactPayloadBody, PaymentPayloadBody, PaymentRequirementsBody, SettleAnswer, SettleExtra,
    SupportedBody, SupportedExtra, SupportedKindBody, VerifyAnswer, X402_DECIMALS, X402_NAMESPACE,
    X402_PAYMENT_IDENTIFIER, X402_SCHEME, X402_VERSION, X402Request,
};

/// An account's or a vault's nano-units.
pub type WireNano = Decimal<Nano>;
/// The amount that an intent moves.
pub type WireAmount = Decimal<Amount>;
/// A fee.
pub type WireFee = Decimal<Fee>;
/// A price per use.
pub type WirePrice = Decimal<Price>;
/// A nonce.
pub type WireNonce = Decimal<Nonce>;
/// Base units of the token.
pub type WireBaseUnits = Decimal<BaseUnits>;
/// A batch's number.
pub type WireBatchNumber = Decimal<BatchNumber>;
/// A block's number.
pub type WireBlockNumber = Decimal<BlockNumber>;
/// A queue entry's number.
pub type WireQueueIndex = Decimal<QueueIndex>;
/// A Poseidon2 digest.
pub type WireDigest = Hex<Digest>;
/// A recipient as intents name it.
pub type WireRecipient = Hex<ShortDigest>;
/// An intent's name.
pub type WireIntentId = Hex<IntentId>;
/// Thirty-two bytes.
pub type WireBytes32 = Hex<Bytes32>;
/// An L1 address.
pub type WireAddress = Hex<Address>;
/// A public key.
pub type WirePublicKey = Hex<PublicKey>;
/// A signature.
pub type WireSignature = Hex<Signature>;
/// A field element.
pub type WireFelt = Hex<Felt>;
/// Bytes of any length.
pub type WireBytes = Hex<Vec<u8>>;
