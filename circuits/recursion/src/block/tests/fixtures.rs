//! The proofs that tests of the contract start from, by the pinned circuits of the default profile.
//!
//! A proof of a block, and two that lie once (see [`crate::final_layer`]'s forgeries). They take minutes
//! and gigabytes: with `FARTHING_FULL=1` they are made and compared with the key that is committed;
//! `cargo xtask codegen proofs` writes them, after `codegen keys` has written the key. Grinding is a race,
//! so each run gives other proofs. `FARTHING_CIRCUITS` may name a directory where circuits are kept.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use farthing_airs::{LeafClass, Profile, prove_leaf_under};
use farthing_protocol::{BlockStatement, Digest};
use farthing_testkit::full;

use super::{BlockProof, BlockProver, Cancel, NodeProofBytes};
use crate::final_layer::{FinalProof, FinalSettings, ProverFault, ShrinkProof, forge};
use crate::tests::TestLedger;

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../l1-contracts/test/data");
const PROFILE: Profile = Profile::Proven;
/// Of which the block is.
const BATCHES: usize = 2;

/// A block and its proofs.
struct Fixtures {
    statement: BlockStatement,
    /// A statement that is not true.
    lie: BlockStatement,
    proof: BlockProof,
    of_lie: FinalProof,
    without_work: FinalProof,
}

fn open(cache: &Path) -> BlockProver {
    let classes = [LeafClass::TINY.batch];
    BlockProver::open(cache, PROFILE, &classes).expect("the pinned circuits")
}

fn prove(prover: &BlockProver) -> Fixtures {
    let (class, cancel) = (&LeafClass::TINY, Cancel::new());
    let batches = TestLedger::new(1).batches(BATCHES);
    let key = prover.leaf_key(class.batch).expect("setup");
    let mut nodes = batches.iter().map(|witness| {
        let leaf = prove_leaf_under(&key, class, witness).expect("a leaf");
        prover.wrap(&leaf, &witness.statement, &cancel).expect("a node")
    });
    let (left, right) = (nodes.next().expect("two"), nodes.next().expect("two"));
    let node = prover.join(&left, &right, &cancel).expect("joined");
    let statements: Vec<_> = batches.iter().map(|witness| witness.statement).collect();
    let statement = BlockStatement::join(&statements).expect("consecutive");
    let lie = BlockStatement { new_root: Digest::ZERO, ..statement };
    let proof = prover.finish(&node, &cancel).expect("a proof");
    let shrunk = shrunk(prover, &node);
    let forge = |lie| {
        let (key, shrink) = (prover.final_key(), &prover.verifiers.shrink.verifier);
        forge(key, shrink, &shrunk, FinalSettings::of(PROFILE).final_circuit, lie)
    };
    let of_lie = forge(ProverFault::Statement(&lie));
    let without_work =
        short_of_work(prover, &statement, || forge(ProverFault::Work { missing: 1 }));
    Fixtures { statement, lie, proof, of_lie, without_work }
}

/// A proof that lacks the last bit of work: every other of such provers does the whole by luck.
fn short_of_work(
    prover: &BlockProver,
    statement: &BlockStatement,
    forge: impl Fn() -> FinalProof,
) -> FinalProof {
    loop {
        let proof = forge();
        if prover.final_key().verify(statement, &proof).is_err() {
            return proof;
        }
    }
}

fn shrunk(prover: &BlockProver, node: &NodeProofBytes) -> ShrinkProof {
    let (node, _) = prover.decode(node).expect("valid");
    let shrink = prover.circuits.shrink_circuit(&prover.nodes).expect("the circuit");
    shrink.prove(&prover.nodes, &node).expect("shrunk")
}

#[test]
fn fixtures_are_of_the_pinned_circuits() {
    let write = env::var_os("FARTHING_REGENERATE").is_some_and(|value| value == "1");
    if !write && !full() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let cache = env::var_os("FARTHING_CIRCUITS").map_or(folder.path().to_owned(), PathBuf::from);
    let prover = open(&cache);
    let data = Path::new(DATA);
    let kept = fs::read(data.join("final_key.bin"))
        .expect("the key that `cargo xtask codegen keys` writes");
    assert_eq!(
        prover.final_key().to_bytes().expect("written"),
        kept,
        "run `cargo xtask codegen keys` first"
    );

    let made = prove(&prover);
    prover.verify(&made.statement, &made.proof).expect("valid");
    for (statement, proof) in [(&made.lie, &made.of_lie), (&made.statement, &made.without_work)] {
        let proof = BlockProof::from_bytes(proof.as_bytes().to_vec());
        assert!(prover.verify(statement, &proof).is_err(), "a forgery");
    }
    if write {
        let files = [
            ("final_statement.bin", made.statement.to_bytes().to_vec()),
            ("final_proof.bin", made.proof.as_bytes().to_vec()),
            ("forged_statement.bin", made.lie.to_bytes().to_vec()),
            ("forged_proof.bin", made.of_lie.into_bytes()),
            ("workless_proof.bin", made.without_work.into_bytes()),
        ];
        for (name, bytes) in files {
            fs::write(data.join(name), bytes).expect("written");
        }
    }
}
