//! Constraints of the combination.

use p3_air::{AirBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use crate::buses::WINDOW;
use crate::gadgets::columns::{ColumnCounter, Row};
use crate::gadgets::group_law::{AdditionColumns, ElementColumns};

pub(super) const PART: usize = 0;
pub(super) const LOAD: usize = 1;
pub(super) const ADDS: usize = 2;
pub(super) const DOUBLES: usize = 3;
pub(super) const LAST: usize = 4;
/// Preprocessed columns.
pub(crate) const PREPROCESSED_COLUMNS: usize = 5;

/// Columns of the main trace.
#[derive(Clone, Debug)]
pub(crate) struct CombineColumns {
    pub(crate) sum: ElementColumns,
    pub(crate) operand: ElementColumns,
    pub(crate) addition: AdditionColumns,
    pub(crate) width: usize,
}

impl CombineColumns {
    pub(crate) fn new() -> Self {
        let mut columns = ColumnCounter::default();
        Self {
            sum: ElementColumns::new(&mut columns),
            operand: ElementColumns::new(&mut columns),
            addition: AdditionColumns::new(&mut columns),
            width: columns.width(),
        }
    }
}

pub(crate) fn eval<AB: InteractionBuilder>(columns: &CombineColumns, builder: &mut AB) {
    let main = builder.main();
    let fixed = builder.preprocessed().clone();
    let row = Row::<AB::Expr>::new(main.current_slice());
    let next = Row::<AB::Expr>::new(main.next_slice());
    let fixed_row = Row::<AB::Expr>::new(fixed.current_slice());
    let fixed_next = Row::<AB::Expr>::new(fixed.next_slice());
    assert_cases(columns, builder, &row, &fixed_row);
    assert_sum(columns, builder, &row, &next, &fixed_next);
    assert_doubles_itself(columns, builder, &row, &next, &fixed_next);
    assert_final_sum_is_neutral(columns, builder, &row, &fixed_row);
    receive_window(columns, builder, &row, &fixed_row);
}

fn assert_cases<AB: AirBuilder>(
    columns: &CombineColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
    fixed: &Row<AB::Expr>,
) {
    builder.assert_bool(row.at(columns.operand.neutral));
    let active = fixed.at(LOAD) + fixed.at(ADDS) + fixed.at(DOUBLES);
    columns.addition.assert_cases(builder, row, active, fixed.at(LOAD));
}

fn assert_sum<AB: AirBuilder>(
    columns: &CombineColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
    next: &Row<AB::Expr>,
    fixed_next: &Row<AB::Expr>,
) {
    columns.addition.assert_sum(
        builder,
        next,
        &(fixed_next.at(ADDS) + fixed_next.at(DOUBLES)),
        &AB::Expr::ZERO,
        &columns.sum.of(row),
        &columns.operand.of(next),
        &columns.sum.of(next),
    );
}

fn assert_doubles_itself<AB: AirBuilder>(
    columns: &CombineColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
    next: &Row<AB::Expr>,
    fixed_next: &Row<AB::Expr>,
) {
    let sum = columns.sum.of(row).message();
    let operand = columns.operand.of(next).message();
    for (left, right) in sum.zip(operand) {
        builder.assert_zero(fixed_next.at(DOUBLES) * (right - left));
    }
}

fn assert_final_sum_is_neutral<AB: AirBuilder>(
    columns: &CombineColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
    fixed: &Row<AB::Expr>,
) {
    builder.assert_zero(fixed.at(LAST) * (AB::Expr::ONE - row.at(columns.sum.neutral)));
}

fn receive_window<AB: InteractionBuilder>(
    columns: &CombineColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
    fixed: &Row<AB::Expr>,
) {
    let message = core::iter::once(fixed.at(PART)).chain(columns.operand.of(row).message());
    WINDOW.receive(builder, message, Count::bounded(fixed.at(LOAD) + fixed.at(ADDS), 1));
}
