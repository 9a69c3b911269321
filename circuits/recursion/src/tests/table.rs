//! The one table type of the tests.

use p3_air::{Air, AirBuilder, BaseAir};
use p3_lookup::InteractionBuilder;
use p3_matrix::dense::RowMajorMatrix;

use farthing_airs::Table;
use farthing_protocol::Felt;

use super::batch::{SINK_COLUMNS, sink_eval};
use super::toy_air::Toy;

/// A table of the leaf, what takes up its messages to the state's tables, or a toy.
#[derive(Clone)]
pub(crate) enum TestTable {
    Leaf(Box<Table>),
    Sink,
    Toy(Toy),
}

/// Tables, heights, public values and traces.
#[derive(Clone)]
pub(crate) struct Honest {
    pub(crate) tables: Vec<TestTable>,
    pub(crate) log_heights: Vec<usize>,
    pub(crate) public_values: Vec<Vec<Felt>>,
    pub(crate) traces: Vec<RowMajorMatrix<Felt>>,
}

impl BaseAir<Felt> for TestTable {
    fn width(&self) -> usize {
        match self {
            Self::Leaf(table) => BaseAir::<Felt>::width(table.as_ref()),
            Self::Sink => SINK_COLUMNS,
            Self::Toy(toy) => toy.columns(),
        }
    }

    fn preprocessed_width(&self) -> usize {
        match self {
            Self::Leaf(table) => table.preprocessed_width(),
            Self::Sink => 0,
            Self::Toy(toy) => usize::from(toy.fixed_trace().is_some()),
        }
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<Felt>> {
        match self {
            Self::Leaf(table) => table.preprocessed_trace(),
            Self::Sink => None,
            Self::Toy(toy) => toy.fixed_trace(),
        }
    }

    fn main_next_row_columns(&self) -> Vec<usize> {
        match self {
            Self::Leaf(table) => table.main_next_row_columns(),
            Self::Sink => Vec::new(),
            Self::Toy(toy) => (0..toy.columns()).filter(|_| toy.reads_next_row()).collect(),
        }
    }

    fn preprocessed_next_row_columns(&self) -> Vec<usize> {
        match self {
            Self::Leaf(table) => table.preprocessed_next_row_columns(),
            Self::Sink => Vec::new(),
            Self::Toy(toy) => (0..1).filter(|_| toy.reads_next_fixed_row()).collect(),
        }
    }

    fn num_public_values(&self) -> usize {
        match self {
            Self::Leaf(table) => table.num_public_values(),
            Self::Sink => 0,
            Self::Toy(toy) => toy.public_values(),
        }
    }
}

impl<AB: AirBuilder<F = Felt> + InteractionBuilder> Air<AB> for TestTable {
    fn eval(&self, builder: &mut AB) {
        match self {
            Self::Leaf(table) => table.eval(builder),
            Self::Sink => sink_eval(builder),
            Self::Toy(toy) => toy.eval(builder),
        }
    }
}
