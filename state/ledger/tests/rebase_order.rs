//! The order in which a rebase admits displaced steps, and the numbers that their accounts and licenses
//! get again.

mod support;

use farthing_ledger::{DropReason, Durability, Ledger};
use farthing_protocol::{
    AccountId, BatchClass, BatchNumber, Deposit, Fee, Intent, LicenseId, Nonce, Operation,
    QueueEntry, SignedIntent,
};
use support::foreign::{plan, rebase, stranger};
use support::{Outcome, TestLedger, account, identity, license, owner, time};

const TINY: BatchClass = BatchClass::TINY;

fn signed(
    world: &TestLedger,
    from: u32,
    nonce: u64,
    operation: Operation,
) -> Outcome<SignedIntent> {
    signed_until(world, from, nonce, operation, world.now + 3_600)
}

fn signed_until(
    world: &TestLedger,
    from: u32,
    nonce: u64,
    mut operation: Operation,
    valid_until: u64,
) -> Outcome<SignedIntent> {
    world.ledger.address(&mut operation)?;
    let intent = Intent {
        account: AccountId::from(from),
        nonce: Nonce::new(nonce)?,
        fee: Fee::MIN,
        valid_until: time(valid_until),
        operation,
    };
    Ok(world.sign(intent))
}

/// Accounts 1 to 4 with money, and the number of the next batch.
fn common(class: BatchClass) -> Outcome<(TestLedger, BatchNumber)> {
    let mut world = TestLedger::funded(class, 4, 1_000_000)?;
    world.seal()?;
    let next = world.ledger.next_batch();
    Ok((world, next))
}

