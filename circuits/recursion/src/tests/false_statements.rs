//! False statements, proven by an honest prover on traces that do not hold: commitments, openings
//! and folding are all in order, so that only the constraints, the sum of the lookups or the public
//! values can refuse.

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::Felt;

use super::harness::{SETTINGS, Setup, Verifier};
use super::table::Honest;
use super::toy_air::toys;
use crate::enforced_checks::{Check, omit_check};

/// A name and what it does to honest toys.
type ProverFault = (&'static str, fn(&mut Honest));

const LIES: [ProverFault; 11] = [
    ("first row is not the public value", |toys| toys.public_values[0][0] += Felt::ONE),
    ("second public value", |toys| toys.public_values[0][1] += Felt::ONE),
    ("last row is not the public value", |toys| toys.public_values[0][2] += Felt::ONE),
    ("a step of the recurrence, info to both sides", |toys| {
        for trace in 0..2 {
            let width = [2, 3][trace];
            toys.traces[trace].values[100 * width + 1] += Felt::ONE;
            toys.traces[trace].values[101 * width] += Felt::ONE;
        }
    }),
    ("a message never sent", |toys| toys.traces[1].values[3 * 7] += Felt::ONE),
    ("a message received twice", |toys| toys.traces[1].values[3 * 7 + 2] += Felt::ONE),
    ("a message not received", |toys| toys.traces[1].values[3 * 9 + 2] = Felt::ZERO),
    ("a step along the fixed column", |toys| toys.traces[2].values[40] += Felt::ONE),
    ("the last step", |toys| toys.traces[2].values[63] += Felt::ONE),
    ("a cube", |toys| toys.traces[3].values[5] += Felt::ONE),
    ("the first cube", |toys| toys.traces[3].values[0] += Felt::ONE),
];

#[test]
fn lies_are_refused() {
    let honest = toys();
    let setup = Setup::new(&honest, SETTINGS);
    let verifier = Verifier::new(&setup);
    for (name, lie) in LIES {
        let mut toys = honest.clone();
        lie(&mut toys);
        let proof = setup.prove(&toys);
        assert!(!setup.accepts(&proof, &toys.public_values), "p3: {name}");
        let replay = setup.replay(&proof, &toys.public_values);
        assert!(verifier.run(&replay.parts, &toys.public_values).is_none(), "circuit: {name}");
    }
}

/// The constraints and the sum of the lookups alone refuse.
#[test]
fn without_its_check_a_lie_is_accepted() {
    let honest = toys();
    let setup = Setup::new(&honest, SETTINGS);
    for (check, refused) in
        [(Check::Quotient, "a cube"), (Check::Terminals, "a message not received")]
    {
        let verifier = omit_check(check, || Verifier::new(&setup));
        let (_, lie) = LIES.iter().find(|(name, _)| *name == refused).expect("a lie");
        let mut toys = honest.clone();
        lie(&mut toys);
        let replay = setup.replay(&setup.prove(&toys), &toys.public_values);
        assert!(verifier.run(&replay.parts, &toys.public_values).is_some(), "{check:?}");
    }
}

#[test]
fn other_public_values_are_refused() {
    let honest = toys();
    let setup = Setup::new(&honest, SETTINGS);
    let verifier = Verifier::new(&setup);
    let proof = setup.prove(&honest);
    let replay = setup.replay(&proof, &honest.public_values);
    for position in 0..3 {
        let mut others = honest.public_values.clone();
        others[0][position] += Felt::ONE;
        assert!(verifier.run(&replay.parts, &others).is_none(), "{position}");
    }
}
