//! Updates of licenses beside sealing, over a restart, from L1 alone, and in a rebase.

mod support;

use farthing_ledger::{
    AdmitError, DropReason, Durability, Ledger, OperationError, PayError, Rebase, RestoreError,
    UpdateLicenseError,
};
use farthing_protocol::{
    AccountId, BatchClass, BatchNumber, BatchStatement, Fee, Intent, IntentId, LicenseId,
    LicenseStatus, LicenseVersion, Licensee, Nonce, Operation, PublicData, Record, Shares,
    SignedIntent, UpdatedLicense,
};
use farthing_testkit::pay;
use support::foreign::{batches, plan, rebase, stranger};
use support::{
    TestLedger, TestResult, account, assert_exact, genesis, identity, license, memo, time, update,
    version,
};

const TINY: BatchClass = BatchClass::TINY;
const ZERO: LicenseId = LicenseId::MIN;

/// Account 1 has license 0 at price 10, sealed.
fn ledger_at_ten(class: BatchClass) -> TestResult<TestLedger> {
    let mut test = TestLedger::funded(class, 4, 1_000_000)?;
    test.register(1, 10, 200_000, &[(account(2), 1_000_000)])?;
    test.seal()?;
    Ok(test)
}

/// A version at price 15 in which every field differs from the registered one.
fn other() -> TestResult<LicenseVersion> {
    Ok(LicenseVersion {
        derivative_shares: Shares::new(300_000)?,
        licensee: Licensee::new(3)?,
        provenance: memo(8),
        ..version(15)?
    })
}

fn signed(
    test: &mut TestLedger,
    from: u32,
    nonce: u64,
    mut operation: Operation,
    valid_for: u64,
) -> TestResult<SignedIntent> {
    assert!(test.ledger.address(&mut operation)?);
    let intent = Intent {
        account: AccountId::from(from),
        nonce: Nonce::new(nonce)?,
        fee: Fee::MIN,
        valid_until: time(test.now + valid_for),
        operation,
    };
    Ok(test.sign(intent))
}

/// Admits an operation of an account, its fee 1; returns the intent's name.
fn submit(test: &mut TestLedger, from: u32, operation: Operation) -> TestResult<IntentId> {
    let intent = test.intent(from, 1, operation)?;
    let signed = test.sign(intent);
    Ok(test.submit_once(&signed)??.id)
}

fn refusal(test: &mut TestLedger, from: u32, operation: Operation) -> TestResult<OperationError> {
    let intent = test.intent(from, 1, operation)?;
    let signed = test.sign(intent);
    match test.submit_once(&signed)? {
        Err(AdmitError::Operation(refused)) => Ok(refused),
        other => Err(format!("{other:?}").into()),
    }
}

fn version_of(ledger: &Ledger, id: LicenseId) -> TestResult<LicenseVersion> {
    Ok(ledger.license(id)?.ok_or("no license")?.state.version)
}

#[test]
fn the_next_batch_sees_the_version_while_its_batch_is_being_sealed() -> TestResult<()> {
    for lost in [false, true] {
        let mut test = ledger_at_ten(TINY)?;
        let new = other()?;
        submit(&mut test, 1, update(0, new))?;
        submit(&mut test, 2, pay(0, 1, 10)?)?;
        let job = test.ledger.begin_seal()?.ok_or("nothing to seal")?;
        assert_eq!(version_of(&test.ledger, ZERO)?.price.get(), 10, "not stored yet");
        let pending = test.ledger.pending_license(ZERO)?.ok_or("license 0")?;
        assert_eq!(pending.state.version, new);
        let late = refusal(&mut test, 3, pay(0, 1, 10)?)?;
        assert!(matches!(late, OperationError::Pay(PayError::WrongAmount { .. })), "{late:?}");
        submit(&mut test, 3, pay(0, 2, 15)?)?;
        // The update before is of another batch: this one takes its own.
        submit(&mut test, 1, update(0, version(18)?))?;
        let mut ledger = match lost {
            false => {
                let sealed = test.ledger.end_seal(job.run())?;
                assert_exact(&sealed.witness);
                test.ledger
            }
            true => {
                drop(job);
                test.reopen(TINY)?.0
            }
        };
        assert_eq!(version_of(&ledger, ZERO)?, new);
        let sealed = ledger.seal()?.ok_or("nothing sealed")?;
        assert_exact(&sealed.witness);
        assert_eq!(version_of(&ledger, ZERO)?, version(18)?);
        assert_eq!(ledger.compute_root()?, ledger.root());
    }
    Ok(())
}

