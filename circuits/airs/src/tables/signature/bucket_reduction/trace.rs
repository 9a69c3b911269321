//! Rows of the bucket reduction.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::Felt;

use crate::gadgets::group_law::{Element, add_all, load};
use crate::schedule::Window;
use crate::tables::signature::buckets::BucketSums;

use super::air::{PreprocessedColumns, ReductionColumns};

/// S and T of each window: its value is 2T + S.
pub(crate) type WindowSums = Vec<[Element; 2]>;

/// Windows in order, each from its highest bucket down.
pub(crate) fn preprocessed_trace(windows: &[Window], log_height: usize) -> RowMajorMatrix<Felt> {
    let columns = PreprocessedColumns::new();
    let mut rows = Felt::zero_vec(columns.width << log_height);
    let schedule = windows.iter().enumerate().flat_map(|(window, shape)| {
        let buckets = shape.buckets();
        (0..buckets).rev().map(move |index| (window, index, index + 1 == buckets))
    });
    for (row, (window, index, top)) in rows.chunks_exact_mut(columns.width).zip(schedule) {
        row[columns.window] = Felt::from_usize(window);
        row[columns.index] = Felt::from_usize(index);
        row[columns.top] = Felt::from_bool(top);
        row[columns.step] = Felt::from_bool(!top);
        row[columns.bottom] = Felt::from_bool(index == 0);
    }
    RowMajorMatrix::new(rows, columns.width)
}

/// All windows side by side, one row of each at a time, to share inversions.
pub(crate) fn trace(
    sums: &BucketSums,
    windows: &[Window],
    log_height: usize,
) -> (WindowSums, RowMajorMatrix<Felt>) {
    let columns = ReductionColumns::new();
    let width = columns.width;
    let mut rows = Felt::zero_vec(width << log_height);
    for row in rows.chunks_exact_mut(width) {
        row[columns.bucket.neutral] = Felt::ONE;
    }
    let mut starts = Vec::with_capacity(windows.len());
    let mut length = 0;
    for window in windows {
        starts.push(length);
        length += window.buckets();
    }
    let mut results: WindowSums = vec![[None; 2]; windows.len()];
    let longest = windows.iter().map(Window::buckets).max().unwrap_or(0);
    for step in 0..longest {
        let live: Vec<usize> =
            (0..windows.len()).filter(|&w| step < windows[w].buckets()).collect();
        let index = |w: usize| windows[w].buckets() - 1 - step;
        let buckets: Vec<Element> = live.iter().map(|&w| sums.get(w, index(w)).flatten()).collect();
        let pairs: Vec<_> =
            live.iter().zip(&buckets).map(|(&w, bucket)| (results[w][0], *bucket)).collect();
        let mut runs = add_all(&pairs);
        if step == 0 {
            runs = buckets.iter().map(|bucket| load(*bucket)).collect();
        }
        let pairs: Vec<_> =
            live.iter().zip(&runs).map(|(&w, run)| (results[w][1], run.element)).collect();
        let mut totals = add_all(&pairs);
        if step == 0 {
            totals = runs.iter().map(|run| load(run.element)).collect();
        }
        for (((&w, bucket), run), total) in live.iter().zip(&buckets).zip(&runs).zip(&totals) {
            let row = (starts[w] + step) * width;
            let row = &mut rows[row..row + width];
            row[columns.filled] = Felt::from_bool(sums.get(w, index(w)).is_some());
            columns.bucket.write(row, bucket);
            columns.to_run.write(row, run);
            columns.run.write(row, &run.element);
            results[w][0] = run.element;
            if index(w) > 0 {
                columns.to_total.write(row, total);
                results[w][1] = total.element;
            }
            columns.total.write(row, &results[w][1]);
        }
    }
    (results, RowMajorMatrix::new(rows, width))
}
