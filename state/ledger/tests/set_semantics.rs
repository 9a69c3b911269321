//! A batch is a set: its order says nothing.

mod support;

use farthing_ledger::{BatchContents, ExecutionError, OperationError, execute_batch};
use farthing_protocol::{
    BatchClass, IntentWitness, LicenseId, LicenseStatus, LicenseVersion, Operation,
};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use support::memory::{Memory, contents_of};
use support::{TestLedger, TestResult, account, identity, license, owner, update, version};

/// A ledger with licenses, one derived from another, and a batch of everything on top.
fn busy_batch(rng: &mut ChaCha8Rng) -> TestResult<(TestLedger, Memory, BatchContents)> {
    let mut test = TestLedger::funded(BatchClass::TINY, 8, 10_000_000)?;
    test.register(1, 3, 100_000, &[(account(1), 400_001), (account(2), 599_999)])?;
    test.register(2, 5, 0, &[(account(3), 500_000), (account(4), 250_000), (license(0), 250_000)])?;
    test.seal()?;
    let before = Memory::of(&test.ledger)?;

    let newcomer = test.open()?;
    test.deposit(newcomer, 50_000)?;
    test.forced_exit(owner(8), 8)?;
    test.forced_exit(owner(8), 7)?;
    let derived = test.register(3, 9, 0, &[(account(newcomer), 700_000), (license(1), 300_000)])?;
    let paused = LicenseVersion { status: LicenseStatus::Paused, ..version(4)? };
    for (licensor, operation) in [(1, update(0, paused)), (2, update(1, version(6)?))] {
        let intent = test.intent(licensor, 1, operation)?;
        let signed = test.sign(intent);
        test.submit_once(&signed)??;
    }
    for _ in 0..10 {
        let payer = rng.random_range(1..=7);
        let operation = match rng.random_range(0..4) {
            0 => TestLedger::transfer(rng.random_range(0..=8), rng.random_range(0..5_000))?,
            1 => TestLedger::withdraw(2_000)?,
            2 => test.pay(derived, rng.random_range(1..50))?,
            _ => test.pay(rng.random_range(0..2), rng.random_range(1..90))?,
        };
        let intent = test.intent(payer, rng.random_range(0..3), operation)?;
        let signed = test.sign(intent);
        test.submit_once(&signed)??;
    }
    test.sealed.clear();
    let sealed = test.seal()?.ok_or("nothing sealed")?;
    Ok((test, before, contents_of(sealed.witness)))
}

#[test]
fn any_permutation_settles_to_the_same() -> TestResult<()> {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    for _ in 0..20 {
        let (test, before, contents) = busy_batch(&mut rng)?;
        let number = farthing_protocol::BatchNumber::new(test.ledger.next_batch().get() - 1)?;
        let sealed = test.ledger.batch(number)?.ok_or("not stored")?;
        for _ in 0..10 {
            let mut permuted = contents.clone();
            permuted.intents.shuffle(&mut rng);
            permuted.opened.shuffle(&mut rng);
            let settled = execute_batch(&before, &permuted, test.time())?;
            assert_eq!(settled.accounts, sealed.accounts);
            assert_eq!(settled.licenses, sealed.licenses);
            assert_eq!(settled.withdrawals, sealed.withdrawals);
            assert_eq!(settled.intents, sealed.intents);
            assert_eq!(settled.queue, sealed.queue);
        }
    }
    Ok(())
}

/// Two ledgers admit the same intents of different accounts in different orders: one root.
#[test]
fn arrival_order_of_independent_accounts_does_not_move_the_root() -> TestResult<()> {
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    let mut roots = Vec::new();
    for _ in 0..4 {
        let mut test = TestLedger::funded(BatchClass::TINY, 8, 1_000_000)?;
        test.register(1, 3, 0, &[(account(1), 1), (account(2), 999_999)])?;
        test.seal()?;
        let mut payers: Vec<u32> = (1..=8).collect();
        payers.shuffle(&mut rng);
        for payer in payers {
            let operation = test.pay(0, u64::from(payer) * 31)?;
            let intent = test.intent(payer, u64::from(payer), operation)?;
            let signed = test.sign(intent);
            test.submit_once(&signed)??;
        }
        let statement = test.seal()?.ok_or("nothing sealed")?.witness.statement;
        roots.push(statement.digest());
    }
    assert!(roots.windows(2).all(|pair| pair[0] == pair[1]));
    Ok(())
}

