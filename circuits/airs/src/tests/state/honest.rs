//! Batches that the ledger seals have traces that check, and proofs.

use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::{BatchWitness, Felt, Holder};

use super::batches::{everything, full, one_payment, settled_world};
use super::test_ledger::{TestLedger, account_holder, deposit, pay, register};
use crate::check::{Checker, Report};
use crate::class::LeafClass;
use crate::gadgets::sbox::SBox;
use crate::leaf::leaf_traces;
use crate::tables::Table;
use crate::{LeafError, prove_leaf, verify_leaf};

/// The tables and traces of a sealed batch.
pub(crate) fn traces(witness: &BatchWitness) -> (Vec<Table>, Vec<RowMajorMatrix<Felt>>) {
    let tables = Table::of_class(&LeafClass::TINY, SBox::Direct);
    let traces = leaf_traces(&LeafClass::TINY, &tables, SBox::Direct, witness);
    (tables, traces.expect("the batch fits"))
}

pub(crate) fn check(witness: &BatchWitness) -> Report {
    let (tables, traces) = traces(witness);
    Checker::new(&tables, &witness.statement.elements()).check(&traces)
}

pub(crate) fn assert_checks(witness: &BatchWitness) {
    let report = check(witness);
    let violations: Vec<_> = report.violations.iter().take(8).collect();
    let imbalances: Vec<_> = report.imbalances.iter().take(8).collect();
    assert!(report.is_clean(), "{:?} {violations:#?} {imbalances:?}", report.culprits());
}

/// Constraints and buses hold, and the proof of the ledger's statement is valid.
pub(crate) fn assert_proves(witness: &BatchWitness) {
    assert_checks(witness);
    let class = &LeafClass::TINY;
    let proof = prove_leaf(class, witness).expect("a proof");
    verify_leaf(class, &witness.statement, &proof).expect("valid");
}

#[test]
fn empty_batch() {
    assert_proves(&TestLedger::new().seal());
    assert_proves(&settled_world().seal());
}

#[test]
fn one_payment_with_a_derivative_chain() {
    assert_proves(&one_payment());
}

#[test]
fn everything_at_once() {
    assert_proves(&everything());
}

#[test]
fn full_batch() {
    assert_proves(&full());
}

/// One block of lines, a full one, two blocks, two full ones: the sponge's edges.
#[test]
fn every_number_of_holders() {
    let mut world = TestLedger::new();
    for i in 1..=16 {
        world.consume(deposit(i, 1_000_000));
    }
    world.seal();
    for holders in 1..=16 {
        let each = 1_000_000 / holders;
        let lines: Vec<(Holder, u32)> = (1..=holders)
            .map(|i| {
                (account_holder(i), if i == 1 { 1_000_000 - each * (holders - 1) } else { each })
            })
            .collect();
        world.admit(1, 1, 0, register(10, 0, 1, &lines));
        world.admit(2, 2, 0, pay(holders - 1, 77, 10));
        assert_checks(&world.seal());
    }
}

/// The proof is of one statement: every element of it counts.
#[test]
fn statement_is_bound() {
    let witness = one_payment();
    let class = &LeafClass::TINY;
    let proof = prove_leaf(class, &witness).expect("a proof");
    let mut statement = witness.statement;
    statement.header.class = 1;
    let refused = verify_leaf(class, &statement, &proof);
    assert!(matches!(refused, Err(LeafError::Class { expected: 0, got: 1 })));
    let key = crate::LeafKey::new(class, crate::FriSettings::of(crate::Profile::Proven));
    let key = key.expect("setup");
    let elements = witness.statement.elements();
    assert!(key.verify(&elements, &proof).is_ok());
    for i in 0..elements.len() {
        let mut other = elements;
        other[i] += Felt::new(1);
        assert!(key.verify(&other, &proof).is_err(), "element {i}");
    }
}
