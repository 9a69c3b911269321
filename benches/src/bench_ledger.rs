//! Brings a workload onto a ledger: accounts, licenses, payments, batches.

use std::mem::discriminant;
use std::path::Path;

use farthing_ledger::{
    AdmitError, CheckError, Checked, CheckedIntent, ConsumeError, Durability, Ledger, LedgerError,
    OpenAccountError,
};
use farthing_protocol::{
    AccountIdentity, BatchClass, BatchCounts, BatchNumber, CapacityExceeded, QueueEntry,
    SignedIntent, UnixTime,
};
use thiserror::Error;

use crate::machine::{SpanTime, timed};
use crate::workload::{Opening, Population};

/// The ledger refused what a workload asked of it, or failed.
#[derive(Debug, Error)]
pub enum BenchLedgerError {
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// An account was not opened.
    #[error("an account was not opened: {0}")]
    Open(#[from] OpenAccountError),
    /// A queue entry was not consumed.
    #[error("a queue entry was not consumed: {0}")]
    Consume(#[from] ConsumeError),
    /// A signature was refused.
    #[error("an intent did not pass the check: {0}")]
    Check(#[from] CheckError),
    /// An intent was refused.
    #[error("an intent was not admitted: {0}")]
    Admit(#[from] AdmitError),
    /// An intent had been admitted before.
    #[error("an intent had been admitted before")]
    Repeated,
}

/// A sealed batch in figures.
#[derive(Clone, Copy, Debug)]
pub struct MeasuredBatch {
    /// Its number.
    pub number: BatchNumber,
    /// Counts of its content.
    pub counts: BatchCounts,
    /// The capacity that ran out, if the batch was sealed for that.
    pub full: Option<CapacityExceeded>,
}

/// Time spent in each step of the ledger.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timings {
    /// Signatures.
    pub check: SpanTime,
    /// Admission, its writes to disk included.
    pub admit: SpanTime,
    /// Sealing, its write to disk included.
    pub seal: SpanTime,
}

/// A ledger and what has been sealed on it.
pub struct BenchLedger {
    /// The ledger.
    pub ledger: Ledger,
    /// Time spent by this value until now.
    pub timings: Timings,
    /// Batches sealed by this value, in order.
    pub batches: Vec<MeasuredBatch>,
}

impl BenchLedger {
    /// A new ledger at `path` with the genesis of `population`.
    pub fn create(
        path: &Path,
        population: &Population,
        class: BatchClass,
        durability: Durability,
    ) -> Result<Self, BenchLedgerError> {
        Ok(Self::new(Ledger::create(path, population.genesis, class, durability)?))
    }

    /// The ledger at `path`.
    pub fn open(
        path: &Path,
        class: BatchClass,
        durability: Durability,
    ) -> Result<Self, BenchLedgerError> {
        Ok(Self::new(Ledger::open(path, class, durability)?))
    }

    fn new(ledger: Ledger) -> Self {
        Self { ledger, timings: Timings::default(), batches: Vec::new() }
    }

    /// Opens every account of `population` and funds the payers.
    pub fn open_accounts(
        &mut self,
        now: UnixTime,
        population: &Population,
    ) -> Result<(), BenchLedgerError> {
        let openings: Vec<Opening> = population.openings().map(|(_, opening)| opening).collect();
        // Numbers are given in order, so runs of one kind go to the ledger together.
        for run in openings.chunk_by(|a, b| discriminant(a) == discriminant(b)) {
            let entries = run.iter().filter_map(|opening| match opening {
                Opening::Deposit(deposit) => Some(QueueEntry::Deposit(*deposit)),
                Opening::Account(_) => None,
            });
            self.consume(now, &entries.collect::<Vec<_>>())?;
            let identities = run.iter().filter_map(|opening| match opening {
                Opening::Account(identity) => Some(*identity),
                Opening::Deposit(_) => None,
            });
            self.open_all(now, &identities.collect::<Vec<_>>())?;
        }
        self.seal(None)
    }

    /// Opens accounts, sealing when a batch is full.
    fn open_all(
        &mut self,
        now: UnixTime,
        identities: &[AccountIdentity],
    ) -> Result<(), BenchLedgerError> {
        let mut rest = identities;
        while !rest.is_empty() {
            let answers = self.ledger.open_accounts(now, rest)?;
            let done = answers.iter().take_while(|answer| answer.is_ok()).count();
            rest = &rest[done..];
            match answers.into_iter().nth(done) {
                None => {}
                Some(Err(OpenAccountError::BatchFull(full))) => self.seal(Some(full))?,
                Some(answer) => drop(answer?),
            }
        }
        Ok(())
    }

    /// Consumes queue entries, sealing when a batch is full.
    pub fn consume(
        &mut self,
        now: UnixTime,
        entries: &[QueueEntry],
    ) -> Result<(), BenchLedgerError> {
        let mut rest = entries;
        while !rest.is_empty() {
            let from = self.ledger.queue_next();
            let (consumed, refused) = self.ledger.consume(now, from, rest)?;
            rest = &rest[consumed..];
            match refused {
                None => {}
                Some(ConsumeError::BatchFull(full)) => self.seal(Some(full))?,
                Some(refused) => return Err(refused.into()),
            }
        }
        Ok(())
    }

    /// Registers every license of `population`.
    pub fn register_licenses(
        &mut self,
        now: UnixTime,
        population: &Population,
    ) -> Result<(), BenchLedgerError> {
        self.submit(now, &population.registrations(now))?;
        self.seal(None)
    }

    /// Checks the signatures; an error if one is refused or an intent is not new.
    pub fn check(
        &mut self,
        intents: &[SignedIntent],
    ) -> Result<Vec<CheckedIntent>, BenchLedgerError> {
        let answers = timed(&mut self.timings.check, || self.ledger.check(intents))?;
        answers
            .into_iter()
            .map(|answer| match answer? {
                Checked::Fresh(checked) => Ok(checked),
                Checked::Duplicate(_) => Err(BenchLedgerError::Repeated),
            })
            .collect()
    }

    /// Admits intents, sealing a batch whenever the next one finds no room.
    pub fn admit(
        &mut self,
        now: UnixTime,
        intents: &[CheckedIntent],
    ) -> Result<(), BenchLedgerError> {
        let mut rest = intents;
        while !rest.is_empty() {
            let answers = timed(&mut self.timings.admit, || self.ledger.admit(now, rest))?;
            let mut full = None;
            let mut admitted = 0;
            for answer in answers {
                match answer {
                    Ok(_) => admitted += 1,
                    Err(AdmitError::BatchFull(exceeded)) => {
                        full = Some(exceeded);
                        break;
                    }
                    Err(refused) => return Err(refused.into()),
                }
            }
            rest = &rest[admitted..];
            if full.is_some() {
                self.seal(full)?;
            }
        }
        Ok(())
    }

    /// Checks and admits.
    pub fn submit(
        &mut self,
        now: UnixTime,
        intents: &[SignedIntent],
    ) -> Result<(), BenchLedgerError> {
        let checked = self.check(intents)?;
        self.admit(now, &checked)
    }

    /// Seals the open batch, if anything is in it; `full` says what it had no room for.
    pub fn seal(&mut self, full: Option<CapacityExceeded>) -> Result<(), BenchLedgerError> {
        let Some(sealed) = timed(&mut self.timings.seal, || self.ledger.seal())? else {
            return Ok(());
        };
        let header = &sealed.witness.statement.header;
        self.batches.push(MeasuredBatch { number: header.number, counts: sealed.counts, full });
        Ok(())
    }
}
