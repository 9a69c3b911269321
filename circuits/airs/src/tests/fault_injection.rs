//! Single-cell faults on honest traces: which are accepted, and which constraints none violates.

use std::collections::{BTreeMap, BTreeSet};

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use rand::{Rng, RngExt};

use farthing_protocol::Felt;

use super::free_cells::free_columns;
use crate::check::{Checker, Violation};
use crate::class::LeafClass;
use crate::schedule::Schedule;
use crate::tables::Table;

/// The constraints on the statement's class and version read no cell; attacks by name violate them.
const ON_THE_STATEMENT: (&str, [usize; 2]) = ("intents", [0, 1]);

/// Constraints by table and number.
pub(crate) type Constraints = BTreeMap<&'static str, BTreeSet<usize>>;

/// Faults tried on one batch, and the constraints that they violated.
#[derive(Clone)]
pub(crate) struct Campaign<'a> {
    schedule: &'a Schedule,
    checker: &'a Checker<'a>,
    tables: &'a [Table],
    traces: Vec<RowMajorMatrix<Felt>>,
    /// Faults that cells which are not free let pass.
    pub(crate) survivors: BTreeSet<(&'static str, usize, usize)>,
    /// Constraints that no fault has violated.
    pub(crate) unviolated: Constraints,
}

impl<'a> Campaign<'a> {
    /// Faults in `traces` of a class, which must be honest.
    pub(crate) fn new(
        class: &'a LeafClass,
        checker: &'a Checker<'a>,
        tables: &'a [Table],
        traces: Vec<RowMajorMatrix<Felt>>,
    ) -> Self {
        assert!(checker.check(&traces).is_clean());
        let constraints = tables.iter().enumerate().map(|(i, table)| {
            (table.name(), (0..checker.constraints(&traces, i)).collect::<BTreeSet<_>>())
        });
        let mut unviolated: Constraints = constraints.collect();
        if let Some(constraints) = unviolated.get_mut(ON_THE_STATEMENT.0) {
            constraints.retain(|constraint| !ON_THE_STATEMENT.1.contains(constraint));
        }
        let schedule = &class.schedule;
        Self { schedule, checker, tables, traces, survivors: BTreeSet::new(), unviolated }
    }

    /// Rows of a table.
    pub(crate) fn height(&self, table: usize) -> usize {
        self.traces[table].values.len() / self.traces[table].width
    }

    /// Columns of a table.
    pub(crate) fn width(&self, table: usize) -> usize {
        self.traces[table].width
    }

    /// Every cell of these tables changed by each of `changes`.
    pub(crate) fn every_cell(&mut self, tables: core::ops::Range<usize>, changes: &[Felt]) {
        for table in tables {
            for row in 0..self.height(table) {
                let free = self.free(table, row);
                for column in (0..self.width(table)).filter(|column| !free.contains(column)) {
                    changes.iter().for_each(|change| self.change(table, row, column, *change));
                }
            }
        }
    }

    /// This many random faults in all tables together, half of them in rows that say something.
    pub(crate) fn random(&mut self, rng: &mut impl Rng, faults: usize) {
        /// Rows from the first on that are taken for such.
        const ACTIVE: usize = 16;
        let mut tried = 0;
        while tried < faults {
            let table = rng.random_range(0..self.tables.len());
            let (height, width) = (self.height(table), self.width(table));
            let reach = if rng.random() { height } else { height.min(ACTIVE) };
            let cell = (table, rng.random_range(0..reach), rng.random_range(0..width));
            let change = match rng.random_range(0..4) {
                0 => Felt::ONE,
                1 => -Felt::ONE,
                2 => Felt::TWO,
                _ => Felt::new(rng.random::<u64>() >> 1),
            };
            tried += usize::from(self.fault(cell, change));
        }
    }

    /// One cell changed; whether it is not free.
    pub(crate) fn fault(
        &mut self,
        (table, row, column): (usize, usize, usize),
        change: Felt,
    ) -> bool {
        if change == Felt::ZERO || self.free(table, row).contains(&column) {
            return false;
        }
        self.change(table, row, column, change);
        true
    }

    fn free(&self, table: usize, row: usize) -> BTreeSet<usize> {
        let width = self.width(table);
        let cells = &self.traces[table].values[row * width..(row + 1) * width];
        let last = row + 1 == self.height(table);
        free_columns(self.schedule, self.tables[table].name(), cells, [row == 0, last])
    }

    fn change(&mut self, table: usize, row: usize, column: usize, change: Felt) {
        let value = self.traces[table].values[row * self.width(table) + column] + change;
        let report = self.checker.check_fault(&mut self.traces, table, row, column, value);
        for Violation { name, constraint, .. } in &report.violations {
            if let Some(constraints) = self.unviolated.get_mut(name) {
                constraints.remove(constraint);
            }
        }
        if report.is_clean() {
            self.survivors.insert((self.tables[table].name(), row, column));
        }
    }
}

/// Constraints that neither campaign has violated.
pub(crate) fn in_both(mut one: Constraints, other: &Constraints) -> Constraints {
    for (table, constraints) in &mut one {
        constraints.retain(|constraint| other[table].contains(constraint));
    }
    one.retain(|_, constraints| !constraints.is_empty());
    one
}
