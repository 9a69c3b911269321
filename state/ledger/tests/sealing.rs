//! A batch is sealed beside the next one. Intents admitted meanwhile apply to the state that it
//! leaves, and a restart after a crash at any point ends in the same state.

mod support;

use std::path::Path;

use farthing_ledger::{Durability, Ledger, LedgerError, SealJob};
use farthing_protocol::{
    AccountId, BatchClass, BatchNumber, IntentId, LicenseId, Nano, SignedIntent,
};
use support::{TestLedger, TestResult, account, identity};

const CLASS: BatchClass = BatchClass::TINY;
const FUNDS: u64 = 1_000_000;
const PRICE: u64 = 1_000;

/// Steps of two batches; the second needs what the first leaves.
struct Steps {
    test: TestLedger,
    first: Vec<SignedIntent>,
    second: Vec<SignedIntent>,
}

impl Steps {
    /// Account 1 pays a license of account 2, and pays all that it has to account 3; account 2
    /// spends its share in the next batch, account 3 what it was sent, an account opened in the
    /// first batch is funded, and a license registered there is paid.
    fn new() -> TestResult<Self> {
        let mut test = TestLedger::funded(CLASS, 3, FUNDS)?;
        test.register(2, PRICE, 0, &[(account(2), 1_000_000)])?;
        test.seal()?;
        let mut first = Vec::new();
        let pay = test.pay(0, 5)?;
        first.push(test.intent(1, 0, pay)?);
        first.push(test.intent(1, 0, TestLedger::transfer(3, FUNDS - 5 * PRICE)?)?);
        let holders = [(account(3), 1_000_000)];
        let registration = test.registration(PRICE, 0, &holders)?;
        first.push(test.intent(2, 0, registration)?);
        let first: Vec<SignedIntent> = first.into_iter().map(|i| test.sign(i)).collect();

        let mut second = vec![test.intent(2, 0, TestLedger::transfer(1, FUNDS + 5 * PRICE)?)?];
        second.push(test.intent(3, 0, TestLedger::transfer(4, FUNDS + 1)?)?);
        let (lineage, shares, price) = test.licenses[0];
        test.licenses.push((lineage, shares, price));
        let mut pay = test.pay(1, 7)?;
        let origin = support::origin(2, &holders)?;
        assert!(pay.address(|_| Some(origin)));
        second.push(test.intent(3, 0, pay)?);
        let second = second.into_iter().map(|i| test.sign(i)).collect();
        Ok(Self { test, first, second })
    }

    fn admit_first(&mut self) -> TestResult<()> {
        admit(&mut self.test, &self.first.clone())?;
        assert_eq!(self.test.open()?, 4);
        Ok(())
    }

    /// Seals the first batch as far as its settlement, and admits the second on it.
    fn admit_both(&mut self) -> TestResult<SealJob> {
        self.admit_first()?;
        let job = self.test.ledger.begin_seal()?.ok_or("nothing to seal")?;
        admit(&mut self.test, &self.second.clone())?;
        Ok(job)
    }

    fn ids(&self) -> Vec<IntentId> {
        let all = self.first.iter().chain(&self.second);
        all.map(|signed| signed.intent.id(&self.test.domain)).collect()
    }
}

fn admit(test: &mut TestLedger, intents: &[SignedIntent]) -> TestResult<()> {
    for signed in intents {
        assert!(!test.submit_once(signed)??.repeated);
    }
    Ok(())
}

/// The batches of the steps, each sealed before the next one is opened.
fn one_after_the_other() -> TestResult<Ledger> {
    let mut steps = Steps::new()?;
    steps.admit_first()?;
    steps.test.seal()?;
    admit(&mut steps.test, &steps.second.clone())?;
    steps.test.seal()?;
    Ok(steps.test.ledger)
}

/// Seals what is open, and compares every batch and the state with a ledger that never sealed beside
/// admission.
fn ends_the_same(mut ledger: Ledger, ids: &[IntentId]) -> TestResult<()> {
    let expected = one_after_the_other()?;
    ledger.seal()?;
    assert_eq!(ledger.next_batch(), expected.next_batch());
    let mut number = BatchNumber::MIN;
    while let Some(batch) = expected.batch(number)? {
        assert_eq!(ledger.batch(number)?.as_ref(), Some(&batch), "batch {number}");
        number = number.next();
    }
    assert_eq!((ledger.root(), ledger.reserve()?), (expected.root(), expected.reserve()?));
    assert_eq!(ledger.compute_root()?, expected.root());
    for id in ids {
        assert_eq!(ledger.intent(id)?, expected.intent(id)?);
    }
    Ok(())
}

fn open(path: &Path) -> Result<Ledger, LedgerError> {
    Ledger::open(path, CLASS, Durability::Buffered)
}

