//! Updates of licenses: what each allows, and from which batch on.

mod support;

use farthing_ledger::{
    AdmitError, BatchContents, ExecutionError, OperationError, PayError, RegisterLicenseError,
    UpdateLicenseError, execute_batch,
};
use farthing_protocol::{
    AccountId, Amount, BatchClass, Intent, IntentWitness, LicenseId, LicenseStatus, LicenseVersion,
    Licensee, Nano, Nonce, Operation, Record, Shares, UpdateLicense, UpdatedLicense,
};
use farthing_testkit::pay;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use support::memory::{Memory, contents_of};
use support::{TestLedger, TestResult, account, assert_exact, identity, license, update, version};

const BALANCE: u64 = 1_000_000;
const ZERO: LicenseId = LicenseId::MIN;

/// Account 1 has license 0 at price 10, all of it account 2's. License 1 of account 3, at price 20, leaves
/// half to license 0. Both are sealed.
fn two_licenses() -> TestResult<TestLedger> {
    let mut test = TestLedger::funded(BatchClass::TINY, 5, BALANCE)?;
    test.register(1, 10, 200_000, &[(account(2), 1_000_000)])?;
    test.register(3, 20, 0, &[(account(4), 500_000), (license(0), 500_000)])?;
    test.seal()?;
    Ok(test)
}

fn submit(
    test: &mut TestLedger,
    from: u32,
    operation: Operation,
) -> TestResult<Result<(), AdmitError>> {
    let intent = test.intent(from, 0, operation)?;
    let signed = test.sign(intent);
    let before = test.ledger.spendable(signed.intent.account)?;
    let answer = test.submit_once(&signed)?.map(|_| ());
    if answer.is_err() {
        assert_eq!(test.ledger.spendable(signed.intent.account)?, before);
        assert_eq!(test.ledger.intent(&signed.intent.id(&test.domain))?, None);
    }
    Ok(answer)
}

fn admitted(test: &mut TestLedger, from: u32, operation: Operation) -> TestResult<()> {
    Ok(submit(test, from, operation)??)
}

/// Admits an update of license 0 and seals the batch.
fn set(test: &mut TestLedger, version: LicenseVersion) -> TestResult<()> {
    admitted(test, 1, update(0, version))?;
    let sealed = test.seal()?.ok_or("nothing sealed")?;
    assert_exact(&sealed.witness);
    let found = test.ledger.license(ZERO)?.ok_or("license 0")?;
    assert_eq!(found.state.version, version);
    Ok(())
}

fn broken(rule: impl Into<OperationError>) -> Result<(), AdmitError> {
    Err(AdmitError::Operation(rule.into()))
}

/// Registration of a derivative of license 0 that leaves it half.
fn derivative(test: &TestLedger) -> TestResult<Operation> {
    test.registration(7, 0, &[(account(5), 500_000), (license(0), 500_000)])
}

fn wrong_amount(expected: u64, got: u64) -> TestResult<Result<(), AdmitError>> {
    let (expected, got) = (Amount::new(expected)?, Amount::new(got)?);
    Ok(broken(PayError::WrongAmount { expected, got }))
}

