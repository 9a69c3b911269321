//! Constraints of the receipts table.

use p3_air::{AirBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use farthing_protocol::{DIGEST_ELEMENTS, Felt, WIDTH};

use crate::buses::{RECEIPT, send_digest};
use crate::gadgets::layout::{Many, One, columns};
use farthing_protocol::position::RECEIPTS_ROOT;

use super::ARITY;

/// Nodes between the children and the parent.
const MIDDLE: usize = ARITY / 2;

columns! {
    /// Columns of the main trace; the module page says what each means.
    pub(crate) struct ReceiptColumns, row ReceiptCells {
        children: [Many<DIGEST_ELEMENTS>; ARITY],
        middle: [Many<DIGEST_ELEMENTS>; MIDDLE],
        parent: Many<DIGEST_ELEMENTS>,
        present: Many<ARITY>,
        active: One,
    }
}

columns! {
    /// Preprocessed columns.
    pub(crate) struct PreprocessedColumns, row PreprocessedCells {
        step: One,
        position: One,
        is_root: One,
        empty: Many<DIGEST_ELEMENTS>,
    }
}

pub(crate) fn eval<AB: AirBuilder<F = Felt> + InteractionBuilder>(
    columns: &ReceiptColumns,
    preprocessed: &PreprocessedColumns,
    builder: &mut AB,
) {
    let main = builder.main();
    let row = &columns.row(main.current_slice());
    let fixed = &preprocessed.row(builder.preprocessed().current_slice());
    assert_flags(builder, row);
    assert_absent_children_are_empty(builder, row, fixed);
    assert_root_is_public(builder, row, fixed);
    receive_children(builder, row, fixed);
    hash_children(builder, row);
    send_parent(builder, row, fixed);
}

fn assert_flags<AB: AirBuilder>(builder: &mut AB, row: &ReceiptCells<AB::Var>) {
    builder.assert_bool(row.active);
    for present in row.present {
        builder.assert_bool(present);
        // A child of a row that hashes nothing would be lost.
        builder.assert_zero(present * (AB::Expr::ONE - row.active));
    }
}

fn assert_absent_children_are_empty<AB: AirBuilder>(
    builder: &mut AB,
    row: &ReceiptCells<AB::Var>,
    fixed: &PreprocessedCells<AB::Var>,
) {
    for (present, child) in row.present.into_iter().zip(row.children) {
        let absent = row.active - present;
        for (element, empty) in child.into_iter().zip(fixed.empty) {
            builder.assert_zero(absent.clone() * (element - empty));
        }
    }
}

fn assert_root_is_public<AB: AirBuilder>(
    builder: &mut AB,
    row: &ReceiptCells<AB::Var>,
    fixed: &PreprocessedCells<AB::Var>,
) {
    builder.assert_zero(fixed.is_root * (AB::Expr::ONE - row.active));
    let root: [AB::Expr; DIGEST_ELEMENTS] =
        core::array::from_fn(|i| builder.public_values()[RECEIPTS_ROOT.start + i].into());
    for (element, expected) in row.parent.into_iter().zip(root) {
        builder.assert_zero(fixed.is_root * (element - expected));
    }
}

fn receive_children<AB: InteractionBuilder>(
    builder: &mut AB,
    row: &ReceiptCells<AB::Var>,
    fixed: &PreprocessedCells<AB::Var>,
) {
    for (i, (present, child)) in row.present.into_iter().zip(row.children).enumerate() {
        let position = fixed.position * AB::Expr::from_usize(ARITY) + AB::Expr::from_usize(i);
        let message = [fixed.step.into(), position].into_iter().chain(child.map(Into::into));
        RECEIPT.receive(builder, message, Count::bounded(present.into(), 1));
    }
}

fn hash_children<AB: InteractionBuilder>(builder: &mut AB, row: &ReceiptCells<AB::Var>) {
    let ([a, b, c, d], [left, right]) = (row.children, row.middle);
    compress(builder, [a, b], left, row.active);
    compress(builder, [c, d], right, row.active);
    compress(builder, [left, right], row.parent, row.active);
}

fn compress<AB: InteractionBuilder>(
    builder: &mut AB,
    children: [[AB::Var; DIGEST_ELEMENTS]; 2],
    parent: [AB::Var; DIGEST_ELEMENTS],
    active: AB::Var,
) {
    let mut input: [AB::Expr; WIDTH] = core::array::from_fn(|_| AB::Expr::ZERO);
    for (element, child) in input.iter_mut().zip(children.into_iter().flatten()) {
        *element = child.into();
    }
    send_digest(builder, input, parent.map(Into::into), active.into());
}

fn send_parent<AB: InteractionBuilder>(
    builder: &mut AB,
    row: &ReceiptCells<AB::Var>,
    fixed: &PreprocessedCells<AB::Var>,
) {
    let message = [fixed.step + AB::Expr::ONE, fixed.position.into()];
    let message = message.into_iter().chain(row.parent.map(Into::into));
    // The root's row is active.
    let count = row.active - fixed.is_root;
    RECEIPT.send(builder, message, Count::bounded(count, 1));
}
