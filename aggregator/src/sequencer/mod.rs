//! The sequencer. One thread owns the ledger: it admits all waiting intents together with one
//! synced write, and then acknowledges them. The same thread executes a batch, and another thread
//! seals that batch while the next one is filled.

mod admission_control;
mod command;
mod command_group;
mod nonce_order;
mod preview;
mod quota;
mod reply_buffer;
mod rules;
mod sealer;
#[cfg(test)]
mod tests;
mod worker;

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use farthing_ledger::{Admission, AdmitError, CheckError, Ledger, LedgerError, OpenAccountError};
use farthing_protocol::{
    AccountIdentity, BatchNumber, ErrorCode, OpenedAccount, QueueEntry, QueueIndex, SignatureError,
    SignedIntent,
};
use thiserror::Error;
use tokio::sync::{Semaphore, oneshot};

use crate::metrics::Metrics;
pub(crate) use admission_control::AdmissionControl;
pub use admission_control::Closed;
use command::Command;
pub use preview::Preview;
pub(crate) use preview::preview;
pub use quota::OpeningQuota;
pub(crate) use quota::Openings;
pub use rules::{AdmissionRules, LeastFees, OwnerError, RuleError};
pub(crate) use sealer::SealListener;
pub(crate) use worker::{Worker, spawn_worker};

/// Maximum number of intents in one submission: those of a quarter of a second at the target rate,
/// and less than a quarter of the default mempool.
pub const SUBMIT_MAX: usize = 4_096;
/// Reads of the open batch that may wait. Each is small and takes microseconds.
const READS_MAX: usize = 1_024;
/// When to try again after an overload: the waiting room empties in less at the rate aimed at.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// Reasons to refuse an intent; errors win in this order. Nothing has changed; the same intent may
/// be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Rejection {
    /// The account or the signature is wrong.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// Nothing new is acknowledged now.
    #[error(transparent)]
    Closed(#[from] Closed),
    /// A rule of this node is broken.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// The ledger does not admit the intent: its nonce, time, operation or funds.
    #[error(transparent)]
    Admit(#[from] AdmitError),
}

/// Reasons not to open an account; errors win in this order. Nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum OpeningError {
    /// The request is not signed by the key.
    #[error("invalid request for an account: {0}")]
    Signature(#[from] SignatureError),
    /// The owner could never be paid.
    #[error(transparent)]
    Owner(#[from] OwnerError),
    /// Nothing new is acknowledged now.
    #[error(transparent)]
    Closed(#[from] Closed),
    /// The quota of accounts that this node opens at no cost is used for now.
    #[error(
        "the limit of free account openings is reached: try again in {} s, or deposit on L1",
        .retry_after.as_secs() + 1
    )]
    Quota {
        /// Time after which to retry.
        retry_after: Duration,
    },
    /// The ledger's reason; an account that exists wins over a closed admission and the quota.
    #[error(transparent)]
    Ledger(#[from] OpenAccountError),
}

impl Rejection {
    /// The code under which a client sees the error.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Check(error) => error.code(),
            Self::Closed(closed) => closed.code(),
            Self::Rule(error) => error.code(),
            Self::Admit(error) => error.code(),
        }
    }
}

impl OpeningError {
    /// The code under which a client sees the error.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Signature(error) => error.code(),
            Self::Owner(_) => ErrorCode::InvalidOwner,
            Self::Closed(closed) => closed.code(),
            Self::Quota { .. } => ErrorCode::AccountQuota,
            Self::Ledger(error) => error.code(),
        }
    }
}

/// Reasons why a request was not worked on, or why its outcome is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SequencerError {
    /// The mempool is full. Nothing has changed.
    #[error("overloaded: try again in {} s", .retry_after.as_secs())]
    Overloaded {
        /// Time after which to retry.
        retry_after: Duration,
    },
    /// The submission has too many intents. Nothing has changed.
    #[error("{got} intents, at most {max} in one submission")]
    TooMany {
        /// The largest number allowed.
        max: usize,
        /// The number given.
        got: usize,
    },
    /// The node is stopping or has failed. The request may have taken effect: if it is sent again,
    /// its answer is the same.
    #[error("the sequencer has stopped")]
    Stopped,
}

