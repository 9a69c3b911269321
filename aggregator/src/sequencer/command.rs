//! Commands to the sequencer's thread.

use std::time::Instant;

use farthing_ledger::{Admission, Ledger};
use farthing_protocol::{
    AccountIdentity, BatchNumber, OpenedAccount, QueueEntry, QueueIndex, SignedIntent,
};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::{OpeningError, Rejection};

/// The answers to intents.
pub(super) type Admissions = Vec<Result<Admission, Rejection>>;

/// A question to the ledger; it holds the channel of its answer.
pub(crate) type LedgerRead = Box<dyn FnOnce(&Ledger) + Send>;

/// A request; its room is given back when it is answered or dropped.
pub(crate) enum Command {
    Submit {
        /// When it was asked.
        since: Instant,
        intents: Vec<SignedIntent>,
        room: OwnedSemaphorePermit,
        reply: oneshot::Sender<Admissions>,
    },
    Open {
        identity: AccountIdentity,
        room: OwnedSemaphorePermit,
        reply: oneshot::Sender<Result<OpenedAccount, OpeningError>>,
    },
    Consume {
        from: QueueIndex,
        entries: Vec<QueueEntry>,
        reply: oneshot::Sender<QueueIndex>,
    },
    Seal {
        reply: oneshot::Sender<Option<BatchNumber>>,
    },
    Read(LedgerRead),
    Stop,
}
