//! A node's description of itself.

use serde::{Deserialize, Serialize};

use super::{WireAddress, WireDigest, WireFee};

/// The program's version and the deployment that it serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VersionBody {
    /// `farthing`.
    pub name: String,
    /// The program's version.
    pub version: String,
    /// The version of messages, leaves and statements.
    pub protocol_version: u32,
    /// The chain id of L1.
    pub chain_id: u64,
    /// The rollup contract on L1.
    pub contract: WireAddress,
    /// The domain of signatures: a hash of protocol version, chain id and contract.
    pub domain: WireDigest,
    /// The name of the class of batches.
    pub batch_class: String,
    /// Rules for intents and for requests for accounts beyond the protocol.
    pub admission: AdmissionBody,
    /// Limits of requests.
    pub limits: LimitsBody,
}

/// The operator's rules for intents and for requests for accounts beyond the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdmissionBody {
    /// The most seconds that a nonce, read as microseconds since 1970, may be ahead of the node's
    /// clock.
    pub nonce_ahead_seconds_max: u64,
    /// The longest validity of an intent, in seconds.
    pub validity_seconds_max: u64,
    /// The least fee of each operation.
    pub least_fees: LeastFeesBody,
    /// Accounts opened by request per minute on average, for all clients together.
    pub accounts_per_minute: u32,
    /// The most accounts opened by request at once.
    pub accounts_burst: u32,
    /// Unproven batches at which the node accepts nothing new; absent if the node does not prove.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unproven_batches_max: Option<u32>,
}

/// The least fee of each operation, in nano-units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeastFeesBody {
    /// The least fee of a payment.
    pub pay: WireFee,
    /// The least fee of a transfer.
    pub transfer: WireFee,
    /// The least fee of a withdrawal.
    pub withdraw: WireFee,
    /// The least fee of a registration.
    pub register_license: WireFee,
    /// Of an update of a license.
    pub update_license: WireFee,
}

/// Limits of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LimitsBody {
    /// The most bytes of a request's body.
    pub body_bytes_max: u64,
    /// The most intents of one batch request.
    pub batch_intents_max: u64,
    /// The longest `wait`, in seconds.
    pub wait_seconds_max: u64,
    /// The most items of a page.
    pub page_items_max: u64,
    /// Requests per second from one address on average.
    pub requests_per_second: u32,
    /// The most requests from one address at once.
    pub requests_burst: u32,
}

/// The process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LivenessBody {
    /// Always true.
    pub live: bool,
}

/// The node accepts intents. A node that does not answers 503 `not_ready`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReadinessBody {
    /// Always true.
    pub ready: bool,
    /// Intents for which the sequencer's queue still has room.
    pub room: u64,
}
