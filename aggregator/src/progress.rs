//! How far the batches have come, for whoever waits.

use farthing_protocol::BatchNumber;
use tokio::sync::watch;

/// A rung of an intent's ladder, lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rung {
    /// On disk; the open batch has it.
    Accepted,
    /// Its batch is sealed and can be read: its effect is fixed.
    Sequenced,
    /// A proof of its block is on disk.
    Proven,
    /// L1 has accepted its block for good.
    Finalized,
}

/// Every batch below a number has reached the rung. The numbers only grow while `runs` stays; a rebase
/// takes batches back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Sealed.
    pub sequenced: BatchNumber,
    /// Sealed, and in the index of statements and withdrawals.
    pub indexed: BatchNumber,
    /// Proven.
    pub proven: BatchNumber,
    /// Final on L1.
    pub finalized: BatchNumber,
    /// How often the node's threads were started: once, and once for each rebase.
    pub runs: u64,
}

impl Progress {
    pub(crate) const NONE: Self = Self {
        sequenced: BatchNumber::MIN,
        indexed: BatchNumber::MIN,
        proven: BatchNumber::MIN,
        finalized: BatchNumber::MIN,
        runs: 0,
    };

    /// Batches that are sealed and wait for a proof.
    pub const fn unproven(&self) -> u64 {
        self.sequenced.get().saturating_sub(self.proven.get())
    }

    /// The highest rung that an intent of this batch has reached.
    pub fn rung(&self, batch: BatchNumber) -> Rung {
        if batch < self.finalized {
            Rung::Finalized
        } else if batch < self.proven {
            Rung::Proven
        } else if batch < self.indexed {
            Rung::Sequenced
        } else {
            Rung::Accepted
        }
    }
}

/// Where progress is reported.
#[derive(Clone, Debug)]
pub(crate) struct ProgressBoard(watch::Sender<Progress>);

impl ProgressBoard {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(Progress::NONE))
    }

    pub(crate) fn now(&self) -> Progress {
        *self.0.borrow()
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<Progress> {
        self.0.subscribe()
    }

    /// Before the threads of a run start.
    pub(crate) fn reset(&self, progress: Progress) {
        self.0.send_replace(progress);
    }

    /// A run has begun, and answers.
    pub(crate) fn started(&self) {
        self.0.send_modify(|progress| progress.runs += 1);
    }

    /// Batches from `first` on are taken back.
    pub(crate) fn take_back(&self, first: BatchNumber) {
        self.0.send_modify(|progress| {
            let Progress { sequenced, indexed, proven, finalized, .. } = progress;
            for reached in [sequenced, indexed, proven, finalized] {
                *reached = first.min(*reached);
            }
        });
    }

    pub(crate) fn sequenced(&self, next: BatchNumber) {
        self.raise(|progress| &mut progress.sequenced, next);
    }

    pub(crate) fn indexed(&self, next: BatchNumber) {
        self.raise(|progress| &mut progress.indexed, next);
    }

    pub(crate) fn proven(&self, next: BatchNumber) {
        self.raise(|progress| &mut progress.proven, next);
    }

    pub(crate) fn finalized(&self, next: BatchNumber) {
        self.raise(|progress| &mut progress.finalized, next);
    }

    fn raise(&self, rung: impl Fn(&mut Progress) -> &mut BatchNumber, next: BatchNumber) {
        self.0.send_if_modified(|progress| {
            let reached = rung(progress);
            let higher = next > *reached;
            *reached = next.max(*reached);
            higher
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_climbs_and_never_falls() -> Result<(), farthing_protocol::OutOfRange> {
        let board = ProgressBoard::new();
        let batch = BatchNumber::new(4)?;
        assert_eq!(board.now().rung(batch), Rung::Accepted);
        board.sequenced(BatchNumber::new(4)?);
        assert_eq!(board.now().rung(batch), Rung::Accepted);
        board.sequenced(BatchNumber::new(5)?);
        assert_eq!(board.now().rung(batch), Rung::Accepted, "sealed, and not there to be read");
        board.indexed(BatchNumber::new(5)?);
        assert_eq!(board.now().rung(batch), Rung::Sequenced);
        board.sequenced(BatchNumber::new(2)?);
        board.indexed(BatchNumber::new(2)?);
        assert_eq!(board.now().rung(batch), Rung::Sequenced);
        board.proven(BatchNumber::new(5)?);
        assert_eq!(board.now().rung(batch), Rung::Proven);
        board.finalized(BatchNumber::new(5)?);
        assert_eq!(board.now().rung(batch), Rung::Finalized);
        Ok(())
    }
}
