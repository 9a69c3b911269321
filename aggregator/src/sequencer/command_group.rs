//! Commands that are worked on together.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use farthing_protocol::{AccountIdentity, OpenedAccount, QueueEntry, QueueIndex, SignedIntent};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::OpeningError;
use super::command::{Admissions, Command, LedgerRead};
use super::sealer::SealRequest;

/// Intents in a group: enough to hide a synced write behind signature checks, few enough that a
/// group takes less than 200 ms on two cores.
const GROUP_INTENTS_MAX: usize = 8_192;

/// A request for an account, with whom to answer.
pub(super) struct OpenRequest {
    pub(super) reply: oneshot::Sender<Result<OpenedAccount, OpeningError>>,
    pub(super) _room: OwnedSemaphorePermit,
}

/// A submission, and the channel of its answers.
pub(super) struct Submission {
    pub(super) since: Instant,
    pub(super) intents: usize,
    pub(super) reply: oneshot::Sender<Admissions>,
    pub(super) _room: OwnedSemaphorePermit,
}

/// Queue entries, with whom to answer.
pub(super) struct ConsumeRequest {
    pub(super) from: QueueIndex,
    pub(super) entries: Vec<QueueEntry>,
    pub(super) reply: oneshot::Sender<QueueIndex>,
}

/// Commands that are worked on together. None of them has been answered, so their order is free;
/// intents keep the order in which they came, but for those of one account: see
/// [`by_nonce`](super::nonce_order::by_nonce).
#[derive(Default)]
pub(super) struct CommandGroup {
    pub(super) identities: Vec<AccountIdentity>,
    pub(super) opens: Vec<OpenRequest>,
    pub(super) intents: Vec<SignedIntent>,
    pub(super) submissions: Vec<Submission>,
    pub(super) consumes: Vec<ConsumeRequest>,
    pub(super) seals: Vec<SealRequest>,
    pub(super) reads: Vec<LedgerRead>,
    /// True if the thread is to end after this group.
    pub(super) stop: bool,
}

impl CommandGroup {
    /// Waits for a first command, then takes all that wait behind it.
    pub(super) fn collect(commands: &Receiver<Command>, timeout: Duration) -> Self {
        let mut group = Self::default();
        match commands.recv_timeout(timeout) {
            Ok(command) => group.add(command),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => group.stop = true,
        }
        while !group.stop && group.intents.len() < GROUP_INTENTS_MAX {
            let Ok(command) = commands.try_recv() else { break };
            group.add(command);
        }
        group
    }

    fn add(&mut self, command: Command) {
        match command {
            Command::Submit { since, intents, room, reply } => {
                let count = intents.len();
                self.submissions.push(Submission { since, intents: count, reply, _room: room });
                self.intents.extend(intents);
            }
            Command::Open { identity, room, reply } => {
                self.identities.push(identity);
                self.opens.push(OpenRequest { reply, _room: room });
            }
            Command::Consume { from, entries, reply } => {
                self.consumes.push(ConsumeRequest { from, entries, reply });
            }
            Command::Seal { reply } => self.seals.push(reply),
            Command::Read(read) => self.reads.push(read),
            Command::Stop => self.stop = true,
        }
    }
}
