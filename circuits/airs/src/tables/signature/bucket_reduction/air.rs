//! Constraints of the bucket reduction.

use p3_air::{AirBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use crate::buses::{BUCKET, WINDOW};
use crate::gadgets::group_law::{AdditionColumns, ElementColumns};
use crate::gadgets::layout::{One, columns};

columns! {
    /// Columns of the main trace; the module page says what each means.
    pub(crate) struct ReductionColumns, row ReductionCells {
        filled: One,
        bucket: ElementColumns,
        run: ElementColumns,
        total: ElementColumns,
        to_run: AdditionColumns,
        to_total: AdditionColumns,
    }
}

columns! {
    /// Preprocessed columns.
    pub(crate) struct PreprocessedColumns, row PreprocessedCells {
        window: One,
        index: One,
        top: One,
        step: One,
        bottom: One,
    }
}

pub(crate) fn eval<AB: InteractionBuilder>(
    columns: &ReductionColumns,
    preprocessed: &PreprocessedColumns,
    builder: &mut AB,
) {
    let (main, fixed) = (builder.main(), builder.preprocessed().clone());
    let table = &Table {
        row: columns.row(main.current_slice()),
        next: columns.row(main.next_slice()),
        fixed: preprocessed.row(fixed.current_slice()),
        fixed_next: preprocessed.row(fixed.next_slice()),
    };
    assert_bucket(table, builder);
    assert_cases(table, builder);
    assert_run(table, builder);
    assert_total(table, builder);
    receive_bucket(table, builder);
    send_window(table, builder);
}

/// Two rows with their preprocessed columns.
struct Table<V> {
    row: ReductionCells<V>,
    next: ReductionCells<V>,
    fixed: PreprocessedCells<V>,
    fixed_next: PreprocessedCells<V>,
}

/// An empty bucket is neutral, and neutral is written (0, 0).
fn assert_bucket<AB: AirBuilder>(table: &Table<AB::Var>, builder: &mut AB) {
    let (filled, one) = (table.row.filled, AB::Expr::ONE);
    let bucket = table.row.bucket.element::<AB::Expr>();
    builder.assert_bools([filled.into(), bucket.neutral.clone()]);
    builder.assert_zero((one.clone() - filled) * (one.clone() - bucket.neutral.clone()));
    let listed = table.fixed.top + table.fixed.step;
    builder.assert_zero(filled * (one - listed));
    for coordinate in bucket.point.coordinates() {
        builder.assert_zero(bucket.neutral.clone() * coordinate);
    }
}

fn assert_cases<AB: AirBuilder>(table: &Table<AB::Var>, builder: &mut AB) {
    let top = table.fixed.top;
    let adds = top + table.fixed.step;
    let totals = adds.clone() - table.fixed.bottom;
    table.row.to_run.assert_cases(builder, adds, top.into());
    table.row.to_total.assert_cases(builder, totals, top.into());
}

fn assert_run<AB: AirBuilder>(table: &Table<AB::Var>, builder: &mut AB) {
    table.next.to_run.assert_sum(
        builder,
        &table.fixed_next.step.into(),
        &AB::Expr::ZERO,
        &table.row.run.element(),
        &table.next.bucket.element(),
        &table.next.run.element(),
    );
}

/// The last row of a window keeps the total: bucket 0 has index 0.
fn assert_total<AB: AirBuilder>(table: &Table<AB::Var>, builder: &mut AB) {
    table.next.to_total.assert_sum(
        builder,
        &table.fixed_next.step.into(),
        &table.fixed_next.bottom.into(),
        &table.row.total.element(),
        &table.next.run.element(),
        &table.next.total.element(),
    );
}

fn receive_bucket<AB: InteractionBuilder>(table: &Table<AB::Var>, builder: &mut AB) {
    let bucket = table.row.bucket.element::<AB::Expr>();
    let message = [table.fixed.window, table.fixed.index].map(Into::into);
    let message = message.into_iter().chain(bucket.message());
    BUCKET.receive(builder, message, Count::bounded(table.row.filled.into(), 1));
}

fn send_window<AB: InteractionBuilder>(table: &Table<AB::Var>, builder: &mut AB) {
    let window: AB::Expr = table.fixed.window.into();
    let part = window.double();
    let sums = [
        (part.clone(), table.row.run.element()),
        (part + AB::Expr::ONE, table.row.total.element::<AB::Expr>()),
    ];
    for (part, sum) in sums {
        let message = core::iter::once(part).chain(sum.message());
        WINDOW.send(builder, message, Count::bounded(table.fixed.bottom.into(), 1));
    }
}
