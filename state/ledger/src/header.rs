//! The header of the ledger: its state besides the trees.

use farthing_protocol::{BatchNumber, Digest, QueueIndex, UnixTime};
use serde::{Deserialize, Serialize};

use crate::genesis::Genesis;

/// The ledger as a batch left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StateHeader {
    pub(crate) genesis: Genesis,
    pub(crate) root: Digest,
    pub(crate) next_account: u64,
    pub(crate) next_license: u64,
    pub(crate) next_batch: BatchNumber,
    pub(crate) queue_next: QueueIndex,
    pub(crate) timestamp: UnixTime,
    pub(crate) deposited: u128,
    pub(crate) withdrawn: u128,
}

/// A batch that is not sealed: the open batch, or the one before it while that is being sealed. The
/// latter is closed: it takes no further step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OpenRecord {
    pub(crate) class: u8,
    pub(crate) timestamp: UnixTime,
    /// Its first entry in the log. Its last entry is before the first of the next batch.
    pub(crate) log_from: u64,
}
