//! Every bad intent has its own error and changes nothing.

mod support;

use farthing_ledger::{
    AdmitError, CheckError, Checked, ConsumeError, LedgerError, OpenAccountError, OperationError,
    PayError, RegisterLicenseError, TransferError,
};
use farthing_protocol::{
    AccountId, AccountIdentity, Amount, BatchClass, Fee, Intent, KeyError, LicenseId, Lineage,
    Nano, Nonce, Operation, Price, PublicKey, QueueIndex, RegisterLicense, Shares, SignatureError,
    SignedIntent, UnixTime, Uses,
};
use support::{DEPOSIT_MAX, TestLedger, TestResult, account, license, time};

const BALANCE: u64 = 1_000_000;

/// A ledger with licenses 0 (asks 200,000 of a derivative) and 1 (of the largest price), sealed.
fn test_ledger() -> TestResult<TestLedger> {
    let mut test = TestLedger::funded(BatchClass::TINY, 4, BALANCE)?;
    test.register(1, 10, 200_000, &[(account(2), 1_000_000)])?;
    test.register(1, (1 << 40) - 1, 0, &[(account(3), 1_000_000)])?;
    test.seal()?;
    Ok(test)
}

/// Submits `signed` and expects `expected`, with nothing changed: neither what is on disk after a
/// seal, nor what the account can spend, nor the nonce.
fn refused(test: &mut TestLedger, signed: &SignedIntent, expected: AdmitError) -> TestResult<()> {
    let root = test.ledger.root();
    let id = signed.intent.account;
    let before = test.ledger.spendable(id)?;
    assert_eq!(test.submit(signed)?, Err(expected));
    assert_eq!(test.ledger.spendable(id)?, before);
    assert!(test.ledger.is_idle());
    assert!(test.seal()?.is_none());
    assert_eq!(test.ledger.root(), root);
    assert_eq!(test.ledger.intent(&signed.intent.id(&test.domain))?, None);
    Ok(())
}

fn refused_operation(
    test: &mut TestLedger,
    operation: Operation,
    expected: AdmitError,
) -> TestResult<()> {
    let intent = test.intent(1, 0, operation)?;
    let signed = test.sign(intent);
    refused(test, &signed, expected)
}

/// The refusal of an intent whose operation breaks a rule.
fn broken(rule: impl Into<OperationError>) -> AdmitError {
    AdmitError::Operation(rule.into())
}

#[test]
fn payments() -> TestResult<()> {
    let mut test = test_ledger()?;
    let Operation::Pay(right) = test.pay(0, 5)? else { return Err("pay".into()) };
    let with = |change: &dyn Fn(&mut farthing_protocol::Pay)| {
        let mut pay = right;
        change(&mut pay);
        Operation::Pay(pay)
    };
    let unknown = with(&|pay| pay.license = LicenseId::from(9));
    let expected = PayError::UnknownLicense { license: LicenseId::from(9) };
    refused_operation(&mut test, unknown, broken(expected))?;
    for got in [49, 51, 0] {
        let (got, expected) = (Amount::new(got)?, Amount::new(50)?);
        let wrong = with(&|pay| pay.amount = got);
        refused_operation(&mut test, wrong, broken(PayError::WrongAmount { expected, got }))?;
    }
    let too_much = with(&|pay| {
        pay.license = LicenseId::from(1);
        pay.uses = Uses::MAX;
    });
    let error = Price::new((1 << 40) - 1)?.times(Uses::MAX).err().ok_or("in range")?;
    refused_operation(&mut test, too_much, broken(PayError::TooMuch(error)))?;
    let intent = test.intent(1, 0, Operation::Pay(right))?;
    let signed = test.sign(intent);
    test.submit(&signed)??;
    Ok(())
}

