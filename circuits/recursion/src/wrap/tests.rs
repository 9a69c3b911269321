//! Wrapped leaves of the tiny class.

mod recommitted;
mod tampering;

use std::sync::LazyLock;

use p3_field::PrimeCharacteristicRing;
use plonky2::field::types::Field;
use plonky2::hash::hash_types::HashOut;
use plonky2::hash::merkle_tree::MerkleCap;
use plonky2::iop::target::Target;

use farthing_airs::{FriSettings, LeafClass, LeafKey, Profile, Statement, Table, prove_leaf_under};
use farthing_ledger::{Durability, Genesis, Ledger};
use farthing_plonky2::{F, Poseidon2Config, from_felt};
use farthing_protocol::{
    AccountIdentity, Address, BlockStatement, Domain, Felt, PROTOCOL_VERSION, STATEMENT_ELEMENTS,
    TIME_BITS, UnixTime, position,
};

use super::{WrapCircuit, WrapError, check_statement, gates, system};
use crate::aggregate::NodeShape;
use crate::circuit::{InnerKey, InnerVerifier};
use crate::enforced_checks::{Check, Gadget, Verdict, verdict};
use crate::proof::ProofParts;
use crate::security::tests::{NODE_LOG_ROWS, WRAP_LOG_ROWS};
use crate::settings::CircuitSettings;
use crate::shape::Shape;
use crate::tests::{BatchInfo, Honest, SETTINGS, Setup, leaf};

/// Little soundness, for speed.
const CIRCUIT: CircuitSettings = CircuitSettings { queries: 2, query_pow: 2 };

struct Wrapping {
    setup: Setup,
    circuit: WrapCircuit,
}

static WRAPPING: LazyLock<Wrapping> = LazyLock::new(|| {
    let setup = Setup::new(&leaf(&SETTINGS, &BatchInfo::nth(0)).1, SETTINGS);
    let circuit = WrapCircuit::of_system(&setup.system(), CIRCUIT).expect("circuit");
    Wrapping { setup, circuit }
});

impl Wrapping {
    fn parts(&self, honest: &Honest) -> ProofParts<F> {
        self.setup.replay(&self.setup.prove(honest), &honest.public_values).parts
    }

    fn accepts(&self, statement: &Statement, parts: &ProofParts<F>) -> bool {
        let proof = self.circuit.prove_parts(statement, parts);
        proof.is_ok_and(|proof| self.circuit.verify(&proof).is_ok())
    }
}

#[test]
fn a_wrap_says_what_the_batch_says() {
    let (statement, honest) = leaf(&SETTINGS, &BatchInfo::nth(3));
    let wrapping = &*WRAPPING;
    let parts = wrapping.parts(&honest);
    let proof = wrapping.circuit.prove_parts(&statement.elements(), &parts).expect("proof");
    let range = wrapping.circuit.verify(&proof).expect("valid");
    assert_eq!(range.block_statement(), BlockStatement::join(&[statement]).ok());
    assert_eq!((range.batches_root, range.log_leaves), (statement.digest(), 0));
    assert_eq!(range.first_time, range.last_time);
}

/// No public word can be another than the leaf's.
#[test]
fn every_word_is_bound() {
    let (statement, honest) = leaf(&SETTINGS, &BatchInfo::nth(3));
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
    let word = position::VERSION;
    for value in [PROTOCOL_VERSION - 1, PROTOCOL_VERSION + 1, 0].map(Felt::from_u32) {
        let (statement, mut honest) = leaf(&SETTINGS, &BatchInfo::nth(0));
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

/// Checks of the wrap beside the leaf: another version, and the first number that is not a time.
pub(crate) fn forge(check: Check, element: usize) -> Verdict {
    let gadget = || {
        Gadget::new(|builder| {
            let statement: [Target; STATEMENT_ELEMENTS] =
                core::array::from_fn(|_| builder.add_virtual_target());
            check_statement(builder, &statement);
            statement.to_vec()
        })
    };
    let mut honest = leaf(&SETTINGS, &BatchInfo::nth(0)).0.elements().map(from_felt);
    honest[position::TIMESTAMP] = F::from_canonical_u64((1 << TIME_BITS) - 1);
    let mut forged = honest;
    match check {
        Check::Version => forged[position::VERSION] += F::ONE,
        Check::Time => forged[position::TIMESTAMP] += F::ONE,
        other => panic!("{other:?} is not of a statement"),
    }
    verdict(check, element, gadget, &honest, &forged)
}

/// Public inputs of a finished proof are bound.
#[test]
fn changed_public_inputs_are_refused() {
    let (statement, honest) = leaf(&SETTINGS, &BatchInfo::nth(0));
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
    let range = circuit.verify(&wrapped).expect("valid");
    assert_eq!(range.batches_root, statement.digest());

    let mut other = statement.elements();
    other[position::NUMBER] += Felt::ONE;
    assert!(matches!(circuit.prove(&key, &other, &proof), Err(WrapError::Leaf(_))));
}

/// Of every class, and of lifts and joins over all of them: one power of two more would double their time
/// and take bits.
#[test]
fn circuits_have_no_more_rows_than_their_security_counts() {
    for profile in [Profile::Proven, Profile::Conjectured] {
        let settings = CircuitSettings::of(profile);
        let wraps = LeafClass::ALL.map(|class| {
            let key = LeafKey::new(class, FriSettings::of_class(class, profile)).expect("setup");
            let log_heights: Vec<usize> = key.tables().iter().map(Table::log_height).collect();
            let system = system(&key, &log_heights);
            let shape = Shape::new(&system).expect("shape");
            let (builder, _) = gates(&system, &shape, settings).expect("gates");
            let rows = builder.num_gates();
            let common = builder.mock_build::<Poseidon2Config>().common;
            let log_rows = common.degree_bits();
            assert!(log_rows <= WRAP_LOG_ROWS, "{}: {rows}, 2^{log_rows}", class.batch.name);
            // A shape does not depend on keys.
            let cap = MerkleCap(vec![HashOut::ZERO; common.config.fri_config.num_cap_elements()]);
            let key = InnerKey { constants_sigmas_cap: cap, circuit_digest: HashOut::ZERO };
            InnerVerifier { verifier_only: key, common }
        });
        let shape = NodeShape::of(&wraps.iter().collect::<Vec<_>>(), settings).expect("a shape");
        let log_rows = shape.0.degree_bits();
        assert_eq!(log_rows, NODE_LOG_ROWS, "lifts and joins");
    }
}