#[test]
fn the_next_batch_is_filled_on_what_the_settlement_left() -> TestResult<()> {
    let mut steps = Steps::new()?;
    steps.admit_first()?;
    let number = steps.test.ledger.next_batch();
    let root = steps.test.ledger.root();
    let spendable = |ledger: &Ledger, id: u32| ledger.spendable(AccountId::from(id));
    assert_eq!(spendable(&steps.test.ledger, 2)?, Nano::new(FUNDS).ok(), "shares come later");
    let job = steps.test.ledger.begin_seal()?.ok_or("nothing to seal")?;
    assert_eq!(job.number(), number);

    // The ledger stands behind the batch, and what is settled before it.
    let ledger = &steps.test.ledger;
    assert!(ledger.is_sealing() && ledger.is_idle());
    assert_eq!((ledger.next_batch(), ledger.root()), (number.next(), root));
    assert_eq!(spendable(ledger, 2)?, Nano::new(FUNDS + 5 * PRICE).ok());
    assert_eq!(spendable(ledger, 1)?, Nano::new(0).ok());
    assert_eq!(ledger.account_of(&identity(4))?, Some(AccountId::from(4)));
    assert!(ledger.pending_account(AccountId::from(4))?.is_some());
    assert!(ledger.pending_license(LicenseId::from(1))?.is_some());
    assert!(ledger.account(AccountId::from(4))?.is_none(), "not stored yet");
    assert!(ledger.license(LicenseId::from(1))?.is_none());
    let reader = ledger.reader();
    assert_eq!(reader.next_batch()?, number);
    assert!(reader.account(AccountId::from(4))?.is_none());
    assert!(ledger.reserve()?.is_full());

    // One at a time, and refusing a second does no harm.
    admit(&mut steps.test, &steps.second.clone())?;
    let refused = steps.test.ledger.begin_seal();
    assert!(matches!(refused, Err(LedgerError::Sealing(next)) if next == number.next()));
    assert!(matches!(steps.test.ledger.seal(), Err(LedgerError::Sealing(_))));

    // What is stored shows at once, before the ledger takes note.
    let stored = job.run()?;
    assert_eq!(reader.next_batch()?, number.next());
    assert!(reader.account(AccountId::from(4))?.is_some());
    let sealed = steps.test.ledger.end_seal(Ok(stored))?;
    assert_eq!(sealed.witness.statement.header.new_root, steps.test.ledger.root());
    assert!(!steps.test.ledger.is_sealing());
    let ids = steps.ids();
    ends_the_same(steps.test.ledger, &ids)
}

#[test]
fn a_repeat_is_known_while_its_batch_is_being_sealed() -> TestResult<()> {
    let mut steps = Steps::new()?;
    let job = steps.admit_both()?;
    for signed in steps.first.iter().chain(&steps.second).cloned().collect::<Vec<_>>() {
        assert!(steps.test.submit_once(&signed)??.repeated);
    }
    steps.test.ledger.end_seal(job.run())?;
    Ok(())
}

#[test]
fn a_batch_that_was_being_sealed_is_sealed_by_the_next_start() -> TestResult<()> {
    // The process ends while batch n is being sealed and n + 1 holds acknowledged intents.
    let mut steps = Steps::new()?;
    let lost = steps.admit_both()?;
    let (ids, number) = (steps.ids(), lost.number());
    drop(lost);
    let (ledger, dir) = steps.test.reopen(CLASS)?;
    assert_eq!(ledger.next_batch(), number.next());
    assert!(ledger.batch(number)?.is_some() && !ledger.is_idle() && !ledger.is_sealing());
    // And once more, with nothing new: the log of the second begins where that of the first ended.
    drop(ledger);
    let ledger = open(dir.path())?;
    assert!(!ledger.is_idle());
    ends_the_same(ledger, &ids)
}

#[test]
fn a_batch_that_was_stored_is_not_sealed_again() -> TestResult<()> {
    // The process ends when batch n is stored, before the ledger knows.
    let mut steps = Steps::new()?;
    let job = steps.admit_both()?;
    let ids = steps.ids();
    drop(job.run()?);
    let (ledger, _dir) = steps.test.reopen(CLASS)?;
    ends_the_same(ledger, &ids)
}

#[test]
fn a_batch_that_was_settled_takes_no_further_step() -> TestResult<()> {
    // The process ends before the next batch has a step: nonces may have been refused as settled.
    let mut steps = Steps::new()?;
    steps.admit_first()?;
    let number = steps.test.ledger.next_batch();
    drop(steps.test.ledger.begin_seal()?.ok_or("nothing to seal")?);
    let ids = steps.ids();
    let (ledger, dir) = steps.test.reopen(CLASS)?;
    assert_eq!(ledger.next_batch(), number.next());
    assert!(ledger.batch(number)?.is_some() && ledger.is_idle());
    let mut test = TestLedger { ledger, dir, ..TestLedger::new(CLASS)? };
    assert!(test.seal()?.is_none());
    admit(&mut test, &steps.second)?;
    ends_the_same(test.ledger, &ids)
}

#[test]
fn a_failed_job_stops_the_ledger() -> TestResult<()> {
    let mut steps = Steps::new()?;
    drop(steps.admit_both()?);
    let failed = Err(LedgerError::NoOpenBatch);
    assert!(matches!(steps.test.ledger.end_seal(failed), Err(LedgerError::NoOpenBatch)));
    assert!(matches!(steps.test.ledger.begin_seal(), Err(LedgerError::Poisoned)));
    Ok(())
}
