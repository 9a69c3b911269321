//! Checks traces without proving: every constraint on every row, and the balance of every bus.
//!
//! p3's own checker leaves lookups out; this one evaluates the same `Air::eval` over plain elements.

use core::cell::Cell;
use core::panic::Location;
use std::collections::HashMap;
use std::sync::Arc;

use p3_air::{Air, AirBuilder, RowWindow};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};
use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::Felt;

use crate::prove::{Statement, public_values};
use crate::tables::Table;

/// A line of the sources.
pub(crate) type Line = &'static Location<'static>;

thread_local! {
    static LINE: Cell<Option<Line>> = const { Cell::new(None) };
}

/// Says which line sends or receives the next message: p3's buses do not pass their caller on.
pub(crate) fn mark_line(line: Line) {
    LINE.set(Some(line));
}

/// A constraint that a row violates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) table: usize,
    pub(crate) name: &'static str,
    pub(crate) row: usize,
    /// Number of the constraint in the order of `eval`.
    pub(crate) constraint: usize,
}

/// The lines that make a table's constraints and messages, in the order of `eval`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lines {
    pub(crate) constraints: Vec<Line>,
    /// A look-up of a range has the line of the bus.
    pub(crate) messages: Vec<MessageLine>,
}

/// The line that makes a message.
#[derive(Clone, Debug)]
pub(crate) struct MessageLine {
    pub(crate) bus: String,
    pub(crate) line: Line,
    pub(crate) elements: usize,
}

/// A message that was not sent as often as received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Imbalance {
    pub(crate) bus: String,
    pub(crate) message: Vec<Felt>,
    pub(crate) count: Felt,
}

/// A message of a row.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    /// Number of the message in the order of `eval`.
    pub(crate) number: usize,
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
    /// Tells whether a proof from these traces would be accepted.
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

/// The preprocessed columns of each table.
pub(crate) type Fixed = Arc<Vec<Option<RowMajorMatrix<Felt>>>>;

/// Tables with their fixed columns, ready to check traces of one statement.
pub(crate) struct Checker<'a> {
    tables: &'a [Table],
    fixed: Fixed,
    public: Vec<Vec<Felt>>,
}

type Balance = HashMap<(String, Vec<Felt>), Felt>;

impl<'a> Checker<'a> {
    pub(crate) fn new(tables: &'a [Table], statement: &Statement) -> Self {
        Self::with_fixed(tables, statement, preprocessed_columns(tables))
    }

    /// The same with preprocessed columns that are known already.
    pub(crate) fn with_fixed(tables: &'a [Table], statement: &Statement, fixed: Fixed) -> Self {
        Self {
            tables,
            fixed,
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

    /// Violations after one cell of clean traces got `value`: only the rows that read the cell
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

    /// Constraints of a table, counted on its first row.
    pub(crate) fn constraints(&self, traces: &[RowMajorMatrix<Felt>], table: usize) -> usize {
        self.lines(traces, table).constraints.len()
    }

    /// The lines of a table's constraints and messages.
    pub(crate) fn lines(&self, traces: &[RowMajorMatrix<Felt>], table: usize) -> Lines {
        let (fixed, public) = (self.fixed[table].as_ref(), &self.public[table]);
        let mut builder = RowBuilder::new(&traces[table], fixed, public, 0);
        builder.lines = Some(Lines::default());
        self.tables[table].eval(&mut builder);
        builder.lines.unwrap_or_default()
    }

    /// Messages that a row sends (and, counted negatively, receives), each with its number.
    pub(crate) fn messages(
        &self,
        traces: &[RowMajorMatrix<Felt>],
        table: usize,
        row: usize,
    ) -> Vec<Message> {
        let (fixed, public) = (self.fixed[table].as_ref(), &self.public[table]);
        let mut builder = RowBuilder::new(&traces[table], fixed, public, row);
        self.tables[table].eval(&mut builder);
        builder.messages
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
        for Message { bus, message, count, .. } in builder.messages {
            *balance.entry((bus, message)).or_default() += sign * count;
        }
    }
}

/// The preprocessed columns of these tables.
pub(crate) fn preprocessed_columns(tables: &[Table]) -> Fixed {
    use p3_air::BaseAir;
    Arc::new(tables.iter().map(BaseAir::preprocessed_trace).collect())
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
    sent: usize,
    messages: Vec<Message>,
    /// Recorded if asked for.
    lines: Option<Lines>,
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
            sent: 0,
            messages: Vec::new(),
            lines: None,
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

    #[track_caller]
    fn assert_zero<I: Into<Felt>>(&mut self, x: I) {
        if x.into() != Felt::ZERO {
            self.failed.push(self.constraints);
        }
        self.constraints += 1;
        if let Some(lines) = &mut self.lines {
            lines.constraints.push(Location::caller());
        }
    }

    #[track_caller]
    fn assert_zeros<const N: usize, I: Into<Felt>>(&mut self, array: [I; N]) {
        for element in array {
            self.assert_zero(element);
        }
    }

    #[track_caller]
    fn assert_bools<const N: usize, I: Into<Felt>>(&mut self, array: [I; N]) {
        for element in array {
            self.assert_bool(element);
        }
    }

    #[track_caller]
    fn assert_bool<I: Into<Felt>>(&mut self, x: I) {
        self.assert_zero(x.into().bool_check());
    }

    #[track_caller]
    fn assert_one<I: Into<Felt>>(&mut self, x: I) {
        self.assert_zero(x.into() - Felt::ONE);
    }

    #[track_caller]
    fn assert_eq<I: Into<Felt>, J: Into<Felt>>(&mut self, x: I, y: J) {
        self.assert_zero(x.into() - y.into());
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
        let line = LINE.take().unwrap_or(Location::caller());
        if let Some(lines) = &mut self.lines {
            let (bus, elements) = (bus_name.to_owned(), fields.into_iter().count());
            lines.messages.push(MessageLine { bus, line, elements });
        } else if count != Felt::ZERO {
            let (number, bus) = (self.sent, bus_name.to_owned());
            let message = fields.into_iter().map(Into::into).collect();
            self.messages.push(Message { number, bus, message, count });
        }
        self.sent += 1;
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
