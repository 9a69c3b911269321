//! Checks traces without proving: every constraint on every row, and the balance of every bus.
//!
//! p3's own checker leaves lookups out; this one evaluates the same `Air::eval` over plain elements.

use std::collections::HashMap;

use p3_air::{Air, AirBuilder, RowWindow};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};
use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::Felt;

use crate::prove::{Statement, public_values};
use crate::table::Table;

/// A constraint that a row violates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) table: usize,
    pub(crate) name: &'static str,
    pub(crate) row: usize,
    /// Number of the constraint in the order of `eval`.
    pub(crate) constraint: usize,
}

/// A message that was not sent as often as received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Imbalance {
    pub(crate) bus: String,
    pub(crate) message: Vec<Felt>,
    pub(crate) count: Felt,
}

/// Everything that is wrong with a set of traces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) violations: Vec<Violation>,
    pub(crate) imbalances: Vec<Imbalance>,
}

impl Report {
    /// Whether a proof from these traces would be accepted.
    pub(crate) fn is_clean(&self) -> bool {
        self.violations.is_empty() && self.imbalances.is_empty()
    }

    /// The names of the tables with a violated constraint and of the unbalanced buses.
    pub(crate) fn culprits(&self) -> Vec<String> {
        let tables = self.violations.iter().map(|violation| violation.name.to_owned());
        let buses = self.imbalances.iter().map(|imbalance| imbalance.bus.clone());
        let mut names: Vec<_> = tables.chain(buses).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// Tables with their fixed columns, ready to check traces of one statement.
pub(crate) struct Checker<'a> {
    tables: &'a [Table],
    fixed: Vec<Option<RowMajorMatrix<Felt>>>,
    public: Vec<Vec<Felt>>,
}

type Balance = HashMap<(String, Vec<Felt>), Felt>;

impl<'a> Checker<'a> {
    pub(crate) fn new(tables: &'a [Table], statement: &Statement) -> Self {
        use p3_air::BaseAir;
        Self {
            tables,
            fixed: tables.iter().map(BaseAir::preprocessed_trace).collect(),
            public: tables.iter().map(|table| public_values(table, statement)).collect(),
        }
    }

    /// Checks all rows of all tables.
    pub(crate) fn check(&self, traces: &[RowMajorMatrix<Felt>]) -> Report {
        let mut report = Report::default();
        let mut balance = Balance::new();
        for (table, trace) in traces.iter().enumerate() {
            for row in 0..trace.values.len() / trace.width {
                self.check_row(table, trace, row, Felt::ONE, &mut report, &mut balance);
            }
        }
        report.imbalances = imbalances(balance);
        report
    }

    /// What is wrong after one cell of clean traces got `value`: only the rows that read the cell
    /// are evaluated, before and after.
    pub(crate) fn check_fault(
        &self,
        traces: &mut [RowMajorMatrix<Felt>],
        table: usize,
        row: usize,
        column: usize,
        value: Felt,
    ) -> Report {
        let trace = &mut traces[table];
        let height = trace.values.len() / trace.width;
        let cell = row * trace.width + column;
        let before = (row + height - 1) % height;
        let rows = if self.tables[table].reads_next_row() { vec![before, row] } else { vec![row] };
        let mut balance = Balance::new();
        for &row in &rows {
            self.check_row(table, trace, row, -Felt::ONE, &mut Report::default(), &mut balance);
        }
        let honest = core::mem::replace(&mut trace.values[cell], value);
        let mut report = Report::default();
        for &row in &rows {
            self.check_row(table, trace, row, Felt::ONE, &mut report, &mut balance);
        }
        trace.values[cell] = honest;
        report.imbalances = imbalances(balance);
        report
    }

