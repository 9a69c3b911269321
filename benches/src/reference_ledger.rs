//! A ledger with the reference population on it, to measure payments on.

use std::path::Path;
use std::time::Duration;

use farthing_ledger::{CheckedIntent, Durability};
use farthing_protocol::{
    AccountId, Amount, BatchClass, BatchNumber, BatchWitness, QueueEntry, UnixTime,
};
use tempfile::TempDir;
use thiserror::Error;

use crate::bench_ledger::{BenchLedger, BenchLedgerError, Timings};
use crate::workload::{Payments, Population, Request, Shape, generated_requests, sign_all};

/// Payments per call of admission.
pub const PAYMENTS_PER_CALL: usize = 1_024;
/// Payments of the sealed batch that the criterion benches measure.
pub const PAYMENTS: usize = 16_384;
const SEED: u64 = 1;

/// The ledger could not be built, or a round does not fit.
#[derive(Debug, Error)]
pub enum ReferenceError {
    /// No place for the store.
    #[error("no place for the store: {0}")]
    Io(#[from] std::io::Error),
    /// The ledger refused the workload.
    #[error(transparent)]
    Ledger(#[from] BenchLedgerError),
    /// The workload ended.
    #[error("the workload has no payment left")]
    NoPayments,
    /// A round did not fit into one batch.
    #[error("a round took {batches} batches, expected one")]
    Batches {
        /// Batches of the round.
        batches: usize,
    },
}

/// Builds the accounts and licenses of `population` at `path`, and opens the ledger for batches of
/// `class`, its writes synced.
pub fn build(
    path: &Path,
    population: &Population,
    class: BatchClass,
) -> Result<BenchLedger, BenchLedgerError> {
    let now = UnixTime::MIN;
    // The largest class opens the most accounts per batch.
    let mut bench = BenchLedger::create(path, population, BatchClass::HUGE, Durability::Buffered)?;
    bench.open_accounts(now, population)?;
    bench.register_licenses(now, population)?;
    drop(bench);
    BenchLedger::open(path, class, Durability::Synced)
}

/// A built ledger and the payments to come.
pub struct Rounds<'a> {
    bench: BenchLedger,
    population: &'a Population,
    payments: Payments<'a, Box<dyn Iterator<Item = Request>>>,
    now: UnixTime,
    offset: u32,
    _directory: TempDir,
}

impl<'a> Rounds<'a> {
    /// Builds the ledger in a temporary directory, which goes when this is dropped.
    pub fn new(
        shape: &Shape,
        population: &'a Population,
        class: BatchClass,
    ) -> Result<Self, ReferenceError> {
        Self::of_requests(shape, population, class, Box::new(generated_requests(SEED)))
    }

    /// The same, paying for these requests.
    pub fn of_requests(
        shape: &Shape,
        population: &'a Population,
        class: BatchClass,
        requests: Box<dyn Iterator<Item = Request>>,
    ) -> Result<Self, ReferenceError> {
        let directory = TempDir::new()?;
        let bench = build(directory.path(), population, class)?;
        let payments = Payments::new(population, shape, requests, SEED);
        let (now, offset) = (UnixTime::MIN, 0);
        Ok(Self { bench, population, payments, now, offset, _directory: directory })
    }

    /// The population that rounds are measured on.
    pub fn population(shape: &Shape) -> Population {
        Population::new(shape, SEED)
    }

    /// Checks, admits and seals the next `count` payments as one batch.
    pub fn pay(&mut self, count: usize) -> Result<Timings, ReferenceError> {
        self.admit(count)?;
        self.seal_round()
    }

    fn admit(&mut self, count: usize) -> Result<(), ReferenceError> {
        let payments: Vec<_> = self.payments.by_ref().take(count).collect();
        self.now = payments.last().ok_or(ReferenceError::NoPayments)?.at;
        let signed = sign_all(self.population, &payments);
        self.start_round();
        for call in signed.chunks(PAYMENTS_PER_CALL) {
            let checked: Vec<CheckedIntent> = self.bench.check(call)?;
            self.bench.admit(self.now, &checked)?;
        }
        Ok(())
    }

    /// Pays until a batch is full or holds `most` payments, and seals it. If it is full before,
    /// the payment that found no room and some behind it are left in the next batch.
    pub fn fill(&mut self, most: usize) -> Result<Filled, ReferenceError> {
        self.start_round();
        let mut admitted = 0;
        while admitted < most && self.bench.batches.is_empty() {
            let call = PAYMENTS_PER_CALL.min(most - admitted);
            let payments: Vec<_> = self.payments.by_ref().take(call).collect();
            // All of a call come in with its first: later ones may still be included then.
            let Some(first) = payments.first() else { break };
            self.now = first.at;
            let checked = self.bench.check(&sign_all(self.population, &payments))?;
            self.bench.admit(self.now, &checked)?;
            admitted += payments.len();
        }
        if self.bench.batches.is_empty() {
            self.bench.seal(None)?;
        }
        let timings = self.bench.timings;
        let summary = self.bench.batches.first().ok_or(ReferenceError::NoPayments)?;
        let witness = self.bench.ledger.batch(summary.number).map_err(BenchLedgerError::from)?;
        let witness = witness.ok_or(ReferenceError::Batches { batches: 0 })?;
        Ok(Filled { payments: witness.intents.len(), witness, timings, admitted })
    }

    /// The batch sealed last.
    pub fn last_batch(&self) -> Result<BatchWitness, ReferenceError> {
        let ledger = &self.bench.ledger;
        let last = BatchNumber::new(ledger.next_batch().get().saturating_sub(1));
        let batch = last.ok().map(|number| ledger.batch(number)).transpose();
        batch
            .map_err(BenchLedgerError::from)?
            .flatten()
            .ok_or(ReferenceError::Batches { batches: 0 })
    }

    /// Deposits one base unit to each of `count` accounts, spread evenly over all, and seals that
    /// as one batch.
    pub fn deposit(&mut self, count: u32) -> Result<Timings, ReferenceError> {
        self.start_round();
        let step = (self.population.accounts() - 1) / count.max(1);
        let base_unit = Amount::new(farthing_protocol::NANO_PER_BASE_UNIT).unwrap_or(Amount::MIN);
        for index in 0..count {
            let id = AccountId::from(1 + index * step + self.offset % step.max(1));
            let deposit = self.population.deposit_to(id, base_unit);
            self.bench.consume(self.now, &[QueueEntry::Deposit(deposit)])?;
        }
        self.offset += 1;
        self.seal_round()
    }

    fn start_round(&mut self) {
        self.bench.timings = Timings::default();
        self.bench.batches.clear();
    }

    fn seal_round(&mut self) -> Result<Timings, ReferenceError> {
        self.bench.seal(None)?;
        match self.bench.batches.len() {
            1 => Ok(self.bench.timings),
            batches => Err(ReferenceError::Batches { batches }),
        }
    }
}

/// A batch of payments.
pub struct Filled {
    /// The batch.
    pub witness: BatchWitness,
    /// Payments in it.
    pub payments: usize,
    /// Time to check and admit all payments, and to seal.
    pub timings: Timings,
    /// Payments checked and admitted, those of the next batch included.
    pub admitted: usize,
}

/// Check and admission of a round.
pub fn check_and_admit(timings: &Timings) -> Duration {
    (timings.check + timings.admit).wall()
}
