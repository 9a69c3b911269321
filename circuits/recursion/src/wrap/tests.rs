//! Wrapped leaves of the tiny class.

use std::sync::LazyLock;

use p3_field::PrimeCharacteristicRing;

use farthing_airs::{LeafClass, LeafKey, Statement, close, signature_traces};
use farthing_protocol::{BlockStatement, Felt, position};

use super::{WrapCircuit, WrapError};
use crate::proof::ProofParts;
use crate::settings::CircuitSettings;
use crate::tests::{Honest, SETTINGS, Setup, Told, leaf, statement, transfer_batch};

/// Little soundness, for speed.
const CIRCUIT: CircuitSettings = CircuitSettings { queries: 2, query_pow: 2 };

struct Wrapping {
    setup: Setup,
    circuit: WrapCircuit,
}

static WRAPPING: LazyLock<Wrapping> = LazyLock::new(|| {
    let setup = Setup::new(&leaf(&SETTINGS, &Told::nth(0)).1, SETTINGS);
    let circuit = WrapCircuit::of_system(&setup.system(), CIRCUIT).expect("circuit");
    Wrapping { setup, circuit }
});

impl Wrapping {
    fn parts(&self, honest: &Honest) -> ProofParts<crate::field::F> {
        self.setup.replay(&self.setup.prove(honest), &honest.public_values).parts
    }

    fn accepts(&self, statement: &Statement, parts: &ProofParts<crate::field::F>) -> bool {
        let proof = self.circuit.prove_parts(statement, parts);
        proof.is_ok_and(|proof| self.circuit.verify(&proof).is_ok())
    }
}

#[test]
fn a_wrap_says_what_the_batch_says() {
    let (statement, honest) = leaf(&SETTINGS, &Told::nth(3));
    let wrapping = &*WRAPPING;
    let parts = wrapping.parts(&honest);
    let proof = wrapping.circuit.prove_parts(&statement.elements(), &parts).expect("proof");
    let span = wrapping.circuit.verify(&proof).expect("valid");
    assert_eq!(span.block_statement(), BlockStatement::join(&[statement]).ok());
    assert_eq!((span.batches_root, span.log_leaves), (statement.digest(), 0));
    assert_eq!(span.first_time, span.last_time);
}

/// No public word can be another than the leaf's.
#[test]
fn every_word_is_bound() {
    let (statement, honest) = leaf(&SETTINGS, &Told::nth(3));
    let parts = WRAPPING.parts(&honest);
    for word in 0..statement.elements().len() {
        let mut elements = statement.elements();
        elements[word] += Felt::ONE;
        assert!(!WRAPPING.accepts(&elements, &parts), "word {word}");
    }
}

/// The signature half would prove these; the wrap does not.
#[test]
fn version_and_time_are_checked() {
    let lies: [(usize, Felt); 2] =
        [(position::VERSION, Felt::new(2)), (position::VERSION, Felt::ZERO)];
    for (word, value) in lies {
        let (statement, mut honest) = leaf(&SETTINGS, &Told::nth(0));
        let mut elements = statement.elements();
        elements[word] = value;
        for values in honest.public_values.iter_mut().filter(|values| !values.is_empty()) {
            values[word] = value;
        }
        let proof = WRAPPING.setup.prove(&honest);
        assert!(WRAPPING.setup.accepts(&proof, &honest.public_values), "a leaf says so");
        let parts = WRAPPING.setup.replay(&proof, &honest.public_values).parts;
        assert!(!WRAPPING.accepts(&elements, &parts));
    }
}

/// Public inputs of a finished proof are bound.
#[test]
fn changed_public_inputs_are_refused() {
    let (statement, honest) = leaf(&SETTINGS, &Told::nth(0));
    let parts = WRAPPING.parts(&honest);
    let proof = WRAPPING.circuit.prove_parts(&statement.elements(), &parts).expect("proof");
    for word in 0..proof.0.public_inputs.len() {
        let mut changed = proof.clone();
        changed.0.public_inputs[word] += plonky2::field::types::Field::ONE;
        assert!(WRAPPING.circuit.verify(&changed).is_err(), "word {word}");
    }
}

/// Through the leaf's own key and proof: a batch without intents sends the state's tables nothing.
#[test]
fn a_leaf_proof_is_wrapped() {
    let class = LeafClass::TINY;
    let told = Told { transfers: 0, ..Told::nth(0) };
    let key = LeafKey::new(&class, SETTINGS).expect("setup");
    let signature = signature_traces(&class, &transfer_batch(&told)).expect("the batch fits");
    let statement = statement(&told, signature.receipts_root);
    let traces =
        close(&class, SETTINGS.sbox, key.tables(), signature, vec![]).expect("the batch fits");
    let proof = key.prove(&statement.elements(), &traces).expect("proof");
    let circuit = WrapCircuit::new(&key, CIRCUIT).expect("circuit");
    let wrapped = circuit.prove(&key, &statement.elements(), &proof).expect("wrapped");
    let span = circuit.verify(&wrapped).expect("valid");
    assert_eq!(span.batches_root, statement.digest());

    let mut other = statement.elements();
    other[position::NUMBER] += Felt::ONE;
    assert!(matches!(circuit.prove(&key, &other, &proof), Err(WrapError::Leaf(_))));
}
