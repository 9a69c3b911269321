//! Batches, blocks, proofs.

use farthing_protocol::Stage;
use serde::{Deserialize, Serialize};

use super::{
    BatchStatementBody, BlockStatementBody, L1Location, WireBatchNumber, WireBlockNumber,
    WireBytes, WireDigest,
};

/// A sealed batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BatchBody {
    /// Its number; the first is 0.
    pub number: WireBatchNumber,
    /// The stage that it has reached.
    #[cfg_attr(feature = "openapi", schema(schema_with = super::schema::sealed_stages))]
    pub status: Stage,
    /// The block that holds it, once one is formed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<WireBlockNumber>,
    /// The statement of its proof.
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlockBody {
    /// Its number; the first is 1.
    pub number: WireBlockNumber,
    /// The stage that it has reached.
    #[cfg_attr(feature = "openapi", schema(schema_with = super::schema::sealed_stages))]
    pub status: Stage,
    /// The statement of its proof, also before the proof is made.
    pub statement: BlockStatementBody,
    /// The place on L1 where it was verified, if it was. The place cannot change once the block is
    /// `finalized`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub l1: Option<L1Location>,
}

/// The arguments of the contract's verifier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlockProofBody {
    /// The block.
    pub number: WireBlockNumber,
    /// The statement's 22 elements, eight big-endian bytes each.
    pub statement: WireBytes,
    /// The proof.
    pub proof: WireBytes,
}
