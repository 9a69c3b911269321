//! Constraints of the bucket reduction.

use p3_air::{AirBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use crate::buses::{BUCKET, WINDOW};
use crate::gadgets::columns::{ColumnCounter, Row};
use crate::gadgets::group_law::{AdditionColumns, ElementColumns};

pub(super) const FIXED_WINDOW: usize = 0;
pub(super) const FIXED_INDEX: usize = 1;
pub(super) const TOP: usize = 2;
pub(super) const STEP: usize = 3;
pub(super) const BOTTOM: usize = 4;
/// Preprocessed columns.
pub(crate) const PREPROCESSED_COLUMNS: usize = 5;

/// Columns of the main trace.
#[derive(Clone, Debug)]
pub(crate) struct ReductionColumns {
    pub(crate) filled: usize,
    pub(crate) bucket: ElementColumns,
    pub(crate) run: ElementColumns,
    pub(crate) total: ElementColumns,
    pub(crate) to_run: AdditionColumns,
    pub(crate) to_total: AdditionColumns,
    pub(crate) width: usize,
}

impl ReductionColumns {
    pub(crate) fn new() -> Self {
        let mut columns = ColumnCounter::default();
        Self {
            filled: columns.one(),
            bucket: ElementColumns::new(&mut columns),
            run: ElementColumns::new(&mut columns),
            total: ElementColumns::new(&mut columns),
            to_run: AdditionColumns::new(&mut columns),
            to_total: AdditionColumns::new(&mut columns),
            width: columns.width(),
        }
    }
}

pub(crate) fn eval<AB: InteractionBuilder>(columns: &ReductionColumns, builder: &mut AB) {
    let main = builder.main();
    let fixed = builder.preprocessed().clone();
    let table = Table {
        columns,
        row: Row::new(main.current_slice()),
        next: Row::new(main.next_slice()),
        fixed: Row::new(fixed.current_slice()),
        fixed_next: Row::new(fixed.next_slice()),
    };
    table.assert_bucket(builder);
    table.assert_cases(builder);
    table.assert_run(builder);
    table.assert_total(builder);
    table.receive_bucket(builder);
    table.send_window(builder);
}

struct Table<'a, E> {
    columns: &'a ReductionColumns,
    row: Row<E>,
    next: Row<E>,
    fixed: Row<E>,
    fixed_next: Row<E>,
}

impl<E: PrimeCharacteristicRing> Table<'_, E> {
    /// An empty bucket is neutral, and neutral is written (0, 0).
    fn assert_bucket<AB: AirBuilder<Expr = E>>(&self, builder: &mut AB) {
        let filled = self.row.at(self.columns.filled);
        let bucket = self.columns.bucket.of(&self.row);
        builder.assert_bools([filled.clone(), bucket.neutral.clone()]);
        builder.assert_zero((E::ONE - filled.clone()) * (E::ONE - bucket.neutral.clone()));
        let listed = self.fixed.at(TOP) + self.fixed.at(STEP);
        builder.assert_zero(filled * (E::ONE - listed));
        for coordinate in bucket.point.coordinates() {
            builder.assert_zero(bucket.neutral.clone() * coordinate);
        }
    }

    fn assert_cases<AB: AirBuilder<Expr = E>>(&self, builder: &mut AB) {
        let top = self.fixed.at(TOP);
        let adds = top.clone() + self.fixed.at(STEP);
        let totals = adds.clone() - self.fixed.at(BOTTOM);
        self.columns.to_run.assert_cases(builder, &self.row, adds, top.clone());
        self.columns.to_total.assert_cases(builder, &self.row, totals, top);
    }

    fn assert_run<AB: AirBuilder<Expr = E>>(&self, builder: &mut AB) {
        self.columns.to_run.assert_sum(
            builder,
            &self.next,
            &self.fixed_next.at(STEP),
            &E::ZERO,
            &self.columns.run.of(&self.row),
            &self.columns.bucket.of(&self.next),
            &self.columns.run.of(&self.next),
        );
    }

    /// The last row of a window keeps the total: bucket 0 has index 0.
    fn assert_total<AB: AirBuilder<Expr = E>>(&self, builder: &mut AB) {
        self.columns.to_total.assert_sum(
            builder,
            &self.next,
            &self.fixed_next.at(STEP),
            &self.fixed_next.at(BOTTOM),
            &self.columns.total.of(&self.row),
            &self.columns.run.of(&self.next),
            &self.columns.total.of(&self.next),
        );
    }

    fn receive_bucket<AB: InteractionBuilder<Expr = E>>(&self, builder: &mut AB) {
        let bucket = self.columns.bucket.of(&self.row);
        let message = [self.fixed.at(FIXED_WINDOW), self.fixed.at(FIXED_INDEX)];
        let message = message.into_iter().chain(bucket.message());
        BUCKET.receive(builder, message, Count::bounded(self.row.at(self.columns.filled), 1));
    }

    fn send_window<AB: InteractionBuilder<Expr = E>>(&self, builder: &mut AB) {
        let part = self.fixed.at(FIXED_WINDOW).double();
        let sums = [
            (part.clone(), self.columns.run.of(&self.row)),
            (part + E::ONE, self.columns.total.of(&self.row)),
        ];
        for (part, sum) in sums {
            let message = core::iter::once(part).chain(sum.message());
            WINDOW.send(builder, message, Count::bounded(self.fixed.at(BOTTOM), 1));
        }
    }
}
