//! The whole state rebuilt from public data alone.

mod support;

use farthing_ledger::{AdmitError, Durability, Ledger, LedgerError, RestoreError};
use farthing_protocol::{
    AccountId, BatchClass, BatchStatement, Intent, LicenseId, Nonce, PublicData, PublicDataError,
    SignedIntent,
};
use support::{TestLedger, TestResult, account, genesis, license, owner};

/// Five batches with everything in them; the ledger holds them sealed.
fn busy_ledger() -> TestResult<TestLedger> {
    let mut test = TestLedger::funded(BatchClass::TINY, 6, 3_000_000)?;
    test.register(1, 1_000, 100_000, &[(account(1), 600_000), (account(2), 400_000)])?;
    test.register(2, 33, 0, &[(account(3), 333_333), (license(0), 666_667)])?;
    test.seal()?;
    for round in 0..3 {
        // Accounts 4, 5 and 6 leave one after the other.
        for payer in (1..=3).chain(4 + round..=6) {
            let operation = test.pay(round % 2, u64::from(payer) * 7 + 1)?;
            let intent = test.intent(payer, 3, operation)?;
            let signed = test.sign(intent);
            test.submit(&signed)??;
        }
        let intent = test.intent(3, 0, TestLedger::withdraw(1_000)?)?;
        let signed = test.sign(intent);
        test.submit(&signed)??;
        test.forced_exit(owner(4 + round), 4 + round)?;
        test.deposit(1, 1 << 50)?;
        test.deposit(50 + round, 77_777)?;
        test.now += 10;
        test.seal()?;
    }
    Ok(test)
}

fn batches(test: &TestLedger) -> Vec<(BatchStatement, PublicData)> {
    let sealed = test.sealed.iter();
    sealed.map(|s| (s.witness.statement, s.witness.public_data.clone())).collect()
}

#[test]
fn everything_is_on_l1() -> TestResult<()> {
    let test = busy_ledger()?;
    let from_bytes: Vec<(BatchStatement, PublicData)> = batches(&test)
        .into_iter()
        .map(|(s, data)| Ok((s, PublicData::from_bytes(&data.to_bytes())?)))
        .collect::<Result<_, PublicDataError>>()?;
    let dir = tempfile::tempdir()?;
    let mut restored = Ledger::restore(dir.path(), genesis(), BatchClass::TINY, from_bytes)?;
    assert_eq!(restored.root(), test.ledger.root());
    assert_eq!(restored.reserve()?, test.ledger.reserve()?);
    assert_eq!(restored.queue_next(), test.ledger.queue_next());
    assert_eq!(restored.next_batch(), test.ledger.next_batch());
    for id in (0..70).map(AccountId::from) {
        assert_eq!(restored.account(id)?, test.ledger.account(id)?);
    }
    for id in (0..5).map(LicenseId::from) {
        assert_eq!(restored.license(id)?, test.ledger.license(id)?);
    }
    let leaf = test.ledger.account(AccountId::from(3))?.ok_or("account 3")?.leaf();
    let path = restored.account_path(AccountId::from(3))?;
    assert_eq!(path, test.ledger.account_path(AccountId::from(3))?);
    let licenses_root = restored
        .license_path(LicenseId::from(0))?
        .root(&test.ledger.license(LicenseId::from(0))?.ok_or("license 0")?.leaf());
    assert_eq!(farthing_ledger::state_root(&path.root(&leaf), &licenses_root), restored.root());

    // The restored ledger goes on where the other was: the next account has the next number.
    let opened = restored.open_account(test.time(), support::identity(200))??;
    assert_eq!(opened.id.get(), 10);
    Ok(())
}

#[test]
fn what_does_not_follow_is_refused() -> TestResult<()> {
    let test = busy_ledger()?;
    let honest = batches(&test);
    let restore = |batches: Vec<(BatchStatement, PublicData)>| -> TestResult<Option<RestoreError>> {
        let dir = tempfile::tempdir()?;
        Ok(Ledger::restore(dir.path(), genesis(), BatchClass::TINY, batches).err())
    };
    assert!(restore(honest.clone())?.is_none());

    let mut left_out = honest.clone();
    left_out.remove(1);
    let error = restore(left_out)?;
    assert!(matches!(error, Some(RestoreError::Statement { field: "number" })), "{error:?}");

    let mut other_data = honest.clone();
    other_data[1].1 = honest[2].1.clone();
    let error = restore(other_data)?;
    assert!(matches!(error, Some(RestoreError::Commitment)), "{error:?}");

    // One balance changed, and every commitment made to fit: only the root can tell.
    let mut bytes = honest[1].1.to_bytes();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let forged = PublicData::from_bytes(&bytes)?;
    let mut header = honest[1].0.header;
    header.public_data = forged.commitment();
    let mut consistent = honest.clone();
    consistent[1] = (BatchStatement::new(header, forged.limbs()), forged);
    let error = restore(consistent)?;
    assert!(matches!(error, Some(RestoreError::WrongRoot { .. })), "{error:?}");

    let mut garbage = honest;
    let forged = PublicData::from_bytes(&[0xff; 70])?;
    let mut header = garbage[1].0.header;
    header.public_data = forged.commitment();
    header.public_data_limbs = 10;
    garbage[1] = (BatchStatement::new(header, forged.limbs()), forged);
    let error = restore(garbage)?;
    assert!(matches!(error, Some(RestoreError::PublicData(_))), "{error:?}");
    Ok(())
}

