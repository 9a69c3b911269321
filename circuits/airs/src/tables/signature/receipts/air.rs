//! Constraints of the receipts table.

use core::ops::Range;

use p3_air::{AirBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use farthing_protocol::{DIGEST_ELEMENTS, Felt, RATE, WIDTH};

use crate::buses::{RECEIPT, send_digest};
use crate::gadgets::columns::Row;
use farthing_protocol::position::RECEIPTS_ROOT;

use super::ARITY;

pub(super) const fn child(i: usize) -> Range<usize> {
    digest_at(i)
}
pub(super) const fn middle(i: usize) -> Range<usize> {
    digest_at(ARITY + i)
}
pub(super) const PARENT: Range<usize> = digest_at(ARITY + 2);
pub(crate) const PRESENT: usize = PARENT.end;
pub(crate) const ACTIVE: usize = PRESENT + ARITY;
/// Columns of the main trace.
pub(crate) const COLUMNS: usize = ACTIVE + 1;

pub(super) const STEP: usize = 0;
pub(super) const POSITION: usize = 1;
pub(super) const IS_ROOT: usize = 2;
pub(super) const EMPTY: Range<usize> = 3..7;
/// Preprocessed columns.
pub(crate) const PREPROCESSED_COLUMNS: usize = EMPTY.end;

const fn digest_at(i: usize) -> Range<usize> {
    DIGEST_ELEMENTS * i..DIGEST_ELEMENTS * (i + 1)
}

pub(crate) fn eval<AB: AirBuilder<F = Felt> + InteractionBuilder>(builder: &mut AB) {
    let main = builder.main();
    let row = Row::<AB::Expr>::new(main.current_slice());
    let fixed = Row::<AB::Expr>::new(builder.preprocessed().current_slice());
    assert_flags(builder, &row);
    assert_absent_children_are_empty(builder, &row, &fixed);
    assert_root_is_public(builder, &row, &fixed);
    receive_children(builder, &row, &fixed);
    hash_children(builder, &row);
    send_parent(builder, &row, &fixed);
}

fn assert_flags<AB: AirBuilder>(builder: &mut AB, row: &Row<AB::Expr>) {
    builder.assert_bool(row.at(ACTIVE));
    for i in 0..ARITY {
        builder.assert_bool(row.at(PRESENT + i));
        // A child of a row that hashes nothing would be lost.
        builder.assert_zero(row.at(PRESENT + i) * (AB::Expr::ONE - row.at(ACTIVE)));
    }
}

fn assert_absent_children_are_empty<AB: AirBuilder>(
    builder: &mut AB,
    row: &Row<AB::Expr>,
    fixed: &Row<AB::Expr>,
) {
    for i in 0..ARITY {
        let absent = row.at(ACTIVE) - row.at(PRESENT + i);
        for (element, empty) in row.all(&child(i)).iter().zip(fixed.all(&EMPTY)) {
            builder.assert_zero(absent.clone() * (element.clone() - empty.clone()));
        }
    }
}

fn assert_root_is_public<AB: AirBuilder>(
    builder: &mut AB,
    row: &Row<AB::Expr>,
    fixed: &Row<AB::Expr>,
) {
    let is_root = fixed.at(IS_ROOT);
    builder.assert_zero(is_root.clone() * (AB::Expr::ONE - row.at(ACTIVE)));
    let root: [AB::Expr; DIGEST_ELEMENTS] =
        core::array::from_fn(|i| builder.public_values()[RECEIPTS_ROOT.start + i].into());
    for (element, expected) in row.all(&PARENT).iter().zip(root) {
        builder.assert_zero(is_root.clone() * (element.clone() - expected));
    }
}

fn receive_children<AB: InteractionBuilder>(
    builder: &mut AB,
    row: &Row<AB::Expr>,
    fixed: &Row<AB::Expr>,
) {
    for i in 0..ARITY {
        let position = fixed.at(POSITION) * AB::Expr::from_usize(ARITY) + AB::Expr::from_usize(i);
        let message = [fixed.at(STEP), position].into_iter().chain(row.all(&child(i)).to_vec());
        RECEIPT.receive(builder, message, Count::bounded(row.at(PRESENT + i), 1));
    }
}

fn hash_children<AB: InteractionBuilder>(builder: &mut AB, row: &Row<AB::Expr>) {
    compress(builder, row, [child(0), child(1)], &middle(0));
    compress(builder, row, [child(2), child(3)], &middle(1));
    compress(builder, row, [middle(0), middle(1)], &PARENT);
}

fn compress<AB: InteractionBuilder>(
    builder: &mut AB,
    row: &Row<AB::Expr>,
    [left, right]: [Range<usize>; 2],
    parent: &Range<usize>,
) {
    let mut input: [AB::Expr; WIDTH] = core::array::from_fn(|_| AB::Expr::ZERO);
    input[..DIGEST_ELEMENTS].clone_from_slice(row.all(&left));
    input[DIGEST_ELEMENTS..RATE].clone_from_slice(row.all(&right));
    send_digest(builder, input, row.array(parent), row.at(ACTIVE));
}

fn send_parent<AB: InteractionBuilder>(
    builder: &mut AB,
    row: &Row<AB::Expr>,
    fixed: &Row<AB::Expr>,
) {
    let message = [fixed.at(STEP) + AB::Expr::ONE, fixed.at(POSITION)];
    let message = message.into_iter().chain(row.all(&PARENT).to_vec());
    // The root's row is active.
    let count = row.at(ACTIVE) - fixed.at(IS_ROOT);
    RECEIPT.send(builder, message, Count::bounded(count, 1));
}