#[test]
fn a_price_counts_from_the_next_batch() -> TestResult<()> {
    let mut test = two_licenses()?;
    let old = test.ledger.license(ZERO)?.ok_or("license 0")?;
    let new = LicenseVersion { derivative_shares: Shares::new(600_000)?, ..version(15)? };
    admitted(&mut test, 2, pay(0, 2, 10)?)?;
    admitted(&mut test, 1, update(0, new))?;
    // Before and after the update it is one batch, and one price.
    admitted(&mut test, 2, pay(0, 3, 10)?)?;
    assert_eq!(submit(&mut test, 2, pay(0, 3, 15)?)?, wrong_amount(30, 45)?);
    let early = derivative(&test)?;
    admitted(&mut test, 5, early.clone())?;
    assert_eq!(test.ledger.pending_license(ZERO)?, Some(old.clone()));
    assert_eq!(test.ledger.next_version(ZERO), Some(new));
    let sealed = test.seal()?.ok_or("nothing sealed")?;
    assert_exact(&sealed.witness);
    let records = sealed.witness.public_data.records()?;
    let updated = Record::UpdatedLicense(UpdatedLicense { id: ZERO, version: new });
    assert_eq!(records.iter().filter(|record| **record == updated).count(), 1);

    let found = test.ledger.license(ZERO)?.ok_or("license 0")?;
    assert_eq!((found.state.version, &found.terms), (new, &old.terms));
    assert_eq!(test.ledger.next_version(ZERO), None);
    assert_eq!(found.state.received.get(), 50);
    assert_eq!(submit(&mut test, 2, pay(0, 3, 10)?)?, wrong_amount(45, 30)?);
    let refused = RegisterLicenseError::ParentShareTooSmall {
        parent: ZERO,
        expected: Shares::new(600_000)?,
        got: Shares::new(500_000)?,
    };
    assert_eq!(submit(&mut test, 5, early)?, broken(refused));
    admitted(&mut test, 2, pay(0, 3, 15)?)?;
    let sealed = test.seal()?.ok_or("nothing sealed")?;
    assert_exact(&sealed.witness);
    test.assert_full_reserve()
}

#[test]
fn a_license_is_paused_goes_on_and_retires_for_good() -> TestResult<()> {
    use LicenseStatus::{Paused, Retired};
    let mut test = two_licenses()?;
    set(&mut test, LicenseVersion { status: Paused, ..version(10)? })?;
    let paused = |retired| broken(PayError::Paused { license: ZERO, retired });
    let orphan = broken(RegisterLicenseError::ParentPaused { parent: ZERO });
    assert_eq!(submit(&mut test, 2, pay(0, 1, 10)?)?, paused(false));
    let derived = derivative(&test)?;
    assert_eq!(submit(&mut test, 5, derived.clone())?, orphan);
    // A derivative that it has passes on its part.
    let before = test.balance(2)?;
    admitted(&mut test, 5, pay(1, 5, 20)?)?;
    let sealed = test.seal()?.ok_or("nothing sealed")?;
    assert_exact(&sealed.witness);
    assert_eq!(test.balance(2)?, before + 50);

    // The update that ends the pause does not end it in its own batch.
    admitted(&mut test, 1, update(0, version(10)?))?;
    assert_eq!(submit(&mut test, 2, pay(0, 1, 10)?)?, paused(false));
    test.seal()?;
    admitted(&mut test, 2, pay(0, 1, 10)?)?;
    admitted(&mut test, 5, derived.clone())?;

    let retired = LicenseVersion { status: Retired, ..version(10)? };
    admitted(&mut test, 1, update(0, retired))?;
    admitted(&mut test, 2, pay(0, 1, 10)?)?;
    test.seal()?;
    assert_eq!(submit(&mut test, 2, pay(0, 1, 10)?)?, paused(true));
    assert_eq!(submit(&mut test, 5, derived)?, orphan);
    for next in [version(10)?, retired, LicenseVersion { status: Paused, ..retired }] {
        let refused = broken(UpdateLicenseError::Retired { license: ZERO });
        assert_eq!(submit(&mut test, 1, update(0, next))?, refused);
    }
    admitted(&mut test, 5, pay(1, 5, 20)?)?;
    test.seal()?;
    test.assert_full_reserve()
}

