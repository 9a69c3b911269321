//! Payouts on L1, and the arguments of their claims.

use farthing_protocol::Stage;
use serde::{Deserialize, Serialize};

use super::{WireAddress, WireBaseUnits, WireBatchNumber, WireBytes32};

/// The reason of a payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PayoutReasonName {
    /// A withdrawal or a forced exit.
    Withdrawal,
    /// A deposit that was refused.
    RefusedDeposit,
}

/// A payout: an amount that L1 pays to an owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PayoutBody {
    /// The L1 address that is paid.
    pub owner: WireAddress,
    /// The batch that made it.
    pub batch: WireBatchNumber,
    /// Its index among the payouts of the batch.
    pub index: u32,
    /// The chunk of public data that holds it.
    pub chunk: u32,
    /// Base units of the token.
    pub base_units: WireBaseUnits,
    /// The reason of the payout.
    pub reason: PayoutReasonName,
    /// The stage of its batch: it can be claimed when finalized.
    #[cfg_attr(feature = "openapi", schema(schema_with = super::schema::sealed_stages))]
    pub status: Stage,
    /// The other arguments of the contract's `claim`, once finalized.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<ClaimBody>,
}

/// Arguments of the contract's `claim` besides batch, chunk, index, owner and base units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClaimBody {
    /// The chain.
    pub chain_id: u64,
    /// The contract.
    pub contract: WireAddress,
    /// The siblings in the chunk's keccak tree, from the leaf's own sibling up.
    pub path: Vec<WireBytes32>,
}
