//! Records of a rebase: its progress, the steps that it took back, the intents that it dropped.

use farthing_protocol::{
    AccountId, BatchNumber, IntentId, IntentWitness, Nonce, OpenedAccount, QueueEntry, QueueIndex,
    UnixTime,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A reason why no batch of this node settles an acknowledged intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Error)]
pub enum DropReason {
    /// L1's history gives a number that it names to another account or license, or to none.
    #[error("an account or a license that it names is another one on L1")]
    NamesChanged,
    /// L1 settled this nonce, or a higher one, in a batch of another prover: perhaps by this very
    /// intent, which such a batch does not tell.
    #[error(
        "L1 settled its nonce or a higher one in a batch of another prover, which may hold this \
         very intent"
    )]
    NonceSettled,
    /// Its last valid second is before every time that its batch could have.
    #[error("it expired before L1 could take it")]
    Expired,
    /// The account holds too little on L1's state.
    #[error("its account holds too little on L1's state")]
    InsufficientFunds,
    /// Another rule, on L1's state.
    #[error("a rule of its operation does not hold on L1's state")]
    Refused,
}

/// An intent that was acknowledged and that no batch of this node will settle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DroppedIntent {
    /// Its name.
    pub id: IntentId,
    /// Its account.
    pub account: AccountId,
    /// The nonce that it was to use.
    pub nonce: Nonce,
    /// The batch that was to settle it.
    pub batch: BatchNumber,
    /// The reason.
    pub reason: DropReason,
}

/// Progress of a rebase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Phase {
    Rewinding,
    Applying,
    Redoing,
    Done,
}

/// A rebase that was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RebaseRecord {
    pub(crate) first: BatchNumber,
    pub(crate) phase: Phase,
}

/// A step of a batch that was taken back, in the order in which to admit it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum DisplacedStep {
    /// The first of each batch: its time, and whether it was sealed.
    Batch {
        timestamp: UnixTime,
        sealed: bool,
    },
    Opened(OpenedAccount),
    /// With the account that it opened.
    Queue {
        index: QueueIndex,
        entry: QueueEntry,
        opens: Option<AccountId>,
    },
    Intent(IntentWitness),
}
