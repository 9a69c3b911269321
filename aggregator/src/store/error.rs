use farthing_protocol::BlockNumber;
use thiserror::Error;

/// The aggregator's store could not be read or written, or holds what it must not.
#[derive(Debug, Error)]
pub enum NodeStoreError {
    /// RocksDB failed.
    #[error("the database failed: {0}")]
    Database(#[from] rocksdb::Error),
    /// The store lacks one of its column families.
    #[error("the store has no column family {0}")]
    MissingFamily(&'static str),
    /// A stored value does not decode.
    #[error("a value in {family} does not decode: {source}")]
    Corrupt {
        /// The column family.
        family: &'static str,
        /// The decoder's error.
        source: postcard::Error,
    },
    /// A value could not be encoded.
    #[error("a value for {family} cannot be encoded: {source}")]
    Encode {
        /// The column family.
        family: &'static str,
        /// The encoder's error.
        source: postcard::Error,
    },
    /// The public data of a sealed batch do not decode: a defect of this program.
    #[error("the public data of a sealed batch do not decode: {0}")]
    PublicData(#[from] farthing_protocol::PublicDataError),
    /// The payouts of a sealed batch cannot be read: a defect of this program.
    #[error("the payouts of a sealed batch: {0}")]
    Payout(#[from] farthing_l1::PayoutError),
    /// Batches do not make a block.
    #[error("the batches do not make a block: {0}")]
    Join(#[from] farthing_protocol::JoinError),
    /// A step that does not follow from what is stored.
    #[error("{step} does not follow from what is stored of block {block}")]
    Transition {
        /// The step.
        step: &'static str,
        /// The block.
        block: BlockNumber,
    },
    /// A batch is missing from the index.
    #[error("batch {0} is not in the index")]
    NotIndexed(farthing_protocol::BatchNumber),
}
