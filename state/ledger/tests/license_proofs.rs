//! Paths of licenses in the state of every earlier batch, against the roots that the batches state.

mod support;

use farthing_ledger::{Ledger, PastStateError};
use farthing_protocol::{BatchClass, BatchNumber, Digest, LicenseId, LicenseState};
use support::{TestLedger, TestResult, account, genesis, license};

/// The state after a number of batches, as the ledger had it then.
struct Then {
    end: BatchNumber,
    root: Digest,
    licenses: Vec<Option<LicenseState>>,
}

const IDS: u32 = 4;

fn note(test: &TestLedger) -> TestResult<Then> {
    let licenses = (0..IDS).map(|id| {
        let license = test.ledger.license(LicenseId::from(id))?;
        Ok(license.map(|license| license.state))
    });
    Ok(Then {
        end: test.ledger.next_batch(),
        root: test.ledger.root(),
        licenses: licenses.collect::<TestResult<_>>()?,
    })
}

/// Batches that register licenses, pay one or two of them, or none.
fn history() -> TestResult<(TestLedger, Vec<Then>)> {
    let mut test = TestLedger::funded(BatchClass::TINY, 5, 3_000_000)?;
    let mut states = vec![note(&test)?];
    test.register(1, 1_000, 100_000, &[(account(1), 600_000), (account(2), 400_000)])?;
    test.seal()?;
    states.push(note(&test)?);
    test.register(2, 33, 0, &[(account(3), 333_333), (license(0), 666_667)])?;
    test.seal()?;
    states.push(note(&test)?);
    for round in 0..4 {
        if round != 2 {
            let operation = test.pay(round % 2, 7)?;
            let intent = test.intent(1 + round % 2, 3, operation)?;
            let signed = test.sign(intent);
            test.submit(&signed)??;
        }
        test.deposit(50 + round, 77_777)?;
        test.now += 10;
        test.seal()?;
        states.push(note(&test)?);
    }
    Ok((test, states))
}

#[test]
fn licenses_have_paths_in_the_state_of_every_batch() -> TestResult<()> {
    let (test, states) = history()?;
    let reader = test.ledger.reader();
    let mut registered = 0;
    for then in &states {
        for (id, expected) in (0..IDS).map(LicenseId::from).zip(&then.licenses) {
            let proof = reader.license_proof(id, then.end)?;
            assert_eq!(proof.as_ref().map(|proof| proof.license.state), *expected, "{id}");
            if let Some(proof) = proof {
                assert_eq!(proof.state_root(), then.root, "license {id} before {}", then.end);
                registered += 1;
            }
        }
    }
    assert_eq!(registered, 1 + 2 * 5);
    let received = |then: &Then| then.licenses[0].map_or(0, |state| state.received.get());
    assert!(received(&states[2]) < received(&states[6]), "the license is paid in between");
    Ok(())
}

#[test]
fn a_state_to_come_stands_for_the_latest() -> TestResult<()> {
    let (test, states) = history()?;
    let latest = states.last().ok_or("no state")?;
    let reader = test.ledger.reader();
    let proof = reader.license_proof(LicenseId::MIN, BatchNumber::MAX)?.ok_or("registered")?;
    assert_eq!(proof.state_root(), latest.root);
    Ok(())
}

#[test]
fn states_before_a_restore_have_no_paths() -> TestResult<()> {
    let (test, states) = history()?;
    let end = states[2].end;
    let sealed = test.sealed.iter().map(|sealed| &sealed.witness);
    let batches = sealed.map(|batch| (batch.statement, batch.public_data.clone()));
    let dir = tempfile::tempdir()?;
    let restored = Ledger::restore(dir.path(), genesis(), BatchClass::TINY, batches)?;
    let reader = restored.reader();
    let latest = states.last().ok_or("no state")?;
    let proof = reader.license_proof(LicenseId::MIN, latest.end)?.ok_or("registered")?;
    assert_eq!(proof.state_root(), latest.root);
    let refused = reader.license_proof(LicenseId::MIN, end);
    assert!(matches!(refused, Err(PastStateError::NotKept { .. })));
    Ok(())
}
