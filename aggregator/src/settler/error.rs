use alloy::contract::Error as ContractError;
use alloy::primitives::B256;
use alloy::providers::PendingTransactionError;
use alloy::transports::http::reqwest;
use alloy::transports::{RpcError, TransportErrorKind};
use farthing_l1::{EntryError, HistoryError};
use farthing_ledger::{LedgerError, StoreError};
use farthing_protocol::{BatchNumber, QueueIndex};
use thiserror::Error;

use crate::block::BlockNumber;
use crate::sequencer::SequencerError;
use crate::store::NodeStoreError;

/// Why a turn of the settler failed. Most pass: L1's node may be away for a while.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SettlerError {
    /// No HTTP client can be made on this machine.
    #[error("no HTTP client for L1: {0}")]
    Client(#[source] reqwest::Error),
    /// L1's node does not answer, or refuses.
    #[error("L1 does not answer: {0}")]
    Rpc(#[from] RpcError<TransportErrorKind>),
    /// L1's node refuses the logs of blocks `from` to `to`, which is as little as can be asked for.
    #[error("L1 refuses the logs of blocks {from} to {to}, in any smaller part too: {source}")]
    LogsRefused {
        /// The first block.
        from: u64,
        /// The last block.
        to: u64,
        /// The last refusal.
        source: RpcError<TransportErrorKind>,
    },
    /// L1's node left logs out.
    #[error(
        "L1's node left logs out: the contract says {expected} {what}, its logs {got}; \
         is the block of the deployment right, and does the node keep all logs?"
    )]
    LogsMissing {
        /// The things counted.
        what: &'static str,
        /// The contract's count.
        expected: u64,
        /// The logs' count.
        got: u64,
    },
    /// A log without a block.
    #[error("L1's node sent a log of a transaction that is in no block")]
    NotIncluded,
    /// The contract refuses, or answers something else.
    #[error("the contract refuses: {0}")]
    Contract(#[from] ContractError),
    /// A transaction was lost.
    #[error("a transaction was lost: {0}")]
    Pending(#[from] PendingTransactionError),
    /// A transaction failed on L1.
    #[error("transaction {hash} failed on L1")]
    Reverted {
        /// Its hash.
        hash: B256,
    },
    /// Another transaction of the operator's key took the nonce.
    #[error("another transaction of this key has nonce {nonce}")]
    NonceTaken {
        /// The nonce.
        nonce: u64,
    },
    /// The gas is dearer than allowed.
    #[error("gas costs {got} wei, at most {max} are allowed")]
    GasPrice {
        /// Allowed.
        max: u128,
        /// Asked for.
        got: u128,
    },
    /// A log is none of a rollup.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// A log does not decode.
    #[error("a log does not decode: {0}")]
    Log(#[from] alloy::sol_types::Error),
    /// Logs are missing.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// The chain of L1's queue is not the one that was consumed: L1 reorganised deeper than the
    /// confirmations waited for.
    #[error("the queue behind entry {index} is not the one consumed")]
    QueueDiverged {
        /// The first entry whose chain differs.
        index: QueueIndex,
    },
    /// Logs of the queue have a gap.
    #[error("no log has queue entry {index}")]
    MissingEntry {
        /// The entry.
        index: QueueIndex,
    },
    /// L1 has proven another batch under this number.
    #[error("L1 has another batch {batch}")]
    BatchDiverged {
        /// The number.
        batch: BatchNumber,
    },
    /// L1 has proven batches of a block of ours together with batches of one before it, which this
    /// node has seen final otherwise.
    #[error("L1 has a block from batch {first} on, which is before block {block}")]
    BlocksDiverged {
        /// The first batch of L1's block.
        first: u64,
        /// Our block.
        block: BlockNumber,
    },
    /// A proof or a batch is not on disk.
    #[error("{what} of block {block} is not on disk")]
    Missing {
        /// What.
        what: &'static str,
        /// The block.
        block: BlockNumber,
    },
    /// The aggregator's store failed.
    #[error(transparent)]
    Store(#[from] NodeStoreError),
    /// The ledger's store failed.
    #[error(transparent)]
    LedgerStore(#[from] StoreError),
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The sequencer does not answer.
    #[error(transparent)]
    Sequencer(#[from] SequencerError),
}

impl SettlerError {
    /// Whether L1 and this node have parted: no further turn can mend it.
    pub const fn is_divergence(&self) -> bool {
        matches!(
            self,
            Self::QueueDiverged { .. } | Self::BatchDiverged { .. } | Self::BlocksDiverged { .. }
        )
    }
}
