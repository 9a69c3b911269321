//! Nonces of an account may arrive in any order while their batch is open: what is admitted settles,
//! and what is refused as too low is refused for ever.

mod support;

use std::collections::BTreeSet;

use farthing_ledger::{AdmitError, Durability, Ledger, SealJob};
use farthing_protocol::{AccountId, BatchClass, Intent, Nano, Nonce, Operation, SignedIntent};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use support::{TestLedger, TestResult, account};

const CLASS: BatchClass = BatchClass::TINY;
const FUNDS: u64 = 1_000_000_000;

fn signed(
    test: &TestLedger,
    payer: u32,
    nonce: u64,
    mut operation: Operation,
) -> TestResult<SignedIntent> {
    test.ledger.address(&mut operation)?;
    let intent = Intent {
        account: AccountId::from(payer),
        nonce: Nonce::new(nonce)?,
        fee: farthing_protocol::Fee::new(nonce % 3)?,
        valid_until: support::time(test.now + 60),
        operation,
    };
    Ok(test.sign(intent))
}

fn funded() -> TestResult<TestLedger> {
    let mut test = TestLedger::funded(CLASS, 4, FUNDS)?;
    test.register(2, 10, 0, &[(account(2), 600_000), (account(3), 400_000)])?;
    test.seal()?;
    Ok(test)
}

/// The answers that admission must give on account 1's nonces, kept apart from the ledger.
#[derive(Default)]
struct Expected {
    settled: u64,
    open: BTreeSet<u64>,
    ever: BTreeSet<u64>,
}

impl Expected {
    fn seal(&mut self) {
        self.settled = self.open.iter().next_back().copied().unwrap_or(self.settled);
        self.open.clear();
    }
}

/// Twenty writers of one account send nonces of one clock, each late by a different time; batches
/// are sealed beside, with the next one filled on what they leave.
#[test]
fn twenty_writers_share_an_account() -> TestResult<()> {
    let mut rng = ChaCha8Rng::seed_from_u64(20);
    let mut test = funded()?;
    let mut expected = Expected::default();
    let mut sealing: Option<SealJob> = None;
    let (mut admitted, mut late, mut used) = (0, 0, 0);
    for tick in 1..=600u64 {
        // Twenty ticks late at most, and now and then a nonce that another writer took.
        let nonce = (1_000 + tick).saturating_sub(rng.random_range(0..20));
        let operation = match rng.random_range(0..3) {
            0 => TestLedger::transfer(3, tick)?,
            1 => test.pay(0, tick)?,
            _ => TestLedger::withdraw(1_000 * tick)?,
        };
        let one = signed(&test, 1, nonce, operation)?;
        let mut answer = test.submit_once(&one)?;
        if matches!(answer, Err(AdmitError::BatchFull(_))) {
            if let Some(job) = sealing.take() {
                let sealed = test.ledger.end_seal(job.run())?;
                test.sealed.push(sealed);
            }
            sealing = test.ledger.begin_seal()?;
            expected.seal();
            answer = test.submit_once(&one)?;
        }
        match answer {
            Ok(admission) => {
                assert!(!admission.repeated);
                assert!(nonce > expected.settled && expected.ever.insert(nonce), "{nonce}");
                expected.open.insert(nonce);
                admitted += 1;
            }
            Err(AdmitError::NonceUsed { .. }) => {
                assert!(expected.ever.contains(&nonce));
                used += 1;
            }
            Err(AdmitError::NonceTooLow { last, got }) => {
                assert_eq!((last.get(), got.get()), (expected.settled, nonce));
                assert!(nonce <= expected.settled && !expected.ever.contains(&nonce));
                late += 1;
            }
            Err(other) => return Err(other.into()),
        }
        let floor = test.ledger.settled_nonce(AccountId::from(1))?;
        assert_eq!(floor.map(Nonce::get), Some(expected.settled));
    }
    if let Some(job) = sealing {
        let sealed = test.ledger.end_seal(job.run())?;
        test.sealed.push(sealed);
    }
    test.seal()?;
    assert!(admitted > 300 && late > 0 && used > 0, "{admitted} {late} {used}");
    let mut settled = 0;
    for sealed in &test.sealed {
        support::assert_exact(&sealed.witness);
        let keys: Vec<_> = sealed.witness.intents.iter().map(|i| &i.signed.intent).collect();
        assert!(keys.is_sorted_by_key(|intent| (intent.account, intent.nonce)));
        settled += keys.iter().filter(|intent| intent.account.get() == 1).count();
        for change in sealed.witness.accounts.iter().filter(|change| change.signed) {
            let own = keys.iter().filter(|intent| intent.account == change.id);
            let largest = own.map(|intent| intent.nonce).max();
            assert_eq!(change.new.map(|new| new.nonce), largest);
        }
    }
    assert_eq!(settled, admitted, "all that is admitted is settled");
    test.assert_full_reserve()
}

