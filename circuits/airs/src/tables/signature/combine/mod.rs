//! Combination: Horner over the windows from the highest, Σ 2^offset·(2T + S), which must be the
//! neutral element.
//!
//! For each window: as many doublings as it has bits, T added before the last of them, S after it.
//!
//! | columns | meaning | bound by |
//! | --- | --- | --- |
//! | part, load, adds, doubles, last | preprocessed schedule | the verification key |
//! | sum | the sum after this row | group law |
//! | operand | S or T, or the sum itself | window bus, or equality |
//! | addition | slope and case | group law |

mod air;
mod trace;

use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::Felt;

use crate::class::LeafClass;
use crate::gadgets::layout::Layout;
use crate::gadgets::sbox::SBox;
use crate::schedule::Window;
use crate::tables::{LeafBuilder, LeafTable, Part};

pub(crate) use air::CombineColumns;
use air::PreprocessedColumns;
pub(crate) use trace::{log_height, preprocessed_trace, trace};

/// The sum of all windows.
#[derive(Clone, Debug)]
pub(crate) struct CombineTable {
    columns: CombineColumns,
    preprocessed: PreprocessedColumns,
    windows: Vec<Window>,
}

impl LeafTable for CombineTable {
    const NAME: &'static str = "combine";
    const PART: Part = Part::Signature;
    const READS_NEXT_ROW: bool = true;

    fn new(class: &LeafClass, _: SBox) -> Self {
        Self {
            columns: CombineColumns::new(),
            preprocessed: PreprocessedColumns::new(),
            windows: class.schedule.windows(),
        }
    }

    fn log_heights(class: &LeafClass) -> Vec<usize> {
        vec![log_height(&class.schedule.windows())]
    }

    fn columns(&self) -> &dyn Layout {
        &self.columns
    }

    fn preprocessed_columns(&self) -> Option<&dyn Layout> {
        Some(&self.preprocessed)
    }

    fn preprocessed(&self, log_height: usize) -> Option<RowMajorMatrix<Felt>> {
        Some(preprocessed_trace(&self.windows, log_height))
    }

    fn eval<AB: LeafBuilder>(&self, builder: &mut AB) {
        air::eval(&self.columns, &self.preprocessed, builder);
    }
}
