//! The order in which a rebase admits displaced steps, and the numbers that their accounts and licenses
//! get again.

mod support;

use farthing_ledger::{DropReason, Durability, Ledger};
use farthing_protocol::{
    AccountId, BatchClass, BatchNumber, Deposit, Fee, Intent, LicenseId, Nonce, Operation,
    QueueEntry, SignedIntent,
};
use support::foreign::{plan, rebase, stranger};
use support::{TestLedger, TestResult, account, identity, license, owner, time};

const TINY: BatchClass = BatchClass::TINY;

fn signed(
    test: &TestLedger,
    from: u32,
    nonce: u64,
    operation: Operation,
) -> TestResult<SignedIntent> {
    signed_until(test, from, nonce, operation, test.now + 3_600)
}

fn signed_until(
    test: &TestLedger,
    from: u32,
    nonce: u64,
    mut operation: Operation,
    valid_until: u64,
) -> TestResult<SignedIntent> {
    test.ledger.address(&mut operation)?;
    let intent = Intent {
        account: AccountId::from(from),
        nonce: Nonce::new(nonce)?,
        fee: Fee::MIN,
        valid_until: time(valid_until),
        operation,
    };
    Ok(test.sign(intent))
}

/// Accounts 1 to 4 with money, and the number of the next batch.
fn common(class: BatchClass) -> TestResult<(TestLedger, BatchNumber)> {
    let mut test = TestLedger::funded(class, 4, 1_000_000)?;
    test.seal()?;
    let next = test.ledger.next_batch();
    Ok((test, next))
}

/// The node was started with a smaller class, so the open batch goes into several: of an account that
/// used its nonces in falling order, the least come first all the same.
#[test]
fn an_open_batch_that_is_split_keeps_every_nonce() -> TestResult<()> {
    let (mut test, first) = common(BatchClass::SMALL)?;
    let mut ids = Vec::new();
    for nonce in (1..=40u64).rev() {
        for from in [2, 1] {
            let one = signed(&test, from, nonce, TestLedger::transfer(3, nonce)?)?;
            ids.push(test.submit_once(&one)??.id);
        }
    }
    let plan = plan(&test, first, Vec::new());
    let TestLedger { ledger, dir, .. } = test;
    drop(ledger);
    let mut ledger = Ledger::open(dir.path(), TINY, Durability::Buffered)?;
    let report = ledger.rebase(&plan, time(support::NOW))?;
    assert_eq!((report.readmitted, report.dropped.len()), (80, 0));
    ledger.forget_rebase()?;
    ledger.seal()?;
    assert_eq!(ledger.next_batch().get(), first.get() + 5, "16 intents a batch");
    for id in &ids {
        let admission = ledger.intent(id)?.ok_or("an acknowledged intent is gone")?;
        assert!(ledger.batch(admission.batch)?.is_some());
    }
    Ok(())
}

/// Numbers are given in order of arrival; a sealed batch lists its registrations by account and nonce.
#[test]
fn licenses_get_their_numbers_again_whatever_their_nonces() -> TestResult<()> {
    for sealed in [true, false] {
        let (mut test, first) = common(TINY)?;
        // By arrival 0 to 4; by account and nonce 2, 1, 4, 3, 0.
        let arrivals = [(3, 9), (1, 8), (1, 5), (2, 7), (2, 6)];
        let mut given = Vec::new();
        for (price, (from, nonce)) in (10..).zip(arrivals) {
            let registration = test.registration(price, 0, &[(account(4), 1_000_000)])?;
            let one = signed(&test, from, nonce, registration)?;
            let admission = test.submit_once(&one)??;
            given.push((admission.id, admission.registers.ok_or("a number")?));
        }
        let numbers: Vec<u32> = given.iter().map(|(_, id)| id.get()).collect();
        assert_eq!(numbers, [0, 1, 2, 3, 4]);
        if sealed {
            test.seal()?;
        }
        let plan = plan(&test, first, Vec::new());
        let report = rebase(&mut test, &plan)?;
        assert_eq!((report.readmitted, report.dropped.len()), (5, 0), "sealed: {sealed}");
        for (id, number) in given {
            let admission = test.ledger.intent(&id)?.ok_or("known")?;
            assert_eq!(admission.registers, Some(number), "sealed: {sealed}");
        }
        test.seal()?;
        for (price, number) in (10..).zip(0..5) {
            let found = test.ledger.license(LicenseId::from(number))?.ok_or("a license")?;
            assert_eq!(found.state.version.price.get(), price);
        }
    }
    Ok(())
}

/// A number that is unused again is the next one to be given.
#[test]
fn the_number_of_a_license_that_is_dropped_is_free() -> TestResult<()> {
    let (mut test, first) = common(TINY)?;
    let registration = test.registration(1, 0, &[(account(4), 1_000_000)])?;
    for (nonce, valid_for) in [(1, 3_600), (2, 60), (3, 3_600)] {
        let until = test.now + valid_for;
        let one = signed_until(&test, 1, nonce, registration.clone(), until)?;
        let given = test.submit_once(&one)??.registers.ok_or("a number")?;
        assert_eq!(u64::from(given.get()), nonce - 1);
        test.seal()?;
    }
    let mut plan = plan(&test, first, Vec::new());
    plan.not_before = time(test.now + 61);
    test.now += 100;
    let report = rebase(&mut test, &plan)?;
    assert_eq!(report.dropped.iter().map(|d| d.reason).collect::<Vec<_>>(), [DropReason::Expired]);
    assert!(test.ledger.license(LicenseId::from(1))?.is_none());
    assert!(test.ledger.license(LicenseId::from(2))?.is_some(), "number 2 kept its license");
    // Above it first, as ever; the search for a number begins at the last one given.
    let one = signed(&test, 1, 4, registration)?;
    assert_eq!(test.submit_once(&one)??.registers, Some(LicenseId::from(3)));
    Ok(())
}