#[test]
fn a_licensee_alone_pays() -> TestResult<()> {
    let mut test = two_licenses()?;
    let private = LicenseVersion { licensee: Licensee::new(4)?, ..version(10)? };
    admitted(&mut test, 1, update(0, private))?;
    // Not yet.
    admitted(&mut test, 2, pay(0, 1, 10)?)?;
    let derived = derivative(&test)?;
    admitted(&mut test, 5, derived.clone())?;
    test.seal()?;
    let licensee = AccountId::from(4);
    let refused = broken(PayError::NotLicensee { license: ZERO, licensee });
    // Neither is the licensor one, nor the operator.
    for other in [0, 1, 2] {
        assert_eq!(submit(&mut test, other, pay(0, 1, 10)?)?, refused);
    }
    let orphan = broken(RegisterLicenseError::ParentPrivate { parent: ZERO, licensee });
    for from in [1, 4] {
        assert_eq!(submit(&mut test, from, derived.clone())?, orphan);
    }
    admitted(&mut test, 4, pay(0, 1, 10)?)?;
    admitted(&mut test, 2, pay(1, 1, 20)?)?;
    let sealed = test.seal()?.ok_or("nothing sealed")?;
    assert_exact(&sealed.witness);
    // An account that does not exist cannot pay either.
    set(&mut test, LicenseVersion { licensee: Licensee::new((1 << 31) - 1)?, ..private })?;
    let nobody = PayError::NotLicensee { license: ZERO, licensee: AccountId::from((1 << 31) - 1) };
    assert_eq!(submit(&mut test, 4, pay(0, 1, 10)?)?, broken(nobody));
    set(&mut test, version(10)?)?;
    admitted(&mut test, 2, pay(0, 1, 10)?)
}

#[test]
fn a_batch_updates_a_license_once() -> TestResult<()> {
    let mut test = two_licenses()?;
    let updating = |license| broken(UpdateLicenseError::Updating { license });
    let changes = [update(0, version(11)?), update(0, version(12)?)].map(|operation| {
        let intent = test.intent(1, 0, operation)?;
        TestResult::Ok(test.sign(intent))
    });
    let [first, second] = changes;
    let (first, second) = (first?, second?);
    test.submit_once(&first)??;
    assert_eq!(test.submit_once(&second)?.map(|_| ()), updating(ZERO));
    assert!(test.submit_once(&first)??.repeated);
    // Another license is another matter.
    admitted(&mut test, 3, update(1, version(21)?))?;
    test.seal()?;
    test.submit_once(&second)??;
    let own = test.register(1, 5, 0, &[(account(2), 1_000_000)])?;
    assert_eq!(submit(&mut test, 1, update(own, version(6)?))?, updating(LicenseId::from(own)));
    test.seal()?;
    admitted(&mut test, 1, update(own, version(6)?))?;
    test.seal()?;
    let prices = [0, 1, own].map(|id| {
        let found = test.ledger.license(LicenseId::from(id))?.ok_or("a license")?;
        TestResult::Ok(found.state.version.price.get())
    });
    let prices = prices.into_iter().collect::<TestResult<Vec<_>>>()?;
    assert_eq!(prices, [12, 21, 6]);
    Ok(())
}

/// Each repair of an update that breaks every rule shows the next error.
#[test]
fn errors_win_in_their_order() -> TestResult<()> {
    let mut test = two_licenses()?;
    let retired = LicenseVersion { status: LicenseStatus::Retired, ..version(0)? };
    test.register(1, 1, 0, &[(account(5), 1_000_000)])?;
    test.seal()?;
    admitted(&mut test, 1, update(2, retired))?;
    test.seal()?;
    admitted(&mut test, 1, update(0, version(11)?))?;

    let shares = LicenseVersion { derivative_shares: Shares::new(1)?, ..retired };
    let licensee = LicenseVersion { licensee: Licensee::new(4)?, ..retired };
    let own = |test: &TestLedger, number: u32| -> TestResult<_> {
        let license = test.ledger.license(LicenseId::from(number))?.ok_or("a license")?;
        Ok(license.terms.recipient())
    };
    let (of_zero, of_one) = (own(&test, 0)?, own(&test, 1)?);
    let refuse = |test: &mut TestLedger, from, license: u32, recipient, version| {
        let license = LicenseId::from(license);
        let operation = Operation::UpdateLicense(UpdateLicense { license, recipient, version });
        // More than it has: funds come after the rules.
        let mut intent = test.intent(from, 2 * BALANCE, operation.clone())?;
        intent.operation = operation;
        let signed = test.sign(intent);
        TestResult::Ok(test.submit_once(&signed)?.map(|_| ()))
    };
    let unknown = UpdateLicenseError::UnknownLicense { license: LicenseId::from(9) };
    assert_eq!(refuse(&mut test, 2, 9, of_one, shares)?, broken(unknown));
    let changed =
        UpdateLicenseError::RecipientChanged { license: ZERO, expected: of_zero, got: of_one };
    assert_eq!(refuse(&mut test, 2, 0, of_one, shares)?, broken(changed));
    let stranger = UpdateLicenseError::NotLicensor { license: ZERO, licensor: AccountId::from(1) };
    // The operator and the holder have no say either.
    for from in [0, 2, 3] {
        assert_eq!(refuse(&mut test, from, 0, of_zero, shares)?, broken(stranger));
    }
    let of_two = own(&test, 2)?;
    let gone = UpdateLicenseError::Retired { license: LicenseId::from(2) };
    assert_eq!(refuse(&mut test, 1, 2, of_two, shares)?, broken(gone));
    for terms in [shares, licensee] {
        let answer = refuse(&mut test, 1, 0, of_zero, terms)?;
        assert_eq!(answer, broken(UpdateLicenseError::RetiredTerms));
    }
    let updating = UpdateLicenseError::Updating { license: ZERO };
    assert_eq!(refuse(&mut test, 1, 0, of_zero, retired)?, broken(updating));
    test.seal()?;
    let funds = refuse(&mut test, 1, 0, of_zero, retired)?;
    let expected = AdmitError::InsufficientFunds {
        needed: Nano::new(2 * BALANCE)?,
        available: Nano::new(BALANCE)?,
    };
    assert_eq!(funds, Err(expected), "an update costs its fee alone");
    Ok(())
}

