//! Merkle table: one row per touched inner node of the two state trees, and one for the state root.
//!
//! | columns | meaning | bound by |
//! | --- | --- | --- |
//! | active, root | the row is a node; it is the state root, the parent of both trees' roots | boolean |
//! | tree, level, index | where its children stand: tree, level from the leaves, index of the left one halved | node bus: equal to those of the touched child |
//! | left, right touched | the child's change is received | boolean, node bus |
//! | left, right (old, new; 4 each) | children; of an untouched one old = new | node bus or equality |
//! | parent (old, new; 4 each) | compressions; at the root the statement's | hash bus, statement |
//!
//! **A path leads from each touched leaf to the root.** A row's parent is sent at its level + 1 and
//! received by a row at that level; levels start at 0 and only the root's row, at level 32, sends
//! nothing, so a chain of sends ends there. Indices double and the root's are 0 and 0, so an index
//! at level 0 is below 2³² and its bits are the path.
//!
//! Two rows for one node would be of no use: both have the statement's roots above them, so by
//! collision resistance both show the same children, old and new, and the child that the one takes
//! as untouched the other cannot change.

mod air;
mod trace;

use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use farthing_protocol::DIGEST_ELEMENTS;

use crate::buses::NODE;
use crate::class::LeafClass;
use crate::gadgets::layout::Layout;
use crate::gadgets::sbox::SBox;
use crate::tables::{LeafBuilder, LeafTable, Part};

pub(crate) use air::MerkleColumns;
pub(crate) use trace::trace;

/// A state tree's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TreeNumber {
    /// Left child of the state root.
    Accounts = 0,
    /// Right child of the state root.
    Licenses = 1,
}

/// Rows besides those of inner nodes: the state root.
pub(crate) const ROOT_ROWS: u32 = 1;

/// Sends the change of the leaf at `index` of a tree: before, after.
#[track_caller]
pub(crate) fn send_leaf_change<AB: InteractionBuilder>(
    builder: &mut AB,
    tree: TreeNumber,
    index: AB::Var,
    leaves: [[AB::Var; DIGEST_ELEMENTS]; 2],
    count: AB::Expr,
) {
    let mut message = vec![AB::Expr::from_u64(tree as u64), AB::Expr::ZERO, index.into()];
    message.extend(leaves.into_iter().flatten().map(Into::into));
    NODE.send(builder, message, Count::bounded(count, 1));
}

/// Touched nodes of both state trees.
#[derive(Clone, Debug)]
pub(crate) struct MerkleTable(MerkleColumns);

impl LeafTable for MerkleTable {
    const NAME: &'static str = "merkle";
    const PART: Part = Part::State;
    const READS_STATEMENT: bool = true;

    fn new(_: &LeafClass, _: SBox) -> Self {
        Self(MerkleColumns::new())
    }

    fn log_heights(class: &LeafClass) -> Vec<usize> {
        vec![class.state.log_merkle]
    }

    fn columns(&self) -> &dyn Layout {
        &self.0
    }

    fn eval<AB: LeafBuilder>(&self, builder: &mut AB) {
        air::eval(&self.0, builder);
    }
}
