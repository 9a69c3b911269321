//! Honest batches are proven.

use crate::check::Checker;
use crate::class::BatchClass;
use crate::config::{FriSettings, Profile};
use crate::prove::LeafKey;
use crate::table::Table;
use crate::tests::batches::{batch, leaf};
use crate::witness::SignedBatch;

fn assert_checks(class: &BatchClass, batch: &SignedBatch) {
    let (tables, statement, traces) = leaf(class, batch);
    let report = Checker::new(&tables, &statement).check(&traces);
    assert!(
        report.is_clean(),
        "{:?} {:#?}",
        report.culprits(),
        &report.violations.iter().take(5).collect::<Vec<_>>()
    );
}

#[test]
fn constraints_hold() {
    for (intents, signers) in [(16, 4), (0, 0), (1, 1), (16, 1), (16, 16), (5, 2)] {
        assert_checks(&BatchClass::TINY, &batch(1, intents, signers));
    }
}

#[test]
fn proof_of_a_tiny_batch() {
    let tables = Table::with_sink(&BatchClass::TINY);
    let key = LeafKey::of_tables(tables, FriSettings::of(Profile::Proven)).expect("setup");
    let (_, statement, traces) = leaf(&BatchClass::TINY, &batch(2, 16, 4));
    let proof = key.prove(&statement, &traces).expect("proof");
    key.verify(&statement, &proof).expect("valid");
}