/// A sealed batch with an update of license 0, a payment for it, one for its derivative and a
/// registration by account 5; the state before it.
fn updating_batch() -> TestResult<(TestLedger, Memory, BatchContents)> {
    let mut test = two_licenses()?;
    let before = Memory::of(&test.ledger)?;
    admitted(&mut test, 2, pay(0, 2, 10)?)?;
    admitted(&mut test, 1, update(0, version(15)?))?;
    admitted(&mut test, 4, pay(1, 3, 20)?)?;
    let derived = derivative(&test)?;
    admitted(&mut test, 5, derived)?;
    let sealed = test.seal()?.ok_or("nothing sealed")?;
    Ok((test, before, contents_of(sealed.witness)))
}

#[test]
fn an_update_has_no_place_in_its_batch() -> TestResult<()> {
    let (test, before, contents) = updating_batch()?;
    let sealed = &test.sealed.last().ok_or("a batch")?.witness;
    let mut rng = ChaCha8Rng::seed_from_u64(9);
    for _ in 0..24 {
        let mut shuffled = contents.clone();
        shuffled.intents.shuffle(&mut rng);
        let settled = execute_batch(&before, &shuffled, test.time())?;
        assert_eq!(
            (settled.licenses, settled.accounts),
            (sealed.licenses.clone(), sealed.accounts.clone())
        );
    }
    Ok(())
}

/// The update among the intents of a batch.
fn update_in(contents: &mut BatchContents) -> Option<&mut IntentWitness> {
    let updates = |witness: &&mut IntentWitness| {
        matches!(witness.signed.intent.operation, Operation::UpdateLicense(_))
    };
    contents.intents.iter_mut().find(updates)
}

