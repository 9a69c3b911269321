//! Rows of the combination.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::Felt;

use crate::class::LOG_MIN_HEIGHT;
use crate::gadgets::group_law::{Element, add_all, load};
use crate::schedule::Window;
use crate::tables::signature::bucket_reduction::WindowSums;

use super::air::{CombineColumns, PreprocessedColumns};

/// Operation of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Starts with this part.
    Load(usize),
    /// Adds this part.
    Add(usize),
    /// Doubles the sum.
    Double,
}

fn steps(windows: &[Window]) -> Vec<Step> {
    let mut steps = Vec::new();
    for (w, window) in windows.iter().enumerate().rev() {
        let (plain, weighted) = (2 * w, 2 * w + 1);
        if steps.is_empty() {
            steps.push(Step::Load(weighted));
        } else {
            steps.extend((1..window.bits).map(|_| Step::Double));
            steps.push(Step::Add(weighted));
        }
        steps.extend([Step::Double, Step::Add(plain)]);
    }
    steps
}

/// log₂ of the height.
pub(crate) fn log_height(windows: &[Window]) -> usize {
    (steps(windows).len().next_power_of_two().ilog2() as usize).max(LOG_MIN_HEIGHT)
}

/// The schedule.
pub(crate) fn preprocessed_trace(windows: &[Window], log_height: usize) -> RowMajorMatrix<Felt> {
    let columns = PreprocessedColumns::new();
    let mut rows = Felt::zero_vec(columns.width << log_height);
    let steps = steps(windows);
    let last = steps.len() - 1;
    for (i, (row, step)) in rows.chunks_exact_mut(columns.width).zip(steps).enumerate() {
        let (flag, part) = match step {
            Step::Load(part) => (columns.load, part),
            Step::Add(part) => (columns.adds, part),
            Step::Double => (columns.doubles, 0),
        };
        row[flag] = Felt::ONE;
        row[columns.part] = Felt::from_usize(part);
        row[columns.last] = Felt::from_bool(i == last);
    }
    RowMajorMatrix::new(rows, columns.width)
}

/// Sums the windows up.
pub(crate) fn trace(
    sums: &WindowSums,
    windows: &[Window],
    log_height: usize,
) -> RowMajorMatrix<Felt> {
    let columns = CombineColumns::new();
    let mut rows = Felt::zero_vec(columns.width << log_height);
    let mut sum: Element = None;
    for (row, step) in rows.chunks_exact_mut(columns.width).zip(steps(windows)) {
        let operand = match step {
            Step::Load(part) | Step::Add(part) => sums[part / 2][part % 2],
            Step::Double => sum,
        };
        let added = match step {
            Step::Load(_) => load(operand),
            Step::Add(_) | Step::Double => add_all(&[(sum, operand)])[0],
        };
        columns.operand.write(row, &operand);
        columns.addition.write(row, &added);
        columns.sum.write(row, &added.element);
        sum = added.element;
    }
    RowMajorMatrix::new(rows, columns.width)
}
