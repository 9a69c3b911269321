//! What the ledger seals has traces that check, and proofs.

use p3_matrix::dense::RowMajorMatrix;

use farthing_ledger::BatchWitness;
use farthing_protocol::Felt;

use crate::check::{Checker, Report};
use crate::class::BatchClass;
use crate::leaf::leaf_traces;
use crate::table::Table;
use crate::tests::state::world::{
    World, account_holder, deposit, exit, parent, pay, register, transfer, withdraw,
};
use crate::{prove_leaf, verify_leaf};

/// The traces of a sealed batch.
pub(crate) fn traces(witness: &BatchWitness) -> (Vec<Table>, Vec<RowMajorMatrix<Felt>>) {
    let tables = Table::of_class(&BatchClass::TINY);
    let traces = leaf_traces(&BatchClass::TINY, &tables, witness).expect("the batch fits");
    (tables, traces)
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

fn assert_proves(witness: &BatchWitness) {
    let class = &BatchClass::TINY;
    let proof = prove_leaf(class, witness).expect("a proof");
    verify_leaf(class, &witness.statement, &proof).expect("valid");
}

/// Deposit, open, register, pay, transfer, withdraw, all in one batch.
pub(crate) fn first_batch() -> BatchWitness {
    let mut world = World::new();
    world.consume(deposit(1, 5_000_000));
    let creator = world.open(2);
    world.admit(1, 1, 3, register(100, 1000, 1, &[(account_holder(creator), 1_000_000)]));
    world.admit(1, 1, 5, pay(0, 11, 100));
    world.admit(1, 1, 0, transfer(creator, 2_500));
    world.admit(2, creator, 0, withdraw(2_000));
    world.seal()
}

#[test]
fn first_batch_checks() {
    assert_checks(&first_batch());
}

#[test]
fn first_batch_proves() {
    assert_proves(&first_batch());
}

#[test]
fn empty_batch_proves() {
    let witness = World::new().seal();
    assert_checks(&witness);
    assert_proves(&witness);
}
