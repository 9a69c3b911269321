//! The batch being filled: what it holds, the running state that admission checks against, and how
//! much room is left.

mod contents;
mod running;
mod tally;

pub use contents::BatchContents;
pub(crate) use running::RunningState;
pub(crate) use tally::{Footprint, Tally};

use farthing_protocol::{BatchClass, CapacityExceeded, UnixTime};

/// A batch that is being filled.
pub(crate) struct OpenBatch {
    pub(crate) class: BatchClass,
    pub(crate) timestamp: UnixTime,
    pub(crate) contents: BatchContents,
    pub(crate) running: RunningState,
    pub(crate) tally: Tally,
}

/// Why there is no room.
pub(crate) enum NoRoom {
    /// An empty batch would have room.
    Now(CapacityExceeded),
    /// No batch of this class ever has room.
    Ever(CapacityExceeded),
}

impl OpenBatch {
    pub(crate) fn new(class: BatchClass, timestamp: UnixTime, running: RunningState) -> Self {
        Self {
            class,
            timestamp,
            contents: BatchContents::default(),
            running,
            tally: Tally::default(),
        }
    }

    /// Makes room for `footprint`, or says that there is none and changes nothing. A footprint
    /// that leaves out a license's ancestors does so because this batch has room for them already,
    /// so an empty one has too.
    pub(crate) fn reserve(&mut self, footprint: &Footprint) -> Result<(), NoRoom> {
        let Err(full) = self.tally.add(footprint, &self.class.capacity) else {
            return Ok(());
        };
        match Tally::default().add(footprint, &self.class.capacity) {
            Ok(()) => Err(NoRoom::Now(full)),
            Err(never) => Err(NoRoom::Ever(never)),
        }
    }
}
