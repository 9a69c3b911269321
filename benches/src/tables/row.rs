//! Rows of a trace that are in use.
//!
//! A row that pads its table says nothing to other tables. So a row counts as used if it sends or
//! receives a message, range lookups apart, which padding makes too. First and last row of a table of
//! records always speak: they hand on where its records start and end.

use farthing_airs::{Statement, Table};
use farthing_protocol::Felt;
use p3_air::{Air, AirBuilder, BaseAir, RowWindow};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};
use p3_matrix::dense::RowMajorMatrix;
use rayon::prelude::*;

/// The bus of range lookups.
const RANGE_BUS: &str = "range";
/// The table that answers them: its rows in use are those looked up.
const RANGE_TABLE: &str = "range";
/// Tables whose rows are steps that the verifying key fixes; a step between two messages is used, too.
const SCHEDULED: [&str; 2] = ["bucket_reduction", "combine"];

/// Counts the rows of a trace that are in use.
pub(super) fn rows_in_use(
    table: &Table,
    trace: &RowMajorMatrix<Felt>,
    statement: &Statement,
) -> usize {
    let fixed = table.preprocessed_trace();
    if SCHEDULED.contains(&table.name())
        && let Some(fixed) = &fixed
    {
        let step = |row: &&[Felt]| row.iter().any(|cell| *cell != Felt::ZERO);
        return fixed.values.chunks_exact(fixed.width).filter(step).count();
    }
    let public = if table.reads_statement() { &statement[..] } else { &[] };
    let height = trace.values.len() / trace.width;
    let speaks = |row: &usize| {
        let mut builder = RowMessages {
            main: window(trace, *row, height),
            fixed: fixed
                .as_ref()
                .map_or(RowWindow::from_two_rows(&[], &[]), |fixed| window(fixed, *row, height)),
            public,
            first: *row == 0,
            last: *row + 1 == height,
            ignored: (table.name() != RANGE_TABLE).then_some(RANGE_BUS),
            messages: 0,
        };
        table.eval(&mut builder);
        builder.messages > 0
    };
    (0..height).into_par_iter().filter(speaks).count()
}

/// A row and the next one; the first follows the last.
fn window(matrix: &RowMajorMatrix<Felt>, row: usize, height: usize) -> RowWindow<'_, Felt> {
    let of = |row: usize| &matrix.values[row * matrix.width..(row + 1) * matrix.width];
    RowWindow::from_two_rows(of(row), of((row + 1) % height))
}

/// Evaluates a table on one row and counts its messages; constraints are passed over.
struct RowMessages<'a> {
    main: RowWindow<'a, Felt>,
    fixed: RowWindow<'a, Felt>,
    public: &'a [Felt],
    first: bool,
    last: bool,
    /// A bus whose messages do not count.
    ignored: Option<&'static str>,
    messages: usize,
}

impl<'a> AirBuilder for RowMessages<'a> {
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

    fn assert_zero<I: Into<Felt>>(&mut self, _: I) {}

    fn public_values(&self) -> &[Felt] {
        self.public
    }
}

impl InteractionBuilder for RowMessages<'_> {
    fn push_interaction<E: Into<Felt>>(
        &mut self,
        bus_name: &str,
        _: impl IntoIterator<Item = E>,
        count: impl Into<Count<Felt>>,
    ) {
        let (count, _) = count.into().into_parts();
        let counts = self.ignored != Some(bus_name) && count != Felt::ZERO;
        self.messages += usize::from(counts);
    }

    /// No table has lookups into itself.
    fn push_local_interaction(&mut self, _: impl IntoIterator<Item = (Vec<Felt>, Count<Felt>)>) {}
}