#[test]
fn transfers_and_funds() -> TestResult<()> {
    let mut test = test_ledger()?;
    let to = AccountId::from(40);
    let expected = TransferError::UnknownRecipient { to };
    refused_operation(&mut test, TestLedger::transfer(40, 1)?, broken(expected))?;

    let needed = |n: u64| -> TestResult<AdmitError> {
        Ok(AdmitError::InsufficientFunds { needed: Nano::new(n)?, available: Nano::new(BALANCE)? })
    };
    refused_operation(&mut test, TestLedger::transfer(2, BALANCE + 1)?, needed(BALANCE + 1)?)?;
    refused_operation(&mut test, TestLedger::transfer(2, DEPOSIT_MAX)?, needed(DEPOSIT_MAX)?)?;
    refused_operation(&mut test, TestLedger::withdraw(BALANCE + 1_000)?, needed(BALANCE + 1_000)?)?;
    let intent = test.intent(1, 1, TestLedger::transfer(2, BALANCE)?)?;
    let with_fee = test.sign(intent);
    refused(&mut test, &with_fee, needed(BALANCE + 1)?)?;

    // What one batch will distribute cannot be spent in it.
    let operation = test.pay(0, 7)?;
    let intent = test.intent(1, 0, operation)?;
    let pay = test.sign(intent);
    test.submit(&pay)??;
    let intent = test.intent(2, 0, TestLedger::transfer(1, BALANCE + 70)?)?;
    let early = test.sign(intent);
    assert_eq!(test.submit(&early)?, Err(needed(BALANCE + 70)?));
    test.seal()?;
    test.submit(&early)??;
    Ok(())
}

#[test]
fn accounts_nonces_times_and_their_order() -> TestResult<()> {
    let mut test = test_ledger()?;
    let mut intent = test.intent(1, 0, TestLedger::transfer(40, BALANCE + 1)?)?;

    // In order: nonce, expiry, operation, funds. Each repair shows the next.
    intent.nonce = Nonce::new(1)?;
    intent.valid_until = time(test.now - 1);
    let last = Nonce::new(2)?;
    // Account 1 has used nonces 1 and 2 to register licenses.
    let signed = test.sign(intent.clone());
    let answer = test.submit(&signed)?;
    assert!(matches!(answer, Err(AdmitError::NonceUsed { .. })), "{answer:?}");
    intent.nonce = Nonce::MIN;
    let signed = test.sign(intent.clone());
    refused(&mut test, &signed, AdmitError::NonceTooLow { last, got: Nonce::MIN })?;
    intent.nonce = Nonce::new(9)?;
    let signed = test.sign(intent.clone());
    let expired = AdmitError::Expired { valid_until: intent.valid_until, now: test.time() };
    refused(&mut test, &signed, expired)?;
    intent.valid_until = test.time();
    let signed = test.sign(intent.clone());
    let unknown = TransferError::UnknownRecipient { to: AccountId::from(40) };
    refused(&mut test, &signed, broken(unknown))?;
    intent.operation = TestLedger::transfer(2, BALANCE + 1)?;
    let signed = test.sign(intent.clone());
    let funds = AdmitError::InsufficientFunds {
        needed: Nano::new(BALANCE + 1)?,
        available: Nano::new(BALANCE)?,
    };
    refused(&mut test, &signed, funds)?;
    intent.operation = TestLedger::transfer(2, BALANCE)?;
    let signed = test.sign(intent);
    test.submit(&signed)??;
    Ok(())
}

#[test]
fn an_intent_must_be_valid_at_the_time_of_its_batch() -> TestResult<()> {
    let mut test = test_ledger()?;
    let mut first = test.intent(1, 0, TestLedger::transfer(2, 1)?)?;
    first.valid_until = test.time();
    let signed = test.sign(first);
    test.submit(&signed)??;
    // The batch keeps its time; the clock goes on.
    test.now += 30;
    let mut second = test.intent(2, 0, TestLedger::transfer(1, 1)?)?;
    second.valid_until = time(test.now - 1);
    let signed = test.sign(second);
    let expected = AdmitError::Expired { valid_until: signed.intent.valid_until, now: test.time() };
    assert_eq!(test.submit(&signed)?, Err(expected));
    let sealed = test.seal()?.ok_or("nothing sealed")?;
    assert_eq!(sealed.witness.statement.header.timestamp, time(test.now - 30));
    let earlier = time(test.now - 31);
    let backwards = test.ledger.admit(earlier, &[]);
    assert!(matches!(backwards, Err(LedgerError::TimeBackwards { .. })));
    Ok(())
}

