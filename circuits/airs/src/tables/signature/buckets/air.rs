//! Constraints of a bucket table.

use core::ops::Range;

use p3_air::{AirBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use crate::buses::{BUCKET, TERM};
use crate::gadgets::columns::Row;
use crate::gadgets::fp5::{PointExpr, add, assert_slope, scale, sub, sum_on_line};
use crate::gadgets::gate::OnRows;
use crate::gadgets::group_law::assert_opposite;

pub(crate) const WINDOW: usize = 0;
pub(crate) const INDEX: usize = 1;
pub(crate) const NEGATIVE: usize = 2;
pub(crate) const FRESH: usize = 3;
pub(crate) const ADD: usize = 4;
pub(crate) const CANCEL: usize = 5;
pub(crate) const END: usize = 6;
pub(crate) const X: Range<usize> = 7..12;
pub(crate) const Y: Range<usize> = 12..17;
pub(crate) const SUM_X: Range<usize> = 17..22;
pub(crate) const SUM_Y: Range<usize> = 22..27;
pub(crate) const SLOPE: Range<usize> = 27..32;
/// Columns of the table.
pub(crate) const COLUMNS: usize = SLOPE.end;

pub(crate) fn eval<AB: InteractionBuilder>(builder: &mut AB) {
    let main = builder.main();
    let row = Row::<AB::Expr>::new(main.current_slice());
    let next = Row::<AB::Expr>::new(main.next_slice());
    assert_flags(builder, &row);
    assert_runs(builder, &row, &next);
    assert_sums(builder, &row, &next);
    receive_term(builder, &row);
    send_bucket(builder, &row);
}

fn active<E: PrimeCharacteristicRing>(row: &Row<E>) -> E {
    row.at(FRESH) + row.at(ADD) + row.at(CANCEL)
}

fn not<E: PrimeCharacteristicRing>(flag: E) -> E {
    E::ONE - flag
}

fn assert_flags<AB: AirBuilder>(builder: &mut AB, row: &Row<AB::Expr>) {
    builder.assert_bools([NEGATIVE, FRESH, ADD, CANCEL, END].map(|flag| row.at(flag)));
    builder.assert_bool(active(row));
    builder.assert_zero(row.at(END) * not(active(row)));
}

/// Active rows come first; a run keeps its bucket, ends by `end`, and starts by `fresh`.
fn assert_runs<AB: AirBuilder>(builder: &mut AB, row: &Row<AB::Expr>, next: &Row<AB::Expr>) {
    let continues = next.at(ADD) + next.at(CANCEL);
    builder.on_first_row().assert_zero(row.at(ADD) + row.at(CANCEL));
    // Nothing is added to the sum of another bucket, nor to the neutral element.
    builder.assert_zero(continues.clone() * row.at(END));
    builder.assert_zero(continues * row.at(CANCEL));

    let open = active(row) * not(row.at(END));
    let mut transition = builder.on_transition();
    // A sum is dropped only where it was handed on or is neutral.
    transition.assert_zero(next.at(FRESH) * not(row.at(END)) * not(row.at(CANCEL)));
    transition.assert_zero(not(active(row)) * active(next));
    transition.assert_zero(open.clone() * not(active(next)));
    transition.assert_zero(open.clone() * (next.at(WINDOW) - row.at(WINDOW)));
    transition.assert_zero(open.clone() * (next.at(INDEX) - row.at(INDEX)));
    builder.on_last_row().assert_zero(open);
}

fn assert_sums<AB: AirBuilder>(builder: &mut AB, row: &Row<AB::Expr>, next: &Row<AB::Expr>) {
    let before = PointExpr { x: row.array(&SUM_X), y: row.array(&SUM_Y) };
    let point = PointExpr { x: next.array(&X), y: next.array(&Y) };
    let (sum_x, sum_y) = (next.array(&SUM_X), next.array(&SUM_Y));
    let slope = next.array(&SLOPE);
    let (fresh, adds) = (next.at(FRESH), next.at(ADD));
    assert_slope(builder, &adds, &slope, &before, &point);
    let third = sum_on_line(&slope, &before, &point, &sum_x);
    builder.assert_zeros(sub(&sum_x, &add(&scale(&fresh, &point.x), &scale(&adds, &third.x))));
    builder.assert_zeros(sub(&sum_y, &add(&scale(&fresh, &point.y), &scale(&adds, &third.y))));
    assert_opposite(builder, &next.at(CANCEL), &before, &point);
}

fn receive_term<AB: InteractionBuilder>(builder: &mut AB, row: &Row<AB::Expr>) {
    let sign = AB::Expr::ONE - row.at(NEGATIVE).double();
    let digit = sign.clone() * (row.at(INDEX).double() + AB::Expr::ONE);
    let point = PointExpr { x: row.array(&X), y: row.array(&Y) }.signed(&sign);
    let message = [row.at(WINDOW), digit].into_iter().chain(point.coordinates());
    TERM.receive(builder, message, Count::bounded(active(row), 1));
}

fn send_bucket<AB: InteractionBuilder>(builder: &mut AB, row: &Row<AB::Expr>) {
    let sum = PointExpr { x: row.array(&SUM_X), y: row.array(&SUM_Y) };
    let message =
        [row.at(WINDOW), row.at(INDEX), row.at(CANCEL)].into_iter().chain(sum.coordinates());
    BUCKET.send(builder, message, Count::bounded(row.at(END), 1));
}
