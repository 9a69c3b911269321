//! Withdrawals, and what a claim on L1 needs.

use farthing_protocol::AccountId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{WireAddress, WireBatchNumber, WireBytes32, WireIntentId};

/// How far a withdrawal has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WithdrawalStage {
    /// Its batch is sealed; not yet proven.
    Sequenced,
    /// A proof of its block exists.
    Proven,
    /// It can be claimed on L1.
    Finalized,
}

/// A withdrawal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WithdrawalBody {
    /// The batch that made it.
    pub batch: WireBatchNumber,
    /// Its place among the withdrawals of the batch.
    pub index: u32,
    /// The account that it left.
    #[schema(value_type = u32, example = 7)]
    pub account: AccountId,
    /// Who is paid on L1.
    pub owner: WireAddress,
    /// Base units of the token, as a decimal string.
    pub base_units: String,
    /// The intent that asked for it; absent if L1 forced it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intent: Option<WireIntentId>,
    /// How far it has come.
    pub status: WithdrawalStage,
    /// What the contract's `claim` takes, once finalized.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<ClaimBody>,
}

/// The arguments of the contract's `claim`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClaimBody {
    /// The contract.
    pub contract: WireAddress,
    /// The chain.
    pub chain_id: u64,
    /// The siblings from the leaf up, in the keccak tree of the batch's withdrawals.
    pub proof: Vec<WireBytes32>,
}