#[test]
fn the_next_numbers_go_back_with_the_batches() -> TestResult<()> {
    let (mut test, first) = common(TINY)?;
    let registration = test.registration(1, 0, &[(account(4), 1_000_000)])?;
    let until = test.now + 60;
    for nonce in 1..=3 {
        let one = signed_until(&test, 1, nonce, registration.clone(), until)?;
        test.submit_once(&one)??;
        test.seal()?;
    }
    let mut plan = plan(&test, first, Vec::new());
    plan.not_before = time(until + 1);
    test.now += 100;
    assert_eq!(rebase(&mut test, &plan)?.dropped.len(), 3);
    let one = signed(&test, 1, 4, registration)?;
    assert_eq!(test.submit_once(&one)??.registers, Some(LicenseId::from(0)));
    Ok(())
}

/// L1's batch takes number 5 and license 0. Only what had these gets another number, one that no
/// displaced step had, and only intents that name it are dropped.
#[test]
fn numbers_that_l1_left_unused_are_kept() -> TestResult<()> {
    for (sealed, reopened) in [(true, false), (false, false), (false, true)] {
        let (mut test, first) = common(TINY)?;
        let other = tempfile::tempdir()?;
        let foreign = {
            let ledger = stranger(&test, TINY, other.path())?;
            let mut other = TestLedger { ledger, ..common(TINY)?.0 };
            other.ledger.open_account(time(other.now), identity(77))??;
            other.register(2, 100, 0, &[(account(3), 1_000_000)])?;
            other.ledger.seal()?.ok_or("a batch")?.witness
        };
        for number in [5, 6] {
            let opened = test.ledger.open_account(test.time(), identity(number))??;
            assert_eq!(opened.id.get(), number);
        }
        if sealed {
            test.seal()?;
        }
        test.deposit(7, 5_000)?;
        // Its key does not encode a point: the deposit itself opens it.
        let words = [u64::MAX; 5];
        test.consume(QueueEntry::Deposit(Deposit::new(owner(8), words, 700)?))?;
        let table = [(account(1), 1_000_000)];
        let zero = test.register(1, 10, 0, &table)?;
        let one = test.register(1, 11, 0, &[(account(6), 1_000_000)])?;
        let two = test.register(1, 12, 0, &[(account(1), 400_000), (license(one), 600_000)])?;
        let submit = |test: &mut TestLedger, from: u32, operation: Operation| {
            let nonce = test.nonce(from);
            let one = signed(test, from, nonce, operation)?;
            TestResult::Ok(test.submit_once(&one)??.id)
        };
        let pay = [zero, one, two].map(|number| test.pay(number, 3));
        let [lost, kept @ ..] = pay;
        let lost = submit(&mut test, 3, lost?)?;
        let mut ids = Vec::new();
        for operation in kept {
            ids.push(submit(&mut test, 3, operation?)?);
        }
        let to_five = submit(&mut test, 4, TestLedger::transfer(5, 50)?)?;
        for to in [6, 7, 8] {
            ids.push(submit(&mut test, 4, TestLedger::transfer(to, 60)?)?);
        }
        if sealed {
            test.seal()?;
        }
        let plan = plan(&test, first, vec![(foreign.statement, foreign.public_data)]);
        let report = rebase(&mut test, &plan)?;
        let moved: Vec<_> = report.moved.iter().map(|m| (m.from.get(), m.to)).collect();
        assert_eq!(moved, [(5, Some(AccountId::from(9)))], "sealed: {sealed}");
        let dropped: Vec<_> = report.dropped.iter().map(|d| (d.id, d.reason)).collect();
        let changed = DropReason::NamesChanged;
        assert_eq!(dropped, [(lost, changed), (to_five, changed)], "sealed: {sealed}");
        let mut ledger = match reopened {
            false => test.ledger,
            true => {
                drop(test.ledger);
                Ledger::open(test.dir.path(), TINY, Durability::Buffered)?
            }
        };
        ledger.seal()?;
        for id in &ids {
            let admission = ledger.intent(id)?.ok_or("an acknowledged intent is gone")?;
            assert!(ledger.batch(admission.batch)?.is_some());
        }
        assert_eq!(ledger.account_of(&identity(77))?, Some(AccountId::from(5)));
        assert_eq!(ledger.account_of(&identity(5))?, Some(AccountId::from(9)));
        for number in [6, 7] {
            assert_eq!(ledger.account_of(&identity(number))?, Some(AccountId::from(number)));
        }
        let prices = [(0, 100), (1, 11), (2, 12), (3, 10)];
        for (number, price) in prices {
            let found = ledger.license(LicenseId::from(number))?.ok_or("a license")?;
            assert_eq!(found.state.version.price.get(), price, "license {number}");
        }
        assert!(ledger.reserve()?.is_full());
        let next = ledger.open_account(time(support::NOW + 10), identity(40))??;
        assert_eq!(next.id.get(), 10, "the next one is above all");
    }
    Ok(())
}
