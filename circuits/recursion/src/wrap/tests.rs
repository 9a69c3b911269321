//! Wrapped leaves of the tiny class.

use std::sync::LazyLock;

use p3_field::PrimeCharacteristicRing;
use plonky2::iop::target::Target;
use plonky2::iop::witness::{PartialWitness, WitnessWrite};
use plonky2::plonk::circuit_data::CircuitConfig;

use farthing_airs::{FriSettings, LeafClass, LeafKey, Profile, Statement, Table, prove_leaf_under};
use farthing_ledger::{Durability, Genesis, Ledger};
use farthing_protocol::{
    AccountIdentity, Address, BlockStatement, Domain, Felt, STATEMENT_ELEMENTS, TIME_BITS,
    UnixTime, position,
};

use super::{InnerCircuit, WrapCircuit, WrapError, check_statement, gates, system};
use crate::checks::{Check, without};
use crate::field::{Builder, from_felt};
use crate::gate::Poseidon2Config;
use crate::proof::ProofParts;
use crate::settings::CircuitSettings;
use crate::shape::Shape;
use crate::tests::{Honest, SETTINGS, Setup, Told, leaf};

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

/// Neither the leaf nor the wrap proves another version.
#[test]
fn another_version_is_refused() {
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
        assert!(!WRAPPING.setup.accepts(&proof, &honest.public_values));
        let parts = WRAPPING.setup.replay(&proof, &honest.public_values).parts;
        assert!(!WRAPPING.accepts(&elements, &parts));
    }
}

/// What the wrap says of a statement beside the leaf.
#[test]
fn statements_are_checked() {
    let circuit = || {
        let mut builder = Builder::new(CircuitConfig::standard_recursion_config());
        let statement = core::array::from_fn(|_| builder.add_virtual_target());
        check_statement(&mut builder, &statement);
        (builder.build::<Poseidon2Config>(), statement)
    };
    let accepts =
        |(circuit, targets): &(InnerCircuit, [Target; STATEMENT_ELEMENTS]), word, value| {
            let mut elements = leaf(&SETTINGS, &Told::nth(0)).0.elements();
            elements[word] = Felt::new(value);
            let mut witness = PartialWitness::new();
            for (target, value) in targets.iter().zip(elements) {
                witness.set_target(*target, from_felt(value)).expect("assigned once");
            }
            let proof = circuit.prove(witness);
            proof.is_ok_and(|proof| circuit.verify(proof).is_ok())
        };
    let whole = circuit();
    assert!(accepts(&whole, position::TIMESTAMP, (1 << TIME_BITS) - 1));
    let lies = [
        (Check::Version, position::VERSION, 2),
        (Check::Time, position::TIMESTAMP, 1 << TIME_BITS),
    ];
    for (check, word, value) in lies {
        assert!(!accepts(&whole, word, value), "{check:?}");
        assert!(accepts(&without(check, circuit), word, value), "{check:?}");
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

/// Through the leaf's own key and proof of a batch that the ledger sealed, every table in it.
#[test]
fn a_leaf_proof_is_wrapped() {
    let class = LeafClass::TINY;
    let directory = tempfile::tempdir().expect("a directory");
    let operator = AccountIdentity::default();
    let domain = Domain { chain_id: 1, contract: Address::default() };
    let genesis = Genesis { domain, operator };
    let durability = Durability::Buffered;
    let mut ledger =
        Ledger::create(directory.path(), genesis, class.batch, durability).expect("a ledger");
    let witness = ledger.seal_always(UnixTime::MIN).expect("a batch").witness;
    let key = LeafKey::new(&class, SETTINGS).expect("setup");
    let proof = prove_leaf_under(&key, &class, &witness).expect("proof");
    let circuit = WrapCircuit::new(&key, CIRCUIT).expect("circuit");
    let statement = witness.statement;
    let wrapped = circuit.prove(&key, &statement.elements(), &proof).expect("wrapped");
    let span = circuit.verify(&wrapped).expect("valid");
    assert_eq!(span.batches_root, statement.digest());

    let mut other = statement.elements();
    other[position::NUMBER] += Felt::ONE;
    assert!(matches!(circuit.prove(&key, &other, &proof), Err(WrapError::Leaf(_))));
}

/// log₂ of the most rows that `security::tests` counts with; one more would double a wrap's time.
const LOG_ROWS_MAX: usize = 16;
/// Rows that building the circuit adds at most: public inputs, constants.
const ROWS_ADDED: usize = 400;

#[test]
fn wraps_of_every_class_have_no_more_rows_than_their_security_counts() {
    for profile in [Profile::Proven, Profile::Conjectured] {
        for class in LeafClass::ALL {
            let key = LeafKey::new(class, FriSettings::of_class(class, profile)).expect("setup");
            let log_heights: Vec<usize> = key.tables().iter().map(Table::log_height).collect();
            let system = system(&key, &log_heights);
            let shape = Shape::new(&system).expect("shape");
            let (builder, _) = gates(&system, &shape, CircuitSettings::of(profile)).expect("gates");
            let rows = builder.num_gates();
            assert!(rows + ROWS_ADDED <= 1 << LOG_ROWS_MAX, "{}: {rows}", class.batch.name);
        }
    }
}
