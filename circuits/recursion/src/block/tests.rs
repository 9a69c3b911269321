//! Blocks of batches that a ledger sealed, every table in their leaves, under settings of little
//! soundness, for speed.

mod fixtures;
mod mixed_classes;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use plonky2::field::types::Field;

use farthing_airs::{FriSettings, LeafClass, LeafKey, LeafProof, Profile, prove_leaf_under};
use farthing_plonky2::{F, ProofSettings};
use farthing_protocol::{BatchStatement, BatchWitness, BlockStatement, Digest, JoinError};
use farthing_testkit::full;

use super::compiled::VerifierSet;
use super::store::KEY_SET;
use super::{
    BlockError, BlockKeys, BlockLeaf, BlockProof, BlockProver, BlockStep, Cancel, FinishError,
    JoinNodesError, LeafSettings, NodeProofBytes, OpenError, Settings, WrapLeafError,
};
use crate::aggregate::AggregateError;
use crate::final_layer::FinalSettings;
use crate::settings::CircuitSettings;
use crate::tests::{SETTINGS, TestLedger};
use crate::wrap::{WrapCircuit, WrapError};

const FINAL: ProofSettings = ProofSettings {
    log_blowup: 3,
    queries: 2,
    query_pow: 2,
    challenges: 2,
    log_arity: 4,
    log_final_poly_len: 5,
};

const QUICK: Settings = Settings {
    leaf: LeafSettings::Same(SETTINGS),
    circuit: CircuitSettings { queries: 2, query_pow: 2 },
    final_layer: FinalSettings {
        shrink: FINAL,
        final_circuit: ProofSettings { log_arity: 3, log_final_poly_len: 6, ..FINAL },
    },
};

/// Batches of the longest block here.
const BATCHES: usize = 8;

/// A batch with its leaf and its node.
struct Batch {
    statement: BatchStatement,
    leaf: LeafProof,
    node: NodeProofBytes,
}

/// A prover whose key set is the tiny class alone, and batches.
struct Fixture {
    cache: tempfile::TempDir,
    prover: BlockProver,
    key: LeafKey,
    batches: Vec<Batch>,
}

static FIXTURE: LazyLock<Fixture> = LazyLock::new(|| {
    let cache = tempfile::tempdir().expect("a directory");
    let prover = open(cache.path()).expect("circuits");
    let key = LeafKey::new(&LeafClass::TINY, SETTINGS).expect("setup");
    let mut fixture = Fixture { cache, prover, key, batches: Vec::new() };
    let batches = TestLedger::new(1).batches(BATCHES);
    fixture.batches = batches.iter().map(|witness| fixture.batch(witness)).collect();
    fixture
});

fn open(cache: &Path) -> Result<BlockProver, OpenError> {
    BlockProver::of(cache, QUICK, vec![&LeafClass::TINY], None, &[])
}

fn leaf(key: &LeafKey, witness: &BatchWitness) -> LeafProof {
    prove_leaf_under(key, &LeafClass::TINY, witness).expect("a leaf")
}

impl Batch {
    fn leaf(&self) -> BlockLeaf<'_> {
        BlockLeaf { statement: &self.statement, proof: &self.leaf }
    }
}

impl Fixture {
    fn batch(&self, witness: &BatchWitness) -> Batch {
        let (statement, leaf) = (witness.statement, leaf(&self.key, witness));
        let node = self.prover.wrap(&leaf, &statement, &Cancel::new()).expect("a node");
        Batch { statement, leaf, node }
    }

    /// The node of the first batches.
    fn node(&self, count: usize) -> NodeProofBytes {
        let nodes: Vec<_> = self.batches[..count].iter().map(|batch| batch.node.clone()).collect();
        let first = self.batches[0].statement.header.number;
        self.prover.fold(&nodes, first, &Cancel::new(), &mut |_| {}).expect("folded")
    }

    fn statement(&self, count: usize) -> BlockStatement {
        let statements: Vec<_> = self.batches[..count].iter().map(|b| b.statement).collect();
        BlockStatement::join(&statements).expect("a block")
    }