#[test]
fn registrations() -> TestResult<()> {
    let mut test = test_ledger()?;
    let Operation::RegisterLicense(right) =
        test.registration(1, 0, &[(account(4), 800_000), (license(0), 200_000)])?
    else {
        return Err("register".into());
    };
    let with = |change: &dyn Fn(&mut RegisterLicense) -> TestResult<()>| -> TestResult<Operation> {
        let mut register = right.clone();
        change(&mut register)?;
        Ok(Operation::RegisterLicense(register))
    };
    let (own, parent) = (LicenseId::from(2), LicenseId::from(0));
    let cut = with(&|r| {
        r.shares = support::table(&[(account(4), 800_001), (license(0), 199_999)])?;
        Ok(())
    })?;
    let expected = RegisterLicenseError::ParentShareTooSmall {
        parent,
        expected: Shares::new(200_000)?,
        got: Shares::new(199_999)?,
    };
    refused_operation(&mut test, cut, broken(expected))?;
    for id in [2, 3, u32::MAX] {
        let operation = with(&|r| {
            r.shares = support::table(&[(account(4), 800_000), (license(id), 200_000)])?;
            Ok(())
        })?;
        let parent = LicenseId::from(id);
        let expected = RegisterLicenseError::ParentNotOlder { own, parent };
        refused_operation(&mut test, operation, broken(expected))?;
    }
    let lineage = with(&|r| {
        r.lineage = Lineage::new(3)?;
        Ok(())
    })?;
    let expected =
        RegisterLicenseError::WrongLineage { expected: Lineage::new(2)?, got: Lineage::new(3)? };
    refused_operation(&mut test, lineage, broken(expected))?;
    let stranger = with(&|r| {
        r.shares = support::table(&[(account(44), 800_000), (license(0), 200_000)])?;
        Ok(())
    })?;
    let expected = RegisterLicenseError::UnknownHolder { account: AccountId::from(44) };
    refused_operation(&mut test, stranger, broken(expected))?;
    let intent = test.intent(1, 0, Operation::RegisterLicense(right))?;
    let signed = test.sign(intent);
    assert_eq!(test.submit(&signed)??.registers, Some(own));
    Ok(())
}

#[test]
fn ancestors_are_limited() -> TestResult<()> {
    let mut test = TestLedger::funded(BatchClass::SMALL, 4, BALANCE)?;
    // Each level has the one below twice among its ancestors: lineage 1, 2, 4, … 64.
    let mut last = test.register(1, 1, 0, &[(account(1), 1_000_000)])?;
    let mut levels = vec![last];
    for _ in 0..6 {
        let mut holders: Vec<_> = levels.iter().map(|id| (license(*id), 1)).collect();
        holders.insert(0, (account(1), 1_000_000 - levels.len() as u64));
        last = test.register(1, 1, 0, &holders)?;
        levels.push(last);
    }
    assert_eq!(test.licenses[last as usize].0.get(), 64);
    let right = test.registration(1, 0, &[(account(1), 1_000_000)])?;
    let Operation::RegisterLicense(mut register) = right else { return Err("register".into()) };
    register.shares = support::table(&[(account(1), 1), (license(last), 999_999)])?;
    let intent = test.intent(1, 0, Operation::RegisterLicense(register))?;
    let signed = test.sign(intent);
    let answer = test.submit(&signed)?;
    let expected = RegisterLicenseError::TooManyAncestors(
        Lineage::new(65).err().ok_or("lineage 65 in range")?,
    );
    assert_eq!(answer, Err(broken(expected)));
    let operation = test.pay(last, 1)?;
    let intent = test.intent(2, 0, operation)?;
    let signed = test.sign(intent);
    test.submit(&signed)??;
    test.seal()?;
    test.assert_full_reserve()
}

