//! Column numbers and rows of expressions.

use core::ops::Range;

use p3_air::AirBuilder;
use p3_field::PrimeCharacteristicRing;

use crate::gadgets::gate::OnRows;

/// Hands out column numbers in the order in which a table declares its columns.
#[derive(Debug, Default)]
pub(crate) struct ColumnCounter(usize);

impl ColumnCounter {
    /// The next column.
    pub(crate) fn one(&mut self) -> usize {
        self.0 += 1;
        self.0 - 1
    }

    /// The next `count` columns.
    pub(crate) fn many(&mut self, count: usize) -> Range<usize> {
        let start = self.0;
        self.0 += count;
        start..self.0
    }

    /// Columns handed out.
    pub(crate) fn width(&self) -> usize {
        self.0
    }
}

/// One row of a trace as expressions.
#[derive(Debug)]
pub(crate) struct Row<E>(Vec<E>);

impl<E: Clone> Row<E> {
    /// The row of these cells.
    pub(crate) fn new<V: Into<E> + Copy>(cells: &[V]) -> Self {
        Self(cells.iter().map(|cell| (*cell).into()).collect())
    }

    /// The cell in `column`.
    pub(crate) fn at(&self, column: usize) -> E {
        self.0[column].clone()
    }

    /// The cells in `columns`.
    pub(crate) fn all(&self, columns: &Range<usize>) -> &[E] {
        &self.0[columns.clone()]
    }

    /// `N` cells from the start of `columns`.
    pub(crate) fn array<const N: usize>(&self, columns: &Range<usize>) -> [E; N] {
        core::array::from_fn(|i| self.0[columns.start + i].clone())
    }
}

/// Two columns that mark the ends of a table, so that buses can speak of them.
#[derive(Clone, Debug)]
pub(crate) struct BoundaryFlags {
    pub(crate) first: usize,
    pub(crate) last: usize,
}

impl BoundaryFlags {
    pub(crate) fn new(columns: &mut ColumnCounter) -> Self {
        Self { first: columns.one(), last: columns.one() }
    }

    /// Pins both columns; rows that are `active` come first and the last row is none of them.
    pub(crate) fn assert<AB: AirBuilder>(
        &self,
        builder: &mut AB,
        [row, next]: [&Row<AB::Expr>; 2],
        [active, next_active]: [AB::Expr; 2],
    ) {
        let one = AB::Expr::ONE;
        builder.on_first_row().assert_one(row.at(self.first));
        builder.on_last_row().assert_one(row.at(self.last));
        builder.on_last_row().assert_zero(active.clone());
        let mut transition = builder.on_transition();
        transition.assert_zero(next.at(self.first));
        transition.assert_zero(row.at(self.last));
        transition.assert_zero((one - active) * next_active);
    }

    /// Marks the ends of `rows`.
    pub(crate) fn write(&self, rows: &mut [farthing_protocol::Felt], width: usize) {
        let last = rows.len() - width + self.last;
        rows[self.first] = farthing_protocol::Felt::ONE;
        rows[last] = farthing_protocol::Felt::ONE;
    }
}