/// Steps of an open batch with an update among them.
fn fill(test: &mut TestLedger) -> TestResult<()> {
    submit(test, 2, pay(0, 1, 10)?)?;
    submit(test, 1, update(0, other()?))?;
    submit(test, 3, pay(0, 2, 10)?)?;
    let derived = test.registration(7, 0, &[(account(4), 800_000), (license(0), 200_000)])?;
    submit(test, 4, derived)?;
    Ok(())
}

#[test]
fn an_update_in_the_open_batch_survives_a_restart() -> TestResult<()> {
    let expected = {
        let mut test = ledger_at_ten(TINY)?;
        fill(&mut test)?;
        test.seal()?;
        test.ledger.root()
    };
    let mut test = ledger_at_ten(TINY)?;
    fill(&mut test)?;
    let next = test.nonces.clone();
    let (ledger, dir) = test.reopen(TINY)?;
    let mut test = TestLedger { ledger, dir, ..TestLedger::funded(TINY, 4, 0)? };
    test.nonces = next;
    // It still is the one of its batch, and counts from the next one.
    let refused = refusal(&mut test, 1, update(0, version(11)?))?;
    assert_eq!(refused, UpdateLicenseError::Updating { license: ZERO }.into());
    let refused = refusal(&mut test, 3, pay(0, 1, 15)?)?;
    assert!(matches!(refused, OperationError::Pay(PayError::WrongAmount { .. })), "{refused:?}");
    test.seal()?;
    assert_eq!(test.ledger.root(), expected);
    assert_eq!(version_of(&test.ledger, ZERO)?, other()?);
    submit(&mut test, 3, pay(0, 1, 15)?)?;
    Ok(())
}

/// Batches with several updates of two licenses, one of them in the end retired.
fn updated_ledger() -> TestResult<TestLedger> {
    let mut test = ledger_at_ten(TINY)?;
    test.register(2, 20, 0, &[(account(4), 500_000), (license(0), 500_000)])?;
    fill(&mut test)?;
    test.seal()?;
    submit(&mut test, 3, pay(0, 2, 15)?)?;
    submit(&mut test, 2, update(1, LicenseVersion { provenance: memo(5), ..version(21)? }))?;
    test.seal()?;
    let retired = LicenseVersion { status: LicenseStatus::Retired, ..version(0)? };
    submit(&mut test, 2, update(1, retired))?;
    submit(&mut test, 1, update(0, LicenseVersion { licensee: Licensee::new(4)?, ..other()? }))?;
    submit(&mut test, 4, pay(1, 3, 21)?)?;
    test.seal()?;
    Ok(test)
}

#[test]
fn versions_are_rebuilt_from_l1() -> TestResult<()> {
    let test = updated_ledger()?;
    let dir = tempfile::tempdir()?;
    let restored = Ledger::restore(dir.path(), genesis(), TINY, batches(&test))?;
    assert_eq!(restored.root(), test.ledger.root());
    for id in (0..3).map(LicenseId::from) {
        let license = test.ledger.license(id)?.ok_or("a license")?;
        assert_eq!(restored.license(id)?, Some(license), "license {id}");
    }
    let last = LicenseVersion { licensee: Licensee::new(4)?, ..other()? };
    assert_eq!(version_of(&restored, ZERO)?, last);
    // It goes on with them.
    let before = test.ledger.root();
    let mut copy = TestLedger { ledger: restored, ..test };
    copy.now += 1;
    submit(&mut copy, 4, pay(0, 1, 15)?)?;
    let gone = refusal(&mut copy, 2, update(1, version(1)?))?;
    assert_eq!(gone, UpdateLicenseError::Retired { license: LicenseId::from(1) }.into());
    copy.seal()?;
    assert_ne!(copy.ledger.root(), before);
    Ok(())
}