#[test]
fn arrival_order_leaves_no_trace_in_the_batch() -> TestResult<()> {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut first = None;
    for round in 0..8 {
        let mut test = funded()?;
        let mut intents = Vec::new();
        for nonce in 10..16u64 {
            intents.push(signed(&test, 1, nonce, TestLedger::transfer(3, nonce)?)?);
            intents.push(signed(&test, 4, nonce, test.pay(0, nonce)?)?);
        }
        if round > 0 {
            intents.shuffle(&mut rng);
        }
        for one in &intents {
            assert!(!test.submit_once(one)??.repeated);
            assert!(test.submit_once(one)??.repeated);
        }
        // Also rebuilt from its log.
        let mut ledger = if round % 2 == 0 { test.ledger } else { test.reopen(CLASS)?.0 };
        let sealed = ledger.seal()?.ok_or("nothing sealed")?;
        assert_eq!(*first.get_or_insert_with(|| sealed.clone()), sealed, "round {round}");
    }
    Ok(())
}

#[test]
fn one_account_registers_in_any_order() -> TestResult<()> {
    let mut test = funded()?;
    let registration = test.registration(5, 0, &[(account(1), 1_000_000)])?;
    let mut given = Vec::new();
    for nonce in [40, 30, 50, 20] {
        let one = signed(&test, 1, nonce, registration.clone())?;
        given.push(test.submit_once(&one)??.registers.ok_or("a number")?.get());
    }
    assert_eq!(given, [1, 2, 3, 4]);
    let sealed = test.seal()?.ok_or("nothing sealed")?;
    support::assert_exact(&sealed.witness);
    let numbers: Vec<_> = sealed.witness.intents.iter().filter_map(|i| i.registers).collect();
    assert_eq!(numbers.iter().map(|id| id.get()).collect::<Vec<_>>(), [4, 2, 1, 3]);
    Ok(())
}

#[test]
fn a_refused_nonce_stays_refused_whatever_dies() -> TestResult<()> {
    for reached in 0..3 {
        let mut test = funded()?;
        let high = signed(&test, 1, 100, TestLedger::transfer(3, 1)?)?;
        let low = signed(&test, 1, 99, TestLedger::transfer(3, 2)?)?;
        test.submit_once(&high)??;
        let job = test.ledger.begin_seal()?.ok_or("nothing to seal")?;
        let last = Nonce::new(100)?;
        let expected = Err(AdmitError::NonceTooLow { last, got: low.intent.nonce });
        assert_eq!(test.submit_once(&low)?, expected);
        if reached > 1 {
            drop(job.run()?);
        } else {
            drop(job);
        }
        // The process ends: before the batch is stored, and once more before anything else.
        drop(test.ledger);
        for _ in 0..=reached {
            drop(Ledger::open(test.dir.path(), CLASS, Durability::Buffered)?);
        }
        let ledger = Ledger::open(test.dir.path(), CLASS, Durability::Buffered)?;
        assert!(ledger.is_idle(), "the batch was closed: it is sealed");
        let mut test = TestLedger { ledger, ..funded()? };
        assert_eq!(test.submit_once(&low)?, expected);
        let known = test.submit_once(&high)??;
        assert!(known.repeated);
        let after = signed(&test, 1, 101, TestLedger::transfer(3, 3)?)?;
        assert_eq!(test.submit_once(&after)??.batch, known.batch.next());
        assert!(test.seal()?.is_some());
        test.assert_full_reserve()?;
    }
    Ok(())
}

#[test]
fn a_lost_answer_does_not_cost_the_intent() -> TestResult<()> {
    // The writer gave up on nonce 5 and sent 6, which came first.
    let mut test = funded()?;
    let five = signed(&test, 1, 5, TestLedger::transfer(3, 5)?)?;
    let six = signed(&test, 1, 6, TestLedger::transfer(3, 6)?)?;
    test.submit_once(&six)??;
    test.submit_once(&five)??;
    let pending = test.ledger.pending_account(AccountId::from(1))?.ok_or("account 1")?;
    assert_eq!(pending.state.nonce.get(), 6, "the largest used");
    let fees = five.intent.fee.get() + six.intent.fee.get();
    assert_eq!(pending.state.balance, Nano::new(FUNDS - 11 - u64::from(fees))?);
    // Once the batch is sealed, a lower one is late.
    test.seal()?;
    let four = signed(&test, 1, 4, TestLedger::transfer(3, 4)?)?;
    let (last, got) = (Nonce::new(6)?, Nonce::new(4)?);
    assert_eq!(test.submit_once(&four)?, Err(AdmitError::NonceTooLow { last, got }));
    Ok(())
}
