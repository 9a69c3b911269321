//! Admitting displaced steps again, batch by batch.

use std::collections::HashSet;

use farthing_protocol::{
    AccountId, BatchNumber, IntentId, IntentWitness, OpenedAccount, Operation, QueueEntry,
    QueueIndex, UnixTime,
};

use super::names::Names;
use super::{MovedAccount, Rebase, RebaseError, Rebased, Rebasing};
use crate::admission::{AdmitError, admit};
use crate::displaced::{DisplacedStep, DropReason, DroppedIntent};
use crate::operator_steps::{consume, open_account};
use crate::precheck::CheckedIntent;
use crate::rules::{
    ConsumeError, OpenAccountError, OperationError, PayError, RegisterLicenseError, TransferError,
    UpdateLicenseError,
};
use crate::seal::seal;
use crate::store::Writes;

/// A displaced intent and its position.
type Displaced = (u64, IntentWitness);

/// Fate of a displaced intent.
enum Fate {
    Admitted,
    /// A step that comes later in its batch may make it possible.
    NotYet(DropReason),
    Impossible(DropReason),
}

/// A displaced batch at work.
struct Redoing<'a> {
    batch: BatchNumber,
    time: UnixTime,
    writes: Writes,
    report: &'a mut Rebased,
}

impl Rebasing<'_> {
    /// Admits every displaced step, oldest batch first; what was sealed is sealed again, so that
    /// what it distributes is there for the next one.
    pub(super) fn redo(
        &mut self,
        plan: &Rebase,
        now: UnixTime,
        report: &mut Rebased,
    ) -> Result<(), RebaseError> {
        while let Some(batch) = self.sealed.store().first_displaced()? {
            let mut steps = self.sealed.store().displaced(batch)?.into_iter().peekable();
            let head = steps.next_if(|(_, step)| matches!(step, DisplacedStep::Batch { .. }));
            let (timestamp, sealed) = match head {
                Some((_, DisplacedStep::Batch { timestamp, sealed })) => (timestamp, sealed),
                _ => (now, true),
            };
            let time = timestamp.min(now).max(plan.not_before).max(self.sealed.parent().timestamp);
            let mut work = Redoing { batch, time, writes: Writes::default(), report };
            let mut intents = Vec::new();
            for (position, step) in steps {
                match step {
                    DisplacedStep::Opened(opened) => self.redo_open(&mut work, position, opened)?,
                    DisplacedStep::Queue { index, entry, opens } => {
                        self.redo_entry(&mut work, position, index, (&entry, opens))?;
                    }
                    DisplacedStep::Intent(witness) => intents.push((position, witness)),
                    DisplacedStep::Batch { .. } => {}
                }
            }
            self.keep(&mut work)?;
            self.redo_intents(&mut work, intents)?;
            if sealed {
                seal(self.sealed, self.open)?;
            }
            let mut writes = Writes::default();
            writes.forget_displaced(batch, 0);
            self.commit(writes)?;
        }
        Ok(())
    }

    /// Makes what was done durable.
    fn keep(&mut self, work: &mut Redoing<'_>) -> Result<(), RebaseError> {
        let writes = std::mem::take(&mut work.writes);
        match self.open.is_idle() {
            true => self.commit(writes),
            false => Ok(self.open.commit(self.sealed, writes)?),
        }
    }

    /// The batch is full: the next takes the rest.
    fn next_one(&mut self, work: &mut Redoing<'_>) -> Result<(), RebaseError> {
        self.keep(work)?;
        seal(self.sealed, self.open)?;
        Ok(())
    }

    fn redo_open(
        &mut self,
        work: &mut Redoing<'_>,
        position: u64,
        before: OpenedAccount,
    ) -> Result<(), RebaseError> {
        let to = loop {
            self.open.begin(self.sealed, work.time)?;
            let number = self.account_again(before.id)?;
            match open_account(&mut self.step(&mut work.writes), before.identity, number)? {
                Ok(opened) => break Some(opened.id),
                Err(OpenAccountError::Exists { id }) => break Some(id),
                Err(OpenAccountError::BatchFull(_)) => self.next_one(work)?,
                Err(OpenAccountError::NoAccountLeft | OpenAccountError::Key(_)) => break None,
            }
        };
        if to != Some(before.id) {
            let (identity, from) = (before.identity, before.id);
            work.report.moved.push(MovedAccount { identity, from, to });
        }
        work.writes.forget_displaced(work.batch, position);
        Ok(())
    }

    fn redo_entry(
        &mut self,
        work: &mut Redoing<'_>,
        position: u64,
        index: QueueIndex,
        (entry, before): (&QueueEntry, Option<AccountId>),
    ) -> Result<(), RebaseError> {
        let expected = self.open.queue_next(self.sealed);
        if index > expected {
            return Err(RebaseError::Queue { expected, got: index });
        }
        // What is below, L1's batches consumed.
        while index == self.open.queue_next(self.sealed) {
            self.open.begin(self.sealed, work.time)?;
            let number = before.map(|id| self.account_again(id)).transpose()?.flatten();
            match consume(&mut self.step(&mut work.writes), entry, number)? {
                Ok(()) => {}
                Err(ConsumeError::BatchFull(_)) => self.next_one(work)?,
                Err(_) => return Err(RebaseError::Queue { expected, got: index }),
            }
        }
        work.writes.forget_displaced(work.batch, position);
        Ok(())
    }

    /// Admits intents in their order as far as they go, again and again: one that lacks money or a
    /// name may get it from a later one of its batch, in which there is no order. Those of an
    /// account stay in order, and so do registrations. Updates of licenses wait until nothing else
    /// moves: if the batch has to be split, payments at the price before go first. When nothing moves
    /// then either, the first that is possible no more is dropped.
    fn redo_intents(
        &mut self,
        work: &mut Redoing<'_>,
        mut left: Vec<Displaced>,
    ) -> Result<(), RebaseError> {
        let (mut updates_wait, mut force) = (true, false);
        while !left.is_empty() {
            let count = left.len();
            let mut kept = Vec::new();
            let mut blocked = HashSet::new();
            let mut registration_waits = false;
            for (position, witness) in left {
                let account = witness.signed.intent.account;
                let registers = witness.registers.is_some();
                let waits = (registers && registration_waits)
                    || (updates_wait && updates_license(&witness));
                if waits || blocked.contains(&account) {
                    blocked.insert(account);
                    registration_waits |= registers;
                    kept.push((position, witness));
                    continue;
                }
                match self.redo_intent(work, &witness)? {
                    Fate::Admitted => {
                        work.report.readmitted += 1;
                        work.writes.forget_displaced(work.batch, position);
                        force = false;
                    }
                    Fate::NotYet(_) if !force => {
                        blocked.insert(account);
                        registration_waits |= registers;
                        kept.push((position, witness));
                    }
                    Fate::NotYet(reason) | Fate::Impossible(reason) => {
                        self.drop_intent(work, position, &witness, reason)?;
                    }
                }
            }
            self.keep(work)?;
            let moved = kept.len() < count;
            force = !moved && !updates_wait;
            updates_wait &= moved;
            left = kept;
        }
        Ok(())
    }

    fn redo_intent(
        &mut self,
        work: &mut Redoing<'_>,
        witness: &IntentWitness,
    ) -> Result<Fate, RebaseError> {
        let intent = &witness.signed.intent;
        match self.names_of(intent)? {
            Names::Hold => {}
            Names::Missing => return Ok(Fate::NotYet(DropReason::NamesChanged)),
            Names::Changed => return Ok(Fate::Impossible(DropReason::NamesChanged)),
        }
        let checked = CheckedIntent {
            signed: witness.signed.clone(),
            key: witness.key,
            id: intent.id(&self.sealed.domain()),
            challenge: witness.challenge,
        };
        loop {
            self.open.begin(self.sealed, work.time)?;
            let number = self.license_again(witness)?;
            match admit(&mut self.step(&mut work.writes), work.time, &checked, number)? {
                Ok(_) => return Ok(Fate::Admitted),
                Err(AdmitError::BatchFull(_)) => self.next_one(work)?,
                // The next batch takes a second update of the license.
                Err(AdmitError::Operation(OperationError::UpdateLicense(
                    UpdateLicenseError::Updating { .. },
                ))) => self.next_one(work)?,
                Err(refused) => return Ok(fate_of(&refused)),
            }
        }
    }

    fn drop_intent(
        &mut self,
        work: &mut Redoing<'_>,
        position: u64,
        witness: &IntentWitness,
        reason: DropReason,
    ) -> Result<(), RebaseError> {
        let intent = &witness.signed.intent;
        let id: IntentId = intent.id(&self.sealed.domain());
        let (account, nonce, batch) = (intent.account, intent.nonce, work.batch);
        let dropped = DroppedIntent { id, account, nonce, batch, reason };
        work.writes.dropped(&dropped)?;
        work.writes.forget_displaced(work.batch, position);
        work.report.dropped.push(dropped);
        self.sealed.note_dropped();
        Ok(())
    }
}

