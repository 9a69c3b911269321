//! Constraints of the Merkle table.

use core::ops::Range;

use p3_air::{AirBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use farthing_protocol::{DIGEST_ELEMENTS, Felt, RATE, TREE_DEPTH, WIDTH, position};

use crate::buses::{NODE, send_digest};
use crate::gadgets::columns::Row;

pub(crate) const ACTIVE: usize = 0;
pub(crate) const ROOT: usize = 1;
pub(crate) const TREE: usize = 2;
pub(crate) const LEVEL: usize = 3;
pub(crate) const INDEX: usize = 4;
/// Left and right.
pub(crate) const TOUCHED: usize = 5;
/// Columns of the main trace.
pub(crate) const COLUMNS: usize = PARENT[1].end;

/// Old and new digest of a node.
pub(crate) type Change = [Range<usize>; 2];
pub(crate) const LEFT: Change = change(TOUCHED + 2);
pub(crate) const RIGHT: Change = change(LEFT[1].end);
pub(crate) const PARENT: Change = change(RIGHT[1].end);

const fn change(start: usize) -> Change {
    let middle = start + DIGEST_ELEMENTS;
    [start..middle, middle..middle + DIGEST_ELEMENTS]
}

pub(crate) fn eval<AB: AirBuilder<F = Felt> + InteractionBuilder>(builder: &mut AB) {
    let main = builder.main();
    let row = &Row::<AB::Expr>::new(main.current_slice());
    assert_flags(builder, row);
    assert_untouched_children_stay(builder, row);
    assert_root(builder, row);
    hash_children(builder, row);
    receive_children(builder, row);
    send_parent(builder, row);
}

fn assert_flags<AB: AirBuilder>(builder: &mut AB, row: &Row<AB::Expr>) {
    builder.assert_bools([ACTIVE, ROOT, TOUCHED, TOUCHED + 1].map(|flag| row.at(flag)));
    for flag in [ROOT, TOUCHED, TOUCHED + 1] {
        // A child taken by a row that hashes nothing would be lost.
        builder.assert_zero(row.at(flag) * (AB::Expr::ONE - row.at(ACTIVE)));
    }
}

fn assert_untouched_children_stay<AB: AirBuilder>(builder: &mut AB, row: &Row<AB::Expr>) {
    for (side, [old, new]) in [LEFT, RIGHT].into_iter().enumerate() {
        let untouched = AB::Expr::ONE - row.at(TOUCHED + side);
        for (old, new) in old.zip(new) {
            builder.assert_zero(untouched.clone() * (row.at(new) - row.at(old)));
        }
    }
}

fn assert_root<AB: AirBuilder<F = Felt>>(builder: &mut AB, row: &Row<AB::Expr>) {
    let public: Vec<AB::Expr> = builder.public_values().iter().map(|v| (*v).into()).collect();
    let root = row.at(ROOT);
    let depth = AB::Expr::from_usize(TREE_DEPTH);
    builder.assert_zero(root.clone() * (row.at(LEVEL) - depth));
    builder.assert_zero(root.clone() * row.at(INDEX));
    builder.assert_zero(root.clone() * row.at(TREE));
    for (columns, expected) in PARENT.into_iter().zip([position::OLD_ROOT, position::NEW_ROOT]) {
        for (column, expected) in columns.zip(expected) {
            builder.assert_zero(root.clone() * (row.at(column) - public[expected].clone()));
        }
    }
}

fn hash_children<AB: InteractionBuilder>(builder: &mut AB, row: &Row<AB::Expr>) {
    for ((left, right), parent) in LEFT.into_iter().zip(RIGHT).zip(PARENT) {
        let mut input: [AB::Expr; WIDTH] = core::array::from_fn(|_| AB::Expr::ZERO);
        input[..DIGEST_ELEMENTS].clone_from_slice(row.all(&left));
        input[DIGEST_ELEMENTS..RATE].clone_from_slice(row.all(&right));
        send_digest(builder, input, row.array(&parent), row.at(ACTIVE));
    }
}

/// The root's children are the roots of tree 0 and tree 1, any other's two nodes of its tree.
fn receive_children<AB: InteractionBuilder>(builder: &mut AB, row: &Row<AB::Expr>) {
    let index = row.at(INDEX).double();
    let right = index.clone() + AB::Expr::ONE - row.at(ROOT);
    let places = [[row.at(TREE), index], [row.at(TREE) + row.at(ROOT), right]];
    for (side, ([tree, index], child)) in places.into_iter().zip([LEFT, RIGHT]).enumerate() {
        let message = node_message(row, [tree, row.at(LEVEL), index], &child);
        NODE.receive(builder, message, Count::bounded(row.at(TOUCHED + side), 1));
    }
}

fn send_parent<AB: InteractionBuilder>(builder: &mut AB, row: &Row<AB::Expr>) {
    let place = [row.at(TREE), row.at(LEVEL) + AB::Expr::ONE, row.at(INDEX)];
    let message = node_message(row, place, &PARENT);
    NODE.send(builder, message, Count::bounded(row.at(ACTIVE) - row.at(ROOT), 1));
}

fn node_message<E: PrimeCharacteristicRing>(
    row: &Row<E>,
    place: [E; 3],
    [old, new]: &Change,
) -> Vec<E> {
    place.into_iter().chain(row.all(old).iter().chain(row.all(new)).cloned()).collect()
}
