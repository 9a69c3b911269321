//! Failures of a ledger.

use farthing_protocol::{BatchNumber, Digest, UnixTime};
use thiserror::Error;

use crate::execution::ExecutionError;
use crate::store::StoreError;

/// A failure of the ledger itself, not the refusal of a step. After a failed write the ledger must be
/// reopened.
#[derive(Debug, Error)]
pub enum LedgerError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A step failed half-way before: memory may be ahead of the disk.
    #[error("an earlier step failed: reopen the ledger")]
    Poisoned,
    /// The store holds no ledger.
    #[error("the store holds no ledger")]
    NoLedger,
    /// The store is of another version of the protocol.
    #[error(
        "the store is of protocol version {got}, this program of version {expected}: use the program that \
         wrote it, or begin in an empty folder"
    )]
    ProtocolVersion {
        /// The version of this program.
        expected: u32,
        /// The version that is stored.
        got: u32,
    },
    /// The store holds a ledger already.
    #[error("the store holds a ledger already")]
    Exists,
    /// The stored state does not have the stored root.
    #[error("the stored state has root {got}, expected {expected}")]
    WrongRoot {
        /// The root stored.
        expected: Digest,
        /// The root of what is stored.
        got: Digest,
    },
    /// The log of the open batch does not replay.
    #[error("entry {sequence} of the open batch's log does not replay")]
    BadLog {
        /// Its place.
        sequence: u64,
    },
    /// Time went backwards.
    #[error("it is {got}, before the last batch at {last}")]
    TimeBackwards {
        /// The time of the last batch.
        last: UnixTime,
        /// The time given.
        got: UnixTime,
    },
    /// No batch is open.
    #[error("no batch is open")]
    NoOpenBatch,
    /// The batch before is still being sealed.
    #[error("batch {0} waits for the one before it, which is being sealed")]
    Sealing(BatchNumber),
    /// The store holds steps of a batch that does not follow on the last one sealed.
    #[error("the store holds steps of batch {got}, expected {expected}")]
    BadOpenBatch {
        /// The one after the last one sealed.
        expected: BatchNumber,
        /// The one found.
        got: BatchNumber,
    },
    /// A batch that was admitted does not execute: a defect of this program.
    #[error("an admitted batch does not execute: {0}")]
    Execution(#[from] ExecutionError),
    /// More intents than a receipts tree holds: a defect of this program.
    #[error("more intents than a receipts tree holds")]
    TooManyReceipts,
}