    fn prove(&self, leaves: &[BlockLeaf<'_>]) -> Result<(BlockStatement, BlockProof), BlockError> {
        self.prover.prove_block(leaves, &Cancel::new(), &mut |_| {})
    }
}

#[test]
fn blocks_of_every_size_are_proven() {
    for count in [1, 2, 3, 7, 8] {
        let node = FIXTURE.node(count);
        let proof = FIXTURE.prover.finish(&node, &Cancel::new()).expect("a proof");
        let statement = FIXTURE.statement(count);
        FIXTURE.prover.verify(&statement, &proof).expect("valid");
        for other in (1..BATCHES).filter(|other| *other != count) {
            assert!(FIXTURE.prover.verify(&FIXTURE.statement(other), &proof).is_err());
        }
    }
}

/// From leaves in any order, step by step.
#[test]
fn leaves_come_in_any_order() {
    let leaves = [2, 0, 1].map(|i: usize| FIXTURE.batches[i].leaf());
    let mut steps = Vec::new();
    let proven = FIXTURE.prover.prove_block(&leaves, &Cancel::new(), &mut |step| steps.push(step));
    let (statement, proof) = proven.expect("proven");
    assert_eq!(statement, FIXTURE.statement(3));
    FIXTURE.prover.verify(&statement, &proof).expect("valid");
    let number = |i: usize| FIXTURE.batches[i].statement.header.number;
    let mut expected: Vec<BlockStep> = (0..3).map(|i| BlockStep::Wrapped(number(i))).collect();
    expected.push(BlockStep::Joined { first: number(0), batches: 2 });
    expected.push(BlockStep::Joined { first: number(0), batches: 3 });
    expected.push(BlockStep::Finished);
    assert_eq!(steps, expected);
}

/// Every word of the statement is bound, and every byte of the proof counts.
#[test]
fn changed_blocks_are_refused() {
    let node = FIXTURE.node(1);
    let proof = FIXTURE.prover.finish(&node, &Cancel::new()).expect("a proof");
    let statement = FIXTURE.statement(1);
    let refused = |statement: &BlockStatement| {
        assert!(FIXTURE.prover.verify(statement, &proof).is_err(), "{statement:?}");
    };
    let other = |digest: Digest, word: usize| {
        let mut elements = digest.elements();
        elements[word] += farthing_protocol::Felt::new(1);
        Digest::new(elements)
    };
    for word in 0..4 {
        refused(&BlockStatement { domain: other(statement.domain, word), ..statement });
        refused(&BlockStatement { old_root: other(statement.old_root, word), ..statement });
        refused(&BlockStatement { new_root: other(statement.new_root, word), ..statement });
        refused(&BlockStatement { batches_root: other(statement.batches_root, word), ..statement });
    }
    refused(&BlockStatement { first_batch: statement.first_batch.next(), ..statement });
    refused(&BlockStatement { batches: statement.batches + 1, ..statement });
    refused(&BlockStatement { queue_from: statement.queue_to, ..statement });
    refused(&BlockStatement { queue_to: statement.queue_from, ..statement });
    let later = FIXTURE.statement(2).timestamp;
    refused(&BlockStatement { timestamp: later, ..statement });

    let bytes = proof.as_bytes();
    for index in (0..bytes.len()).step_by(bytes.len() / 40) {
        let mut changed = bytes.to_vec();
        changed[index] ^= 1;
        let changed = BlockProof::from_bytes(changed);
        assert!(FIXTURE.prover.verify(&statement, &changed).is_err(), "byte {index}");
    }
    for length in [0, 1, bytes.len() - 1] {
        let short = BlockProof::from_bytes(bytes[..length].to_vec());
        assert!(FIXTURE.prover.verify(&statement, &short).is_err());
    }
}

/// Batches that do not join are refused before anything is proven.
#[test]
fn leaves_that_do_not_join_are_refused() {
    let leaf = |i: usize| FIXTURE.batches[i].leaf();
    assert!(matches!(FIXTURE.prove(&[]), Err(BlockError::Join(JoinError::Empty))));
    let repeated = FIXTURE.prove(&[leaf(1), leaf(0), leaf(1)]);
    assert!(matches!(repeated, Err(BlockError::Repeated { number }) if number.get() == 1));
    let missing = FIXTURE.prove(&[leaf(0), leaf(2)]);
    assert!(matches!(missing, Err(BlockError::Join(JoinError::Number { index: 1, .. }))));
    let witness = &TestLedger::new(2).batches(2)[1];
    let foreign = BlockLeaf { statement: &witness.statement, ..leaf(1) };
    let refused = FIXTURE.prove(&[leaf(0), foreign]);
    assert!(matches!(refused, Err(BlockError::Join(JoinError::Domain { index: 1 }))));
    let too_many = vec![leaf(0); super::BLOCK_BATCHES_MAX + 1];
    assert!(matches!(FIXTURE.prove(&too_many), Err(BlockError::TooMany { .. })));
}

/// Proofs in each other's place, of a false statement, of another class, under other settings.
#[test]
fn leaves_that_are_not_their_statements_are_refused() {
    let leaf = |i: usize| FIXTURE.batches[i].leaf();
    let swapped = [
        BlockLeaf { proof: leaf(1).proof, ..leaf(0) },
        BlockLeaf { proof: leaf(0).proof, ..leaf(1) },
    ];
    let refused = |leaves: &[BlockLeaf<'_>]| match FIXTURE.prove(leaves) {
        Err(BlockError::Wrap { number, source: WrapLeafError::Wrap(WrapError::Leaf(_)) }) => number,
        other => panic!("{:?}", other.err()),
    };
    assert_eq!(refused(&swapped).get(), 0);

    let mut other = *leaf(0).statement;
    other.header.class = 1;
    let refused_class = FIXTURE.prove(&[BlockLeaf { statement: &other, ..leaf(0) }]);
    let expected = |source: &WrapLeafError| {
        matches!(source, WrapLeafError::Circuits(OpenError::Class { got: 1 }))
    };
    assert!(matches!(refused_class, Err(BlockError::Wrap { source, .. }) if expected(&source)));

    let settings = FriSettings { query_pow: 5, ..SETTINGS };
    let key = LeafKey::new(&LeafClass::TINY, settings).expect("setup");
    let witness = TestLedger::new(1).batch();
    let proof = self::leaf(&key, &witness);
    refused(&[BlockLeaf { proof: &proof, ..leaf(0) }]);
}

/// Nodes that do not follow each other, that are not nodes, or nodes of another prover.
#[test]
fn nodes_are_checked() {
    let prover = &FIXTURE.prover;
    let node = |i: usize| &FIXTURE.batches[i].node;
    let join =
        |left: &NodeProofBytes, right: &NodeProofBytes| prover.join(left, right, &Cancel::new());
    assert!(matches!(join(node(1), node(0)), Err(JoinNodesError::Join(_))), "exchanged");
    assert!(matches!(join(node(0), node(0)), Err(JoinNodesError::Join(_))), "repeated");
    assert!(matches!(join(node(0), node(2)), Err(JoinNodesError::Join(_))), "one left out");
    let bytes = node(0).as_bytes();
    for index in [0, 1, 40, bytes.len() / 2, bytes.len() - 1] {
        let mut changed = bytes.to_vec();
        changed[index] ^= 1;
        let changed = NodeProofBytes::from_bytes(changed);
        assert!(prover.batch_range(&changed).is_err(), "byte {index}");
        assert!(matches!(join(&changed, node(1)), Err(JoinNodesError::Left(_))));
        assert!(matches!(join(node(0), &changed), Err(JoinNodesError::Right(_))));
        let finished = prover.finish(&changed, &Cancel::new());
        assert!(matches!(finished, Err(FinishError::Node(_))));
    }
    let unknown = NodeProofBytes::from_bytes([&[7], &bytes[1..]].concat());
    assert!(matches!(
        prover.batch_range(&unknown),
        Err(AggregateError::Class { classes: 1, got: 7 })
    ));
}

/// A flag stops the next step, whichever it is.
#[test]
fn a_cancelled_prover_stops() {
    let leaves = [0, 1].map(|i: usize| FIXTURE.batches[i].leaf());
    for last in 0..4 {
        let cancel = Cancel::new();
        let mut steps = 0;
        if last == 0 {
            cancel.cancel();
        }
        let proven = FIXTURE.prover.prove_block(&leaves, &cancel, &mut |_| {
            steps += 1;
            if steps == last {
                cancel.cancel();
            }
        });
        assert_eq!(steps, last);
        let cancelled = match proven.expect_err("cancelled") {
            BlockError::Wrap { source, .. } => matches!(source, WrapLeafError::Cancelled(_)),
            BlockError::Nodes(source) => matches!(source, JoinNodesError::Cancelled(_)),
            BlockError::Finish(source) => matches!(source, FinishError::Cancelled(_)),
            _ => false,
        };
        assert!(cancelled, "after step {last}");
    }
}

fn files(cache: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(cache).expect("the directory");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

fn open_pinned(cache: &Path, pins: BlockKeys) -> Result<BlockProver, OpenError> {
    let classes = [LeafClass::TINY.batch];
    BlockProver::of(cache, QUICK, vec![&LeafClass::TINY], Some(pins), &classes)
}

/// Circuits from disk are those that were built; a damaged one is rebuilt.
#[test]
fn circuits_are_kept() {
    let cache = tempfile::tempdir().expect("a directory");
    for path in files(FIXTURE.cache.path()) {
        let name = path.file_name().expect("a file");
        std::fs::copy(&path, cache.path().join(name)).expect("copied");
    }
    let keys = FIXTURE.prover.keys();
    let open = || open_pinned(cache.path(), keys.clone()).expect("kept");
    assert_eq!(open().circuits(), FIXTURE.prover.circuits());
    let kept = files(cache.path());
    assert_eq!(kept.len(), 6, "wrap, lift, join, shrink, final and keys: {kept:?}");
    assert_eq!(open().keys(), keys);
    let lift = kept.iter().find(|path| path.to_string_lossy().contains("lift")).expect("a lift");
    let good = std::fs::read(lift).expect("the file");
    std::fs::write(lift, &good[..good.len() - 1]).expect("written");
    let first = &FIXTURE.batches[0];
    let node = open().wrap(&first.leaf, &first.statement, &Cancel::new()).expect("a node");
    assert!(FIXTURE.prover.batch_range(&node).is_ok());
    assert_eq!(std::fs::read(lift).expect("the file").len(), good.len());
    assert_eq!(files(cache.path()), kept, "nothing is left beside the files");
}

/// A circuit that is not the pinned one is refused and not kept.
#[test]
fn pins_are_compared() {
    let cache = tempfile::tempdir().expect("a directory");
    let keys = FIXTURE.prover.keys();
    let mut wrong = keys.clone();
    wrong.wrap.clear();
    let refused = open_pinned(cache.path(), wrong);
    let of_wrap = |circuit: &str| circuit == "wrap-tiny";
    assert!(matches!(refused, Err(OpenError::Pinned { circuit, .. }) if of_wrap(&circuit)));
    assert!(files(cache.path()).is_empty());
    let mut wrong = keys.clone();
    wrong.join = wrong.shrink;
    let refused = open_pinned(FIXTURE.cache.path(), wrong);
    assert!(matches!(refused, Err(OpenError::Pinned { circuit, .. }) if circuit == "join"));
}

/// A name and what it does to a key set.
type Tampering = (&'static str, fn(&mut VerifierSet));

/// A key set from disk is believed only if its keys are the pinned ones: their digests as they are
/// recomputed from the commitments, with the settings. A key set with any other content is rebuilt.
#[test]
fn key_sets_are_compared_with_the_pins() {
    let pins = FIXTURE.prover.keys();
    let tampered: [Tampering; 6] = [
        ("a digest that is not the commitment's", |set| {
            set.join.verifier.verifier_only.constants_sigmas_cap.0[0].elements[0] += F::ONE;
        }),
        ("another circuit's key", |set| set.shrink = set.join.clone()),
        ("the last key, of another commitment", |set| {
            set.final_circuit.verifier.verifier_only.constants_sigmas_cap.0[0].0[0] ^= 1;
        }),
        ("fewer queries", |set| {
            set.final_circuit.verifier.common.fri_params.config.num_query_rounds = 1;
            set.final_circuit.verifier.common.config.fri_config.num_query_rounds = 1;
        }),
        ("no work", |set| set.join.verifier.common.fri_params.config.proof_of_work_bits = 0),
        ("a class less", |set| set.lifts[0] = None),
    ];
    for (what, change) in tampered {
        let cache = tempfile::tempdir().expect("a directory");
        for path in files(FIXTURE.cache.path()) {
            let name = path.file_name().expect("a file");
            std::fs::copy(&path, cache.path().join(name)).expect("copied");
        }
        let honest = open_pinned(cache.path(), pins.clone()).expect("the pinned keys");
        let fingerprint = honest.circuits.key_set_fingerprint(&[0], &pins);
        let mut set = honest.verifiers.clone();
        change(&mut set);
        let bytes = set.to_bytes().expect("written");
        honest.circuits.store.save(KEY_SET, &fingerprint, &bytes).expect("saved");
        let opened = open_pinned(cache.path(), pins.clone()).expect("the pinned keys");
        assert_eq!(opened.final_key(), FIXTURE.prover.final_key(), "{what}");
        assert_eq!(opened.keys(), pins, "{what}");
        let kept = honest.circuits.store.load(KEY_SET, &fingerprint, |bytes| Some(bytes.to_vec()));
        assert_eq!(kept.expect("readable"), honest.verifiers.to_bytes(), "{what}: rebuilt");
    }
}

/// The pinned file has every class of every profile.
#[test]
fn every_class_is_pinned() {
    let pinned = BlockKeys::all_pinned().expect("keys");
    assert_eq!(pinned.keys().collect::<Vec<_>>(), ["conjectured", "proven"]);
    for keys in pinned.values() {
        for class in LeafClass::ALL {
            assert!(keys.wrap.contains_key(class.batch.name));
            assert!(keys.lift.contains_key(class.batch.name));
        }
    }
}

/// The wraps of the tiny class, built from source, are those pinned.
#[test]
fn tiny_wraps_are_those_pinned() {
    for profile in [Profile::Proven, Profile::Conjectured] {
        let settings = Settings::of(profile);
        let key =
            LeafKey::new(&LeafClass::TINY, settings.leaf.of(&LeafClass::TINY)).expect("setup");
        let wrap = WrapCircuit::new(&key, settings.circuit).expect("circuit");
        let pinned = BlockKeys::pinned(profile).expect("keys").expect("a profile");
        let expected = pinned.wrap[LeafClass::TINY.batch.name].0;
        assert_eq!(
            wrap.key_digest(),
            expected,
            "{profile:?}: `cargo xtask codegen keys` writes keys.json"
        );
    }
}

/// The circuits of a block of tiny batches, built from source in an empty folder, are those pinned: join,
/// shrink and final above all, which depend on every class.
#[test]
fn circuits_of_tiny_blocks_are_those_pinned() {
    let cache = tempfile::tempdir().expect("a directory");
    let classes = [LeafClass::TINY.batch];
    let prover = BlockProver::open(cache.path(), Profile::Proven, &classes);
    let keys = prover.expect("`cargo xtask codegen keys` writes keys.json").keys();
    let pinned = BlockKeys::pinned(Profile::Proven).expect("keys").expect("a profile");
    assert_eq!(
        (keys.join, keys.shrink, keys.final_circuit),
        (pinned.join, pinned.shrink, pinned.final_circuit)
    );
}

/// All circuits of all classes, built from source: minutes, with `FARTHING_FULL=1`.
#[test]
fn all_circuits_are_those_pinned() {
    if !full() {
        return;
    }
    let cache = tempfile::tempdir().expect("a directory");
    for profile in [Profile::Proven, Profile::Conjectured] {
        let prover = BlockProver::open_unpinned(cache.path(), profile).expect("circuits");
        let pinned = BlockKeys::pinned(profile).expect("keys");
        assert_eq!(
            Some(prover.keys()),
            pinned,
            "{profile:?}: `cargo xtask codegen keys` writes keys.json"
        );
    }
}
