//! Blocks of tiny leaves.

use std::sync::LazyLock;

use plonky2::field::types::Field;

use farthing_protocol::{BatchStatement, BlockStatement, Digest};

use super::{AggregateError, Aggregation, NodeProof};
use crate::field::F;
use crate::settings::CircuitSettings;
use crate::tests::{SETTINGS, Setup, Told, leaf};
use crate::wrap::WrapCircuit;

/// Little soundness, for speed.
const CIRCUIT: CircuitSettings = CircuitSettings { queries: 2, query_pow: 2 };

struct Prover {
    setup: Setup,
    wrap: WrapCircuit,
    aggregation: Aggregation,
}

static PROVER: LazyLock<Prover> = LazyLock::new(|| {
    let setup = Setup::new(&leaf(&SETTINGS, &Told::nth(0)).1, SETTINGS);
    let wrap = WrapCircuit::of_system(&setup.system(), CIRCUIT).expect("circuit");
    let aggregation = Aggregation::new(&[&wrap], CIRCUIT).expect("circuits");
    Prover { setup, wrap, aggregation }
});

impl Prover {
    fn node(&self, told: &Told) -> (BatchStatement, NodeProof) {
        let (statement, honest) = leaf(&SETTINGS, told);
        let proof = self.setup.prove(&honest);
        let parts = self.setup.replay(&proof, &honest.public_values).parts;
        let wrapped = self.wrap.prove_parts(&statement.elements(), &parts).expect("wrapped");
        (statement, self.aggregation.lift(0, &wrapped).expect("lifted"))
    }

    fn nodes(&self, count: u64) -> (Vec<BatchStatement>, Vec<NodeProof>) {
        (0..count).map(|i| self.node(&Told::nth(i))).unzip()
    }

    fn joins(&self, left: &NodeProof, right: &NodeProof) -> bool {
        let node = self.aggregation.join(left, right);
        node.is_ok_and(|node| self.aggregation.verify(&node).is_ok())
    }

    /// Folds as a block is folded: the left child of each join full.
    fn fold(&self, nodes: &[NodeProof]) -> NodeProof {
        if let [node] = nodes {
            return node.clone();
        }
        let (left, right) = nodes.split_at(nodes.len().next_power_of_two() / 2);
        self.aggregation.join(&self.fold(left), &self.fold(right)).expect("joined")
    }
}

#[test]
fn blocks_say_what_their_batches_say() {
    let (statements, nodes) = PROVER.nodes(7);
    for count in [1, 2, 3, 5, 7] {
        let node = PROVER.fold(&nodes[..count]);
        let span = PROVER.aggregation.verify(&node).expect("valid");
        assert_eq!(span.block_statement(), BlockStatement::join(&statements[..count]).ok());
        assert_eq!(1 << span.log_leaves, count.next_power_of_two());
    }
}

#[test]
fn what_does_not_join_is_refused() {
    let (_, left) = PROVER.node(&Told::nth(0));
    let next = Told::nth(1);
    let cases = [
        ("the next", next, true),
        ("at the same time", Told { timestamp: Told::nth(0).timestamp, ..next }, true),
        ("of another domain", Told { domain: 2, ..next }, false),
        ("after a gap", Told { number: next.number + 1, ..next }, false),
        ("the same number", Told { number: next.number - 1, ..next }, false),
        ("from another root", Told { roots: [9, 2], ..next }, false),
        ("queue entries left out", Told { queue: [3, 4], ..next }, false),
        ("queue entries repeated", Told { queue: [1, 4], ..next }, false),
        ("before", Told { timestamp: next.timestamp - 1, ..next }, false),
    ];
    for (name, told, joins) in cases {
        let (_, right) = PROVER.node(&told);
        assert_eq!(PROVER.joins(&left, &right), joins, "{name}");
    }
    let (_, right) = PROVER.node(&next);
    assert!(!PROVER.joins(&right, &left), "exchanged");
    assert!(!PROVER.joins(&left, &left), "repeated");
}

