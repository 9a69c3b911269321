//! Final proofs: of small circuits over toy leaves, and the one that the contract's tests have.

pub(crate) mod forgery;
mod transcripts;

use std::sync::LazyLock;

use plonky2::field::types::Field;
use plonky2::hash::hash_types::HashOut;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use farthing_airs::FriSettings;
use farthing_plonky2::{F, ProofSettings, from_felt};
use farthing_protocol::{BatchStatement, BlockStatement, Digest, Felt, MODULUS};
use farthing_testkit::full;

use super::proof::{ELEMENT_BYTES, ProofLayout};
use super::{
    FinalCircuit, FinalError, FinalKey, FinalProof, FinalSettings, ProofBytesError, ProverFault,
    ShrinkCircuit, ShrinkProof, forge,
};
use crate::aggregate::tests::OLD_ROOT;
use crate::aggregate::{Aggregation, Join, NodeKeys, NodeProof, NodeShape};
use crate::enforced_checks::{Below, Check, Verdict, omit_check, omit_element};
use crate::settings::CircuitSettings;
use crate::tests::{BatchInfo, SETTINGS, Setup, leaf};
use crate::wrap::WrapCircuit;

/// Little soundness, for speed.
const CIRCUIT: CircuitSettings = CircuitSettings { queries: 2, query_pow: 2 };
const FINAL: FinalSettings = FinalSettings {
    shrink: ProofSettings {
        log_blowup: 3,
        queries: 2,
        query_pow: 2,
        challenges: 2,
        log_arity: 4,
        log_final_poly_len: 5,
    },
    final_circuit: ProofSettings {
        log_blowup: 3,
        queries: 2,
        query_pow: 8,
        challenges: 2,
        log_arity: 3,
        log_final_poly_len: 6,
    },
};

/// Nodes of toy leaves, and the circuits above them.
struct Small {
    statements: Vec<BatchStatement>,
    nodes: Vec<NodeProof>,
    aggregation: Aggregation,
    shrink: ShrinkCircuit,
    final_circuit: FinalCircuit,
}

static SMALL: LazyLock<Small> = LazyLock::new(|| {
    let (statements, nodes, aggregation) = lifted(&SETTINGS, 3);
    let shrink = ShrinkCircuit::new(aggregation.node_keys(), FINAL.shrink).expect("circuit");
    let final_circuit = FinalCircuit::new(&shrink, FINAL.final_circuit).expect("circuit");
    Small { statements, nodes, aggregation, shrink, final_circuit }
});

fn lifted(
    settings: &FriSettings,
    count: u64,
) -> (Vec<BatchStatement>, Vec<NodeProof>, Aggregation) {
    let setup = Setup::new(&leaf(settings, &BatchInfo::nth(0)).1, *settings);
    let wrap = WrapCircuit::of_system(&setup.system(), CIRCUIT).expect("circuit");
    let aggregation = Aggregation::new(&[&wrap], CIRCUIT).expect("circuits");
    let nodes = (0..count).map(|i| {
        let (statement, honest) = leaf(settings, &BatchInfo::nth(i));
        let proof = setup.prove(&honest);
        let parts = setup.replay(&proof, &honest.public_values).parts;
        let wrapped = wrap.prove_parts(&statement.elements(), &parts).expect("wrapped");
        (statement, aggregation.lift(0, &wrapped).expect("lifted"))
    });
    let (statements, nodes) = nodes.unzip();
    (statements, nodes, aggregation)
}

impl Small {
    fn finish(&self, node: &NodeProof) -> Result<FinalProof, FinalError> {
        self.final_circuit.prove(&self.shrink.prove(self.aggregation.node_keys(), node)?)
    }

    /// Tells whether a node becomes a final proof of any statement.
    fn finishes(&self, node: &NodeProof, statement: &BlockStatement) -> bool {
        let proof = self.finish(node);
        proof.is_ok_and(|proof| self.final_circuit.key().verify(statement, &proof).is_ok())
    }

