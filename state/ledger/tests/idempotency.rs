//! (account, nonce) settles at most once, for ever.

mod support;

use farthing_ledger::{Admission, AdmitError, CheckError, Checked, Durability, Ledger};
use farthing_protocol::{BatchClass, Nonce, SignedIntent};
use support::{TestLedger, TestResult};

fn admit(
    ledger: &mut Ledger,
    now: u64,
    signed: &SignedIntent,
) -> TestResult<Result<Admission, AdmitError>> {
    match ledger.check(std::slice::from_ref(signed))?.remove(0)? {
        Checked::Duplicate(admission) => Ok(Ok(admission)),
        Checked::Fresh(checked) => Ok(ledger.admit(support::time(now), &[checked])?.remove(0)),
    }
}

/// Statements about an admitted intent that hold at any later time.
fn assert_known(
    ledger: &mut Ledger,
    now: u64,
    signed: &SignedIntent,
    other: &SignedIntent,
    first: &Admission,
) -> TestResult<()> {
    let again = admit(ledger, now, signed)??;
    assert_eq!(again, Admission { repeated: true, ..*first });
    let answer = admit(ledger, now, other)?;
    let used = AdmitError::NonceUsed { nonce: signed.intent.nonce, by: first.id };
    assert_eq!(answer, Err(used));
    assert_eq!(ledger.intent(&first.id)?.map(|a| a.batch), Some(first.batch));
    Ok(())
}

#[test]
fn a_copy_is_the_same_intent_and_another_is_refused() -> TestResult<()> {
    let class = BatchClass::TINY;
    let mut test = TestLedger::funded(class, 2, 1_000_000)?;
    let intent = test.intent(1, 5, TestLedger::transfer(2, 100)?)?;
    let mut other = intent.clone();
    other.operation = TestLedger::transfer(2, 101)?;
    let (signed, other) = (test.sign(intent), test.sign(other));
    let first = test.submit(&signed)??;
    assert!(!first.repeated);
    let now = test.now;
    assert_known(&mut test.ledger, now, &signed, &other, &first)?;

    // Both in one call: the second finds the first, which is not on disk yet.
    let intent = test.intent(1, 0, TestLedger::transfer(2, 7)?)?;
    let twin = test.sign(intent);
    let answers = test.ledger.check(&[twin.clone(), twin])?;
    let checked: Vec<_> = answers
        .into_iter()
        .map(|answer| match answer {
            Ok(Checked::Fresh(checked)) => Ok(checked),
            other => Err(format!("{other:?}")),
        })
        .collect::<Result<_, _>>()?;
    let answers = test.ledger.admit(support::time(now), &checked)?;
    assert!(!answers[0]?.repeated && answers[1]?.repeated);

    // Reopened with the batch open, then sealed, then reopened again.
    let (mut ledger, dir) = test.reopen(class)?;
    assert_known(&mut ledger, now, &signed, &other, &first)?;
    let sealed = ledger.seal()?.ok_or("nothing sealed")?;
    assert_eq!(sealed.witness.intents.len(), 2);
    assert_known(&mut ledger, now, &signed, &other, &first)?;
    drop(ledger);
    let mut ledger = Ledger::open(dir.path(), class, Durability::Buffered)?;
    assert_known(&mut ledger, now, &signed, &other, &first)?;
    ledger.seal_always(support::time(now))?;
    assert_known(&mut ledger, now + 1_000_000, &signed, &other, &first)
}

#[test]
fn a_copy_is_known_whatever_its_signature() -> TestResult<()> {
    let mut test = TestLedger::funded(BatchClass::TINY, 2, 1_000)?;
    let intent = test.intent(1, 0, TestLedger::transfer(2, 1)?)?;
    let signed = test.sign(intent.clone());
    test.submit(&signed)??;
    let other = test.intent(2, 0, TestLedger::transfer(1, 1)?)?;
    let forged = SignedIntent { intent, signature: test.sign(other).signature };
    assert!(test.submit(&forged)??.repeated);
    Ok(())
}

#[test]
fn a_gap_is_open_until_its_batch_is_sealed() -> TestResult<()> {
    let mut test = TestLedger::funded(BatchClass::TINY, 2, 1_000)?;
    let mut late = test.intent(1, 0, TestLedger::transfer(2, 1)?)?;
    late.nonce = Nonce::new(50)?;
    let signed = test.sign(late.clone());
    test.submit(&signed)??;
    late.nonce = Nonce::new(49)?;
    let in_gap = test.sign(late.clone());
    assert!(!test.submit(&in_gap)??.repeated);
    late.nonce = Nonce::new(48)?;
    let too_late = test.sign(late);
    test.seal()?;
    let expected = AdmitError::NonceTooLow { last: Nonce::new(50)?, got: Nonce::new(48)? };
    assert_eq!(test.submit(&too_late)?, Err(expected));
    assert!(test.submit(&in_gap)??.repeated);
    let unknown = CheckError::UnknownAccount { account: farthing_protocol::AccountId::from(77) };
    let mut stranger = in_gap;
    stranger.intent.account = farthing_protocol::AccountId::from(77);
    assert_eq!(test.ledger.check(&[stranger])?.remove(0), Err(unknown));
    Ok(())
}