/// Changes a byte of the last value in a column family: the last one, but of a license the first one, which is
/// its origin's. Its last one is its provenance's, to which the tree does not commit.
fn corrupt(path: &std::path::Path, family: &str) -> TestResult<()> {
    let families = rocksdb::DB::list_cf(&rocksdb::Options::default(), path)?;
    let db = rocksdb::DB::open_cf(&rocksdb::Options::default(), path, families)?;
    let handle = db.cf_handle(family).ok_or("no such family")?;
    let last = db.iterator_cf(handle, rocksdb::IteratorMode::End).next().ok_or("empty")??;
    let mut value = last.1.to_vec();
    let index = if family == "licenses" { 0 } else { value.len() - 1 };
    value[index] ^= 1;
    db.put_cf(handle, last.0, value)?;
    Ok(())
}

#[test]
fn a_changed_store_does_not_open() -> TestResult<()> {
    for family in ["accounts", "account_nodes", "licenses", "license_nodes"] {
        let test = busy_ledger()?;
        let TestLedger { ledger, dir, .. } = test;
        drop(ledger);
        corrupt(dir.path(), family)?;
        let durability = farthing_ledger::Durability::Buffered;
        let error = Ledger::open(dir.path(), BatchClass::TINY, durability).err();
        assert!(
            matches!(error, Some(LedgerError::WrongRoot { .. } | LedgerError::Store(_))),
            "{family}: {error:?}"
        );
    }
    Ok(())
}

#[test]
fn a_store_is_created_once_and_opened_whole() -> TestResult<()> {
    let test = busy_ledger()?;
    let path = test.path().to_path_buf();
    let TestLedger { ledger, dir, .. } = test;
    drop(ledger);
    let class = BatchClass::TINY;
    let again = Ledger::create(&path, genesis(), class, farthing_ledger::Durability::Buffered);
    assert!(matches!(again, Err(LedgerError::Exists)));
    let empty = tempfile::tempdir()?;
    let nothing = Ledger::open(empty.path(), class, farthing_ledger::Durability::Buffered);
    assert!(matches!(nothing, Err(LedgerError::NoLedger)));
    drop(dir);
    Ok(())
}

/// L1 tells the largest nonce that an account settled, and no intent: of nonces up to it the rebuilt
/// ledger cannot say that their intents never settle, of those above it can.
#[test]
fn what_settled_before_is_not_refused_as_if_it_never_had() -> TestResult<()> {
    let mut test = TestLedger::funded(BatchClass::TINY, 3, 1_000_000)?;
    test.seal()?;
    let signed = |test: &TestLedger, from: u32, nonce: u64| -> TestResult<SignedIntent> {
        let intent = Intent {
            account: AccountId::from(from),
            nonce: Nonce::new(nonce)?,
            fee: farthing_protocol::Fee::MIN,
            valid_until: support::time(test.now + 60),
            operation: TestLedger::transfer(2, nonce)?,
        };
        Ok(test.sign(intent))
    };
    for nonce in [10, 20] {
        let one = signed(&test, 1, nonce)?;
        test.submit_once(&one)??;
        test.seal()?;
    }
    let never = AdmitError::NonceTooLow { last: Nonce::new(20)?, got: Nonce::new(15)? };
    let fifteen = signed(&test, 1, 15)?;
    assert_eq!(test.submit_once(&fifteen)?, Err(never), "whoever saw all knows");

    let dir = tempfile::tempdir()?;
    let restored = Ledger::restore(dir.path(), genesis(), BatchClass::TINY, batches(&test))?;
    let mut test = TestLedger { ledger: restored, ..test };
    let undecided = |last: u64, got: u64| -> TestResult<AdmitError> {
        Ok(AdmitError::NonceUndecided { last: Nonce::new(last)?, got: Nonce::new(got)? })
    };
    for nonce in [10, 15, 20] {
        let one = signed(&test, 1, nonce)?;
        assert_eq!(test.submit_once(&one)?, Err(undecided(20, nonce)?));
    }
    // An account that signed nothing on L1 takes any nonce; from there on all is known again.
    for (from, nonce) in [(3, 1), (1, 30), (3, 9)] {
        let one = signed(&test, from, nonce)?;
        test.submit_once(&one)??;
        test.seal()?;
    }
    drop(test.ledger);
    let ledger = Ledger::open(dir.path(), BatchClass::TINY, Durability::Buffered)?;
    let mut test = TestLedger { ledger, ..TestLedger::new(BatchClass::TINY)? };
    test.keys =
        (0..4).map(|i| farthing_protocol::SecretKey::from_seed(&support::seed(i))).collect();
    let too_low = |last: u64, got: u64| -> TestResult<AdmitError> {
        Ok(AdmitError::NonceTooLow { last: Nonce::new(last)?, got: Nonce::new(got)? })
    };
    for (from, nonce, expected) in [
        (1, 19, undecided(20, 19)?),
        (1, 20, undecided(20, 20)?),
        (1, 21, too_low(30, 21)?),
        (3, 5, too_low(9, 5)?),
    ] {
        let one = signed(&test, from, nonce)?;
        assert_eq!(test.submit_once(&one)?, Err(expected));
    }
    Ok(())
}