fn execution_error(before: &Memory, contents: &BatchContents, time: u64) -> Option<ExecutionError> {
    execute_batch(before, contents, support::time(time)).err()
}

/// Settlement is the oracle of the circuits: it refuses an invalid batch by itself and does not
/// rely on admission.
#[test]
fn an_invalid_batch_does_not_settle() -> TestResult<()> {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let (test, before, contents) = busy_batch(&mut rng)?;
    let now = test.now;
    assert!(execution_error(&before, &contents, now).is_none());
    let tampered = |change: &dyn Fn(&mut BatchContents)| {
        let mut tampered = contents.clone();
        change(&mut tampered);
        execution_error(&before, &tampered, now)
    };
    let pay_of = |intents: &mut Vec<IntentWitness>,
                  change: &dyn Fn(&mut farthing_protocol::Pay)| {
        for intent in intents {
            if let Operation::Pay(pay) = &mut intent.signed.intent.operation {
                return change(pay);
            }
        }
    };

    let twice = tampered(&|c| c.intents.push(c.intents[0].clone()));
    assert!(matches!(twice, Some(ExecutionError::NonceNotNew { .. })), "{twice:?}");
    let expired = execution_error(&before, &contents, now + 61);
    assert!(matches!(expired, Some(ExecutionError::Expired(_))), "{expired:?}");
    let stranger = tampered(&|c| c.intents[0].key = identity(99).key);
    assert!(matches!(stranger, Some(ExecutionError::WrongSigner(_))), "{stranger:?}");
    let cheap = tampered(&|c| {
        pay_of(&mut c.intents, &|pay| pay.uses = farthing_protocol::Uses::MAX);
    });
    assert!(matches!(cheap, Some(ExecutionError::Operation(OperationError::Pay(_)))), "{cheap:?}");
    let nowhere = tampered(&|c| {
        pay_of(&mut c.intents, &|pay| pay.license = LicenseId::from(60));
    });
    assert!(
        matches!(nowhere, Some(ExecutionError::Operation(OperationError::Pay(_)))),
        "{nowhere:?}"
    );
    let opened_twice = tampered(&|c| c.opened.push(c.opened[0]));
    assert!(matches!(opened_twice, Some(ExecutionError::AlreadyOpen(_))), "{opened_twice:?}");
    let unopened = tampered(&|c| c.opened.clear());
    assert!(unopened.is_some());
    let number = tampered(&|c| {
        for intent in &mut c.intents {
            if intent.registers.is_some() {
                intent.registers = Some(LicenseId::from(0));
            }
        }
    });
    assert!(matches!(number, Some(ExecutionError::LicenseNumber(_))), "{number:?}");
    let mut poor = before;
    for account in poor.accounts.values_mut() {
        account.state.balance = farthing_protocol::Nano::ZERO;
    }
    let broke = execution_error(&poor, &contents, now);
    assert!(matches!(broke, Some(ExecutionError::Balance(_))), "{broke:?}");
    Ok(())
}

#[test]
fn an_empty_batch_moves_nothing() -> TestResult<()> {
    let mut test = TestLedger::funded(BatchClass::TINY, 1, 1)?;
    assert!(test.seal()?.is_none());
    let root = test.ledger.root();
    let sealed = test.ledger.seal_always(test.time())?;
    assert_eq!(sealed.witness.statement.header.new_root, root);
    assert_eq!(test.ledger.root(), root);
    assert_eq!(sealed.witness.accounts.len(), 1);
    let (ledger, _dir) = test.reopen(BatchClass::TINY)?;
    assert_eq!(ledger.root(), root);
    drop(ledger);
    Ok(())
}
