//! The one AIR type of a leaf proof: a table of a class with its height.

use p3_air::{Air, AirBuilder, BaseAir};
use p3_lookup::InteractionBuilder;
use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::{Felt, STATEMENT_ELEMENTS};

use crate::class::LeafClass;
use crate::gadgets::decomposition::Decomposition;
use crate::gadgets::layout::Layout;
use crate::gadgets::sbox::SBox;
#[cfg(test)]
use crate::rules::{Off, Without};

use super::{LeafTable, Part, TableAir, all_tables};

/// A table of a batch class: its constraints and its height.
#[derive(Clone, Debug)]
pub struct Table {
    name: &'static str,
    part: Part,
    reads_statement: bool,
    reads_next_row: bool,
    columns: usize,
    preprocessed_columns: usize,
    degree: usize,
    numbers: Vec<Decomposition>,
    log_height: usize,
    air: TableAir,
    /// Rules that are left out.
    #[cfg(test)]
    off: Off,
}

impl Table {
    /// The tables of a class, in the order of a leaf proof: intents and signatures, then the state.
    pub fn of_class(class: &LeafClass, sbox: SBox) -> Vec<Self> {
        class.schedule.assert_sound();
        let tables = all_tables(class, sbox);
        #[cfg(test)]
        let tables = tables.into_iter().filter(|table| table.part != Part::Stub).collect();
        tables
    }

    /// Intents and signatures with the stand-in for the state's tables.
    #[cfg(test)]
    pub(crate) fn with_state_stub(class: &LeafClass, sbox: SBox) -> Vec<Self> {
        class.schedule.assert_sound();
        let tables = all_tables(class, sbox).into_iter();
        tables.filter(|table| table.part != Part::State).collect()
    }

    /// The instances of a table in a class.
    pub(super) fn instances<T: LeafTable>(class: &LeafClass, sbox: SBox) -> Vec<Self> {
        let table = T::new(class, sbox);
        let instance = |log_height| Self {
            name: T::NAME,
            part: T::PART,
            reads_statement: T::READS_STATEMENT,
            reads_next_row: T::READS_NEXT_ROW,
            columns: table.columns().width(),
            preprocessed_columns: table.preprocessed_columns().map_or(0, Layout::width),
            degree: table.degree(),
            numbers: table.numbers().into_iter().cloned().collect(),
            log_height,
            air: table.clone().into(),
            #[cfg(test)]
            off: Off::default(),
        };
        T::log_heights(class).into_iter().map(instance).collect()
    }

    /// The same table with these rules left out.
    #[cfg(test)]
    pub(crate) fn without(&self, off: Off) -> Self {
        Self { off, ..self.clone() }
    }

    /// Name of the table; several tables of a class may share one.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Part of the leaf that it belongs to.
    pub fn part(&self) -> Part {
        self.part
    }

    /// Tells whether it is an instance of table `T`.
    pub(crate) fn is<T: LeafTable>(&self) -> bool {
        self.name == T::NAME
    }

    /// log₂ of the rows.
    pub fn log_height(&self) -> usize {
        self.log_height
    }

    /// Tells whether the table reads the statement.
    pub fn reads_statement(&self) -> bool {
        self.reads_statement
    }

    /// Columns of the main trace.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Preprocessed columns.
    pub fn preprocessed_columns(&self) -> usize {
        self.preprocessed_columns
    }

    /// Highest degree of its constraints.
    pub fn degree(&self) -> usize {
        self.degree
    }

    /// Tells whether a row's constraints read the next row.
    pub fn reads_next_row(&self) -> bool {
        self.reads_next_row
    }

    /// Each main column with the bits of its range lookup.
    pub(crate) fn lookups(&self) -> Vec<(usize, usize)> {
        let lookups = self.numbers.iter().flat_map(Decomposition::lookups);
        #[cfg(test)]
        let lookups = lookups.filter(|(column, _)| !self.off.columns.contains(column));
        lookups.collect()
    }

    /// The range-checked numbers of a row.
    #[cfg(test)]
    pub(crate) fn numbers(&self) -> &[Decomposition] {
        &self.numbers
    }
}

impl BaseAir<Felt> for Table {
    fn width(&self) -> usize {
        self.columns
    }

    fn preprocessed_width(&self) -> usize {
        self.preprocessed_columns
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<Felt>> {
        self.air.preprocessed(self.log_height)
    }

    fn main_next_row_columns(&self) -> Vec<usize> {
        if self.reads_next_row { (0..self.columns).collect() } else { Vec::new() }
    }

    fn preprocessed_next_row_columns(&self) -> Vec<usize> {
        if self.reads_next_row { (0..self.preprocessed_columns).collect() } else { Vec::new() }
    }

    fn num_public_values(&self) -> usize {
        if self.reads_statement { STATEMENT_ELEMENTS } else { 0 }
    }
}

impl<AB: AirBuilder<F = Felt> + InteractionBuilder> Air<AB> for Table {
    fn eval(&self, builder: &mut AB) {
        #[cfg(test)]
        if !self.off.is_empty() {
            self.air.eval(&mut Without::new(builder, &self.off));
            return;
        }
        self.air.eval(builder);
    }
}
