//! Records of an open batch as the log keeps them.

use farthing_protocol::{
    AccountId, BatchNumber, IntentId, IntentWitness, LicenseId, OpenedAccount, QueueEntry,
};
use serde::{Deserialize, Serialize};

/// The batch of an admitted intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct IntentRecord {
    pub(crate) id: IntentId,
    pub(crate) batch: BatchNumber,
    pub(crate) registers: Option<LicenseId>,
}

/// The place of an intent that is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admission {
    /// The intent's name.
    pub id: IntentId,
    /// The batch that settles it.
    pub batch: BatchNumber,
    /// The number of the license that it registers.
    pub registers: Option<LicenseId>,
    /// Set if the same intent had been admitted before.
    pub repeated: bool,
}

impl Admission {
    pub(crate) const fn known(record: &IntentRecord) -> Self {
        let IntentRecord { id, batch, registers } = *record;
        Self { id, batch, registers, repeated: true }
    }
}

/// One step of an open batch, as the log keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum LogEntry {
    Opened(OpenedAccount),
    Queue { entry: QueueEntry, opens: Option<AccountId> },
    Intent(IntentWitness),
}
