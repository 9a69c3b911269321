//! Honest batches are proven.

use crate::check::Checker;
use crate::class::BatchClass;
use crate::config::{FriSettings, Profile};
use crate::prove::LeafKey;
use crate::tests::batches::{batch, leaf, leaf_with};
use crate::trace::{TraceError, signature_traces};
use crate::witness::SignedBatch;

/// Intents and signers: none, one, a full class of one, of several, of distinct signers.
const SIZES: [(usize, usize); 6] = [(0, 0), (1, 1), (5, 2), (16, 1), (16, 4), (16, 16)];

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
    for (intents, signers) in SIZES {
        assert_checks(&BatchClass::TINY, &batch(1, intents, signers));
    }
}

fn assert_proven(settings: FriSettings, batch: &SignedBatch) {
    let key = LeafKey::new(&BatchClass::TINY, settings).expect("setup");
    let (_, statement, traces) = leaf_with(&BatchClass::TINY, settings.sbox, batch, |_| ());
    let proof = key.prove(&statement, &traces).expect("proof");
    key.verify(&statement, &proof).expect("valid");
}

#[test]
fn every_size_is_proven() {
    for (intents, signers) in SIZES {
        assert_proven(FriSettings::of(Profile::Proven), &batch(2, intents, signers));
    }
}

#[test]
fn every_setting_proves() {
    let batch = batch(2, 16, 4);
    for settings in [
        FriSettings::of(Profile::Conjectured),
        FriSettings::fast_leaf(),
        FriSettings::narrow_leaf(),
    ] {
        assert_proven(settings, &batch);
    }
}

#[test]
fn every_class_but_the_largest_checks() {
    for class in [&BatchClass::K1, &BatchClass::K4, &BatchClass::K16] {
        assert_checks(class, &batch(3, 300, 40));
    }
}

#[test]
fn as_many_signers_as_the_class_holds() {
    let class = &BatchClass::K1;
    assert_checks(class, &batch(4, class.intents(), class.signers()));
}

#[test]
fn too_much_for_the_class_is_an_error() {
    let class = &BatchClass::TINY;
    assert!(matches!(
        signature_traces(class, &batch(5, 17, 4)),
        Err(TraceError::Intents { most: 16, got: 17 })
    ));
    let class = &BatchClass::K1;
    assert!(matches!(
        signature_traces(class, &batch(5, 200, 200)),
        Err(TraceError::Signers { most: 127, got: 200 })
    ));
}
