//! An intent settles with the accounts and licenses that its signer named, or not at all.

mod support;

use farthing_ledger::{AdmitError, OperationError, PayError, RegisterLicenseError, TransferError};
use farthing_protocol::{
    AccountId, BatchClass, Holder, LicenseId, Operation, Pay, RegisterLicense, ShortDigest,
    Transfer,
};
use support::{TestLedger, TestResult, account, identity, license};

/// Submits an operation of account 1 as it is.
fn submit(test: &mut TestLedger, operation: Operation) -> TestResult<Result<(), AdmitError>> {
    let mut intent = test.intent(1, 0, operation.clone())?;
    intent.operation = operation;
    let signed = test.sign(intent);
    let before = test.ledger.spendable(AccountId::from(1))?;
    let answer = test.submit(&signed)?.map(|_| ());
    if answer.is_err() {
        assert_eq!(test.ledger.spendable(AccountId::from(1))?, before);
        assert_eq!(test.ledger.intent(&signed.intent.id(&test.domain))?, None);
    }
    Ok(answer)
}

fn test_ledger() -> TestResult<TestLedger> {
    let mut test = TestLedger::funded(BatchClass::TINY, 4, 1_000_000)?;
    test.register(1, 10, 200_000, &[(account(2), 1_000_000)])?;
    test.register(1, 10, 0, &[(account(3), 1_000_000)])?;
    Ok(test)
}

fn addressed(test: &TestLedger, mut operation: Operation) -> TestResult<Operation> {
    assert!(test.ledger.address(&mut operation)?);
    Ok(operation)
}

#[test]
fn a_transfer_names_key_and_owner() -> TestResult<()> {
    let mut test = test_ledger()?;
    let right = addressed(&test, TestLedger::transfer(2, 5)?)?;
    let Operation::Transfer(transfer) = right.clone() else { return Err("transfer".into()) };
    let (expected, got) = (identity(2).recipient(), identity(3).recipient());
    let wrong = Operation::Transfer(Transfer { recipient: got, ..transfer });
    let refused = TransferError::RecipientChanged { to: AccountId::from(2), expected, got };
    assert_eq!(submit(&mut test, wrong)?, Err(AdmitError::Operation(refused.into())));
    assert_eq!(submit(&mut test, right)?, Ok(()));
    // Also an account that the open batch opens.
    let opened = test.open()?;
    let right = addressed(&test, TestLedger::transfer(opened, 5)?)?;
    assert_eq!(submit(&mut test, right)?, Ok(()));
    // An account that does not exist has no name.
    let mut unknown = TestLedger::transfer(99, 5)?;
    assert!(!test.ledger.address(&mut unknown)?);
    let refused = TransferError::UnknownRecipient { to: AccountId::from(99) };
    assert_eq!(submit(&mut test, unknown)?, Err(AdmitError::Operation(refused.into())));
    Ok(())
}

#[test]
fn a_payment_names_the_license_as_it_was_registered() -> TestResult<()> {
    let mut test = test_ledger()?;
    let right = addressed(&test, test.pay(0, 5)?)?;
    let Operation::Pay(pay) = right.clone() else { return Err("payment".into()) };
    let other = Holder::License(LicenseId::from(1));
    let got = test.ledger.recipient(other)?.ok_or("license 1")?;
    assert_ne!(pay.recipient, got, "other holders, another origin");
    let refused =
        PayError::RecipientChanged { license: LicenseId::from(0), expected: pay.recipient, got };
    let wrong = Operation::Pay(Pay { recipient: got, ..pay });
    assert_eq!(submit(&mut test, wrong)?, Err(AdmitError::Operation(refused.into())));
    assert_eq!(submit(&mut test, right.clone())?, Ok(()));
    // The name stays when the license is paid, sealed and paid again.
    test.seal()?;
    assert_eq!(addressed(&test, right.clone())?, right);
    assert_eq!(submit(&mut test, right)?, Ok(()));
    Ok(())
}

#[test]
fn a_registration_names_its_holders_and_parents() -> TestResult<()> {
    let mut test = test_ledger()?;
    let holders = [(account(2), 500_000), (account(3), 300_000), (license(0), 200_000)];
    let right = addressed(&test, test.registration(7, 0, &holders)?)?;
    let Operation::RegisterLicense(register) = right.clone() else { return Err("kind".into()) };
    // Of each holder in turn, another is meant.
    for (changed, _) in &holders {
        let named = |holder: Holder| match holder == *changed {
            true => Some(identity(9).recipient()),
            false => test.ledger.recipient(holder).ok().flatten(),
        };
        let chain = register.shares.holder_chain(named).ok_or("all named")?;
        let got = ShortDigest::from(chain);
        let expected = register.recipient;
        let wrong = RegisterLicense { recipient: got, ..register.clone() };
        let refused = RegisterLicenseError::RecipientChanged { expected, got };
        let answer = submit(&mut test, Operation::RegisterLicense(wrong))?;
        assert_eq!(answer, Err(AdmitError::Operation(OperationError::from(refused))));
    }
    assert_eq!(submit(&mut test, right)?, Ok(()));
    Ok(())
}
