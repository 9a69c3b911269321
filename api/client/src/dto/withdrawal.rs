//! What L1 pays out, and what a claim needs.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BlockStage, WireAddress, WireBatchNumber, WireBytes32};

/// Why L1 pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WithdrawalReason {
    /// A withdrawal or a forced exit.
    Withdrawal,
    /// A deposit that was refused.
    RefusedDeposit,
}

/// What L1 pays to an owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WithdrawalBody {
    /// Who is paid.
    pub owner: WireAddress,
    /// The batch that made it.
    pub batch: WireBatchNumber,
    /// Its place among the payouts of the batch.
    pub index: u32,
    /// The chunk of public data that names it.
    pub chunk: u32,
    /// Base units of the token, a decimal string.
    pub base_units: String,
    /// Why L1 pays.
    pub reason: WithdrawalReason,
    /// How far its batch has come: it can be claimed when finalized.
    pub status: BlockStage,
    /// What the contract's `claim` takes besides, once finalized.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<ClaimBody>,
}

/// What the contract's `claim` takes besides batch, chunk, index, owner and base units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClaimBody {
    /// The chain.
    pub chain_id: u64,
    /// The contract.
    pub contract: WireAddress,
    /// The siblings in the chunk's keccak tree, from the leaf's own up.
    pub path: Vec<WireBytes32>,
}
