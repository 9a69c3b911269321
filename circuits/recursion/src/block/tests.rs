//! Blocks of batches that a ledger sealed, under settings of little soundness, for speed.

use std::path::Path;
use std::sync::LazyLock;

use farthing_airs::{LeafClass, LeafKey, LeafProof, prove_leaf_under};
use farthing_ledger::BatchWitness;
use farthing_protocol::{BatchStatement, BlockStatement};

use super::{BlockProver, Cancel, NodeBytes, OpenError, Settings, WrapLeafError};
use crate::final_layer::{FinalSettings, LayerSettings};
use crate::settings::CircuitSettings;
use crate::tests::{Chain, SETTINGS};

const LAST: FinalSettings = FinalSettings {
    shrink: LayerSettings {
        log_blowup: 3,
        queries: 2,
        query_pow: 2,
        challenges: 2,
        log_arity: 4,
        log_final_poly_len: 5,
    },
    outer: LayerSettings {
        log_blowup: 3,
        queries: 2,
        query_pow: 2,
        challenges: 2,
        log_arity: 3,
        log_final_poly_len: 6,
    },
};

const QUICK: Settings =
    Settings { leaf: SETTINGS, circuit: CircuitSettings { queries: 2, query_pow: 2 }, last: LAST };

/// A prover of the tiny class alone, its key set, and batches.
struct Fixture {
    prover: BlockProver,
    key: LeafKey,
    _cache: tempfile::TempDir,
}

static FIXTURE: LazyLock<Fixture> = LazyLock::new(|| {
    let cache = tempfile::tempdir().expect("a directory");
    let prover = open(cache.path()).expect("circuits");
    let key = LeafKey::new(&LeafClass::TINY, SETTINGS).expect("setup");
    Fixture { prover, key, _cache: cache }
});

fn open(cache: &Path) -> Result<BlockProver, OpenError> {
    BlockProver::of(cache, QUICK, vec![&LeafClass::TINY], None, &[])
}

impl Fixture {
    fn leaf(&self, witness: &BatchWitness) -> LeafProof {
        prove_leaf_under(&self.key, &LeafClass::TINY, witness).expect("a leaf")
    }

    fn node(&self, witness: &BatchWitness) -> (BatchStatement, NodeBytes) {
        let node = self.prover.wrap(&self.leaf(witness), &witness.statement, &Cancel::new());
        (witness.statement, node.expect("a node"))
    }
}

#[test]
fn two_leaves_fold() {
    let batches = Chain::new(1).batches(2);
    let (statements, nodes): (Vec<_>, Vec<_>) =
        batches.iter().map(|witness| FIXTURE.node(witness)).unzip();
    let node = FIXTURE.prover.join(&nodes[0], &nodes[1], &Cancel::new()).expect("joined");
    let span = FIXTURE.prover.span(&node).expect("valid");
    assert_eq!(span.block_statement(), BlockStatement::join(&statements).ok());
}

/// Circuits from disk are those that were built, and a damaged file is built anew.
#[test]
fn circuits_are_kept() {
    let cache = tempfile::tempdir().expect("a directory");
    let built = open(cache.path()).expect("circuits").circuits();
    let files = || {
        let entries = std::fs::read_dir(cache.path()).expect("the directory");
        let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
        paths.sort();
        paths
    };
    let kept = files();
    assert_eq!(kept.len(), 4, "wrap, lift, join and keys: {kept:?}");
    assert_eq!(open(cache.path()).expect("circuits").circuits(), built);
    let batch = Chain::new(1).batch();
    for path in &kept {
        let good = std::fs::read(path).expect("the file");
        let mut flipped = good.clone();
        flipped[good.len() / 2] ^= 1;
        for bad in [&good[..good.len() - 1], &flipped, b"", b"farthing circuit"] {
            std::fs::write(path, bad).expect("written");
            let prover = open(cache.path()).expect("circuits");
            let node = prover.wrap(&FIXTURE.leaf(&batch), &batch.statement, &Cancel::new());
            assert!(FIXTURE.prover.span(&node.expect("a node")).is_ok());
        }
        std::fs::write(path, &good).expect("written");
    }
    assert_eq!(files(), kept);
}

#[test]
fn a_cancelled_prover_stops() {
    let batch = Chain::new(1).batch();
    let leaf = FIXTURE.leaf(&batch);
    let cancel = Cancel::new();
    cancel.clone().cancel();
    let node = FIXTURE.prover.wrap(&leaf, &batch.statement, &cancel);
    assert!(matches!(node, Err(WrapLeafError::Cancelled(_))));
}
