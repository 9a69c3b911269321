//! Column numbers.

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
