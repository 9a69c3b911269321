//! Blocks of tiny leaves.

use std::sync::LazyLock;

use plonky2::field::types::Field;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use farthing_airs::FriSettings;
use farthing_plonky2::F;
use farthing_protocol::{BatchStatement, BlockStatement, DIGEST_ELEMENTS, Digest};
use farthing_testkit::full;

use super::{AggregateError, Aggregation, Join, Lift, NodeKind, NodeProof, NodeShape};
use crate::circuit::InnerKey;
use crate::enforced_checks::{Below, Check, Verdict, omit_check, omit_element};
use crate::settings::CircuitSettings;
use crate::tests::{BatchInfo, SETTINGS, Setup, leaf};
use crate::wrap::{WrapCircuit, WrapProof};

/// Little soundness, for speed.
const CIRCUIT: CircuitSettings = CircuitSettings { queries: 2, query_pow: 2 };

/// Position of the old root in a node's public inputs: after the key of joins, seven numbers, the domain and
/// the batches root.
pub(crate) const OLD_ROOT: usize = DIGEST_ELEMENTS + 7 + 2 * DIGEST_ELEMENTS;

struct Prover {
    setup: Setup,
    wrap: WrapCircuit,
    aggregation: Aggregation,
}

/// Consecutive batches.
static NODES: LazyLock<Vec<(BatchStatement, NodeProof)>> =
    LazyLock::new(|| (0..5).map(|i| PROVER.node(&BatchInfo::nth(i))).collect());

static PROVER: LazyLock<Prover> = LazyLock::new(|| {
    let setup = Setup::new(&leaf(&SETTINGS, &BatchInfo::nth(0)).1, SETTINGS);
    let wrap = WrapCircuit::of_system(&setup.system(), CIRCUIT).expect("circuit");
    let aggregation = Aggregation::new(&[&wrap], CIRCUIT).expect("circuits");
    Prover { setup, wrap, aggregation }
});

impl Prover {
    fn wrapped(&self, info: &BatchInfo) -> (BatchStatement, WrapProof) {
        let (statement, honest) = leaf(&SETTINGS, info);
        let proof = self.setup.prove(&honest);
        let parts = self.setup.replay(&proof, &honest.public_values).parts;
        (statement, self.wrap.prove_parts(&statement.elements(), &parts).expect("wrapped"))
    }

