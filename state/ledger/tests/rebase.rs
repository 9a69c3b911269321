//! L1 has other batches than this ledger, or takes its batches no more: all that was acknowledged
//! goes on top of L1's state, and what that makes impossible is named.

mod support;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use farthing_ledger::{CheckError, DropReason, Durability, Ledger, Rebase, RebaseError};
use farthing_protocol::{
    AccountId, BatchClass, BatchNumber, Digest, IntentId, LicenseId, SecretKey,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use support::foreign::{plan, rebase, stranger};
use support::{NOW, TestLedger, TestResult, account, identity, license, owner, seed, time};

const CLASS: BatchClass = BatchClass::TINY;

/// Accounts 1 to 4 are funded in batches of their own; returns the number of the next batch.
fn common() -> TestResult<(TestLedger, BatchNumber)> {
    let mut test = TestLedger::funded(CLASS, 4, 1_000_000)?;
    test.seal()?;
    let next = test.ledger.next_batch();
    Ok((test, next))
}

/// Submits an operation of an account; returns the intent's name.
fn submit(
    test: &mut TestLedger,
    from: u32,
    operation: farthing_protocol::Operation,
) -> TestResult<IntentId> {
    let intent = test.intent(from, 1, operation)?;
    let signed = test.sign(intent);
    Ok(test.submit(&signed)??.id)
}

/// Two sealed batches and an open one with all kinds of steps in them; the names of the intents.
fn busy(test: &mut TestLedger) -> TestResult<Vec<IntentId>> {
    let mut ids = Vec::new();
    test.register(1, 100, 0, &[(account(2), 1_000_000)])?;
    test.register(3, 10, 0, &[(account(4), 500_000), (license(0), 500_000)])?;
    for payer in [4, 2, 1] {
        let pay = test.pay(payer % 2, 3)?;
        ids.push(submit(test, payer, pay)?);
    }
    test.now += 5;
    test.seal()?;
    test.deposit(9, 5_000)?;
    test.forced_exit(owner(4), 4)?;
    let opened = test.ledger.open_account(test.time(), identity(30))??;
    ids.push(submit(test, 1, TestLedger::transfer(opened.id.get(), 70)?)?);
    ids.push(submit(test, 2, TestLedger::withdraw(2_000)?)?);
    test.now += 5;
    test.seal()?;
    ids.push(submit(test, 3, TestLedger::transfer(2, 8)?)?);
    test.deposit(9, 6_000)?;
    let pay = test.pay(1, 1)?;
    ids.push(submit(test, 2, pay)?);
    Ok(ids)
}

fn assert_settles(ledger: &mut Ledger, ids: &[IntentId]) -> TestResult<()> {
    ledger.seal()?;
    let domain = ledger.domain_digest();
    for id in ids {
        let admission = ledger.intent(id)?.ok_or("an acknowledged intent is gone")?;
        let witness = ledger.batch(admission.batch)?.ok_or("not sealed")?;
        let inside = |w: &farthing_protocol::IntentWitness| w.signed.intent.id(&domain) == *id;
        assert_eq!(witness.intents.iter().filter(|w| inside(w)).count(), 1);
    }
    assert!(ledger.reserve()?.is_full());
    Ok(())
}

#[test]
fn batches_that_are_taken_back_are_made_again() -> TestResult<()> {
    let (mut test, first) = common()?;
    let ids = busy(&mut test)?;
    let (dir, open_root) = (tempfile::tempdir()?, {
        let mut copy = busy_copy()?;
        copy.ledger.seal()?;
        copy.ledger.root()
    });
    let _ = dir;
    let last = test.ledger.next_batch();
    test.now += 7;
    let plan = Rebase { not_before: test.time(), ..plan(&test, first, Vec::new()) };
    let report = rebase(&mut test, &plan)?;
    assert_eq!((report.taken_back, report.dropped.len(), report.moved.len()), (2, 0, 0));
    assert_eq!(report.readmitted, ids.len() as u64 + 2, "two registrations besides");
    assert_eq!(test.ledger.next_batch(), last);
    assert_settles(&mut test.ledger, &ids)?;
    assert_eq!(test.ledger.root(), open_root, "the same state, made later");
    for number in first.get()..test.ledger.next_batch().get() {
        let batch = test.ledger.batch(BatchNumber::new(number)?)?.ok_or("batch")?;
        assert!(batch.statement.header.timestamp >= plan.not_before);
    }
    let (again, _dir) = test.reopen(CLASS)?;
    assert_eq!(again.root(), open_root);
    Ok(())
}

/// The same steps on a ledger of their own.
fn busy_copy() -> TestResult<TestLedger> {
    let (mut test, _) = common()?;
    busy(&mut test)?;
    Ok(test)
}

#[test]
fn an_empty_batch_of_somebody_else_goes_below() -> TestResult<()> {
    let (mut test, first) = common()?;
    let dir = tempfile::tempdir()?;
    let foreign = stranger(&test, CLASS, dir.path())?.seal_always(time(NOW + 1))?.witness;
    let ids = busy(&mut test)?;
    let plan = plan(&test, first, vec![(foreign.statement, foreign.public_data)]);
    let report = rebase(&mut test, &plan)?;
    assert_eq!((report.taken_back, report.applied), (2, 1));
    assert_eq!((report.dropped.len(), report.moved.len()), (0, 0));
    assert_settles(&mut test.ledger, &ids)?;
    let mut copy = busy_copy()?;
    copy.ledger.seal()?;
    assert_eq!(test.ledger.root(), copy.ledger.root());
    assert_eq!(test.ledger.next_batch(), copy.ledger.next_batch().next());
    Ok(())
}

#[test]
fn a_number_that_is_somebody_elses_now_is_not_paid() -> TestResult<()> {
    let (mut test, first) = common()?;
    let dir = tempfile::tempdir()?;
    // On L1, number 5 goes to somebody else, and so does license 0.
    let foreign = {
        let mut other = TestLedger { ledger: stranger(&test, CLASS, dir.path())?, ..common()?.0 };
        other.ledger.open_account(time(NOW), identity(77))??;
        other.register(2, 100, 0, &[(account(3), 1_000_000)])?;
        other.ledger.seal()?.ok_or("a batch")?.witness
    };
    test.register(1, 100, 0, &[(account(2), 1_000_000)])?;
    let opened = test.ledger.open_account(test.time(), identity(30))??;
    assert_eq!(opened.id.get(), 5);
    let pay = test.pay(0, 1)?;
    let paid = submit(&mut test, 3, pay)?;
    let sent = submit(&mut test, 3, TestLedger::transfer(5, 10)?)?;
    let fine = submit(&mut test, 3, TestLedger::transfer(4, 10)?)?;
    test.seal()?;
    let plan = plan(&test, first, vec![(foreign.statement, foreign.public_data)]);
    let report = rebase(&mut test, &plan)?;
    let dropped: Vec<_> = report.dropped.iter().map(|d| (d.id, d.reason)).collect();
    assert_eq!(dropped, [(paid, DropReason::NamesChanged), (sent, DropReason::NamesChanged)]);
    let moved = report.moved.first().ok_or("a moved account")?;
    assert_eq!((moved.from.get(), moved.to), (5, Some(AccountId::from(6))));
    assert_settles(&mut test.ledger, &[fine])?;
    assert_eq!(test.balance(5)?, 0, "the stranger's account received nothing");
    // The registration settled under another number, with its own terms.
    let own = test.ledger.license(LicenseId::from(1))?.ok_or("license")?;
    assert_eq!(own.terms.licensor, AccountId::from(1));
    // What was dropped stays dropped, and says why; also after a start.
    assert_eq!(test.ledger.dropped(&paid)?.ok_or("dropped")?.reason, DropReason::NamesChanged);
    let domain = test.domain;
    let mut again = TestLedger::transfer(5, 10)?;
    again.address(|_| Some(identity(30).recipient()));
    let (ledger, _dir) = test.reopen(CLASS)?;
    let mut intent = None;
    for nonce in 1..10 {
        let candidate = farthing_protocol::Intent {
            account: AccountId::from(3),
            nonce: farthing_protocol::Nonce::new(nonce)?,
            fee: farthing_protocol::Fee::new(1)?,
            valid_until: time(NOW + 60),
            operation: again.clone(),
        };
        if candidate.id(&domain) == sent {
            intent = Some(candidate);
        }
    }
    let signed = intent.ok_or("the intent")?.sign(&SecretKey::from_seed(&seed(3)), &domain);
    let refused = ledger.check(&[signed])?.remove(0);
    assert_eq!(refused, Err(CheckError::Dropped(DropReason::NamesChanged)));
    Ok(())
}

#[test]
fn what_l1_settled_or_spent_is_not_settled_twice() -> TestResult<()> {
    let (mut test, first) = common()?;
    let dir = tempfile::tempdir()?;
    let intent = test.intent(1, 1, TestLedger::transfer(2, 400_000)?)?;
    let both = test.sign(intent);
    let exit = farthing_protocol::ForcedExit { requester: owner(3), account: AccountId::from(3) };
    let exit = farthing_protocol::QueueEntry::ForcedExit(exit);
    let foreign = {
        let mut other = TestLedger { ledger: stranger(&test, CLASS, dir.path())?, ..common()?.0 };
        other.submit(&both)??;
        other.consume(exit)?;
        other.ledger.seal()?.ok_or("a batch")?.witness
    };
    let twice = test.submit(&both)??.id;
    let poor = submit(&mut test, 3, TestLedger::transfer(2, 500)?)?;
    // Its money comes from a later intent of the same batch.
    let first_spends = submit(&mut test, 1, TestLedger::transfer(4, 599_000)?)?;
    test.consume(exit)?;
    test.deposit(3, 20)?;
    test.now += 1;
    test.seal()?;
    let plan = plan(&test, first, vec![(foreign.statement, foreign.public_data)]);
    let report = rebase(&mut test, &plan)?;
    let dropped: Vec<_> = report.dropped.iter().map(|d| (d.id, d.reason)).collect();
    assert_eq!(dropped, [(twice, DropReason::NonceSettled), (poor, DropReason::InsufficientFunds)]);
    assert_settles(&mut test.ledger, &[first_spends])?;
    Ok(())
}

#[test]
fn an_intent_expires_only_if_no_time_of_its_batch_would_do() -> TestResult<()> {
    let (mut test, first) = common()?;
    let id = submit(&mut test, 1, TestLedger::transfer(2, 1)?)?;
    test.seal()?;
    // Ten hours later, batches of the last hours are still taken.
    test.now += 36_000;
    let kept = plan(&test, first, Vec::new());
    assert!(rebase(&mut test, &kept)?.dropped.is_empty());
    assert_settles(&mut test.ledger, &[id])?;
    let late = Rebase { not_before: time(NOW + 61), ..kept };
    let report = rebase(&mut test, &late)?;
    assert_eq!(report.dropped.first().map(|d| (d.id, d.reason)), Some((id, DropReason::Expired)));
    Ok(())
}

#[test]
fn a_rebase_that_stopped_is_resumed_and_no_other_begins() -> TestResult<()> {
    let (mut test, first) = common()?;
    let dir = tempfile::tempdir()?;
    let foreign = stranger(&test, CLASS, dir.path())?.seal_always(time(NOW + 1))?.witness;
    let ids = busy(&mut test)?;
    let good = plan(&test, first, vec![(foreign.statement, foreign.public_data.clone())]);
    let mut wrong = foreign.statement;
    wrong.header.new_root = Digest::ZERO;
    let bad = plan(&test, first, vec![(wrong, foreign.public_data)]);
    assert!(matches!(test.ledger.rebase(&bad, time(NOW)), Err(RebaseError::Restore(_))));
    let other = Rebase { first: first.next(), ..good.clone() };
    let (ledger, _dir) = test.reopen(CLASS)?;
    drop(ledger);
    let mut ledger = Ledger::open(_dir.path(), CLASS, Durability::Buffered)?;
    assert!(matches!(ledger.rebase(&other, time(NOW)), Err(RebaseError::Other { .. })));
    let report = ledger.rebase(&good, time(NOW))?;
    assert_eq!((report.taken_back, report.applied), (0, 1), "the first half was done before");
    ledger.forget_rebase()?;
    assert_settles(&mut ledger, &ids)?;
    let ahead = Rebase { first: ledger.next_batch().next(), ..good };
    assert!(matches!(ledger.rebase(&ahead, time(NOW)), Err(RebaseError::Ahead { .. })));
    Ok(())
}

const STORE: &str = "FARTHING_REBASE_STORE";
const PLAN: &str = "FARTHING_REBASE_PLAN";
const KILLS: usize = 25;

/// The child: does the rebase that it finds.
#[test]
fn child_that_rebases() -> TestResult<()> {
    let (Ok(store), Ok(plan)) = (std::env::var(STORE), std::env::var(PLAN)) else { return Ok(()) };
    let plan: Rebase = postcard::from_bytes(&std::fs::read(plan)?)?;
    let mut ledger = Ledger::open(Path::new(&store), CLASS, Durability::Buffered)?;
    ledger.rebase(&plan, time(NOW + 20))?;
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> TestResult<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

#[test]
fn a_rebase_survives_the_death_of_its_process_at_any_time() -> TestResult<()> {
    let (mut test, first) = common()?;
    let other = tempfile::tempdir()?;
    let foreign = stranger(&test, CLASS, other.path())?.seal_always(time(NOW + 1))?.witness;
    let ids = busy(&mut test)?;
    let plan = plan(&test, first, vec![(foreign.statement, foreign.public_data)]);
    let TestLedger { ledger, dir, .. } = test;
    drop(ledger);
    let expected = {
        let mut copy = busy_copy()?;
        copy.ledger.seal()?;
        copy.ledger.root()
    };
    let plan_file = other.path().join("plan");
    std::fs::write(&plan_file, postcard::to_allocvec(&plan)?)?;
    let mut rng = ChaCha8Rng::seed_from_u64(12);
    let mut halves = 0;
    for kill in 0..KILLS {
        let fresh = tempfile::tempdir()?;
        copy_folder(dir.path(), fresh.path())?;
        let mut child = Command::new(std::env::current_exe()?)
            .args(["--exact", "child_that_rebases", "--nocapture", "--test-threads=1"])
            .env(STORE, fresh.path())
            .env(PLAN, &plan_file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        std::thread::sleep(Duration::from_micros(rng.random_range(1_000..150_000)));
        child.kill()?;
        child.wait()?;
        let mut ledger = Ledger::open(fresh.path(), CLASS, Durability::Buffered)?;
        halves += usize::from(ledger.is_rebasing()?);
        let report = ledger.rebase(&plan, time(NOW + 20))?;
        assert!(report.dropped.is_empty(), "kill {kill}");
        ledger.forget_rebase()?;
        assert_settles(&mut ledger, &ids)?;
        assert_eq!(ledger.root(), expected, "kill {kill}");
    }
    println!("{KILLS} kills, {halves} in the middle or at the end");
    Ok(())
}