    fn statement(&self, batches: core::ops::Range<usize>) -> BlockStatement {
        BlockStatement::join(&self.statements[batches]).expect("consecutive")
    }
}

#[test]
fn lifts_and_joins_become_final_proofs() {
    let small = &*SMALL;
    let joined = small.aggregation.join(&small.nodes[0], &small.nodes[1]).expect("joined");
    let three = small.aggregation.join(&joined, &small.nodes[2]).expect("joined");
    let key = small.final_circuit.key();
    for (node, batches) in [(&small.nodes[1], 1..2), (&joined, 0..2), (&three, 0..3)] {
        let statement = small.statement(batches);
        let proof = small.finish(node).expect("proven");
        key.verify(&statement, &proof).expect("valid");
        assert_eq!(key.decode(proof.as_bytes().to_vec()).expect("canonical"), proof);
        assert!(key.verify(&small.statement(0..1), &proof).is_err(), "of another block");
    }
}

#[test]
fn every_element_of_the_statement_is_bound() {
    let small = &*SMALL;
    let proof = small.finish(&small.nodes[0]).expect("proven");
    let key = small.final_circuit.key();
    let elements = small.statement(0..1).elements().map(from_felt);
    let valid = |elements: &[F]| {
        let read = ProofLayout::of(key.common()).read(&proof, elements.to_vec());
        key.data.verify(read.expect("canonical")).is_ok()
    };
    assert!(valid(&elements));
    for index in 0..elements.len() {
        let mut changed = elements;
        changed[index] += F::ONE;
        assert!(!valid(&changed), "element {index}");
    }
}

/// A join under a made-up key of joins is a proof of the join's circuit; it is refused here as by
/// [`Aggregation::verify`].
#[test]
fn made_up_keys_are_refused() {
    let small = &*SMALL;
    let nodes = small.aggregation.node_keys();
    let mut own = nodes.join.circuit_digest;
    own.elements[0] += F::ONE;
    let lift = nodes.key_of(small.nodes[0].kind()).expect("known");
    let children = [&small.nodes[0], &small.nodes[1]];
    let made_up =
        small.aggregation.join.prove_claiming(children, [lift; 2], own).expect("provable");
    assert!(!small.finishes(&made_up, &small.statement(0..2)));
}

/// Nodes over leaves of another circuit are refused, with their own keys too.
#[test]
fn other_circuits_are_refused() {
    let other = FriSettings { query_pow: 5, ..SETTINGS };
    let (statements, nodes, aggregation) = lifted(&other, 1);
    let statement = BlockStatement::join(&statements).expect("one");
    assert!(aggregation.verify(&nodes[0]).is_ok());
    assert!(!SMALL.finishes(&nodes[0], &statement), "under the keys here");
    let shrunk = SMALL.shrink.prove(aggregation.node_keys(), &nodes[0]);
    let proof = shrunk.and_then(|shrunk| SMALL.final_circuit.prove(&shrunk));
    let key = SMALL.final_circuit.key();
    assert!(!proof.is_ok_and(|proof| key.verify(&statement, &proof).is_ok()), "under its own");
}

