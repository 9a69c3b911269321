//! Constraints of a bucket table.

use p3_air::{AirBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use farthing_protocol::FP5_ELEMENTS;

use crate::buses::{BUCKET, TERM};
use crate::gadgets::fp5::{Five, PointExpr, add, assert_slope, scale, sub, sum_on_line};
use crate::gadgets::gate::OnRows;
use crate::gadgets::group_law::assert_opposite;
use crate::gadgets::layout::{Many, One, columns};

columns! {
    /// Columns of the main trace; the module page says what each means.
    pub(crate) struct BucketColumns, row BucketCells {
        window: One,
        index: One,
        negative: One,
        fresh: One,
        add: One,
        cancel: One,
        end: One,
        x: Many<FP5_ELEMENTS>,
        y: Many<FP5_ELEMENTS>,
        sum_x: Many<FP5_ELEMENTS>,
        sum_y: Many<FP5_ELEMENTS>,
        slope: Many<FP5_ELEMENTS>,
    }
}

impl<V: Copy> BucketCells<V> {
    fn active<E: PrimeCharacteristicRing>(&self) -> E
    where
        V: Into<E>,
    {
        self.fresh.into() + self.add.into() + self.cancel.into()
    }

    /// The point added.
    fn point<E>(&self) -> PointExpr<E>
    where
        V: Into<E>,
    {
        PointExpr { x: self.x.map(Into::into), y: self.y.map(Into::into) }
    }

    /// The sum after this row.
    fn sum<E>(&self) -> PointExpr<E>
    where
        V: Into<E>,
    {
        PointExpr { x: self.sum_x.map(Into::into), y: self.sum_y.map(Into::into) }
    }
}

pub(crate) fn eval<AB: InteractionBuilder>(columns: &BucketColumns, builder: &mut AB) {
    let main = builder.main();
    let (row, next) = (&columns.row(main.current_slice()), &columns.row(main.next_slice()));
    assert_flags(builder, row);
    assert_runs(builder, row, next);
    assert_sums(builder, row, next);
    receive_term(builder, row);
    send_bucket(builder, row);
}

fn assert_flags<AB: AirBuilder>(builder: &mut AB, row: &BucketCells<AB::Var>) {
    builder.assert_bools([row.negative, row.fresh, row.add, row.cancel, row.end]);
    builder.assert_bool(row.active::<AB::Expr>());
    builder.assert_zero(row.end * (AB::Expr::ONE - row.active::<AB::Expr>()));
}

/// Active rows come first; a run keeps its bucket, ends by `end`, and starts by `fresh`.
fn assert_runs<AB: AirBuilder>(
    builder: &mut AB,
    row: &BucketCells<AB::Var>,
    next: &BucketCells<AB::Var>,
) {
    let one = AB::Expr::ONE;
    let continues = next.add + next.cancel;
    builder.on_first_row().assert_zero(row.add + row.cancel);
    // Nothing is added to the sum of another bucket, nor to the neutral element.
    builder.assert_zero(continues.clone() * row.end);
    builder.assert_zero(continues * row.cancel);

    let (active, next_active): (AB::Expr, AB::Expr) = (row.active(), next.active());
    let open = active.clone() * (one.clone() - row.end);
    let mut transition = builder.on_transition();
    // A sum is dropped only where it was handed on or is neutral.
    transition.assert_zero(next.fresh * (one.clone() - row.end) * (one.clone() - row.cancel));
    transition.assert_zero((one.clone() - active) * next_active.clone());
    transition.assert_zero(open.clone() * (one - next_active));
    transition.assert_zero(open.clone() * (next.window - row.window));
    transition.assert_zero(open.clone() * (next.index - row.index));
    builder.on_last_row().assert_zero(open);
}

fn assert_sums<AB: AirBuilder>(
    builder: &mut AB,
    row: &BucketCells<AB::Var>,
    next: &BucketCells<AB::Var>,
) {
    let (before, point, sum) = (row.sum(), next.point(), next.sum());
    let slope: Five<AB::Expr> = next.slope.map(Into::into);
    let (fresh, adds): (AB::Expr, AB::Expr) = (next.fresh.into(), next.add.into());
    assert_slope(builder, &adds, &slope, &before, &point);
    let third = sum_on_line(&slope, &before, &point, &sum.x);
    builder.assert_zeros(sub(&sum.x, &add(&scale(&fresh, &point.x), &scale(&adds, &third.x))));
    builder.assert_zeros(sub(&sum.y, &add(&scale(&fresh, &point.y), &scale(&adds, &third.y))));
    assert_opposite(builder, &next.cancel.into(), &before, &point);
}

fn receive_term<AB: InteractionBuilder>(builder: &mut AB, row: &BucketCells<AB::Var>) {
    let (negative, index): (AB::Expr, AB::Expr) = (row.negative.into(), row.index.into());
    let sign = AB::Expr::ONE - negative.double();
    let digit = sign.clone() * (index.double() + AB::Expr::ONE);
    let point = row.point().signed(&sign);
    let message = [row.window.into(), digit].into_iter().chain(point.coordinates());
    TERM.receive(builder, message, Count::bounded(row.active(), 1));
}

fn send_bucket<AB: InteractionBuilder>(builder: &mut AB, row: &BucketCells<AB::Var>) {
    let message: [AB::Expr; 3] = [row.window, row.index, row.cancel].map(Into::into);
    let message = message.into_iter().chain(row.sum().coordinates());
    BUCKET.send(builder, message, Count::bounded(row.end.into(), 1));
}