fn updates_license(witness: &IntentWitness) -> bool {
    matches!(witness.signed.intent.operation, Operation::UpdateLicense(_))
}

/// Tells refusals that may pass when more steps of the batch are admitted from those that never do.
const fn fate_of(refused: &AdmitError) -> Fate {
    use DropReason::{Expired, InsufficientFunds, NamesChanged, NonceSettled, Refused};
    match refused {
        AdmitError::UnknownAccount { .. } => Fate::NotYet(NamesChanged),
        AdmitError::Operation(refused) => match refused {
            OperationError::Pay(PayError::UnknownLicense { .. })
            | OperationError::UpdateLicense(UpdateLicenseError::UnknownLicense { .. })
            | OperationError::Transfer(TransferError::UnknownRecipient { .. }) => {
                Fate::NotYet(NamesChanged)
            }
            OperationError::Pay(PayError::RecipientChanged { .. })
            | OperationError::Transfer(TransferError::RecipientChanged { .. })
            | OperationError::RegisterLicense(RegisterLicenseError::RecipientChanged { .. })
            | OperationError::UpdateLicense(UpdateLicenseError::RecipientChanged { .. }) => {
                Fate::Impossible(NamesChanged)
            }
            OperationError::RegisterLicense(_) => Fate::NotYet(Refused),
            OperationError::Pay(
                PayError::TooMuch(_)
                | PayError::WrongAmount { .. }
                | PayError::Paused { .. }
                | PayError::NotLicensee { .. },
            )
            | OperationError::UpdateLicense(_) => Fate::Impossible(Refused),
        },
        AdmitError::InsufficientFunds { .. } => Fate::NotYet(InsufficientFunds),
        AdmitError::SupplyLimit { .. } => Fate::NotYet(Refused),
        AdmitError::NonceUsed { .. }
        | AdmitError::NonceTooLow { .. }
        | AdmitError::NonceUndecided { .. } => Fate::Impossible(NonceSettled),
        AdmitError::Expired { .. } => Fate::Impossible(Expired),
        AdmitError::TooLarge(_) | AdmitError::BatchFull(_) => Fate::Impossible(Refused),
    }
}