/// Proofs below are verified: a node of another statement is not shrunk, and a shrunk one of another
/// is not a final proof.
pub(crate) fn forge_child(below: Below, element: usize) -> Verdict {
    let small = &*SMALL;
    let nodes = small.aggregation.node_keys();
    let honest = small.statement(0..1);
    if below == Below::Last {
        let shrinks = |shrink: &ShrinkCircuit, node: &NodeProof| {
            let proof = shrink.prove(nodes, node);
            proof.is_ok_and(|proof| shrink.circuit.verify(proof.0).is_ok())
        };
        let mut forged = small.nodes[0].clone();
        forged.change_public_input(OLD_ROOT);
        let shrink = || ShrinkCircuit::new(nodes, FINAL.shrink).expect("circuit");
        return Verdict {
            honest: shrinks(&small.shrink, &small.nodes[0]),
            whole: shrinks(&small.shrink, &forged),
            weakened: shrinks(&omit_element(Check::Child, element, shrink), &forged),
        };
    }
    let lie = BlockStatement { queue_from: honest.queue_to, ..honest };
    let shrunk = small.shrink.prove(nodes, &small.nodes[0]).expect("shrunk");
    let mut forged = shrunk.clone();
    forged.0.public_inputs = lie.elements().map(from_felt).to_vec();
    let finishes =
        |final_circuit: &FinalCircuit, shrunk: &ShrinkProof, statement: &BlockStatement| {
            let proof = final_circuit.prove(shrunk);
            proof.is_ok_and(|proof| final_circuit.key().verify(statement, &proof).is_ok())
        };
    let final_circuit = || FinalCircuit::new(&small.shrink, FINAL.final_circuit).expect("circuit");
    Verdict {
        honest: finishes(&small.final_circuit, &shrunk, &honest),
        whole: finishes(&small.final_circuit, &forged, &lie),
        weakened: finishes(&omit_element(Check::Child, element, final_circuit), &forged, &lie),
    }
}

/// A circuit of a join's shape that verifies nothing, as the last node, claims the true key of joins or its
/// own. Either way a final proof of a false block statement would be valid, if the shrinking circuit
/// compared no key, or the claim with itself; as it is there is none.
#[test]
fn rogue_joins_are_refused() {
    let small = &*SMALL;
    let nodes = small.aggregation.node_keys();
    let shape = NodeShape(nodes.common.clone());
    let (lifts, _) = small.aggregation.key_digests();
    let rogue = omit_check(Check::Child, || Join::build(&shape, &lifts, CIRCUIT).expect("circuit"));
    let lift = nodes.key_of(small.nodes[0].kind()).expect("known");
    let honest = small.statement(0..2);
    let mut root = honest.old_root.elements();
    root[0] += Felt::new(1);
    let lie = BlockStatement { old_root: Digest::new(root), ..honest };
    let mut left = small.nodes[0].clone();
    left.change_public_input(OLD_ROOT);
    // As the prover tells the shrinking circuit: a join under the rogue's key.
    let keys = NodeKeys { join: rogue.circuit.verifier_only.clone(), ..nodes.clone() };
    let forged_by = |shrink: &ShrinkCircuit, final_circuit: &FinalCircuit, own: HashOut<F>| {
        let children = [&left, &small.nodes[1]];
        let node = rogue.prove_claiming(children, [lift; 2], own).expect("provable");
        let proof = shrink.prove(&keys, &node).and_then(|shrunk| final_circuit.prove(&shrunk));
        proof.is_ok_and(|proof| final_circuit.key().verify(&lie, &proof).is_ok())
    };
    let (real, its_own) = (nodes.join.circuit_digest, rogue.circuit.verifier_only.circuit_digest);
    for (check, own) in [(Check::OwnKey, real), (Check::RealKey, its_own)] {
        assert!(!forged_by(&small.shrink, &small.final_circuit, own), "{check:?}");
        let shrink =
            omit_check(check, || ShrinkCircuit::new(nodes, FINAL.shrink).expect("circuit"));
        let final_circuit = FinalCircuit::new(&shrink, FINAL.final_circuit).expect("circuit");
        assert!(forged_by(&shrink, &final_circuit, own), "{check:?}");
    }
}