/// The last batch with `record` in place of its updates, every commitment made to fit.
fn forged(test: &TestLedger, record: Option<UpdatedLicense>) -> TestResult<Option<RestoreError>> {
    let mut batches = batches(test);
    let (statement, data) = batches.pop().ok_or("a batch")?;
    let mut records = data.records()?;
    let position = records.iter().position(|record| matches!(record, Record::UpdatedLicense(_)));
    let position = position.ok_or("no update")?;
    records.retain(|record| !matches!(record, Record::UpdatedLicense(_)));
    records.splice(position..position, record.map(Record::UpdatedLicense));
    let data = PublicData::from_records(&records);
    let mut header = statement.header;
    header.public_data = data.commitment();
    header.public_data_limbs = data.limbs().len() as u32;
    batches.push((BatchStatement::new(header, data.limbs()), data));
    let dir = tempfile::tempdir()?;
    Ok(Ledger::restore(dir.path(), genesis(), TINY, batches).err())
}

#[test]
fn an_update_that_does_not_apply_is_not_restored() -> TestResult<()> {
    let mut test = ledger_at_ten(TINY)?;
    let new = other()?;
    submit(&mut test, 1, update(0, new))?;
    let own = test.register(1, 5, 0, &[(account(2), 1_000_000)])?;
    test.seal()?;
    let own = LicenseId::from(own);
    assert!(forged(&test, Some(UpdatedLicense { id: ZERO, version: new }))?.is_none());
    // Of no license, and of one that the batch registers.
    for id in [LicenseId::from(40), own] {
        let error = forged(&test, Some(UpdatedLicense { id, version: new }))?;
        let unknown = matches!(
            error,
            Some(RestoreError::Record { what: "license", id: got }) if got == id.get()
        );
        assert!(unknown, "{error:?}");
    }
    let paused = LicenseVersion { status: LicenseStatus::Paused, ..new };
    for record in [None, Some(UpdatedLicense { id: ZERO, version: paused })] {
        let error = forged(&test, record)?;
        assert!(matches!(error, Some(RestoreError::WrongRoot { .. })), "{error:?}");
    }
    Ok(())
}

/// A sealed batch with an update of license 0 to price 15 and payments at the price before, a sealed one
/// with payments at 15 and an update to 18, an open one with a payment at 18.
fn three_prices(test: &mut TestLedger) -> TestResult<Vec<IntentId>> {
    let mut ids = vec![submit(test, 1, update(0, version(15)?))?];
    ids.push(submit(test, 2, pay(0, 1, 10)?)?);
    ids.push(submit(test, 1, pay(0, 1, 10)?)?);
    test.seal()?;
    ids.push(submit(test, 2, pay(0, 1, 15)?)?);
    ids.push(submit(test, 1, update(0, version(18)?))?);
    ids.push(submit(test, 3, pay(0, 1, 15)?)?);
    test.seal()?;
    ids.push(submit(test, 2, pay(0, 1, 18)?)?);
    ids.push(submit(test, 1, update(0, version(21)?))?);
    Ok(ids)
}