impl SequencerError {
    /// The code under which a client sees the error.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Overloaded { .. } => ErrorCode::Overloaded,
            Self::TooMany { .. } => ErrorCode::TooManyItems,
            Self::Stopped => ErrorCode::NotReady,
        }
    }
}

/// An answer of the sequencer: the outer error says nothing about the request itself.
pub(crate) type Answer<T> = Result<T, SequencerError>;

/// Sends commands to the thread that owns the ledger.
#[derive(Clone)]
pub(crate) struct Sequencer {
    commands: Sender<Command>,
    room: Arc<Semaphore>,
    reads: Arc<Semaphore>,
    metrics: Metrics,
}

impl Sequencer {
    pub(crate) fn new(commands: Sender<Command>, waiting_max: u32, metrics: Metrics) -> Self {
        let room = usize::try_from(waiting_max).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        Self {
            commands,
            room: Arc::new(Semaphore::new(room)),
            reads: Arc::new(Semaphore::new(READS_MAX)),
            metrics,
        }
    }

    /// Room left for intents.
    pub(crate) fn room(&self) -> usize {
        self.room.available_permits()
    }

    /// Checks and admits intents; each answer has its intent's index and is durable.
    pub(crate) async fn submit(
        &self,
        intents: Vec<SignedIntent>,
    ) -> Answer<Vec<Result<Admission, Rejection>>> {
        let got = intents.len();
        if got > SUBMIT_MAX {
            return Err(SequencerError::TooMany { max: SUBMIT_MAX, got });
        }
        let weight = u32::try_from(got).unwrap_or(u32::MAX);
        let Ok(room) = Arc::clone(&self.room).try_acquire_many_owned(weight) else {
            self.metrics.intents_overloaded(u64::from(weight));
            return Err(SequencerError::Overloaded { retry_after: RETRY_AFTER });
        };
        let since = Instant::now();
        self.ask(|reply| Command::Submit { since, intents, room, reply }).await
    }

    /// Opens an account. Durable on return.
    pub(crate) async fn open_account(
        &self,
        identity: AccountIdentity,
    ) -> Answer<Result<OpenedAccount, OpeningError>> {
        let Ok(room) = Arc::clone(&self.room).try_acquire_owned() else {
            return Err(SequencerError::Overloaded { retry_after: RETRY_AFTER });
        };
        self.ask(|reply| Command::Open { identity, room, reply }).await
    }

    /// Consumes queue entries from number `from` on; those below the next one to consume are
    /// passed over. Returns the next one, which is durable.
    pub(crate) async fn consume(
        &self,
        from: QueueIndex,
        entries: Vec<QueueEntry>,
    ) -> Answer<QueueIndex> {
        self.ask(|reply| Command::Consume { from, entries, reply }).await
    }

    /// Seals the open batch; `None` if nothing is in it.
    pub(crate) async fn seal(&self) -> Answer<Option<BatchNumber>> {
        self.ask(|reply| Command::Seal { reply }).await
    }

    /// Reads the ledger, the open batch included.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Ledger) -> Result<T, LedgerError> + Send + 'static,
    ) -> Answer<Result<T, LedgerError>> {
        let Ok(_permit) = self.reads.try_acquire() else {
            return Err(SequencerError::Overloaded { retry_after: RETRY_AFTER });
        };
        self.ask(|reply| {
            Command::Read(Box::new(move |ledger| {
                // The caller may have gone.
                let _ = reply.send(read(ledger));
            }))
        })
        .await
    }

    /// Lets the thread end when it has answered what came before.
    pub(crate) fn stop(&self) {
        // A thread that is gone has stopped.
        let _ = self.commands.send(Command::Stop);
    }

    async fn ask<T>(&self, command: impl FnOnce(oneshot::Sender<T>) -> Command) -> Answer<T> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(command(reply)).map_err(|_| SequencerError::Stopped)?;
        answer.await.map_err(|_| SequencerError::Stopped)
    }
}
