//! Steps that have been tried, with their answers.

use std::collections::BTreeMap;

/// A step, the edge that it is aimed at, and the answer that it has to have.
pub(super) type Cell = (&'static str, &'static str, &'static str);

/// Hits of each cell.
#[derive(Clone, Default)]
pub(super) struct Table(BTreeMap<Cell, usize>);

impl Table {
    pub(super) fn hit(&mut self, cell: Cell) {
        *self.0.entry(cell).or_default() += 1;
    }

    pub(super) fn hits(&self, cell: Cell) -> usize {
        self.0.get(&cell).copied().unwrap_or(0)
    }

    pub(super) fn add(mut self, other: Self) -> Self {
        for (cell, hits) in other.0 {
            *self.0.entry(cell).or_default() += hits;
        }
        self
    }
}
