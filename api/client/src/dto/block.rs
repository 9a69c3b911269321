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
    /// Its number; the first is 0.
    pub number: WireBatchNumber,
    /// How far it has come.
    pub status: BlockStage,
    /// The block that holds it, once one is formed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<u64>,
    /// What its proof says.
    pub statement: BatchStatementBody,
    /// The statement's digest: a leaf of its block's batches root.
    pub digest: WireDigest,
    /// L1 queue entries consumed.
    pub queue_entries: u32,
    /// Accounts opened.
    pub opened: u32,
    /// Accounts touched.
    pub accounts: u32,
    /// Licenses touched.
    pub licenses: u32,
    /// Withdrawals made.
    pub withdrawals: u32,
    /// Bytes of public data.
    pub public_data_bytes: u32,
}

/// A block: consecutive batches under one proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BlockBody {
    /// Its number; the first is 1.
    pub number: u64,
    /// How far it has come.
    pub status: BlockStage,
    /// What its proof says, or will say.
    pub statement: BlockStatementBody,
    /// Where L1 verified it, once it is there; it stays there for good once `finalized`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
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
