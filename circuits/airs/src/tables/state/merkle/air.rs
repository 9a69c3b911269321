//! Constraints of the Merkle table.

use p3_air::{AirBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use farthing_protocol::{DIGEST_ELEMENTS, Felt, TREE_DEPTH, WIDTH, position};

use crate::buses::{NODE, send_digest};
use crate::gadgets::layout::{Many, One, columns};

/// Old and new digest of a node.
type Change = [Many<DIGEST_ELEMENTS>; 2];

columns! {
    /// Columns of the main trace; the module page says what each means.
    pub(crate) struct MerkleColumns, row MerkleCells {
        active: One,
        root: One,
        tree: One,
        level: One,
        index: One,
        /// Left and right.
        touched: Many<2>,
        left: Change,
        right: Change,
        parent: Change,
    }
}

pub(crate) fn eval<AB: AirBuilder<F = Felt> + InteractionBuilder>(
    columns: &MerkleColumns,
    builder: &mut AB,
) {
    let main = builder.main();
    let row = &columns.row(main.current_slice());
    assert_flags(builder, row);
    assert_untouched_children_stay(builder, row);
    assert_root(builder, row);
    hash_children(builder, row);
    receive_children(builder, row);
    send_parent(builder, row);
}

fn assert_flags<AB: AirBuilder>(builder: &mut AB, row: &MerkleCells<AB::Var>) {
    let [left, right] = row.touched;
    builder.assert_bools([row.active, row.root, left, right]);
    for flag in [row.root, left, right] {
        // A child taken by a row that hashes nothing would be lost.
        builder.assert_zero(flag * (AB::Expr::ONE - row.active));
    }
}

fn assert_untouched_children_stay<AB: AirBuilder>(builder: &mut AB, row: &MerkleCells<AB::Var>) {
    for (touched, [old, new]) in row.touched.into_iter().zip([row.left, row.right]) {
        let untouched = AB::Expr::ONE - touched;
        for (old, new) in old.into_iter().zip(new) {
            builder.assert_zero(untouched.clone() * (new - old));
        }
    }
}

fn assert_root<AB: AirBuilder<F = Felt>>(builder: &mut AB, row: &MerkleCells<AB::Var>) {
    let public: Vec<AB::Expr> = builder.public_values().iter().map(|v| (*v).into()).collect();
    let depth = AB::Expr::from_usize(TREE_DEPTH);
    builder.assert_zero(row.root * (row.level - depth));
    builder.assert_zero(row.root * row.index);
    builder.assert_zero(row.root * row.tree);
    for (parent, expected) in row.parent.into_iter().zip([position::OLD_ROOT, position::NEW_ROOT]) {
        for (element, expected) in parent.into_iter().zip(expected) {
            builder.assert_zero(row.root * (element - public[expected].clone()));
        }
    }
}

fn hash_children<AB: InteractionBuilder>(builder: &mut AB, row: &MerkleCells<AB::Var>) {
    for ((left, right), parent) in row.left.into_iter().zip(row.right).zip(row.parent) {
        let mut input: [AB::Expr; WIDTH] = core::array::from_fn(|_| AB::Expr::ZERO);
        for (element, child) in input.iter_mut().zip(left.into_iter().chain(right)) {
            *element = child.into();
        }
        send_digest(builder, input, parent.map(Into::into), row.active.into());
    }
}

/// The root's children are the roots of tree 0 and tree 1, any other's two nodes of its tree.
fn receive_children<AB: InteractionBuilder>(builder: &mut AB, row: &MerkleCells<AB::Var>) {
    let index: AB::Expr = row.index.into();
    let index = index.double();
    let right = index.clone() + AB::Expr::ONE - row.root;
    let places = [[row.tree.into(), index], [row.tree + row.root, right]];
    let children = [row.left, row.right].into_iter().zip(row.touched);
    for ([tree, index], (child, touched)) in places.into_iter().zip(children) {
        let message = node_message::<AB>([tree, row.level.into(), index], child);
        NODE.receive(builder, message, Count::bounded(touched.into(), 1));
    }
}

fn send_parent<AB: InteractionBuilder>(builder: &mut AB, row: &MerkleCells<AB::Var>) {
    let place = [row.tree.into(), row.level + AB::Expr::ONE, row.index.into()];
    let message = node_message::<AB>(place, row.parent);
    NODE.send(builder, message, Count::bounded(row.active - row.root, 1));
}

fn node_message<AB: AirBuilder>(
    place: [AB::Expr; 3],
    change: [[AB::Var; DIGEST_ELEMENTS]; 2],
) -> Vec<AB::Expr> {
    place.into_iter().chain(change.into_iter().flatten().map(Into::into)).collect()
}
