//! Batches, blocks, proofs.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    BatchStatementBody, BlockStatementBody, L1Location, WireBatchNumber, WireBytes, WireDigest,
};

/// How far a sealed batch, or a block, has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlockStage {
    /// Sealed; not yet proven.
    Sequenced,
    /// A proof of its block exists.
    Proven,
    /// L1 has verified the block, and the transaction is final.
    Finalized,
}

/// A sealed batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BatchBody {
    /// How far it has come.
    pub status: BlockStage,
    /// What its proof says.
    pub statement: BatchStatementBody,
    /// A leaf of its block's batches root.
    pub digest: WireDigest,
    /// The block that holds it, once there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block: Option<u64>,
}

/// A block: consecutive batches under one proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BlockBody {
    /// Its number; the first is 0.
    pub number: u64,
    /// How far it has come.
    pub status: BlockStage,
    /// Its first batch.
    pub first_batch: WireBatchNumber,
    /// How many batches.
    pub batches: u32,
    /// What its proof says, once proven.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<BlockStatementBody>,
    /// Where L1 verified it, once submitted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub l1: Option<L1Location>,
}

/// What the contract's verifier is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BlockProofBody {
    /// The block.
    pub number: u64,
    /// The statement's 22 elements, eight big-endian bytes each.
    pub statement: WireBytes,
    /// The proof.
    pub proof: WireBytes,
}