#[test]
fn execution_refuses_what_admission_refuses() -> TestResult<()> {
    let (test, before, contents) = updating_batch()?;
    let refusal = |state: &Memory, contents: &BatchContents| match execute_batch(
        state,
        contents,
        test.time(),
    ) {
        Err(ExecutionError::Operation(refused)) => Ok(refused),
        other => Err(format!("{:?}", other.map(|_| ()))),
    };
    let changed = |change: &dyn Fn(&mut UpdateLicense)| -> TestResult<OperationError> {
        let mut changed = contents.clone();
        let witness = update_in(&mut changed).ok_or("an update")?;
        let Operation::UpdateLicense(body) = &mut witness.signed.intent.operation else {
            return Err("an update".into());
        };
        change(body);
        Ok(refusal(&before, &changed)?)
    };
    let unknown = UpdateLicenseError::UnknownLicense { license: LicenseId::from(9) };
    assert_eq!(changed(&|body| body.license = LicenseId::from(9))?, unknown.into());
    let other = before.licenses[&LicenseId::from(1)].terms.recipient();
    let expected = before.licenses[&ZERO].terms.recipient();
    let wrong = UpdateLicenseError::RecipientChanged { license: ZERO, expected, got: other };
    assert_eq!(changed(&|body| body.recipient = other)?, wrong.into());
    let refused = changed(&|body| {
        body.version.status = LicenseStatus::Retired;
        body.version.derivative_shares = Shares::MAX;
    })?;
    assert_eq!(refused, UpdateLicenseError::RetiredTerms.into());

    // A second update, whichever nonce it has.
    let updating = UpdateLicenseError::Updating { license: ZERO };
    let mut twice = contents.clone();
    let mut second = update_in(&mut twice).ok_or("an update")?.clone();
    second.signed.intent.nonce = Nonce::MAX;
    twice.intents.push(second.clone());
    assert_eq!(refusal(&before, &twice)?, updating.into());
    // One by another account.
    let mut stranger = contents.clone();
    let witness = update_in(&mut stranger).ok_or("an update")?;
    (witness.signed.intent.account, witness.key) = (AccountId::from(2), identity(2).key);
    witness.signed.intent.nonce = Nonce::MAX;
    let licensor = AccountId::from(1);
    let refused = UpdateLicenseError::NotLicensor { license: ZERO, licensor };
    assert_eq!(refusal(&before, &stranger)?, refused.into());
    // One of a license that the batch registers.
    let registered = test.sealed.last().ok_or("a batch")?.witness.licenses.last();
    let registered = registered.ok_or("a license")?;
    let mut fresh = contents.clone();
    let recipient = registered.terms.recipient();
    let body = UpdateLicense { license: registered.id, recipient, version: version(1)? };
    second.signed.intent.operation = Operation::UpdateLicense(body);
    (second.signed.intent.account, second.key) = (AccountId::from(5), identity(5).key);
    fresh.intents.push(second);
    let refused = UpdateLicenseError::Updating { license: registered.id };
    assert_eq!(refusal(&before, &fresh)?, refused.into());
    // A payment at the price to come.
    let mut early = contents.clone();
    for witness in &mut early.intents {
        if let Operation::Pay(pay) = &mut witness.signed.intent.operation
            && pay.license == ZERO
        {
            pay.amount = Amount::new(30)?;
        }
    }
    let refused = PayError::WrongAmount { expected: Amount::new(20)?, got: Amount::new(30)? };
    assert_eq!(refusal(&before, &early)?, refused.into());
    Ok(())
}

/// The batch on states in which license 0 has another version.
#[test]
fn execution_reads_the_version_before_the_batch() -> TestResult<()> {
    let (test, before, contents) = updating_batch()?;
    let refusals = |change: &dyn Fn(&mut LicenseVersion)| -> TestResult<[OperationError; 2]> {
        let mut state = before.clone();
        let license = state.licenses.get_mut(&ZERO).ok_or("license 0")?;
        change(&mut license.state.version);
        let one = |of: &dyn Fn(&Intent) -> bool| {
            let mut one = contents.clone();
            one.intents.retain(|witness| of(&witness.signed.intent));
            match execute_batch(&state, &one, test.time()) {
                Err(ExecutionError::Operation(refused)) => Ok(refused),
                other => Err(format!("{:?}", other.map(|_| ()))),
            }
        };
        let pays = |intent: &Intent| matches!(&intent.operation, Operation::Pay(pay) if pay.license == ZERO);
        let registers = |intent: &Intent| matches!(intent.operation, Operation::RegisterLicense(_));
        Ok([one(&pays)?, one(&registers)?])
    };
    for status in [LicenseStatus::Paused, LicenseStatus::Retired] {
        let retired = status == LicenseStatus::Retired;
        let expected = [
            PayError::Paused { license: ZERO, retired }.into(),
            RegisterLicenseError::ParentPaused { parent: ZERO }.into(),
        ];
        assert_eq!(refusals(&|version| version.status = status)?, expected);
    }
    let (number, licensee) = (Licensee::new(3)?, AccountId::from(3));
    let expected = [
        PayError::NotLicensee { license: ZERO, licensee }.into(),
        RegisterLicenseError::ParentPrivate { parent: ZERO, licensee }.into(),
    ];
    assert_eq!(refusals(&|version| version.licensee = number)?, expected);
    Ok(())
}