/// A prover who lies to the transcript alone makes a proof that one check refuses.
#[test]
fn forgeries_are_refused() {
    let small = &*SMALL;
    let (honest, lie) = (small.statement(0..1), small.statement(0..2));
    let nodes = small.aggregation.node_keys();
    let shrunk = small.shrink.prove(nodes, &small.nodes[0]).expect("shrunk");
    let (key, shrink) = (small.final_circuit.key(), small.shrink.circuit.verifier_data());
    let of_lie = forge(&key, &shrink, &shrunk, FINAL.final_circuit, ProverFault::Statement(&lie));
    assert!(key.verify(&lie, &of_lie).is_err());
    assert!(key.verify(&honest, &of_lie).is_err());
    // Work that lacks its last bit: every other of such provers does the whole by luck.
    let refused = (0..64).find_map(|_| {
        let short =
            forge(&key, &shrink, &shrunk, FINAL.final_circuit, ProverFault::Work { missing: 1 });
        key.verify(&honest, &short).err()
    });
    let error = refused.expect("one of them lacks it");
    assert!(format!("{error:?}").contains("proof of work"), "{error:?}");
}

// ------------------------------------------------------------------------ the contract's fixture

/// A block, its proof and the key: written by `cargo xtask codegen keys proofs`.
struct Fixture {
    key: FinalKey,
    statement: BlockStatement,
    proof: FinalProof,
}

static FIXTURE: LazyLock<Fixture> = LazyLock::new(|| {
    let read = |name: &str| {
        let data = concat!(env!("CARGO_MANIFEST_DIR"), "/../../l1-contracts/test/data/");
        std::fs::read(format!("{data}{name}")).expect("a fixture")
    };
    let statement = read("final_statement.bin");
    let statement = statement.as_slice().try_into().expect("as many bytes");
    Fixture {
        key: FinalKey::from_bytes(&read("final_key.bin")).expect("a key"),
        statement: BlockStatement::from_bytes(statement).expect("a statement"),
        proof: FinalProof::from_bytes(read("final_proof.bin")),
    }
});

fn refused(bytes: Vec<u8>) -> bool {
    FIXTURE.key.verify(&FIXTURE.statement, &FinalProof::from_bytes(bytes)).is_err()
}

#[test]
fn the_contracts_proof_is_valid() {
    let fixture = &*FIXTURE;
    fixture.key.verify(&fixture.statement, &fixture.proof).expect("valid");
    assert_eq!(fixture.proof.as_bytes().len(), fixture.key.proof_bytes());
}

/// Ten thousand proofs of which one field is another, with `FARTHING_FULL=1` ten times as many: every
/// field many times.
#[test]
fn changed_proofs_are_refused() {
    const CHANGES: usize = 10_000;
    let honest = FIXTURE.proof.as_bytes();
    let spans = ProofLayout::of(FIXTURE.key.common()).spans();
    (0..if full() { 10 * CHANGES } else { CHANGES }).into_par_iter().for_each(|i| {
        let mut rng = ChaCha8Rng::seed_from_u64(i as u64);
        let (name, span) = &spans[i % spans.len()];
        let at = rng.random_range(span.clone());
        let mut bytes = honest.to_vec();
        if i % 3 == 0 {
            // A whole element or part of a digest; now and then one that is not reduced.
            let at = at.min(span.end - ELEMENT_BYTES);
            let word = if rng.random() { rng.random() } else { MODULUS + rng.random_range(0..9) };
            bytes[at..at + ELEMENT_BYTES].copy_from_slice(&u64::to_be_bytes(word));
        } else {
            bytes[at] ^= 1 << rng.random_range(0..8);
        }
        assert!(bytes == honest || refused(bytes), "{name}, byte {at}");
    });
}

#[test]
fn proofs_of_other_lengths_are_refused() {
    let honest = FIXTURE.proof.as_bytes();
    for length in [0, 1, 8, honest.len() / 2, honest.len() - 1] {
        assert!(refused(honest[..length].to_vec()), "{length} bytes");
    }
    let error = FIXTURE.key.decode([honest, &[0]].concat()).expect_err("one too many");
    let (expected, got) = (honest.len(), honest.len() + 1);
    let length = ProofBytesError::Length { expected, got };
    assert!(matches!(error, FinalError::Bytes(error) if error == length));
}
