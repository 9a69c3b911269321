//! Bucket reduction: from the sums B_j of a window's buckets, j falling, to S = Σ B_j and
//! T = Σ j·B_j.
//!
//! `run` after row j is Σ_{i ≥ j} B_i and `total` is the sum of the `run`s of rows ≥ 1; the last row
//! of a window has S in `run` and T in `total`. The window's value Σ (2j + 1)·B_j is 2T + S.
//!
//! | columns | meaning | bound by |
//! | --- | --- | --- |
//! | window, index, top, step, bottom | preprocessed schedule: a window's first row, its other rows, its last row | the verification key |
//! | filled | the bucket has a run | boolean, bucket bus |
//! | bucket | B_j, neutral if the bucket is empty | bucket bus |
//! | run, total | the sums after this row | group law |
//! | to run, to total | slopes and cases of the two additions | group law |

mod air;
mod trace;

use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::Felt;

use crate::class::LeafClass;
use crate::gadgets::layout::Layout;
use crate::gadgets::sbox::SBox;
use crate::schedule::Window;
use crate::tables::{LeafBuilder, LeafTable, Part};

use air::PreprocessedColumns;
pub(crate) use air::ReductionColumns;
pub(crate) use trace::{WindowSums, preprocessed_trace, trace};

/// The sums of the windows.
#[derive(Clone, Debug)]
pub(crate) struct ReductionTable {
    columns: ReductionColumns,
    preprocessed: PreprocessedColumns,
    windows: Vec<Window>,
}

impl LeafTable for ReductionTable {
    const NAME: &'static str = "bucket_reduction";
    const PART: Part = Part::Signature;
    const READS_NEXT_ROW: bool = true;

    fn new(class: &LeafClass, _: SBox) -> Self {
        Self {
            columns: ReductionColumns::new(),
            preprocessed: PreprocessedColumns::new(),
            windows: class.schedule.windows(),
        }
    }

    fn log_heights(class: &LeafClass) -> Vec<usize> {
        let windows = class.schedule.windows();
        let rows: usize = windows.iter().map(Window::buckets).sum();
        vec![rows.next_power_of_two().ilog2() as usize]
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