#[test]
fn every_price_is_paid_again_in_its_batch() -> TestResult<()> {
    for foreign in [false, true] {
        let mut test = ledger_at_ten(TINY)?;
        let first = test.ledger.next_batch();
        let dir = tempfile::tempdir()?;
        let below = match foreign {
            false => Vec::new(),
            true => {
                let empty = stranger(&test, TINY, dir.path())?.seal_always(test.time())?.witness;
                vec![(empty.statement, empty.public_data)]
            }
        };
        let ids = three_prices(&mut test)?;
        let expected = {
            let mut copy = ledger_at_ten(TINY)?;
            three_prices(&mut copy)?;
            copy.seal()?;
            copy.ledger.root()
        };
        let plan = plan(&test, first, below);
        let report = rebase(&mut test, &plan)?;
        assert_eq!((report.taken_back, report.dropped.len()), (2, 0));
        assert_eq!(report.readmitted, ids.len() as u64);
        test.seal()?;
        assert_eq!(test.ledger.root(), expected);
        assert_eq!(version_of(&test.ledger, ZERO)?, version(21)?);
    }
    Ok(())
}

/// Taking a batch back takes its versions back; what was signed for them does not settle.
#[test]
fn a_version_goes_back_with_its_batch() -> TestResult<()> {
    let mut test = ledger_at_ten(TINY)?;
    let (first, old) = (test.ledger.next_batch(), version_of(&test.ledger, ZERO)?);
    let short = signed(&mut test, 1, 5, update(0, other()?), 10)?;
    let short = test.submit_once(&short)??.id;
    test.seal()?;
    let long = signed(&mut test, 3, 5, pay(0, 1, 15)?, 3_600)?;
    let long = test.submit_once(&long)??.id;
    test.now += 20;
    let plan = Rebase { not_before: test.time(), ..plan(&test, first, Vec::new()) };
    let report = rebase(&mut test, &plan)?;
    let dropped: Vec<_> = report.dropped.iter().map(|d| (d.id, d.reason)).collect();
    assert_eq!(dropped, [(short, DropReason::Expired), (long, DropReason::Refused)]);
    assert_eq!(version_of(&test.ledger, ZERO)?, old);
    test.nonces = vec![10; 5];
    submit(&mut test, 2, pay(0, 1, 10)?)?;
    Ok(())
}

/// L1 settled another update of the license: what it set counts.
#[test]
fn what_l1_set_is_kept() -> TestResult<()> {
    let mut test = ledger_at_ten(TINY)?;
    let first = test.ledger.next_batch();
    let dir = tempfile::tempdir()?;
    let foreign = {
        let ledger = stranger(&test, TINY, dir.path())?;
        let mut other = TestLedger { ledger, ..ledger_at_ten(TINY)? };
        let theirs = signed(&mut other, 1, 9, update(0, version(12)?), 60)?;
        other.submit_once(&theirs)??;
        other.ledger.seal()?.ok_or("a batch")?.witness
    };
    let ours = submit(&mut test, 1, update(0, version(15)?))?;
    let before = submit(&mut test, 2, pay(0, 1, 10)?)?;
    test.seal()?;
    let after = submit(&mut test, 3, pay(0, 1, 15)?)?;
    let plan = plan(&test, first, vec![(foreign.statement, foreign.public_data)]);
    let report = rebase(&mut test, &plan)?;
    let mut dropped: Vec<_> = report.dropped.iter().map(|d| (d.id, d.reason)).collect();
    let mut expected = vec![
        (ours, DropReason::NonceSettled),
        (before, DropReason::Refused),
        (after, DropReason::Refused),
    ];
    let by_id = |(id, _): &(IntentId, DropReason)| id.0.to_bytes();
    dropped.sort_by_key(by_id);
    expected.sort_by_key(by_id);
    assert_eq!(dropped, expected);
    assert_eq!(version_of(&test.ledger, ZERO)?, version(12)?);
    submit(&mut test, 2, pay(0, 1, 12)?)?;
    Ok(())
}

