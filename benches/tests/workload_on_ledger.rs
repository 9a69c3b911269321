//! The reference workload on a ledger: every payment is sealed, no nano-unit is lost, and public data
//! restores the state.

use std::collections::HashMap;
use std::error::Error;

use farthing_benches::bench_ledger::BenchLedger;
use farthing_benches::reference_ledger::PAYMENTS_PER_CALL;
use farthing_benches::workload::{
    Creator, Holders, Payment, Payments, Placement, Population, Shape, generated_requests, sign_all,
};
use farthing_ledger::{Durability, Ledger};
use farthing_protocol::{
    AccountId, Amount, BatchClass, BatchNumber, Bytes32, Fee, ForcedExit, Holder, Intent, Nano,
    Nonce, Operation, PublicData, QueueEntry, UnixTime, Withdraw,
};
use tempfile::TempDir;

const SEED: u64 = 5;
/// The first intent of a creator registers its license.
const WITHDRAWAL_NONCE: u64 = 2;
const SMALL: Shape = Shape {
    payers: 10,
    licenses: 20,
    holders: Holders::Trio { data_sets: 3, model_developers: 2, derivative_every: 4 },
    accounts: 100,
    placement: Placement::Scattered,
    ..Shape::REFERENCE
};

/// A ledger on which a workload has been paid.
struct Paid {
    bench: BenchLedger,
    population: Population,
    payments: Vec<Payment>,
    /// Batches before the first payment.
    setup_batches: usize,
    directory: TempDir,
}

fn pay(shape: &Shape, count: usize, class: BatchClass) -> Result<Paid, Box<dyn Error>> {
    let directory = TempDir::new()?;
    let population = Population::new(shape, SEED);
    let requests = generated_requests(SEED).take(count);
    let payments: Vec<Payment> = Payments::new(&population, shape, requests, SEED).collect();
    let first = payments.first().ok_or("the workload has payments")?.at;
    let path = directory.path().join("ledger");
    let mut bench = BenchLedger::create(&path, &population, class, Durability::Synced)?;
    bench.open_accounts(first, &population)?;
    bench.register_licenses(first, &population)?;
    let setup_batches = bench.batches.len();
    let signed = sign_all(&population, &payments);
    for (payments, signed) in
        payments.chunks(PAYMENTS_PER_CALL).zip(signed.chunks(PAYMENTS_PER_CALL))
    {
        // Admission of a call takes the time of its first payment, when later ones are valid too.
        bench.submit(payments[0].at, signed)?;
    }
    bench.seal(None)?;
    Ok(Paid { bench, population, payments, setup_batches, directory })
}

impl Paid {
    fn balance(&self, id: AccountId) -> Result<u64, Box<dyn Error>> {
        let account = self.bench.ledger.account(id)?;
        Ok(account.map_or(Nano::ZERO, |account| account.state.balance).get())
    }

    /// Payments in the batches after set-up.
    fn sealed(&self) -> u64 {
        let batches = &self.bench.batches[self.setup_batches..];
        batches.iter().map(|batch| u64::from(batch.counts.intents)).sum()
    }

    /// Balance of each account that holds shares.
    fn earned(&self) -> Result<HashMap<AccountId, u64>, Box<dyn Error>> {
        let mut earned = HashMap::new();
        for planned in &self.population.licenses {
            for line in planned.register.shares.holders() {
                if let Holder::Account(id) = line.holder {
                    earned.insert(id, self.balance(id)?);
                }
            }
        }
        Ok(earned)
    }

    /// Holders, vaults and the operator have exactly what payments moved.
    fn assert_conserved(&self) -> Result<(), Box<dyn Error>> {
        let volume: u128 =
            self.payments.iter().map(|p| u128::from(p.intent.operation.amount().get())).sum();
        let fees: u128 = self.payments.iter().map(|p| u128::from(p.intent.fee.get())).sum();
        let holders: u128 = self.earned()?.values().map(|nano| u128::from(*nano)).sum();
        assert_eq!(holders + self.bench.ledger.reserve()?.vaults, volume);
        assert_eq!(u128::from(self.balance(AccountId::OPERATOR)?), fees);
        Ok(())
    }