    fn node(&self, info: &BatchInfo) -> (BatchStatement, NodeProof) {
        let (statement, wrapped) = self.wrapped(info);
        (statement, self.aggregation.lift(0, &wrapped).expect("lifted"))
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

/// The first consecutive batches.
fn first(count: usize) -> (Vec<BatchStatement>, Vec<NodeProof>) {
    NODES[..count].iter().cloned().unzip()
}

#[test]
fn blocks_say_what_their_batches_say() {
    let (statements, nodes) = first(5);
    for count in [1, 2, 3, 5] {
        let node = PROVER.fold(&nodes[..count]);
        let range = PROVER.aggregation.verify(&node).expect("valid");
        assert_eq!(range.block_statement(), BlockStatement::join(&statements[..count]).ok());
        assert_eq!(1 << range.log_leaves, count.next_power_of_two());
    }
}

/// Joining itself has its own tests; these are that real nodes are held to it.
#[test]
fn what_does_not_join_is_refused() {
    let (_, nodes) = first(4);
    assert!(PROVER.joins(&nodes[0], &nodes[1]));
    assert!(!PROVER.joins(&nodes[1], &nodes[0]), "exchanged");
    assert!(!PROVER.joins(&nodes[0], &nodes[0]), "repeated");
    assert!(!PROVER.joins(&nodes[0], &nodes[2]), "one left out");
    let three = PROVER.fold(&nodes[..3]);
    assert!(!PROVER.joins(&three, &nodes[3]), "a left tree that is not full");
    let (_, foreign) = PROVER.node(&BatchInfo { domain: 2, ..BatchInfo::nth(1) });
    assert!(!PROVER.joins(&nodes[0], &foreign), "another domain");
}

/// A join under a made-up key of joins proves, but is not verified; and it does not join.
#[test]
fn made_up_keys_are_refused() {
    let (_, nodes) = first(3);
    let aggregation = &PROVER.aggregation;
    let (lift, join) = (&aggregation.lifts[0].circuit, &aggregation.join.circuit);
    let mut own = join.verifier_only.circuit_digest;
    let mut made_up = |element: usize| {
        own = join.verifier_only.circuit_digest;
        own.elements[element] += F::ONE;
        let keys = [&lift.verifier_only; 2];
        let children = [&nodes[0], &nodes[1]];
        let made_up = aggregation.join.prove_claiming(children, keys, own).expect("provable");
        assert!(matches!(aggregation.verify(&made_up), Err(AggregateError::Key)), "{element}");
        made_up
    };
    (0..DIGEST_ELEMENTS - 1).for_each(|element| drop(made_up(element)));
    let made_up = made_up(DIGEST_ELEMENTS - 1);
    assert!(!PROVER.joins(&made_up, &nodes[2]), "under the true key");
    let keys = [&join.verifier_only, &lift.verifier_only];
    let above = aggregation.join.prove_claiming([&made_up, &nodes[2]], keys, own);
    let valid = above.is_ok_and(|node| aggregation.verify(&node).is_ok());
    assert!(!valid, "a join's true key is not the made-up one");
}

/// A prover may put any digest at the start of a circuit's transcript. A lift of other circuits
/// that passes for a true one so is refused by its commitment.
#[test]
fn borrowed_digests_are_refused() {
    let (first, _) = &NODES[0];
    let other = FriSettings { query_pow: 5, ..SETTINGS };
    let (statement, honest) = leaf(&other, &BatchInfo::nth(1));
    let setup = Setup::new(&honest, other);
    let wrap = WrapCircuit::of_system(&setup.system(), CIRCUIT).expect("circuit");
    let parts = setup.replay(&setup.prove(&honest), &honest.public_values).parts;
    let wrapped = wrap.prove_parts(&statement.elements(), &parts).expect("wrapped");
    assert!(BlockStatement::join(&[*first, statement]).is_ok());

    let mut rogue = Aggregation::new(&[&wrap], CIRCUIT).expect("circuits");
    let aggregation = &PROVER.aggregation;
    let (lift, join) = (&aggregation.lifts[0].circuit, &aggregation.join.circuit);
    assert_eq!(rogue.lifts[0].circuit.common, lift.common, "only the keys differ");
    let borrowed = lift.verifier_only.circuit_digest;
    rogue.lifts[0].circuit.prover_only.circuit_digest = borrowed;
    rogue.lifts[0].circuit.verifier_only.circuit_digest = borrowed;
    let node = rogue.lift(0, &wrapped).expect("lifted");
    let valid = rogue.lifts[0].circuit.verify(node.proof.clone()).is_ok();
    assert!(valid, "valid under the borrowed digest");

    let own = join.verifier_only.circuit_digest;
    let keys = [&lift.verifier_only, &rogue.lifts[0].circuit.verifier_only];
    let joined = aggregation.join.prove_claiming([&NODES[0].1, &node], keys, own);
    assert!(!joined.is_ok_and(|node| aggregation.verify(&node).is_ok()));
}

/// The check of a child's key, and that of its digest, each alone refuses what it is there for: a
/// lift of another wrap under its own key, and a true lift's proof that starts its transcript from
/// a made-up digest.
#[test]
fn without_its_check_a_key_is_accepted() {
    let aggregation = &PROVER.aggregation;
    let shape = NodeShape(aggregation.node_keys().common.clone());
    let (lifts, _) = aggregation.key_digests();
    let join = || Join::build(&shape, &lifts, CIRCUIT).expect("circuit");
    let joins = |join: &Join, node: &NodeProof, key: &InnerKey| {
        let keys = [&aggregation.lifts[0].circuit.verifier_only, key];
        let own = join.circuit.verifier_only.circuit_digest;
        let joined = join.prove_claiming([&NODES[0].1, node], keys, own);
        joined.is_ok_and(|node| join.circuit.verify(node.proof).is_ok())
    };

    let other = FriSettings { query_pow: 5, ..SETTINGS };
    let (statement, honest) = leaf(&other, &BatchInfo::nth(1));
    let setup = Setup::new(&honest, other);
    let wrap = WrapCircuit::of_system(&setup.system(), CIRCUIT).expect("circuit");
    let parts = setup.replay(&setup.prove(&honest), &honest.public_values).parts;
    let wrapped = wrap.prove_parts(&statement.elements(), &parts).expect("wrapped");
    let rogue = Lift::build(&wrap.verifier(), &shape, CIRCUIT).expect("circuit");
    let node = rogue.prove(0, &wrapped).expect("lifted");
    let key = &rogue.circuit.verifier_only;
    assert!(!joins(&join(), &node, key));
    assert!(joins(&omit_check(Check::AllowedKey, join), &node, key));

    let (_, wrapped) = PROVER.wrapped(&BatchInfo::nth(1));
    let mut lift = Lift::build(&PROVER.wrap.verifier(), &shape, CIRCUIT).expect("circuit");
    lift.circuit.prover_only.circuit_digest.elements[0] += F::ONE;
    lift.circuit.verifier_only.circuit_digest.elements[0] += F::ONE;
    let node = lift.prove(0, &wrapped).expect("lifted");
    let key = &lift.circuit.verifier_only;
    assert!(!joins(&join(), &node, key));
    assert!(joins(&omit_check(Check::KeyDigest, join), &node, key));
}

/// A join under the true key above one that claims another: without the comparison of claims it is
/// proven, and would hide what is below the one that claims.
#[test]
fn without_its_check_another_claim_is_accepted() {
    let aggregation = &PROVER.aggregation;
    let shape = NodeShape(aggregation.node_keys().common.clone());
    let (lifts, _) = aggregation.key_digests();
    let (_, nodes) = first(3);
    let joins = |join: Join| {
        let (lift, key) = (&aggregation.lifts[0].circuit, &join.circuit.verifier_only);
        let own = key.circuit_digest;
        let mut other = own;
        other.elements[0] += F::ONE;
        let lifted = [&lift.verifier_only; 2];
        let claiming = |claimed| {
            let left = join.prove_claiming([&nodes[0], &nodes[1]], lifted, claimed);
            let left = left.expect("claims are the prover's to make");
            let keys = [key, &lift.verifier_only];
            let node = join.prove_claiming([&left, &nodes[2]], keys, own);
            node.is_ok_and(|node| join.circuit.verify(node.proof).is_ok())
        };
        [claiming(own), claiming(other)]
    };
    let join = || Join::build(&shape, &lifts, CIRCUIT).expect("circuit");
    assert_eq!(joins(join()), [true, false]);
    assert_eq!(joins(omit_check(Check::SameClaim, join)), [true, true]);
}

/// Proofs below are verified: a changed wrap has no lift, and a changed node, left or right, no join.
pub(crate) fn forge_child(below: Below, element: usize) -> Verdict {
    let aggregation = &PROVER.aggregation;
    let shape = NodeShape(aggregation.node_keys().common.clone());
    let (lifts, _) = aggregation.key_digests();
    if below == Below::Wrap {
        let honest = PROVER.wrapped(&BatchInfo::nth(0)).1;
        let mut forged = honest.clone();
        *forged.0.public_inputs.last_mut().expect("a root") += F::ONE;
        let lift = || Lift::build(&PROVER.wrap.verifier(), &shape, CIRCUIT).expect("circuit");
        let lifts_it = |lift: &Lift, wrapped: &WrapProof| {
            let node = lift.prove(0, wrapped);
            node.is_ok_and(|node| lift.circuit.verify(node.proof).is_ok())
        };
        let whole = lift();
        return Verdict {
            honest: lifts_it(&whole, &honest),
            whole: lifts_it(&whole, &forged),
            weakened: lifts_it(&omit_element(Check::Child, element, lift), &forged),
        };
    }
    let (_, honest) = first(2);
    let mut forged = honest.clone();
    let index = usize::from(below == Below::Right);
    forged[index].change_public_input(QUEUE_ENDS[index]);
    let join = || Join::build(&shape, &lifts, CIRCUIT).expect("circuit");
    let joins = |join: &Join, nodes: &[NodeProof]| {
        let keys = [&aggregation.lifts[0].circuit.verifier_only; 2];
        let own = join.circuit.verifier_only.circuit_digest;
        let node = join.prove_claiming([&nodes[0], &nodes[1]], keys, own);
        node.is_ok_and(|node| join.circuit.verify(node.proof).is_ok())
    };
    let whole = join();
    Verdict {
        honest: joins(&whole, &honest),
        whole: joins(&whole, &forged),
        weakened: joins(&omit_element(Check::Child, element, join), &forged),
    }
}

/// Positions of the left node's first queue entry and of the right one's last in their public inputs, which
/// no neighbour is compared with.
const QUEUE_ENDS: [usize; 2] = [DIGEST_ELEMENTS + 5, DIGEST_ELEMENTS + 6];

/// A circuit of a join's shape that verifies nothing, and claims the true key of joins: a true join above
/// it refuses its key. It "joins" a node whose old root is another; above a join that compares no key
/// the false root passes for true.
#[test]
fn rogue_joins_are_refused() {
    let aggregation = &PROVER.aggregation;
    let shape = NodeShape(aggregation.node_keys().common.clone());
    let (lifts, _) = aggregation.key_digests();
    let join = || Join::build(&shape, &lifts, CIRCUIT).expect("circuit");
    let rogue = omit_check(Check::Child, join);
    let (_, mut nodes) = first(3);
    nodes[0].change_public_input(OLD_ROOT);
    let lift = &aggregation.lifts[0].circuit.verifier_only;
    let forged_under = |above: &Join| {
        let own = above.circuit.verifier_only.circuit_digest;
        let lied = rogue.prove_claiming([&nodes[0], &nodes[1]], [lift; 2], own).expect("provable");
        assert!(rogue.circuit.verify(lied.proof.clone()).is_ok(), "valid under its own key");
        let keys = [&rogue.circuit.verifier_only, lift];
        let node = above.prove_claiming([&lied, &nodes[2]], keys, own);
        node.is_ok_and(|node| above.circuit.verify(node.proof).is_ok())
    };
    assert!(!forged_under(&aggregation.join));
    assert!(forged_under(&omit_check(Check::OwnKey, join)));
}

/// Leaves of two circuits that differ in tables, rate and queries fold into one block, each
/// lifted only by its own lift.
#[test]
fn classes_are_folded_together() {
    let narrow = FriSettings { log_blowup: 3, ..FriSettings::of(farthing_airs::Profile::Proven) };
    let narrow = FriSettings { queries: 1, query_pow: 1, batch_pow: 0, ..narrow };
    let (statement, honest) = leaf(&narrow, &BatchInfo::nth(1));
    let setup = Setup::new(&honest, narrow);
    let wrap = WrapCircuit::of_system(&setup.system(), CIRCUIT).expect("circuit");
    let parts = setup.replay(&setup.prove(&honest), &honest.public_values).parts;
    let wrapped = wrap.prove_parts(&statement.elements(), &parts).expect("wrapped");

    let (first, first_wrapped) = PROVER.wrapped(&BatchInfo::nth(0));

    let aggregation = Aggregation::new(&[&PROVER.wrap, &wrap], CIRCUIT).expect("circuits");
    let nodes = [(0, &first_wrapped), (1, &wrapped)]
        .map(|(index, proof)| aggregation.lift(index, proof).expect("lifted"));
    let node = aggregation.join(&nodes[0], &nodes[1]).expect("joined");
    let range = aggregation.verify(&node).expect("valid");
    assert_eq!(range.block_statement(), BlockStatement::join(&[first, statement]).ok());

    assert!(aggregation.lift(0, &wrapped).is_err(), "by the other's lift");
    let mut renamed = nodes[1].clone();
    renamed.kind = NodeKind::Lift(0);
    assert!(aggregation.verify(&renamed).is_err(), "under the other's key");
    let joined = aggregation.join(&nodes[0], &renamed);
    assert!(!joined.is_ok_and(|node| aggregation.verify(&node).is_ok()));
    assert!(PROVER.aggregation.join(&nodes[0], &nodes[1]).is_err(), "a lift of other circuits");
}

/// A wrap of another circuit is not lifted.
#[test]
fn other_circuits_are_refused() {
    let other = FriSettings { query_pow: 5, ..SETTINGS };
    let (statement, honest) = leaf(&other, &BatchInfo::nth(0));
    let setup = Setup::new(&honest, other);
    let wrap = WrapCircuit::of_system(&setup.system(), CIRCUIT).expect("circuit");
    let proof = setup.prove(&honest);
    let parts = setup.replay(&proof, &honest.public_values).parts;
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
    let (_, nodes) = first(2);
    let node = PROVER.fold(&nodes);
    for word in 0..node.proof.public_inputs.len() {
        let mut changed = node.clone();
        changed.proof.public_inputs[word] += F::ONE;
        assert!(PROVER.aggregation.verify(&changed).is_err(), "word {word}");
    }
}

#[test]
fn bytes_round_trip() {
    let (_, nodes) = first(1);
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
    for index in [0, 1, 50, 1_000, bytes.len() / 2, bytes.len() - 1] {
        let mut changed = bytes.clone();
        changed[index] ^= 4;
        let node = PROVER.aggregation.decode(&changed);
        let valid = node.is_ok_and(|node| PROVER.aggregation.verify(&node).is_ok());
        assert!(!valid, "byte {index}");
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

/// Changed nodes tried, and with `FARTHING_FULL=1`.
const CHANGES: usize = 2_000;
const CHANGES_IN_FULL: usize = 100_000;

/// A bit or a word of a lift's or a join's proof is another: neither accepted nor the cause of a panic.
#[test]
fn changed_nodes_are_refused() {
    let nodes = first(2).1;
    let joined = PROVER.aggregation.join(&nodes[0], &nodes[1]).expect("joined");
    let honest = [nodes[0].to_bytes(), joined.to_bytes()];
    for bytes in &honest {
        let node = PROVER.aggregation.decode(bytes).expect("a node");
        PROVER.aggregation.verify(&node).expect("valid");
    }
    (0..if full() { CHANGES_IN_FULL } else { CHANGES }).into_par_iter().for_each(|change| {
        let mut rng = ChaCha8Rng::seed_from_u64(change as u64);
        let honest = &honest[change % 2];
        let mut changed = honest.clone();
        let at = rng.random_range(0..changed.len() - size_of::<u64>());
        if rng.random() {
            changed[at] ^= 1 << rng.random_range(0..8);
        } else {
            changed[at..at + size_of::<u64>()].copy_from_slice(&rng.random::<u64>().to_le_bytes());
        }
        let node = PROVER.aggregation.decode(&changed);
        let accepted = node.is_ok_and(|node| PROVER.aggregation.verify(&node).is_ok());
        assert!(changed == *honest || !accepted, "change {change}, byte {at}");
    });
}
