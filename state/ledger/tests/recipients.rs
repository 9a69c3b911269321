//! An intent settles with the accounts and licenses that its signer named, or not at all.

mod support;

use farthing_ledger::{AdmitError, OperationError, PayError, RegisterLicenseError, TransferError};
use farthing_protocol::{
    AccountId, BatchClass, Holder, LicenseId, Operation, Pay, RegisterLicense, ShortDigest,
    Transfer,
};
use support::{Outcome, TestLedger, account, identity, license};

/// Submits an operation of account 1 as it is.
fn submit(world: &mut TestLedger, operation: Operation) -> Outcome<Result<(), AdmitError>> {
    let mut intent = world.intent(1, 0, operation.clone())?;
    intent.operation = operation;
    let signed = world.sign(intent);
    let before = world.ledger.spendable(AccountId::from(1))?;
    let answer = world.submit(&signed)?.map(|_| ());
    if answer.is_err() {
        assert_eq!(world.ledger.spendable(AccountId::from(1))?, before);
        assert_eq!(world.ledger.intent(&signed.intent.id(&world.domain))?, None);
    }
    Ok(answer)
}

fn world() -> Outcome<TestLedger> {
    let mut world = TestLedger::funded(BatchClass::TINY, 4, 1_000_000)?;
    world.register(1, 10, 200_000, &[(account(2), 1_000_000)])?;
    world.register(1, 10, 0, &[(account(3), 1_000_000)])?;
    Ok(world)
}

fn addressed(world: &TestLedger, mut operation: Operation) -> Outcome<Operation> {
    assert!(world.ledger.address(&mut operation)?);
    Ok(operation)
}

#[test]
fn a_transfer_names_key_and_owner() -> Outcome<()> {
    let mut world = world()?;
    let right = addressed(&world, TestLedger::transfer(2, 5)?)?;
    let Operation::Transfer(transfer) = right.clone() else { return Err("transfer".into()) };
    let (expected, got) = (identity(2).recipient(), identity(3).recipient());
    let wrong = Operation::Transfer(Transfer { recipient: got, ..transfer });
    let refused = TransferError::RecipientChanged { to: AccountId::from(2), expected, got };
    assert_eq!(submit(&mut world, wrong)?, Err(AdmitError::Operation(refused.into())));
    assert_eq!(submit(&mut world, right)?, Ok(()));
    // Also an account that the open batch opens.
    let opened = world.open()?;
    let right = addressed(&world, TestLedger::transfer(opened, 5)?)?;
    assert_eq!(submit(&mut world, right)?, Ok(()));
    // An account that does not exist has no name.
    let mut unknown = TestLedger::transfer(99, 5)?;
    assert!(!world.ledger.address(&mut unknown)?);
    let refused = TransferError::UnknownRecipient { to: AccountId::from(99) };
    assert_eq!(submit(&mut world, unknown)?, Err(AdmitError::Operation(refused.into())));
    Ok(())
}

#[test]
fn a_payment_names_the_license_as_it_was_registered() -> Outcome<()> {
    let mut world = world()?;
    let right = addressed(&world, world.pay(0, 5)?)?;
    let Operation::Pay(pay) = right.clone() else { return Err("payment".into()) };
    let other = Holder::License(LicenseId::from(1));
    let got = world.ledger.recipient(other)?.ok_or("license 1")?;
    assert_ne!(pay.recipient, got, "other holders, another origin");
    let refused =
        PayError::RecipientChanged { license: LicenseId::from(0), expected: pay.recipient, got };
    let wrong = Operation::Pay(Pay { recipient: got, ..pay });
    assert_eq!(submit(&mut world, wrong)?, Err(AdmitError::Operation(refused.into())));
    assert_eq!(submit(&mut world, right.clone())?, Ok(()));
    // The name stays when the license is paid, sealed and paid again.
    world.seal()?;
    assert_eq!(addressed(&world, right.clone())?, right);
    assert_eq!(submit(&mut world, right)?, Ok(()));
    Ok(())
}

#[test]
fn a_registration_names_its_holders_and_parents() -> Outcome<()> {
    let mut world = world()?;
    let holders = [(account(2), 500_000), (account(3), 300_000), (license(0), 200_000)];
    let right = addressed(&world, world.registration(7, 0, &holders)?)?;
    let Operation::RegisterLicense(register) = right.clone() else { return Err("kind".into()) };
    // Of each holder in turn, another is meant.
    for (changed, _) in &holders {
        let named = |holder: Holder| match holder == *changed {
            true => Some(identity(9).recipient()),
            false => world.ledger.recipient(holder).ok().flatten(),
        };
        let chain = register.shares.holder_chain(named).ok_or("all named")?;
        let got = ShortDigest::from(chain);
        let expected = register.recipient;
        let wrong = RegisterLicense { recipient: got, ..register.clone() };
        let refused = RegisterLicenseError::RecipientChanged { expected, got };
        let answer = submit(&mut world, Operation::RegisterLicense(wrong))?;
        assert_eq!(answer, Err(AdmitError::Operation(OperationError::from(refused))));
    }
    assert_eq!(submit(&mut world, right)?, Ok(()));
    Ok(())
}
