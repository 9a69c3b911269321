//! A batch as a set.

use farthing_protocol::{IntentWitness, OpenedAccount, QueueEntry};
use serde::{Deserialize, Serialize};

/// The steps of a batch. The order of the intents and of the opened accounts has no meaning; queue
/// entries are in queue order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchContents {
    /// Accounts opened, by the operator or for a deposit.
    pub opened: Vec<OpenedAccount>,
    /// Queue entries consumed.
    pub queue: Vec<QueueEntry>,
    /// Intents, their signatures checked.
    pub intents: Vec<IntentWitness>,
}

impl BatchContents {
    /// Returns true if the batch has no step.
    pub fn is_empty(&self) -> bool {
        self.opened.is_empty() && self.queue.is_empty() && self.intents.is_empty()
    }
}