/// The batch goes into several smaller ones: payments at the price before come before the update, although it
/// was admitted first.
#[test]
fn a_batch_that_is_split_updates_last() -> TestResult<()> {
    let mut test = ledger_at_ten(BatchClass::SMALL)?;
    let first = test.ledger.next_batch();
    let updated = submit(&mut test, 1, update(0, version(15)?))?;
    let later = submit(&mut test, 1, TestLedger::transfer(2, 5)?)?;
    let mut ids = vec![updated, later];
    for payer in [2, 3, 4].repeat(13) {
        ids.push(submit(&mut test, payer, pay(0, 1, 10)?)?);
    }
    let plan = plan(&test, first, Vec::new());
    let TestLedger { ledger, dir, .. } = test;
    drop(ledger);
    let mut ledger = Ledger::open(dir.path(), TINY, Durability::Buffered)?;
    let report = ledger.rebase(&plan, time(support::NOW))?;
    assert_eq!((report.readmitted, report.dropped.len()), (ids.len() as u64, 0));
    ledger.forget_rebase()?;
    ledger.seal()?;
    assert_eq!(ledger.next_batch().get(), first.get() + 3, "16 intents a batch");
    let last = BatchNumber::new(first.get() + 2)?;
    for id in ids {
        let batch = ledger.intent(&id)?.ok_or("an acknowledged intent is gone")?.batch;
        assert!(batch <= last);
        assert!(batch == last || (id != updated && id != later));
    }
    assert_eq!(version_of(&ledger, ZERO)?, version(15)?);
    Ok(())
}

/// A registration after an update of its account is the parent of one by another account.
#[test]
fn registrations_keep_their_order_beside_updates() -> TestResult<()> {
    for sealed in [true, false] {
        let mut test = ledger_at_ten(TINY)?;
        let first = test.ledger.next_batch();
        submit(&mut test, 1, update(0, version(15)?))?;
        test.register(1, 20, 0, &[(account(3), 1_000_000)])?;
        test.register(2, 30, 0, &[(account(4), 500_000), (license(1), 500_000)])?;
        test.register(1, 40, 0, &[(account(4), 500_000), (license(2), 500_000)])?;
        if sealed {
            test.seal()?;
        }
        let plan = plan(&test, first, Vec::new());
        let report = rebase(&mut test, &plan)?;
        assert_eq!((report.readmitted, report.dropped.len()), (4, 0), "sealed: {sealed}");
        test.seal()?;
        for (id, price) in [(0, 15), (1, 20), (2, 30), (3, 40)] {
            let version = version_of(&test.ledger, LicenseId::from(id))?;
            assert_eq!(version.price.get(), price, "sealed: {sealed}");
        }
    }
    Ok(())
}

/// An update names its licensee by number: it is dropped if L1 gave the number to another account.
#[test]
fn a_licensee_is_the_account_that_was_meant() -> TestResult<()> {
    for taken in [true, false] {
        let mut test = ledger_at_ten(TINY)?;
        let first = test.ledger.next_batch();
        let dir = tempfile::tempdir()?;
        let foreign = {
            let mut other = stranger(&test, TINY, dir.path())?;
            if taken {
                other.open_account(test.time(), identity(77))??;
            }
            other.seal_always(test.time())?.witness
        };
        assert_eq!(test.open()?, 5);
        let private = LicenseVersion { licensee: Licensee::new(5)?, ..version(10)? };
        let id = submit(&mut test, 1, update(0, private))?;
        let plan = plan(&test, first, vec![(foreign.statement, foreign.public_data)]);
        let report = rebase(&mut test, &plan)?;
        let dropped: Vec<_> = report.dropped.iter().map(|d| (d.id, d.reason)).collect();
        test.seal()?;
        let licensee = version_of(&test.ledger, ZERO)?.licensee;
        match taken {
            true => {
                assert_eq!(dropped, [(id, DropReason::NamesChanged)]);
                assert_eq!(licensee, Licensee::ANYBODY);
            }
            false => {
                assert_eq!(dropped, []);
                assert_eq!(licensee, private.licensee);
            }
        }
    }
    Ok(())
}
