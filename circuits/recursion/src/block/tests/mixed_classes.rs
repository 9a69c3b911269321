//! Blocks of batches of two classes, the tiny one and that of 1,024 payments.

use std::sync::LazyLock;

use farthing_airs::{LeafClass, LeafKey, LeafProof, VerifyError, prove_leaf_under};
use farthing_protocol::{BatchClass, BatchStatement, BlockStatement};

use super::{
    BlockError, BlockLeaf, BlockProver, BlockStep, Cancel, JoinNodesError, NodeProofBytes,
    OpenError, QUICK, WrapLeafError,
};
use crate::aggregate::AggregateError;
use crate::tests::TestLedger;
use crate::wrap::WrapError;

/// The key set, by index.
const CLASSES: [&LeafClass; 2] = [&LeafClass::TINY, &LeafClass::SMALL];
/// The indices of the batches' classes.
const INDICES: [usize; 3] = [0, 1, 0];

/// A prover of both classes and one of the tiny class alone, with the same keys; batches of one chain
/// with their leaves.
struct Mixed {
    prover: BlockProver,
    tiny_only: BlockProver,
    batches: Vec<(BatchStatement, LeafProof)>,
    _cache: tempfile::TempDir,
}

static MIXED: LazyLock<Mixed> = LazyLock::new(|| {
    let cache = tempfile::tempdir().expect("a directory");
    let (path, classes) = (cache.path(), CLASSES.to_vec());
    let prover = BlockProver::of(path, QUICK, classes.clone(), None, &[]).expect("circuits");
    let pins = Some(prover.keys());
    let tiny_only = BlockProver::of(path, QUICK, classes, pins, &[BatchClass::TINY]);
    let keys = CLASSES.map(|class| LeafKey::new(class, QUICK.leaf.of(class)).expect("setup"));
    let mut ledger = Some(TestLedger::new(1));
    let batches = INDICES.map(|index| {
        let mut of_class = ledger.take().expect("put back").of_class(CLASSES[index].batch);
        let witness = of_class.batch();
        ledger = Some(of_class);
        let leaf = prove_leaf_under(&keys[index], CLASSES[index], &witness).expect("a leaf");
        (witness.statement, leaf)
    });
    let tiny_only = tiny_only.expect("circuits");
    Mixed { prover, tiny_only, batches: batches.into(), _cache: cache }
});

impl Mixed {
    fn leaf(&self, i: usize) -> BlockLeaf<'_> {
        let (statement, proof) = &self.batches[i];
        BlockLeaf { statement, proof }
    }

    fn node(&self, i: usize) -> NodeProofBytes {
        let (statement, leaf) = &self.batches[i];
        self.prover.wrap(leaf, statement, &Cancel::new()).expect("a node")
    }

    fn statement(&self, count: usize) -> BlockStatement {
        let statements: Vec<_> = self.batches[..count].iter().map(|(one, _)| *one).collect();
        BlockStatement::join(&statements).expect("consecutive")
    }
}

/// From leaves in any order: class by class, so that the circuits of each are loaded once.
#[test]
fn classes_mix_in_a_block() {
    let leaves = [1, 2, 0].map(|i| MIXED.leaf(i));
    let mut steps = Vec::new();
    let proven = MIXED.prover.prove_block(&leaves, &Cancel::new(), &mut |step| steps.push(step));
    let (statement, proof) = proven.expect("proven");
    assert_eq!(statement, MIXED.statement(3));
    MIXED.prover.verify(&statement, &proof).expect("valid");
    MIXED.tiny_only.verify(&statement, &proof).expect("the keys are the same");
    assert!(MIXED.prover.verify(&MIXED.statement(2), &proof).is_err());
    let number = |i: usize| MIXED.batches[i].0.header.number;
    let wrapped = [0, 2, 1].map(|i| BlockStep::Wrapped(number(i)));
    assert_eq!(steps[..3], wrapped);
}

/// A leaf of a class that is not opened is refused, and so is its node; what was joined from it needs
/// only the join's key.
#[test]
fn classes_that_are_not_opened_are_refused() {
    let (tiny_only, cancel) = (&MIXED.tiny_only, Cancel::new());
    let leaves = [0, 1].map(|i| MIXED.leaf(i));
    let refused = tiny_only.prove_block(&leaves, &cancel, &mut |_| {});
    let second = MIXED.batches[1].0.header.number;
    assert!(matches!(
        refused,
        Err(BlockError::Wrap {
            number,
            source: WrapLeafError::Circuits(OpenError::NotOpened { got: 1 })
        }) if number == second
    ));
    let [left, right] = [0, 1].map(|i| MIXED.node(i));
    let refused = tiny_only.join(&left, &right, &cancel);
    let not_opened = AggregateError::NotOpened { index: 1 };
    assert!(matches!(
        &refused,
        Err(JoinNodesError::Right(error)) if error.to_string() == not_opened.to_string()
    ));
    let joined = MIXED.prover.join(&left, &right, &cancel).expect("joined");
    let range = tiny_only.batch_range(&joined).expect("valid");
    assert_eq!(range.block_statement(), Some(MIXED.statement(2)));
    let proof = tiny_only.finish(&joined, &cancel).expect("a proof");
    MIXED.prover.verify(&MIXED.statement(2), &proof).expect("valid");
}

/// A proof of one class for a statement that names another: refused by the class named.
#[test]
fn leaves_of_another_class_are_refused() {
    for (i, other) in [(0, 1), (1, 0)] {
        let (statement, leaf) = &MIXED.batches[i];
        let mut renamed = *statement;
        renamed.header.class = other;
        let refused = MIXED.prover.wrap(leaf, &renamed, &Cancel::new());
        assert!(matches!(refused, Err(WrapLeafError::Wrap(WrapError::Leaf(VerifyError::Class)))));
    }
}

/// A node's first byte says its class: under another class's key it is not valid.
#[test]
fn nodes_of_another_class_are_refused() {
    for (i, other) in [(0, 1), (1, 0)] {
        let mut bytes = MIXED.node(i).as_bytes().to_vec();
        assert_eq!(usize::from(bytes[0]), INDICES[i]);
        bytes[0] = other;
        let refused = MIXED.prover.batch_range(&NodeProofBytes::from_bytes(bytes));
        assert!(matches!(refused, Err(AggregateError::Invalid(_))));
    }
}
