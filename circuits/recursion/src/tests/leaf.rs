//! Real proofs in the circuit.

use farthing_airs::{FriSettings, Profile};

use super::batch::{BatchInfo, leaf};
use super::harness::{SETTINGS, Setup, Verifier, shown};
use super::table::Honest;
use super::toy_air::toys;

/// The circuit accepts what p3 accepts, and draws the challenges that p3 draws.
fn assert_agrees(honest: &Honest, settings: FriSettings) -> usize {
    let setup = Setup::new(honest, settings);
    let proof = setup.prove(honest);
    assert!(setup.accepts(&proof, &honest.public_values));
    let replay = setup.replay(&proof, &honest.public_values);
    let verifier = Verifier::new(&setup);
    let drawn = verifier.run(&replay.parts, &honest.public_values).expect("accepted");
    assert_eq!(drawn, shown(&replay.challenges));
    verifier.rows
}

#[test]
fn toys_agree() {
    let rows = assert_agrees(&toys(), SETTINGS);
    println!("toys: {rows} rows");
}

#[test]
fn a_leaf_agrees() {
    let rows = assert_agrees(&leaf(&SETTINGS, &BatchInfo::nth(0)).1, SETTINGS);
    println!("tiny leaf: {rows} rows");
}

#[test]
fn parameters_of_every_kind_agree() {
    let plain = FriSettings {
        log_blowup: 2,
        queries: 1,
        query_pow: 0,
        batch_pow: 0,
        commit_pow: 0,
        point_pow: 0,
        lookup_pow: 0,
        ..FriSettings::of(Profile::Proven)
    };
    assert_agrees(&toys(), plain);
}