/// A left child that is not full would leave holes in the tree.
#[test]
fn only_full_trees_are_left() {
    let (_, nodes) = PROVER.nodes(4);
    let pair = PROVER.fold(&nodes[..2]);
    let three = PROVER.fold(&nodes[..3]);
    assert!(!PROVER.joins(&three, &nodes[3]), "three of four, then one");
    let tail = PROVER.fold(&nodes[1..3]);
    assert!(!PROVER.joins(&nodes[0], &tail), "the right one taller");
    assert!(PROVER.joins(&pair, &nodes[2]));
}

/// A join under a made-up key of joins proves, but is not verified; and it does not join.
#[test]
fn made_up_keys_are_refused() {
    let (_, nodes) = PROVER.nodes(3);
    let mut own = PROVER.aggregation.join.circuit.verifier_only.circuit_digest;
    own.elements[0] += F::ONE;
    let made_up = PROVER.aggregation.join_claiming(&nodes[0], &nodes[1], own).expect("provable");
    assert!(matches!(PROVER.aggregation.verify(&made_up), Err(AggregateError::Key)));
    assert!(!PROVER.joins(&made_up, &nodes[2]), "under the true key");
    let above = PROVER.aggregation.join_claiming(&made_up, &nodes[2], own);
    let valid = above.is_ok_and(|node| PROVER.aggregation.verify(&node).is_ok());
    assert!(!valid, "a join's true key is not the made-up one");
}

/// A wrap of another circuit is not lifted.
#[test]
fn other_circuits_are_refused() {
    let other = CircuitSettings { query_pow: 3, ..CIRCUIT };
    let (statement, honest) = leaf(&SETTINGS, &Told::nth(0));
    let wrap = WrapCircuit::of_system(&PROVER.setup.system(), other).expect("circuit");
    let proof = PROVER.setup.prove(&honest);
    let parts = PROVER.setup.replay(&proof, &honest.public_values).parts;
    let wrapped = wrap.prove_parts(&statement.elements(), &parts).expect("wrapped");
    assert_ne!(wrap.key_digest(), PROVER.wrap.key_digest());
    assert!(PROVER.aggregation.lift(0, &wrapped).is_err());
    assert!(matches!(
        PROVER.aggregation.lift(1, &wrapped),
        Err(AggregateError::Class { classes: 1, got: 1 })
    ));
}

#[test]
fn public_inputs_are_bound() {
    let (_, nodes) = PROVER.nodes(2);
    let node = PROVER.fold(&nodes);
    for word in 0..node.proof.public_inputs.len() {
        let mut changed = node.clone();
        changed.proof.public_inputs[word] += F::ONE;
        assert!(PROVER.aggregation.verify(&changed).is_err(), "word {word}");
    }
}

#[test]
fn bytes_round_trip() {
    let (_, nodes) = PROVER.nodes(1);
    let bytes = nodes[0].to_bytes();
    let node = PROVER.aggregation.decode(&bytes).expect("decodes");
    assert!(PROVER.aggregation.verify(&node).is_ok());
    assert_eq!(node.to_bytes(), bytes);
    for length in [0, 1, 9, bytes.len() - 1] {
        assert!(PROVER.aggregation.decode(&bytes[..length]).is_err(), "{length} bytes");
    }
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(matches!(PROVER.aggregation.decode(&longer), Err(AggregateError::Bytes)));
    for place in [0, 1, 50, 1_000, bytes.len() / 2, bytes.len() - 1] {
        let mut changed = bytes.clone();
        changed[place] ^= 4;
        let node = PROVER.aggregation.decode(&changed);
        let valid = node.is_ok_and(|node| PROVER.aggregation.verify(&node).is_ok());
        assert!(!valid, "byte {place}");
    }
}

#[test]
fn every_circuit_has_its_key() {
    let (lifts, join) = PROVER.aggregation.key_digests();
    assert_ne!(lifts[0], join);
    assert_ne!(join, Digest::ZERO);
    let (lifts, join) = PROVER.aggregation.rows();
    println!("wrap {:?}, lift {:?}, join {join:?}", PROVER.wrap.rows(), lifts[0]);
    assert_eq!(lifts[0].log_all, join.log_all);
}
