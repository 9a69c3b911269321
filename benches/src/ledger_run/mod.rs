//! A ledger from genesis to withdrawals, and back from public data alone.

mod print;
mod report;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use farthing_ledger::{Durability, Ledger, RestoreError};
use farthing_protocol::{
    Amount, BatchClass, BatchNumber, BatchStatement, Bytes32, Digest, Fee, ForcedExit, Intent,
    Nano, Nonce, Operation, PublicData, PublicDataError, QueueEntry, SignedIntent, UnixTime,
    Withdraw,
};
use tempfile::TempDir;
use thiserror::Error;

pub use print::print;
pub use report::{BatchReport, Earner, Money, Report, Seconds};

use crate::chain::{Chain, ChainError};
use crate::reference_ledger::PAYMENTS_PER_CALL;
use crate::workload::{
    Creator, Payment, Payments, Population, Request, Shape, TraceError, generated_requests,
    read_trace, sign_all,
};

/// Payments when neither their number nor a trace is given.
const PAYMENTS_DEFAULT: usize = 20_000;
/// A creator's second intent: the first registered its license, if it has one.
const WITHDRAWAL_NONCE: u64 = 2;

/// What to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Payers, licenses, who pays what.
    pub shape: Shape,
    /// Name of the shape.
    pub workload: String,
    /// Payments at most; all of the trace, or 20,000, if not given.
    pub payments: Option<usize>,
    /// Requests to pay for, generated if not given.
    pub trace: Option<PathBuf>,
    /// Seed of all that is drawn.
    pub seed: u64,
    /// Class of the batches.
    pub class: BatchClass,
}