/// The node was started with a smaller class, so the open batch goes into several: of an account that
/// used its nonces in falling order, the least come first all the same.
#[test]
fn an_open_batch_that_is_split_keeps_every_nonce() -> Outcome<()> {
    let (mut world, first) = common(BatchClass::SMALL)?;
    let mut ids = Vec::new();
    for nonce in (1..=40u64).rev() {
        for from in [2, 1] {
            let one = signed(&world, from, nonce, TestLedger::transfer(3, nonce)?)?;
            ids.push(world.submit_once(&one)??.id);
        }
    }
    let plan = plan(&world, first, Vec::new());
    let TestLedger { ledger, dir, .. } = world;
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
fn licenses_get_their_numbers_again_whatever_their_nonces() -> Outcome<()> {
    for sealed in [true, false] {
        let (mut world, first) = common(TINY)?;
        // By arrival 0 to 4; by account and nonce 2, 1, 4, 3, 0.
        let arrivals = [(3, 9), (1, 8), (1, 5), (2, 7), (2, 6)];
        let mut given = Vec::new();
        for (price, (from, nonce)) in (10..).zip(arrivals) {
            let registration = world.registration(price, 0, &[(account(4), 1_000_000)])?;
            let one = signed(&world, from, nonce, registration)?;
            let admission = world.submit_once(&one)??;
            given.push((admission.id, admission.registers.ok_or("a number")?));
        }
        let numbers: Vec<u32> = given.iter().map(|(_, id)| id.get()).collect();
        assert_eq!(numbers, [0, 1, 2, 3, 4]);
        if sealed {
            world.seal()?;
        }
        let plan = plan(&world, first, Vec::new());
        let report = rebase(&mut world, &plan)?;
        assert_eq!((report.readmitted, report.dropped.len()), (5, 0), "sealed: {sealed}");
        for (id, number) in given {
            let admission = world.ledger.intent(&id)?.ok_or("known")?;
            assert_eq!(admission.registers, Some(number), "sealed: {sealed}");
        }
        world.seal()?;
        for (price, number) in (10..).zip(0..5) {
            let found = world.ledger.license(LicenseId::from(number))?.ok_or("a license")?;
            assert_eq!(found.state.version.price.get(), price);
        }
    }
    Ok(())
}

/// A number that is unused again is the next one to be given.
#[test]
fn the_number_of_a_license_that_is_dropped_is_free() -> Outcome<()> {
    let (mut world, first) = common(TINY)?;
    let registration = world.registration(1, 0, &[(account(4), 1_000_000)])?;
    for (nonce, valid_for) in [(1, 3_600), (2, 60), (3, 3_600)] {
        let until = world.now + valid_for;
        let one = signed_until(&world, 1, nonce, registration.clone(), until)?;
        let given = world.submit_once(&one)??.registers.ok_or("a number")?;
        assert_eq!(u64::from(given.get()), nonce - 1);
        world.seal()?;
    }
    let mut plan = plan(&world, first, Vec::new());
    plan.not_before = time(world.now + 61);
    world.now += 100;
    let report = rebase(&mut world, &plan)?;
    assert_eq!(report.dropped.iter().map(|d| d.reason).collect::<Vec<_>>(), [DropReason::Expired]);
    assert!(world.ledger.license(LicenseId::from(1))?.is_none());
    assert!(world.ledger.license(LicenseId::from(2))?.is_some(), "number 2 kept its license");
    // Above it first, as ever; the search for a number begins at the last one given.
    let one = signed(&world, 1, 4, registration)?;
    assert_eq!(world.submit_once(&one)??.registers, Some(LicenseId::from(3)));
    Ok(())
}

#[test]
fn the_next_numbers_go_back_with_the_batches() -> Outcome<()> {
    let (mut world, first) = common(TINY)?;
    let registration = world.registration(1, 0, &[(account(4), 1_000_000)])?;
    let until = world.now + 60;
    for nonce in 1..=3 {
        let one = signed_until(&world, 1, nonce, registration.clone(), until)?;
        world.submit_once(&one)??;
        world.seal()?;
    }
    let mut plan = plan(&world, first, Vec::new());
    plan.not_before = time(until + 1);
    world.now += 100;
    assert_eq!(rebase(&mut world, &plan)?.dropped.len(), 3);
    let one = signed(&world, 1, 4, registration)?;
    assert_eq!(world.submit_once(&one)??.registers, Some(LicenseId::from(0)));
    Ok(())
}

/// L1's batch takes number 5 and license 0. Only what had these gets another number, one that no
/// displaced step had, and only intents that name it are dropped.
#[test]
fn numbers_that_l1_left_unused_are_kept() -> Outcome<()> {
    for (sealed, reopened) in [(true, false), (false, false), (false, true)] {
        let (mut world, first) = common(TINY)?;
        let other = tempfile::tempdir()?;
        let foreign = {
            let ledger = stranger(&world, TINY, other.path())?;
            let mut other = TestLedger { ledger, ..common(TINY)?.0 };
            other.ledger.open_account(time(other.now), identity(77))??;
            other.register(2, 100, 0, &[(account(3), 1_000_000)])?;
            other.ledger.seal()?.ok_or("a batch")?.witness
        };
        for number in [5, 6] {
            let opened = world.ledger.open_account(world.time(), identity(number))??;
            assert_eq!(opened.id.get(), number);
        }
        if sealed {
            world.seal()?;
        }
        world.deposit(7, 5_000)?;
        // Its key is no point: the deposit itself opens it.
        let words = [u64::MAX; 5];
        world.consume(QueueEntry::Deposit(Deposit::new(owner(8), words, 700)?))?;
        let table = [(account(1), 1_000_000)];
        let zero = world.register(1, 10, 0, &table)?;
        let one = world.register(1, 11, 0, &[(account(6), 1_000_000)])?;
        let two = world.register(1, 12, 0, &[(account(1), 400_000), (license(one), 600_000)])?;
        let submit = |world: &mut TestLedger, from: u32, operation: Operation| {
            let nonce = world.nonce(from);
            let one = signed(world, from, nonce, operation)?;
            Outcome::Ok(world.submit_once(&one)??.id)
        };
        let pay = [zero, one, two].map(|number| world.pay(number, 3));
        let [lost, kept @ ..] = pay;
        let lost = submit(&mut world, 3, lost?)?;
        let mut ids = Vec::new();
        for operation in kept {
            ids.push(submit(&mut world, 3, operation?)?);
        }
        let to_five = submit(&mut world, 4, TestLedger::transfer(5, 50)?)?;
        for to in [6, 7, 8] {
            ids.push(submit(&mut world, 4, TestLedger::transfer(to, 60)?)?);
        }
        if sealed {
            world.seal()?;
        }
        let plan = plan(&world, first, vec![(foreign.statement, foreign.public_data)]);
        let report = rebase(&mut world, &plan)?;
        let moved: Vec<_> = report.moved.iter().map(|m| (m.from.get(), m.to)).collect();
        assert_eq!(moved, [(5, Some(AccountId::from(9)))], "sealed: {sealed}");
        let dropped: Vec<_> = report.dropped.iter().map(|d| (d.id, d.reason)).collect();
        let changed = DropReason::NamesChanged;
        assert_eq!(dropped, [(lost, changed), (to_five, changed)], "sealed: {sealed}");
        let mut ledger = match reopened {
            false => world.ledger,
            true => {
                drop(world.ledger);
                Ledger::open(world.dir.path(), TINY, Durability::Buffered)?
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