#[test]
fn signatures() -> TestResult<()> {
    let mut test = test_ledger()?;
    let intent = test.intent(1, 0, TestLedger::transfer(2, 1)?)?;
    let right = test.sign(intent.clone());
    let check =
        |test: &TestLedger, signed: &SignedIntent| -> TestResult<Result<Checked, CheckError>> {
            Ok(test.ledger.check(std::slice::from_ref(signed))?.remove(0))
        };
    let mismatch = Err(CheckError::Signature(SignatureError::Mismatch));

    let other_key = intent.clone().sign(&test.keys[2], &test.domain);
    assert_eq!(check(&test, &other_key)?, mismatch);
    let mut other_message = right.clone();
    other_message.intent.fee = Fee::new(1)?;
    assert_eq!(check(&test, &other_message)?, mismatch);
    let elsewhere = farthing_protocol::Domain { chain_id: 1, ..support::genesis().domain };
    let other_domain = intent.clone().sign(&test.keys[1], &elsewhere.digest());
    assert_eq!(check(&test, &other_domain)?, mismatch);
    let mut off_group = right.clone();
    off_group.signature.r = [farthing_protocol::Felt::new(3); 5];
    let in_group = PublicKey::new(off_group.signature.r).decode().is_ok();
    let reason = if in_group { SignatureError::Mismatch } else { SignatureError::NonceNotInGroup };
    assert_eq!(check(&test, &off_group)?, Err(CheckError::Signature(reason)));

    // One bad signature among many good ones is named, and only it.
    let mut many = Vec::new();
    for account in [1, 2, 3, 4, 1, 2, 3, 4] {
        let intent = test.intent(account, 0, TestLedger::transfer(1, 1)?)?;
        many.push(test.sign(intent));
    }
    many[5] = other_message;
    let answers = test.ledger.check(&many)?;
    for (i, answer) in answers.iter().enumerate() {
        assert_eq!(answer.is_ok(), i != 5, "{i}: {answer:?}");
    }
    Ok(())
}

#[test]
fn accounts_whose_key_is_no_point_cannot_sign_but_can_leave() -> TestResult<()> {
    let mut test = test_ledger()?;
    let words = (2u64..)
        .map(|n| [n, 0, 0, 0, 0])
        .find(|w| PublicKey::from_words_reduced(*w).decode().is_err());
    let words = words.ok_or("every key is a point")?;
    let owner = support::owner(500);
    let identity = AccountIdentity { key: PublicKey::from_words_reduced(words), owner };
    let now = test.time();
    let refused = test.ledger.open_account(now, identity)?;
    assert_eq!(refused, Err(OpenAccountError::Key(KeyError::NotInGroup)));
    let zero = AccountIdentity { key: PublicKey::from_words_reduced([0; 5]), owner };
    assert_eq!(test.ledger.open_account(now, zero)?, Err(OpenAccountError::Key(KeyError::Neutral)));

    let deposit = farthing_protocol::Deposit::new(owner, words, 5_500)?;
    test.consume(farthing_protocol::QueueEntry::Deposit(deposit))?;
    test.seal()?;
    let id = test.ledger.account_of(&identity)?.ok_or("not opened")?;
    assert_eq!(test.balance(id.get())?, 5_500);
    let exists = test.ledger.open_account(now, identity)?;
    assert_eq!(exists, Err(OpenAccountError::Exists { id }));
    let intent = Intent {
        account: id,
        nonce: Nonce::new(1)?,
        fee: Fee::MIN,
        valid_until: UnixTime::MAX,
        operation: TestLedger::transfer(1, 1)?,
    };
    let signed = intent.sign(&test.keys[1], &test.domain);
    let answer = test.ledger.check(&[signed])?.remove(0);
    assert_eq!(answer, Err(CheckError::Signature(SignatureError::Key(KeyError::NotInGroup))));
    test.forced_exit(owner, id.get())?;
    let sealed = test.seal()?.ok_or("nothing sealed")?;
    assert_eq!(sealed.witness.withdrawals[0].base_units, 5);
    assert_eq!(test.balance(id.get())?, 500);
    test.assert_full_reserve()
}

