//! Records of an open batch as the log keeps them.

pub use farthing_protocol::{AccountChange, BatchWitness, IntentWitness, LicenseChange};

use farthing_protocol::{AccountId, BatchNumber, IntentId, LicenseId, OpenedAccount, QueueEntry};
use serde::{Deserialize, Serialize};

/// Where an admitted intent is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct IntentRecord {
    pub(crate) id: IntentId,
    pub(crate) batch: BatchNumber,
    pub(crate) registers: Option<LicenseId>,
}

/// One step of an open batch, as the log keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum LogEntry {
    Opened(OpenedAccount),
    Queue { entry: QueueEntry, opens: Option<AccountId> },
    Intent(IntentWitness),
}
