//! The progress of batches through the stages, and a watch for tasks that wait for it.

use farthing_protocol::{BatchNumber, Stage};
use tokio::sync::watch;

/// Progress: every batch below a number has reached the stage. The numbers only grow while `runs`
/// stays; a rebase takes batches back.
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
    /// The number of times that the node's threads were started: once, and once for each rebase.
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

    /// The highest stage that an intent of this batch has reached.
    pub fn stage(&self, batch: BatchNumber) -> Stage {
        if batch < self.finalized {
            Stage::Finalized
        } else if batch < self.proven {
            Stage::Proven
        } else if batch < self.indexed {
            Stage::Sequenced
        } else {
            Stage::Accepted
        }
    }

    /// The stage of a batch that is sealed, also before the index has it.
    pub fn sealed_stage(&self, batch: BatchNumber) -> Stage {
        self.stage(batch).max(Stage::Sequenced)
    }
}

/// The sender of progress.
#[derive(Clone, Debug)]
pub(crate) struct ProgressWatch(watch::Sender<Progress>);

impl ProgressWatch {
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

    fn raise(&self, number: impl Fn(&mut Progress) -> &mut BatchNumber, next: BatchNumber) {
        self.0.send_if_modified(|progress| {
            let reached = number(progress);
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
    fn a_batch_goes_forward_and_never_back() -> Result<(), farthing_protocol::OutOfRange> {
        let progress = ProgressWatch::new();
        let batch = BatchNumber::new(4)?;
        assert_eq!(progress.now().stage(batch), Stage::Accepted);
        progress.sequenced(BatchNumber::new(4)?);
        assert_eq!(progress.now().stage(batch), Stage::Accepted);
        progress.sequenced(BatchNumber::new(5)?);
        assert_eq!(
            progress.now().stage(batch),
            Stage::Accepted,
            "sealed, and not there to be read"
        );
        progress.indexed(BatchNumber::new(5)?);
        assert_eq!(progress.now().stage(batch), Stage::Sequenced);
        progress.sequenced(BatchNumber::new(2)?);
        progress.indexed(BatchNumber::new(2)?);
        assert_eq!(progress.now().stage(batch), Stage::Sequenced);
        progress.proven(BatchNumber::new(5)?);
        assert_eq!(progress.now().stage(batch), Stage::Proven);
        progress.finalized(BatchNumber::new(5)?);
        assert_eq!(progress.now().stage(batch), Stage::Finalized);
        Ok(())
    }
}
