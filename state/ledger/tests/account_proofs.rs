//! Paths of accounts in the state of every earlier batch, against the roots that the batches state.

mod support;

use std::sync::atomic::{AtomicBool, Ordering};

use farthing_ledger::{Ledger, PastStateError, Reserve};
use farthing_protocol::{Account, AccountId, BatchClass, BatchNumber, Digest};
use support::{TestLedger, TestResult, account, genesis, license, owner};

/// The state after a number of batches, as the ledger had it then.
struct Then {
    end: BatchNumber,
    root: Digest,
    accounts: Vec<Option<Account>>,
}

const IDS: u32 = 12;

fn note(test: &TestLedger) -> TestResult<Then> {
    let accounts = (0..IDS).map(|id| test.ledger.account(AccountId::from(id)));
    Ok(Then {
        end: test.ledger.next_batch(),
        root: test.ledger.root(),
        accounts: accounts.collect::<Result<_, _>>()?,
    })
}

/// Batches that open accounts, pay, empty accounts and touch some accounts never again.
fn history() -> TestResult<(TestLedger, Vec<Then>)> {
    let mut test = TestLedger::funded(BatchClass::TINY, 5, 3_000_000)?;
    let mut states = vec![note(&test)?];
    test.register(1, 1_000, 100_000, &[(account(1), 600_000), (account(2), 400_000)])?;
    test.register(2, 33, 0, &[(account(3), 333_333), (license(0), 666_667)])?;
    test.seal()?;
    states.push(note(&test)?);
    for round in 0..3 {
        let operation = test.pay(round % 2, 7)?;
        let intent = test.intent(1 + round % 2, 3, operation)?;
        let signed = test.sign(intent);
        test.submit(&signed)??;
        test.deposit(50 + round, 77_777)?;
        test.forced_exit(owner(3 + round), 3 + round)?;
        test.now += 10;
        test.seal()?;
        states.push(note(&test)?);
    }
    Ok((test, states))
}

#[test]
fn accounts_have_paths_in_the_state_of_every_batch() -> TestResult<()> {
    let (test, states) = history()?;
    let reader = test.ledger.reader();
    let mut open = 0;
    for then in &states {
        for (id, expected) in (0..IDS).map(AccountId::from).zip(&then.accounts) {
            let proof = reader.account_proof(id, then.end)?;
            assert_eq!(proof.as_ref().map(|proof| proof.account), *expected, "{id}");
            if let Some(proof) = proof {
                assert_eq!(proof.state_root(), then.root, "account {id} before {}", then.end);
                open += 1;
            }
        }
    }
    let opened = |then: &Then| then.accounts.iter().flatten().count();
    assert_eq!(open, states.iter().map(opened).sum::<usize>());
    assert!(opened(&states[0]) < opened(&states[4]), "accounts are opened between the states");
    Ok(())
}

#[test]
fn a_state_to_come_stands_for_the_latest() -> TestResult<()> {
    let (test, states) = history()?;
    let latest = states.last().ok_or("no state")?;
    let reader = test.ledger.reader();
    let proof = reader.account_proof(AccountId::from(1), BatchNumber::MAX)?.ok_or("not open")?;
    assert_eq!(proof.state_root(), latest.root);
    Ok(())
}

#[test]
fn states_before_a_restore_have_no_paths() -> TestResult<()> {
    let (test, states) = history()?;
    let sealed = test.sealed.iter().map(|sealed| &sealed.witness);
    let batches = sealed.map(|batch| (batch.statement, batch.public_data.clone()));
    let dir = tempfile::tempdir()?;
    let restored = Ledger::restore(dir.path(), genesis(), BatchClass::TINY, batches)?;
    let Reserve { deposited, .. } = restored.reserve()?;
    assert_eq!(deposited, test.ledger.reserve()?.deposited);
    let reader = restored.reader();
    let latest = states.last().ok_or("no state")?;
    let proof = reader.account_proof(AccountId::from(1), latest.end)?.ok_or("not open")?;
    assert_eq!(proof.state_root(), latest.root);
    let refused = reader.account_proof(AccountId::from(1), states[1].end);
    assert!(matches!(refused, Err(PastStateError::NotKept { .. })));
    Ok(())
}

/// Batches that are sealed meanwhile neither change a path nor make it wait for them to end.
#[test]
fn paths_are_right_while_batches_come() -> TestResult<()> {
    let (mut test, states) = history()?;
    let (reader, then) = (test.ledger.reader(), &states[1]);
    let done = AtomicBool::new(false);
    let (asked, sealed) = std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let mut asked = 0;
            while asked == 0 || !done.load(Ordering::Relaxed) {
                for id in (0..IDS).map(AccountId::from) {
                    let proof = reader.account_proof(id, then.end).map_err(|e| e.to_string())?;
                    let roots = proof.iter().map(|proof| proof.state_root()).collect::<Vec<_>>();
                    assert!(roots.iter().all(|root| *root == then.root), "account {id}");
                    asked += roots.len();
                }
            }
            Ok::<usize, String>(asked)
        });
        let sealed = (0..20).try_for_each(|round| -> TestResult<()> {
            let operation = test.pay(round % 2, 3)?;
            let intent = test.intent(1 + round % 2, 3, operation)?;
            let signed = test.sign(intent);
            test.submit(&signed)??;
            test.now += 10;
            test.seal()?;
            Ok(())
        });
        done.store(true, Ordering::Relaxed);
        (asking.join(), sealed)
    });
    sealed?;
    assert!(asked.map_err(|_| "the reader panicked")?? > 0);
    Ok(())
}
