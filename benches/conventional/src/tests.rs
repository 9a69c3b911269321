//! The conventional design proves what it says and nothing false.

use std::sync::LazyLock;

use super::*;

const DEPTH: usize = 4;
const BALANCE: u64 = 1_000;
const LOG_ROWS: usize = 6;

static BASELINE: LazyLock<Baseline> =
    LazyLock::new(|| Baseline::new(DEPTH, LOG_ROWS).expect("a payment has room"));

fn payments(tree: &mut BaselineTree, amount: u64) -> Vec<PaymentWitness> {
    let count = BASELINE.payments_per_proof() as u32;
    let pay = |i| tree.pay(i % 7, (3 * i + 1) % 11, amount);
    (0..count).map(pay).collect::<Result<_, _>>().expect("the payers have funds")
}

#[test]
fn payments_are_proven_and_joined() -> Result<(), BaselineError> {
    let mut tree = BaselineTree::new(DEPTH, 11, BALANCE);
    let prove = |tree: &mut BaselineTree, amount| BASELINE.prove(&payments(tree, amount));
    let proofs = [5, 6, 7, 8]
        .map(|amount| prove(&mut tree, amount))
        .into_iter()
        .collect::<Result<Vec<_>, _>>()?;
    let left = BASELINE.join(&proofs[0], &proofs[1])?;
    let right = BASELINE.join(&proofs[2], &proofs[3])?;
    BASELINE.verify(&left)?;
    BASELINE.verify(&BASELINE.join_joined(&left, &right)?)?;
    assert!(BASELINE.join(&proofs[1], &proofs[0]).is_err(), "the roots do not join");
    assert!(BASELINE.join_joined(&right, &left).is_err(), "the roots do not join");
    assert!(BASELINE.log_rows()[0] <= LOG_ROWS);
    Ok(())
}

/// Witnesses that no tree gives.
#[test]
fn false_payments_are_refused() {
    let honest = payments(&mut BaselineTree::new(DEPTH, 11, BALANCE), 5);
    let refused = |reason: &str, lie: fn(&mut PaymentWitness)| {
        let mut witnesses = honest.clone();
        lie(&mut witnesses[0]);
        assert!(BASELINE.prove(&witnesses).is_err(), "{reason}");
    };
    refused("another balance", |payment| payment.payer.account.balance += 1);
    refused("another nonce", |payment| payment.receiver.account.nonce += 1);
    refused("another place", |payment| payment.payer.id ^= 1);
    refused("another path", |payment| payment.receiver.siblings.swap(0, 1));
    let mut short = honest.clone();
    short.pop();
    assert!(matches!(BASELINE.prove(&short), Err(BaselineError::Payments { .. })));
}

/// The only payment's roots are computed in the circuit, so nothing but the range check stands
/// in the way of paying more than one has.
#[test]
fn overdrafts_are_refused() {
    let mut tree = BaselineTree::new(DEPTH, 11, BALANCE);
    assert!(matches!(tree.pay(0, 1, BALANCE + 1), Err(BaselineError::Funds { .. })));
    let circuit = PaymentsCircuit::new(DEPTH, 1);
    let honest = tree.pay(0, 1, BALANCE).expect("the payer has funds");
    assert!(circuit.prove(std::slice::from_ref(&honest)).is_ok());
    let overdraft = PaymentWitness { amount: BALANCE + 1, ..honest };
    assert!(circuit.prove(&[overdraft]).is_err());
}