    /// Every creator withdraws whole base units, and the first payer leaves through L1.
    fn withdraw(&mut self) -> Result<(), Box<dyn Error>> {
        let now = self.payments.last().ok_or("the workload has payments")?.at;
        let domain = self.population.domain_digest();
        let mut intents = Vec::new();
        for creator in &self.population.creators {
            let spendable = self.bench.ledger.spendable(creator.id)?.unwrap_or(Nano::ZERO);
            if let Some(intent) = withdrawal(creator, spendable, now)? {
                intents.push(intent.sign(&creator.key, &domain));
            }
        }
        self.bench.submit(now, &intents)?;
        let payer = self.population.payers.first().ok_or("the workload has payers")?;
        let exit = ForcedExit { requester: payer.owner, account: payer.id };
        self.bench.consume(now, &[QueueEntry::ForcedExit(exit)])?;
        Ok(self.bench.seal(None)?)
    }

    /// Rebuilds the state in another store from the statements and the bytes that go to L1.
    fn restore(&self, class: BatchClass) -> Result<Ledger, Box<dyn Error>> {
        let ledger = &self.bench.ledger;
        let mut batches = Vec::new();
        for number in 0..ledger.next_batch().get() {
            let batch = ledger.batch(BatchNumber::new(number)?)?.ok_or("a sealed batch is kept")?;
            let on_l1 = PublicData::from_bytes(&batch.public_data.to_bytes())?;
            batches.push((batch.statement, on_l1));
        }
        let path = self.directory.path().join("restored");
        Ok(Ledger::restore(&path, self.population.genesis, class, batches)?)
    }
}

fn withdrawal(
    creator: &Creator,
    balance: Nano,
    now: UnixTime,
) -> Result<Option<Intent>, Box<dyn Error>> {
    let whole = balance.get() - balance.sub_unit().get();
    if whole == 0 {
        return Ok(None);
    }
    let amount = Amount::new(whole)?;
    Ok(Some(Intent {
        account: creator.id,
        nonce: Nonce::new(WITHDRAWAL_NONCE)?,
        fee: Fee::MIN,
        valid_until: now,
        operation: Operation::Withdraw(Withdraw::new(amount, Bytes32::default())?),
    }))
}

#[test]
fn every_payment_is_sealed_and_every_nano_accounted_for() -> Result<(), Box<dyn Error>> {
    let mut paid = pay(&SMALL, 300, BatchClass::SMALL)?;
    assert_eq!((paid.population.licenses.len(), paid.population.derivatives()), (20, 5));
    assert_eq!((paid.sealed(), paid.bench.batches.len() - paid.setup_batches), (300, 1));
    assert_eq!(paid.balance(AccountId::OPERATOR)?, 300 * 100);
    assert!(paid.earned()?.values().filter(|nano| **nano > 0).count() > 20);
    paid.assert_conserved()?;
    paid.withdraw()?;
    let reserve = paid.bench.ledger.reserve()?;
    assert!(reserve.is_full() && reserve.withdrawn > 0, "{reserve:?}");
    assert_eq!(paid.restore(BatchClass::SMALL)?.root(), paid.bench.ledger.root());
    Ok(())
}

#[test]
fn a_full_batch_is_sealed_and_payments_go_on() -> Result<(), Box<dyn Error>> {
    let paid = pay(&SMALL, 40, BatchClass::TINY)?;
    assert_eq!(paid.sealed(), 40);
    let batches = &paid.bench.batches[paid.setup_batches..];
    assert!(batches.len() >= 3 && batches[0].full.is_some());
    paid.assert_conserved()
}

#[test]
fn the_worst_case_pays_every_holder() -> Result<(), Box<dyn Error>> {
    let paid = pay(&Shape::worst(30).with_accounts(0), 30, BatchClass::SMALL)?;
    assert_eq!((paid.sealed(), paid.earned()?.len()), (30, 480));
    assert!(paid.earned()?.values().all(|nano| *nano > 0));
    paid.assert_conserved()
}

#[test]
fn without_a_request_there_is_nothing_to_pay() {
    assert!(pay(&SMALL, 0, BatchClass::SMALL).is_err());
}
