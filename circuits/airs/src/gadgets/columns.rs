//! Column numbers and rows of expressions.

use core::ops::Range;

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
