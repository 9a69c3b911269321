//! Receipts: all that is needed to see, with no server, that an intent was settled.

use farthing_protocol::{
    BatchHeader, BatchStatement, BlockStatement, Domain, PROTOCOL_VERSION, UnixTime,
};
use serde::{Deserialize, Serialize};

use super::object::objects;
use super::{
    IntentBody, L1Location, WireAddress, WireBatchNumber, WireBlockNumber, WireDigest, WireFelt,
    WireIntentId, WirePublicKey, WireQueueIndex,
};

objects!(ReceiptBody, ReceiptBlock, PathBody, BatchStatementBody, BlockStatementBody,);

/// A receipt: intent → receipts root → batch statement → batches root → block statement → L1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct ReceiptBody {
    /// The intent's id.
    pub id: WireIntentId,
    /// The chain id of L1.
    pub chain_id: u64,
    /// The rollup contract on L1.
    pub contract: WireAddress,
    /// The intent that was signed.
    pub intent: IntentBody,
    /// The key that signed.
    pub key: WirePublicKey,
    /// From the intent's challenge up to the receipts root.
    pub receipt_path: PathBody,
    /// The statement of the batch's proof.
    pub batch: BatchStatementBody,
    /// The block that holds the batch, once proven.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<ReceiptBlock>,
}

/// The block of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct ReceiptBlock {
    /// Its number.
    pub number: WireBlockNumber,
    /// From the batch's digest up to the batches root.
    pub batch_path: PathBody,
    /// The statement of the block's proof.
    pub statement: BlockStatementBody,
    /// The place on L1 where it was verified, once finalized.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub l1: Option<L1Location>,
}

/// A Merkle path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct PathBody {
    /// The leaf's index. Its lowest bit is the direction at the lowest level.
    pub index: u32,
    /// The siblings, from the leaf's own sibling up.
    pub siblings: Vec<WireDigest>,
}

/// The statement of a batch's proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct BatchStatementBody {
    /// The deployment.
    pub domain: WireDigest,
    /// The batch class.
    pub class: u8,
    /// The batch's number.
    pub number: WireBatchNumber,
    /// Unix seconds.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub timestamp: UnixTime,
    /// The state root before.
    pub old_root: WireDigest,
    /// The state root after.
    pub new_root: WireDigest,
    /// The root of the receipts tree.
    pub receipts_root: WireDigest,
    /// The number of intents.
    pub intents: u32,
    /// The first queue entry consumed.
    pub queue_from: WireQueueIndex,
    /// The first queue entry not consumed.
    pub queue_to: WireQueueIndex,
    /// The circuit's commitment to the public data.
    pub public_data: WireDigest,
    /// The number of limbs of seven bytes.
    pub public_data_limbs: u32,
    /// The point at which the public data is evaluated.
    pub challenge: [WireFelt; 2],
    /// The value of the public data at `challenge`.
    pub evaluation: [WireFelt; 2],
}

/// The statement of a block's proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct BlockStatementBody {
    /// The protocol's version.
    pub version: u32,
    /// The deployment.
    pub domain: WireDigest,
    /// The first batch.
    pub first_batch: WireBatchNumber,
    /// The number of batches.
    pub batches: u32,
    /// Unix seconds: the time of the last batch.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub timestamp: UnixTime,
    /// The state root before.
    pub old_root: WireDigest,
    /// The state root after.
    pub new_root: WireDigest,
    /// The first queue entry consumed.
    pub queue_from: WireQueueIndex,
    /// The first queue entry not consumed.
    pub queue_to: WireQueueIndex,
    /// The root over the batches' digests.
    pub batches_root: WireDigest,
}

impl ReceiptBody {
    /// The deployment that the receipt says it is of.
    pub const fn domain(&self) -> Domain {
        Domain { chain_id: self.chain_id, contract: self.contract.0 }
    }
}

impl From<&BatchStatement> for BatchStatementBody {
    fn from(statement: &BatchStatement) -> Self {
        let header = &statement.header;
        Self {
            domain: header.domain.into(),
            class: header.class,
            number: header.number.into(),
            timestamp: header.timestamp,
            old_root: header.old_root.into(),
            new_root: header.new_root.into(),
            receipts_root: header.receipts_root.into(),
            intents: header.intents,
            queue_from: header.queue_from.into(),
            queue_to: header.queue_to.into(),
            public_data: header.public_data.into(),
            public_data_limbs: header.public_data_limbs,
            challenge: statement.challenge.map(Into::into),
            evaluation: statement.evaluation.map(Into::into),
        }
    }
}

impl From<&BatchStatementBody> for BatchStatement {
    fn from(body: &BatchStatementBody) -> Self {
        let header = BatchHeader {
            domain: body.domain.0,
            class: body.class,
            number: body.number.0,
            timestamp: body.timestamp,
            old_root: body.old_root.0,
            new_root: body.new_root.0,
            receipts_root: body.receipts_root.0,
            intents: body.intents,
            queue_from: body.queue_from.0,
            queue_to: body.queue_to.0,
            public_data: body.public_data.0,
            public_data_limbs: body.public_data_limbs,
        };
        let (challenge, evaluation) = (body.challenge, body.evaluation);
        Self { header, challenge: challenge.map(|e| e.0), evaluation: evaluation.map(|e| e.0) }
    }
}

impl From<&BlockStatement> for BlockStatementBody {
    fn from(statement: &BlockStatement) -> Self {
        Self {
            version: PROTOCOL_VERSION,
            domain: statement.domain.into(),
            first_batch: statement.first_batch.into(),
            batches: statement.batches,
            timestamp: statement.timestamp,
            old_root: statement.old_root.into(),
            new_root: statement.new_root.into(),
            queue_from: statement.queue_from.into(),
            queue_to: statement.queue_to.into(),
            batches_root: statement.batches_root.into(),
        }
    }
}

impl From<&BlockStatementBody> for BlockStatement {
    fn from(body: &BlockStatementBody) -> Self {
        Self {
            domain: body.domain.0,
            first_batch: body.first_batch.0,
            batches: body.batches,
            timestamp: body.timestamp,
            old_root: body.old_root.0,
            new_root: body.new_root.0,
            queue_from: body.queue_from.0,
            queue_to: body.queue_to.0,
            batches_root: body.batches_root.0,
        }
    }
}
