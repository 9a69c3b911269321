//! Batches as the contract names them, and their public data as its transactions carry them.

use alloy::primitives::{B256, Bytes, keccak256};
use alloy::sol_types::SolValue;
use farthing_protocol::{
    BatchHeader, BatchNumber, CHUNK_LIMBS, Digest, LIMB_BYTES, OutOfRange, PublicData, QueueIndex,
    UnixTime,
};
use thiserror::Error;

use crate::abi::IRollup;

/// A batch of the contract says something that no header says.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BatchError {
    /// A number is out of its range.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
    /// The class has no number of one byte.
    #[error("there is no class {got}")]
    Class {
        /// The class named.
        got: u32,
    },
    /// An element of a digest is not canonical.
    #[error("{field} of the batch is not a canonical digest")]
    Digest {
        /// Which field.
        field: &'static str,
    },
}

/// Bytes of a digest as the contract has them.
pub(crate) fn digest_bytes(digest: &Digest) -> B256 {
    B256::from(digest.to_bytes())
}

/// The contract's name for a batch: its header without version and domain, and the hash of its
/// public data ([`PublicData::keccak`]).
pub fn to_batch(header: &BatchHeader, data_keccak: [u8; 32]) -> IRollup::Batch {
    IRollup::Batch {
        class: u32::from(header.class),
        number: header.number.get(),
        timestamp: header.timestamp.get(),
        oldRoot: digest_bytes(&header.old_root),
        newRoot: digest_bytes(&header.new_root),
        receiptsRoot: digest_bytes(&header.receipts_root),
        intents: header.intents,
        queueFrom: header.queue_from.get(),
        queueTo: header.queue_to.get(),
        publicData: digest_bytes(&header.public_data),
        limbs: header.public_data_limbs,
        dataHash: B256::from(data_keccak),
    }
}

/// The header of a batch of the contract in `domain`.
pub fn batch_header(domain: Digest, batch: &IRollup::Batch) -> Result<BatchHeader, BatchError> {
    let digest =
        |field, bytes: &B256| Digest::from_bytes(&bytes.0).ok_or(BatchError::Digest { field });
    Ok(BatchHeader {
        domain,
        class: u8::try_from(batch.class).map_err(|_| BatchError::Class { got: batch.class })?,
        number: BatchNumber::new(batch.number)?,
        timestamp: UnixTime::new(batch.timestamp)?,
        old_root: digest("old root", &batch.oldRoot)?,
        new_root: digest("new root", &batch.newRoot)?,
        receipts_root: digest("receipts root", &batch.receiptsRoot)?,
        intents: batch.intents,
        queue_from: QueueIndex::new(batch.queueFrom)?,
        queue_to: QueueIndex::new(batch.queueTo)?,
        public_data: digest("public data", &batch.publicData)?,
        public_data_limbs: batch.limbs,
    })
}

/// Computes the contract's `batchId`: keccak256 of the batch's ABI encoding.
pub fn batch_id(batch: &IRollup::Batch) -> B256 {
    keccak256(batch.abi_encode())
}

/// The arguments of one `commit` besides the batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitPart {
    /// Index of the part's first limb.
    pub first_limb: u32,
    /// Its bytes.
    pub bytes: Bytes,
}

/// Cuts public data into parts of at most `chunks` chunks, at least one, in the order in which to
/// send them. Four chunks fit a transaction that ordinary nodes relay.
pub fn commit_parts(data: &PublicData, chunks: usize) -> Vec<CommitPart> {
    let limbs = chunks.max(1) * CHUNK_LIMBS;
    let bytes = data.to_bytes();
    if bytes.is_empty() {
        return vec![CommitPart { first_limb: 0, bytes: Bytes::new() }];
    }
    let parts = bytes.chunks(limbs * LIMB_BYTES).enumerate();
    parts
        .map(|(i, part)| CommitPart {
            first_limb: (i * limbs) as u32,
            bytes: Bytes::copy_from_slice(part),
        })
        .collect()
}
