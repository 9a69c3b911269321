//! Errors of starting an aggregator and of queries.

use farthing_ledger::{LedgerError, PastStateError, StoreError};
use farthing_protocol::{BatchNumber, Digest, ErrorCode, LicenseId, OutOfRange};
use thiserror::Error;

use crate::sequencer::SequencerError;
use crate::store::NodeStoreError;

/// Reasons why an aggregator does not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The clock is before 1970, so that no batch could be dated.
    #[error("the clock is before 1970: set it and start again")]
    Clock,
    /// The folder for the data cannot be made.
    #[error("the data folder cannot be made")]
    Folder(#[source] std::io::Error),
    /// A thread cannot be started.
    #[error("a thread cannot be started")]
    Thread(#[source] std::io::Error),
    /// The ledger does not open.
    #[error("the ledger does not open: {0}")]
    Ledger(#[from] LedgerError),
    /// The ledger's store does not read.
    #[error("the ledger does not read: {0}")]
    LedgerStore(#[from] StoreError),
    /// The aggregator's store does not open.
    #[error("the aggregator's store does not open: {0}")]
    Store(#[from] NodeStoreError),
    /// A rebase that was begun cannot be ended.
    #[error("the rebase on L1's state cannot be ended: {0}")]
    Rebase(#[from] farthing_ledger::RebaseError),
    /// A restore of the folder was interrupted: its data is incomplete.
    #[error("the restore of the data folder was interrupted: run `farthing restore` again")]
    HalfRestored,
    /// The ledger on disk has another genesis: another chain, contract or operator.
    #[error("the ledger on disk has another genesis than the configuration")]
    OtherGenesis,
}

/// Reasons why a query fails.
#[derive(Debug, Error)]
pub enum QueryError {
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The ledger's store failed.
    #[error(transparent)]
    LedgerStore(#[from] StoreError),
    /// The aggregator's store failed.
    #[error(transparent)]
    Store(#[from] NodeStoreError),
    /// A path in an earlier state cannot be read.
    #[error(transparent)]
    PastState(#[from] PastStateError),
    /// A path leads to another state root than that of the final state.
    #[error("the path leads to state root {got}, the final state has {expected}")]
    StateRoot {
        /// The state root of the final state.
        expected: Digest,
        /// The root that the path leads to.
        got: Digest,
    },
    /// The sequencer did not answer.
    #[error(transparent)]
    Sequencer(#[from] SequencerError),
    /// A rebase is in progress: the contents of batches are unknown until it ends.
    #[error("batches are being remade on L1's state: ask again")]
    Rebasing,
    /// The task of the query was stopped.
    #[error("the node is stopping")]
    Stopped,
}

impl QueryError {
    /// The code under which a client sees the error.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Sequencer(error) => error.code(),
            Self::Rebasing | Self::Stopped => ErrorCode::NotReady,
            Self::Ledger(_)
            | Self::LedgerStore(_)
            | Self::Store(_)
            | Self::PastState(_)
            | Self::StateRoot { .. } => ErrorCode::Internal,
        }
    }
}

/// Reasons why queue entries are not consumed by request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ConsumeQueueError {
    /// The settler reads the queue from L1.
    #[error("queue entries come from L1: they cannot be given by a call")]
    FromL1,
    /// The sequencer did not answer.
    #[error(transparent)]
    Sequencer(#[from] SequencerError),
}

/// Reasons why a payment has no quote.
#[derive(Debug, Error)]
pub enum QuoteError {
    /// There is no such license.
    #[error("there is no license {0}")]
    UnknownLicense(LicenseId),
    /// Price times uses exceeds an amount.
    #[error("the payment would be too large: {0}")]
    TooMuch(#[from] OutOfRange),
    /// The query failed.
    #[error(transparent)]
    Query(#[from] QueryError),
}

impl QuoteError {
    /// The code under which a client sees the error.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::UnknownLicense(_) => ErrorCode::LicenseNotFound,
            Self::TooMuch(_) => ErrorCode::AmountTooLarge,
            Self::Query(error) => error.code(),
        }
    }
}

/// Why a batch is not indexed.
#[derive(Debug, Error)]
pub(crate) enum IndexError {
    #[error(transparent)]
    Ledger(#[from] StoreError),
    #[error(transparent)]
    Store(#[from] NodeStoreError),
    #[error("batch {0} is sealed and not stored")]
    Missing(BatchNumber),
}