/// Why a run failed.
#[derive(Debug, Error)]
pub enum RunError {
    /// No place for the stores.
    #[error("no place for the stores: {0}")]
    Io(#[from] std::io::Error),
    /// The trace is no trace.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// There is nothing to pay for.
    #[error("there is no request to pay for")]
    NoRequests,
    /// The ledger refused the workload.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A sealed batch is not stored.
    #[error("batch {0} is not stored")]
    MissingBatch(BatchNumber),
    /// What creators and vaults hold is not what was paid.
    #[error("creators and vaults got {got} nano, payments moved {expected}")]
    Volume {
        /// Paid.
        expected: u128,
        /// Received.
        got: u128,
    },
    /// Σ balances + Σ vaults + withdrawn is not what was deposited.
    #[error("the reserve is not full: {0:?}")]
    Reserve(farthing_ledger::Reserve),
    /// Public data is not read back.
    #[error("public data is not read back: {0}")]
    PublicData(#[from] PublicDataError),
    /// Public data does not restore the state.
    #[error("public data does not restore the state: {0}")]
    Restore(#[from] RestoreError),
    /// The restored state is another one.
    #[error("the restored state has root {got}, expected {expected}")]
    RestoredRoot {
        /// The ledger's.
        expected: Digest,
        /// The restored one's.
        got: Digest,
    },
}

impl From<farthing_ledger::LedgerError> for RunError {
    fn from(error: farthing_ledger::LedgerError) -> Self {
        Self::Chain(error.into())
    }
}

/// Runs a ledger on a workload, every write synced, and checks what came of it.
pub fn run(options: &Options) -> Result<Report, RunError> {
    let directory = TempDir::new()?;
    let population = Population::new(&options.shape, options.seed);
    let requests = requests(options)?;
    let first = requests.first().ok_or(RunError::NoRequests)?.at;
    let mut seconds = Seconds::default();

    let payments: Vec<Payment> =
        Payments::new(&population, &options.shape, requests.into_iter(), options.seed).collect();
    let signed = timed(&mut seconds.signing, || sign_all(&population, &payments));

    let path = directory.path().join("ledger");
    let mut chain = Chain::create(&path, &population, options.class, Durability::Synced)?;
    timed(&mut seconds.opening_accounts, || chain.open_accounts(first, &population))?;
    timed(&mut seconds.registering, || chain.register_licenses(first, &population))?;
    chain.timings = Default::default();

    let setup_batches = chain.batches.len();
    pay(&mut chain, &payments, &signed)?;
    let steps = chain.timings;
    seconds.checking_signatures = steps.check.as_secs_f64();
    seconds.admitting = steps.admit.as_secs_f64();
    seconds.sealing = steps.seal.as_secs_f64();
    let payment_batches = setup_batches..chain.batches.len();
    let money = Money::after_payments(&chain.ledger, &population, &payments)?;

    let now = payments.last().map_or(first, |payment| payment.at);
    timed(&mut seconds.withdrawing, || withdraw(&mut chain, &population, now))?;
    let reserve = chain.ledger.reserve()?;
    if !reserve.is_full() {
        return Err(RunError::Reserve(reserve));
    }
    let restored_path = directory.path().join("restored");
    let restored = timed(&mut seconds.restoring, || {
        restore(&chain.ledger, &population, options, restored_path)
    })?;
    let (expected, got) = (chain.ledger.root(), restored.root());
    if expected != got {
        return Err(RunError::RestoredRoot { expected, got });
    }
    Ok(report::report(options, &population, &chain, payment_batches, money, reserve, seconds))
}

fn timed<T>(total: &mut f64, step: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = step();
    let elapsed: Duration = start.elapsed();
    *total += elapsed.as_secs_f64();
    result
}

fn requests(options: &Options) -> Result<Vec<Request>, RunError> {
    Ok(match &options.trace {
        Some(path) => {
            let mut requests = read_trace(path)?;
            requests.truncate(options.payments.unwrap_or(usize::MAX));
            requests
        }
        None => {
            let count = options.payments.unwrap_or(PAYMENTS_DEFAULT);
            generated_requests(options.seed).take(count).collect()
        }
    })
}

fn pay(chain: &mut Chain, payments: &[Payment], signed: &[SignedIntent]) -> Result<(), RunError> {
    let calls = payments.chunks(PAYMENTS_PER_CALL).zip(signed.chunks(PAYMENTS_PER_CALL));
    for (payments, signed) in calls {
        // All of a call come in with its first: later ones may still be included then.
        let Some(first) = payments.first() else { break };
        chain.submit(first.at, signed)?;
    }
    Ok(chain.seal(None)?)
}

/// Every creator withdraws whole base units; the first payer exits through L1.
fn withdraw(chain: &mut Chain, population: &Population, now: UnixTime) -> Result<(), RunError> {
    let domain = population.domain_digest();
    let mut intents = Vec::new();
    for creator in &population.creators {
        let spendable = chain.ledger.spendable(creator.id)?.unwrap_or(Nano::ZERO);
        intents.extend(withdrawal(creator, spendable, now).map(|i| i.sign(&creator.key, &domain)));
    }
    chain.submit(now, &intents)?;
    if let Some(payer) = population.payers.first() {
        let exit = ForcedExit { requester: payer.owner, account: payer.id };
        chain.consume(now, &[QueueEntry::ForcedExit(exit)])?;
    }
    Ok(chain.seal(None)?)
}

fn withdrawal(creator: &Creator, balance: Nano, now: UnixTime) -> Option<Intent> {
    let whole = balance.checked_sub(balance.sub_unit())?;
    let amount = Amount::new(whole.get()).ok()?;
    Some(Intent {
        account: creator.id,
        nonce: Nonce::new(WITHDRAWAL_NONCE).ok()?,
        fee: Fee::MIN,
        valid_until: now,
        operation: Operation::Withdraw(Withdraw::new(amount, Bytes32::default()).ok()?),
    })
}

/// Rebuilds the state in another store from the statements and the bytes that go to L1.
fn restore(
    ledger: &Ledger,
    population: &Population,
    options: &Options,
    path: PathBuf,
) -> Result<Ledger, RunError> {
    let batches = (0..ledger.next_batch().get())
        .map(|number| {
            let number = BatchNumber::new(number).unwrap_or(BatchNumber::MAX);
            let batch = ledger.batch(number)?.ok_or(RunError::MissingBatch(number))?;
            let on_l1 = PublicData::from_bytes(&batch.public_data.to_bytes())?;
            Ok((batch.statement, on_l1))
        })
        .collect::<Result<Vec<(BatchStatement, PublicData)>, RunError>>()?;
    Ok(Ledger::restore(&path, population.genesis, options.class, batches)?)
}
