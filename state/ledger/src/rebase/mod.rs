//! Rebase: L1 made batches final that are not this ledger's, or no longer takes batches of this
//! ledger. The ledger takes its own batches back, applies L1's, and admits all its acknowledged
//! steps again on top of them, in order.
//!
//! Every change is one write, and the remaining work is on disk, so an interrupted rebase resumes
//! where it stopped. Phases: *rewinding* (steps of open and sealed batches move to the displaced
//! ones, newest batch first, and the state goes back), *applying* (L1's batches), *redoing*
//! (displaced steps are admitted, oldest first), *done*.
//!
//! Accounts and licenses keep their numbers if L1's batches left them unused. The others get
//! numbers that no displaced step had, so that every other step keeps its own.
//!
//! A displaced intent keeps its signature, so it can only settle as it was signed: by the account
//! that has its number now, and to the accounts and licenses that have the numbers in it. The
//! intent is dropped if one of those numbers belongs to another account or license on L1, or if
//! L1's state makes it impossible. A dropped intent is remembered for ever and never admitted
//! again. Its signer may sign another one, but after [`DropReason::NonceSettled`] only if the first
//! had no effect.

mod names;
mod redo;
mod rewind;

use farthing_protocol::{
    AccountId, AccountIdentity, BatchNumber, BatchStatement, PublicData, QueueIndex, UnixTime,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::displaced::{DroppedIntent, Phase, RebaseRecord};
use crate::error::LedgerError;
use crate::l1_batch::RestoreError;
use crate::open_steps::{OpenSteps, Step};
use crate::sealed::SealedState;
use crate::store::{StoreError, Writes};

/// A rebase to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rebase {
    /// The first batch to take back.
    pub first: BatchNumber,
    /// The time of the batch before it.
    pub before: UnixTime,
    /// L1's batches from `first` on, in order.
    pub batches: Vec<(BatchStatement, PublicData)>,
    /// The earliest time of a batch that is made again: L1 refuses batches that are too old.
    pub not_before: UnixTime,
}

/// An account whose number L1 gave to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MovedAccount {
    /// Key and owner.
    pub identity: AccountIdentity,
    /// The number before.
    pub from: AccountId,
    /// The number now; `None` if none is left.
    pub to: Option<AccountId>,
}

/// Report of a rebase since it was begun or resumed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rebased {
    /// Sealed batches taken back.
    pub taken_back: u64,
    /// L1's batches applied.
    pub applied: u64,
    /// Intents admitted again.
    pub readmitted: u64,
    /// Intents that cannot settle.
    pub dropped: Vec<DroppedIntent>,
    /// Accounts with another number than before.
    pub moved: Vec<MovedAccount>,
}

/// Reasons why a rebase stopped. The disk has the state after the last completed step: reopen the
/// ledger, remove the cause, and resume.
#[derive(Debug, Error)]
pub enum RebaseError {
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// L1's batches do not apply.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// Another rebase was begun and not ended.
    #[error("a rebase from batch {expected} was begun, not one from batch {got}")]
    Other {
        /// The first batch of the one begun.
        expected: BatchNumber,
        /// The first batch of the one asked for.
        got: BatchNumber,
    },
    /// The rebase begins after the ledger's last batch.
    #[error("the ledger has batches up to {next}: a rebase cannot begin at batch {first}")]
    Ahead {
        /// The next batch of the ledger.
        next: BatchNumber,
        /// The first batch of the rebase.
        first: BatchNumber,
    },
    /// A batch was rebuilt from L1: its steps are not known.
    #[error("batch {0} was rebuilt from L1 and cannot be taken back")]
    NoWitness(BatchNumber),
    /// Displaced queue entries do not follow on those that L1 consumed.
    #[error("the next displaced queue entry is {got}, expected {expected}")]
    Queue {
        /// The next entry to consume.
        expected: QueueIndex,
        /// The entry displaced.
        got: QueueIndex,
    },
}

impl From<StoreError> for RebaseError {
    fn from(error: StoreError) -> Self {
        Self::Ledger(error.into())
    }
}

/// The parts of a ledger that a rebase works on.
pub(crate) struct Rebasing<'a> {
    pub(crate) sealed: &'a mut SealedState,
    pub(crate) open: &'a mut OpenSteps,
}

impl Rebasing<'_> {
    /// Does a rebase, or resumes it.
    pub(crate) fn run(&mut self, plan: &Rebase, now: UnixTime) -> Result<Rebased, RebaseError> {
        let mut report = Rebased::default();
        if self.sealed.store().rebase()?.is_none() {
            let (next, first) = (self.sealed.parent().next_batch, plan.first);
            if first > next {
                return Err(RebaseError::Ahead { next, first });
            }
            self.enter(plan.first, Phase::Rewinding, Writes::default())?;
        }
        while let Some(RebaseRecord { first, phase }) = self.sealed.store().rebase()? {
            if first != plan.first {
                return Err(RebaseError::Other { expected: first, got: plan.first });
            }
            match phase {
                Phase::Rewinding => {
                    report.taken_back += self.rewind(plan)?;
                    self.enter(first, Phase::Applying, Writes::default())?;
                }
                Phase::Applying => {
                    report.applied += self.apply_final(plan)?;
                    self.enter(first, Phase::Redoing, Writes::default())?;
                }
                Phase::Redoing => {
                    self.redo(plan, now, &mut report)?;
                    let mut writes = Writes::default();
                    writes.forget_displaced_names();
                    self.enter(first, Phase::Done, writes)?;
                }
                Phase::Done => break,
            }
        }
        Ok(report)
    }

    fn enter(
        &mut self,
        first: BatchNumber,
        phase: Phase,
        mut writes: Writes,
    ) -> Result<(), RebaseError> {
        writes.rebase(&RebaseRecord { first, phase })?;
        self.commit(writes)
    }

    /// Makes writes durable that are not steps of the open batch alone.
    fn commit(&mut self, writes: Writes) -> Result<(), RebaseError> {
        self.sealed.commit(writes)?;
        self.open.forget_written();
        Ok(())
    }

    fn step<'a>(&'a mut self, writes: &'a mut Writes) -> Step<'a> {
        Step { sealed: self.sealed, open: self.open, writes }
    }

    /// Applies L1's batches that are not applied yet; returns how many.
    fn apply_final(&mut self, plan: &Rebase) -> Result<u64, RebaseError> {
        let mut applied = 0;
        for (statement, public_data) in &plan.batches {
            if statement.header.number >= self.sealed.parent().next_batch {
                self.sealed.apply_l1_batch(statement, public_data)?;
                applied += 1;
            }
        }
        Ok(applied)
    }
}
