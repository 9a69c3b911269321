//! Constraints of the combination.

use p3_air::{AirBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use crate::buses::WINDOW;
use crate::gadgets::group_law::{AdditionColumns, ElementColumns};
use crate::gadgets::layout::{One, columns};

columns! {
    /// Columns of the main trace; the module page says what each means.
    pub(crate) struct CombineColumns, row CombineCells {
        sum: ElementColumns,
        operand: ElementColumns,
        addition: AdditionColumns,
    }
}

columns! {
    /// Preprocessed columns.
    pub(crate) struct PreprocessedColumns, row PreprocessedCells {
        part: One,
        load: One,
        adds: One,
        doubles: One,
        last: One,
    }
}

pub(crate) fn eval<AB: InteractionBuilder>(
    columns: &CombineColumns,
    preprocessed: &PreprocessedColumns,
    builder: &mut AB,
) {
    let (main, fixed) = (builder.main(), builder.preprocessed().clone());
    let (row, next) = (&columns.row(main.current_slice()), &columns.row(main.next_slice()));
    let fixed_next = &preprocessed.row(fixed.next_slice());
    let fixed = &preprocessed.row(fixed.current_slice());
    assert_cases(builder, row, fixed);
    assert_sum(builder, row, next, fixed_next);
    assert_doubles_itself(builder, row, next, fixed_next);
    assert_final_sum_is_neutral(builder, row, fixed);
    receive_window(builder, row, fixed);
}

fn assert_cases<AB: AirBuilder>(
    builder: &mut AB,
    row: &CombineCells<AB::Var>,
    fixed: &PreprocessedCells<AB::Var>,
) {
    builder.assert_bool(row.operand.neutral);
    let active = fixed.load + fixed.adds + fixed.doubles;
    row.addition.assert_cases(builder, active, fixed.load.into());
}

fn assert_sum<AB: AirBuilder>(
    builder: &mut AB,
    row: &CombineCells<AB::Var>,
    next: &CombineCells<AB::Var>,
    fixed_next: &PreprocessedCells<AB::Var>,
) {
    next.addition.assert_sum(
        builder,
        &(fixed_next.adds + fixed_next.doubles),
        &AB::Expr::ZERO,
        &row.sum.element(),
        &next.operand.element(),
        &next.sum.element(),
    );
}

fn assert_doubles_itself<AB: AirBuilder>(
    builder: &mut AB,
    row: &CombineCells<AB::Var>,
    next: &CombineCells<AB::Var>,
    fixed_next: &PreprocessedCells<AB::Var>,
) {
    let sum = row.sum.element::<AB::Expr>().message();
    let operand = next.operand.element::<AB::Expr>().message();
    for (left, right) in sum.zip(operand) {
        builder.assert_zero(fixed_next.doubles * (right - left));
    }
}

fn assert_final_sum_is_neutral<AB: AirBuilder>(
    builder: &mut AB,
    row: &CombineCells<AB::Var>,
    fixed: &PreprocessedCells<AB::Var>,
) {
    builder.assert_zero(fixed.last * (AB::Expr::ONE - row.sum.neutral));
}

fn receive_window<AB: InteractionBuilder>(
    builder: &mut AB,
    row: &CombineCells<AB::Var>,
    fixed: &PreprocessedCells<AB::Var>,
) {
    let part: AB::Expr = fixed.part.into();
    let message = core::iter::once(part).chain(row.operand.element().message());
    WINDOW.receive(builder, message, Count::bounded(fixed.load + fixed.adds, 1));
}
