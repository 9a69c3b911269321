//! Traces of a lying prover.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::{BatchWitness, Felt};

use crate::check::{Checker, Fixed, Report, preprocessed_columns};
use crate::class::LeafClass;
use crate::prove::Statement;
use crate::rules::FreeTable;
use crate::tables::Table;
use crate::tables::count_ranges;
use crate::tests::batches::Leaf;
use crate::tests::state::forgery::Forgery;

/// Other words of a message of a row.
#[derive(Clone, Debug)]
pub(crate) struct Word {
    pub(crate) table: usize,
    pub(crate) row: usize,
    /// Number of the message in the order of `eval`.
    pub(crate) number: usize,
    pub(crate) message: Vec<Felt>,
}

/// Tables, statement and traces, honest or not.
#[derive(Clone, Debug)]
pub(crate) struct ForgedLeaf {
    pub(crate) class: LeafClass,
    pub(crate) tables: Vec<Table>,
    pub(crate) statement: Statement,
    pub(crate) traces: Vec<RowMajorMatrix<Felt>>,
    pub(super) fixed: Fixed,
}

impl From<Leaf> for ForgedLeaf {
    fn from((tables, statement, traces): Leaf) -> Self {
        Self::new(&LeafClass::TINY, tables, statement, traces)
    }
}

impl From<Forgery> for ForgedLeaf {
    fn from(Forgery { tables, statement, traces }: Forgery) -> Self {
        Self::new(&LeafClass::TINY, tables, statement, traces)
    }
}

impl From<&BatchWitness> for ForgedLeaf {
    fn from(witness: &BatchWitness) -> Self {
        Forgery::of(witness).into()
    }
}

impl ForgedLeaf {
    pub(crate) fn new(
        class: &LeafClass,
        tables: Vec<Table>,
        statement: Statement,
        traces: Vec<RowMajorMatrix<Felt>>,
    ) -> Self {
        let fixed = preprocessed_columns(&tables);
        Self { class: class.clone(), tables, statement, traces, fixed }
    }

    /// The checker of these tables and this statement.
    pub(crate) fn checker(&self) -> Checker<'_> {
        Checker::with_fixed(&self.tables, &self.statement, self.fixed.clone())
    }

    /// The place of the first table of this name.
    pub(crate) fn place(&self, name: &str) -> usize {
        self.tables.iter().position(|table| table.name() == name).expect("a table")
    }

    /// Tells whether there is a table of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.tables.iter().any(|table| table.name() == name)
    }

    /// Rows of a table.
    pub(crate) fn height(&self, table: usize) -> usize {
        self.traces[table].values.len() / self.traces[table].width
    }

    /// A row of a table.
    pub(crate) fn at(&mut self, table: usize, row: usize) -> &mut [Felt] {
        let width = self.traces[table].width;
        &mut self.traces[table].values[row * width..(row + 1) * width]
    }

    /// A row of the first table of this name.
    pub(crate) fn row(&mut self, name: &str, row: usize) -> &mut [Felt] {
        let table = self.place(name);
        self.at(table, row)
    }

    /// All rows of the first table of this name.
    pub(crate) fn rows(&mut self, name: &str) -> Vec<&mut [Felt]> {
        let table = self.place(name);
        let width = self.traces[table].width;
        self.traces[table].values.chunks_exact_mut(width).collect()
    }

    /// The first row of a table that has a one in `column`.
    pub(crate) fn find(&mut self, name: &str, column: usize) -> usize {
        let rows = self.rows(name);
        rows.iter().position(|row| row[column] == Felt::ONE).expect("such a row")
    }

    /// New violations if one cell gets `value`: ranges apart.
    pub(crate) fn check_fault(
        &mut self,
        table: usize,
        row: usize,
        column: usize,
        value: Felt,
    ) -> Report {
        let mut traces = core::mem::take(&mut self.traces);
        let report = self.checker().check_fault(&mut traces, table, row, column, value);
        self.traces = traces;
        report
    }

    /// The same lie with messages of a rule that say something else, in columns behind the table's.
    pub(crate) fn reworded(&self, tables: &[FreeTable], words: &[Word]) -> Self {
        let mut lie = self.clone();
        let checker = self.checker();
        for (table, free) in tables.iter().enumerate().filter(|(_, free)| free.more > 0) {
            let (width, height) = (self.traces[table].width, self.height(table));
            let mut cells = Felt::zero_vec((width + free.more) * height);
            for (row, wide) in cells.chunks_exact_mut(width + free.more).enumerate() {
                let honest = row * width..(row + 1) * width;
                wide[..width].copy_from_slice(&self.traces[table].values[honest]);
                for sent in checker.messages(&self.traces, table, row) {
                    if let Some(first) = free.free.get(&sent.number) {
                        wide[*first..first + sent.message.len()].copy_from_slice(&sent.message);
                    }
                }
            }
            let wide = width + free.more;
            for word in words.iter().filter(|word| word.table == table) {
                let first = word.row * wide + free.free[&word.number];
                cells[first..first + word.message.len()].copy_from_slice(&word.message);
            }
            lie.traces[table] = RowMajorMatrix::new(cells, wide);
            lie.tables[table] = free.table.clone();
        }
        lie
    }

    /// Counts the range look-ups again and checks everything.
    pub(crate) fn check(&mut self) -> Report {
        count_ranges(&self.tables, &mut self.traces);
        self.checker().check(&self.traces)
    }
}