#[test]
fn the_queue_is_consumed_in_order() -> TestResult<()> {
    let mut test = test_ledger()?;
    let entry = farthing_protocol::QueueEntry::ForcedExit(farthing_protocol::ForcedExit {
        requester: support::owner(1),
        account: AccountId::from(1),
    });
    let next = test.ledger.queue_next();
    let now = test.time();
    for wrong in [next.get() - 1, next.get() + 1] {
        let answer = test.ledger.consume(now, QueueIndex::new(wrong)?, &[entry])?;
        let expected = ConsumeError::OutOfOrder { expected: next.get(), got: wrong };
        assert_eq!(answer, (0, Some(expected)));
    }
    // What the class cannot hold waits for the next batch.
    let capacity = BatchClass::TINY.capacity.queue_entries as usize;
    let (consumed, refused) = test.ledger.consume(now, next, &vec![entry; capacity + 3])?;
    assert_eq!(consumed, capacity);
    assert!(matches!(refused, Some(ConsumeError::BatchFull(_))), "{refused:?}");
    assert_eq!(test.ledger.queue_next(), next.advance(capacity as u64));
    test.seal()?;
    let rest = test.ledger.queue_next();
    assert_eq!(test.ledger.consume(now, rest, &[entry; 3])?, (3, None));
    Ok(())
}

#[test]
fn a_full_batch_says_so_and_keeps_order_within_an_account() -> TestResult<()> {
    let mut test = test_ledger()?;
    let mut checked = Vec::new();
    for _ in 0..20 {
        let intent = test.intent(1, 0, TestLedger::transfer(2, 1)?)?;
        let signed = test.sign(intent);
        match test.ledger.check(&[signed])?.remove(0)? {
            Checked::Fresh(intent) => checked.push(intent),
            Checked::Duplicate(_) => return Err("known".into()),
        }
    }
    let now = test.time();
    let answers = test.ledger.admit(now, &checked)?;
    for (i, answer) in answers.iter().enumerate() {
        match answer {
            Ok(_) => assert!(i < 16),
            Err(AdmitError::BatchFull(full)) => {
                assert!(i >= 16);
                assert_eq!((full.resource, full.needed, full.capacity), ("intents", 17, 16));
            }
            Err(other) => return Err(format!("{other:?}").into()),
        }
    }
    assert_eq!(test.seal()?.ok_or("nothing sealed")?.witness.intents.len(), 16);
    let answers = test.ledger.admit(now, &checked)?;
    assert_eq!(answers.iter().filter(|a| a.is_ok_and(|a| a.repeated)).count(), 16);
    assert!(answers[16..].iter().all(|answer| answer.is_ok_and(|a| !a.repeated)));
    Ok(())
}

/// A license whose ancestors no batch of the class can hold is refused for good, not for now.
#[test]
fn what_never_fits_is_told_so() -> TestResult<()> {
    let mut test = TestLedger::funded(BatchClass::TINY, 20, BALANCE)?;
    let sixteen = |parent: Option<u32>| -> Vec<(farthing_protocol::Holder, u64)> {
        let accounts = if parent.is_some() { 15 } else { 16 };
        let mut lines: Vec<_> = (1..=accounts).map(|id| (account(id), 10_000)).collect();
        lines[0].1 = 1_000_000 - 10_000 * 15;
        lines.extend(parent.map(|id| (license(id), 10_000)));
        lines
    };
    let mut last = None;
    let answer = loop {
        let operation = test.registration(1, 0, &sixteen(last))?;
        let Operation::RegisterLicense(register) = &operation else { return Err("kind".into()) };
        let entry = (register.lineage, register.derivative_shares, register.price);
        let intent = test.intent(1, 0, operation)?;
        let signed = test.sign(intent);
        match test.submit(&signed)? {
            Ok(admission) => last = admission.registers.map(LicenseId::get),
            Err(refused) => break refused,
        }
        test.licenses.push(entry);
    };
    let AdmitError::TooLarge(never) = answer else { return Err(format!("{answer:?}").into()) };
    assert_eq!((never.resource, never.needed), ("holders", 9 * 16));
    // What was registered before can be paid.
    let operation = test.pay(last.ok_or("none registered")?, 3)?;
    let intent = test.intent(2, 0, operation)?;
    let signed = test.sign(intent);
    test.submit(&signed)??;
    test.seal()?;
    test.assert_full_reserve()
}