/// The resources that the meter counted are those that the witness has.
#[test]
fn updates_are_counted_exactly() -> TestResult<()> {
    let mut test = TestLedger::funded(BatchClass::TINY, 5, BALANCE)?;
    let holders = [(account(2), 700_000), (account(3), 300_000)];
    let first = test.register(1, 10, 0, &holders)?;
    let parts = [(account(4), 500_000), (license(first), 500_000)];
    let mut all = vec![first, test.register(1, 10, 0, &parts)?];
    for _ in 2..16 {
        test.now += 1;
        all.push(test.register(1, 10, 0, &[(account(5), 1_000_000)])?);
        test.seal()?;
    }
    test.sealed.clear();
    // One license and its parent, then all that a batch takes, among payments and a registration.
    let batches = [vec![1], vec![0, 1], all[..13].to_vec()];
    for updated in batches {
        let registers = updated.len() == 2;
        for id in &updated {
            admitted(&mut test, 1, update(*id, version(11)?))?;
        }
        if registers {
            let operation = test.registration(1, 0, &parts)?;
            admitted(&mut test, 4, operation)?;
        }
        let sealed = test.seal()?.ok_or("nothing sealed")?;
        let (counts, witness) = (sealed.counts, &sealed.witness);
        assert_exact(witness);
        let limbs = witness.public_data.limbs().len();
        let nodes = witness.account_nodes.len() + witness.license_nodes.len();
        let (intents, accounts) = (witness.intents.len(), witness.accounts.len());
        let lines = |change: &farthing_protocol::LicenseChange| change.terms.shares.holders().len();
        let tables: usize = witness.licenses.iter().map(|change| lines(change).div_ceil(8)).sum();
        let new = witness.licenses.iter().filter(|change| change.old.is_none());
        // The origin, and the holder chain.
        let origins: usize = new.clone().map(|change| 2 + lines(change)).sum();
        let permutations = 2
            + 3 * 8
            + 4 * intents
            + intents.div_ceil(4)
            + 3 * accounts
            + 3 * witness.licenses.len()
            + tables
            + origins
            + 2 * nodes
            + limbs.div_ceil(8);
        assert_eq!(counts.registrations as usize, updated.len() + new.count());
        assert_eq!(counts.parents, u32::from(registers));
        assert_eq!(counts.limbs as usize, limbs);
        assert_eq!(counts.nodes as usize, nodes);
        assert_eq!(counts.licenses as usize, witness.licenses.len());
        assert_eq!(counts.permutations as usize, permutations);
        let updates = witness.public_data.records()?;
        let updates = updates.iter().filter(|r| matches!(r, Record::UpdatedLicense(_)));
        assert_eq!(updates.count(), updated.len());
    }
    Ok(())
}

#[test]
fn a_batch_takes_as_many_updates_as_registrations() -> TestResult<()> {
    let mut test = TestLedger::funded(BatchClass::TINY, 2, BALANCE)?;
    for _ in 0..16 {
        test.register(1, 10, 0, &[(account(2), 1_000_000)])?;
    }
    test.seal()?;
    for id in 0..15 {
        admitted(&mut test, 1, update(id, version(11)?))?;
    }
    let answer = submit(&mut test, 1, update(15, version(11)?))?;
    let Err(AdmitError::BatchFull(full)) = answer else { return Err(format!("{answer:?}").into()) };
    assert_eq!((full.resource, full.needed, full.capacity), ("registrations", 16, 15));
    let sealed = test.seal()?.ok_or("nothing sealed")?;
    assert_exact(&sealed.witness);
    admitted(&mut test, 1, update(15, version(11)?))
}