    /// Adds a row's violations, and its messages times `sign`.
    fn check_row(
        &self,
        table: usize,
        trace: &RowMajorMatrix<Felt>,
        row: usize,
        sign: Felt,
        report: &mut Report,
        balance: &mut Balance,
    ) {
        let mut builder =
            RowBuilder::new(trace, self.fixed[table].as_ref(), &self.public[table], row);
        self.tables[table].eval(&mut builder);
        let name = self.tables[table].name();
        report.violations.extend(builder.failed.iter().map(|&constraint| Violation {
            table,
            name,
            row,
            constraint,
        }));
        for (bus, message, count) in builder.messages {
            *balance.entry((bus, message)).or_default() += sign * count;
        }
    }
}

fn imbalances(balance: Balance) -> Vec<Imbalance> {
    balance
        .into_iter()
        .filter(|(_, count)| *count != Felt::ZERO)
        .map(|((bus, message), count)| Imbalance { bus, message, count })
        .collect()
}

/// Evaluates one row over plain elements.
struct RowBuilder<'a> {
    main: RowWindow<'a, Felt>,
    fixed: RowWindow<'a, Felt>,
    public: &'a [Felt],
    first: bool,
    last: bool,
    constraints: usize,
    failed: Vec<usize>,
    messages: Vec<(String, Vec<Felt>, Felt)>,
}

impl<'a> RowBuilder<'a> {
    fn new(
        trace: &'a RowMajorMatrix<Felt>,
        fixed: Option<&'a RowMajorMatrix<Felt>>,
        public: &'a [Felt],
        row: usize,
    ) -> Self {
        let height = trace.values.len() / trace.width;
        let window = |matrix: &'a RowMajorMatrix<Felt>| {
            let of = |row: usize| &matrix.values[row * matrix.width..(row + 1) * matrix.width];
            RowWindow::from_two_rows(of(row), of((row + 1) % height))
        };
        Self {
            main: window(trace),
            fixed: fixed.map_or(RowWindow::from_two_rows(&[], &[]), window),
            public,
            first: row == 0,
            last: row + 1 == height,
            constraints: 0,
            failed: Vec::new(),
            messages: Vec::new(),
        }
    }
}

impl<'a> AirBuilder for RowBuilder<'a> {
    type F = Felt;
    type Expr = Felt;
    type Var = Felt;
    type PreprocessedWindow = RowWindow<'a, Felt>;
    type MainWindow = RowWindow<'a, Felt>;
    type PublicVar = Felt;
    type PeriodicVar = Felt;

    fn main(&self) -> Self::MainWindow {
        self.main
    }

    fn preprocessed(&self) -> &Self::PreprocessedWindow {
        &self.fixed
    }

    fn is_first_row(&self) -> Felt {
        Felt::from_bool(self.first)
    }

    fn is_last_row(&self) -> Felt {
        Felt::from_bool(self.last)
    }

    fn is_transition(&self) -> Felt {
        Felt::from_bool(!self.last)
    }

    fn assert_zero<I: Into<Felt>>(&mut self, x: I) {
        if x.into() != Felt::ZERO {
            self.failed.push(self.constraints);
        }
        self.constraints += 1;
    }

    fn public_values(&self) -> &[Felt] {
        self.public
    }
}

impl InteractionBuilder for RowBuilder<'_> {
    fn push_interaction<E: Into<Felt>>(
        &mut self,
        bus_name: &str,
        fields: impl IntoIterator<Item = E>,
        count: impl Into<Count<Felt>>,
    ) {
        let (count, _) = count.into().into_parts();
        if count != Felt::ZERO {
            let message = fields.into_iter().map(Into::into).collect();
            self.messages.push((bus_name.to_owned(), message, count));
        }
    }

    fn push_local_interaction(
        &mut self,
        _tuples: impl IntoIterator<Item = (Vec<Felt>, Count<Felt>)>,
    ) {
        unreachable!("no table uses local lookups");
    }

    fn push_exclusive_interaction(
        &mut self,
        _bus_name: &str,
        _branches: impl IntoIterator<Item = (Felt, Count<Felt>, Vec<Felt>)>,
    ) {
        unreachable!("no table uses exclusive lookups");
    }
}
