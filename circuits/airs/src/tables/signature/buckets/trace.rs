//! Rows of the bucket tables.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use rayon::prelude::*;

use farthing_protocol::{AffinePoint, Felt};

use crate::gadgets::group_law::{Case, Element, add_all, load, write_fp5, write_point};
use crate::schedule::Window;

use super::air::BucketColumns;

/// Runs that one task walks side by side, to share inversions.
const RUNS_PER_TASK: usize = 64;

/// A point and its digits u, one per window from the lowest.
#[derive(Clone, Debug)]
pub(crate) struct Term {
    pub(crate) point: AffinePoint,
    pub(crate) digits: Vec<u16>,
}

/// A term's share in one bucket.
#[derive(Clone, Copy, Debug)]
struct Entry {
    window: u32,
    index: u32,
    term: u32,
    negative: bool,
}

impl Entry {
    fn new(window: usize, bits: usize, term: usize, digit: u16) -> Self {
        // The digit 2u − (2^c − 1) is 2·index + 1, up to sign.
        let half = 1u32 << (bits - 1);
        let digit = u32::from(digit);
        let negative = digit < half;
        let index = if negative { half - 1 - digit } else { digit - half };
        Self { window: window as u32, index, term: term as u32, negative }
    }

    fn bucket(&self) -> (u32, u32) {
        (self.window, self.index)
    }

    fn point(&self, terms: &[Term]) -> AffinePoint {
        let point = terms[self.term as usize].point;
        if self.negative { point.neg() } else { point }
    }
}

/// The sum of each bucket, by window and index; `None` if it is empty.
#[derive(Clone, Debug)]
pub(crate) struct BucketSums(Vec<Vec<Option<Element>>>);

impl BucketSums {
    pub(crate) fn get(&self, window: usize, index: usize) -> Option<Element> {
        self.0[window][index]
    }
}

/// One trace per height, whole runs dealt in order; `None` if they do not fit.
pub(crate) fn traces(
    terms: &[Term],
    windows: &[Window],
    log_heights: &[usize],
) -> Option<(Vec<RowMajorMatrix<Felt>>, BucketSums)> {
    let columns = BucketColumns::new();
    let entries = entries(terms, windows);
    let runs: Vec<&[Entry]> = entries.chunk_by(|a, b| a.bucket() == b.bucket()).collect();
    let mut sums = BucketSums(windows.iter().map(|window| vec![None; window.buckets()]).collect());
    let mut rest = &runs[..];
    let mut traces = Vec::with_capacity(log_heights.len());
    for &log_height in log_heights {
        let (fitting, tail) = rest.split_at(fitting_runs(rest, 1 << log_height));
        rest = tail;
        let mut rows = Felt::zero_vec(columns.width << log_height);
        for (run, sum) in fitting.iter().zip(fill(&columns, &mut rows, fitting, terms)) {
            let (window, index) = run[0].bucket();
            sums.0[window as usize][index as usize] = Some(sum);
        }
        traces.push(RowMajorMatrix::new(rows, columns.width));
    }
    rest.is_empty().then_some((traces, sums))
}

/// All shares, sorted by bucket.
fn entries(terms: &[Term], windows: &[Window]) -> Vec<Entry> {
    let mut entries: Vec<_> = terms
        .iter()
        .enumerate()
        .flat_map(|(term, Term { digits, .. })| {
            let shares = digits.iter().zip(windows).enumerate();
            shares.map(move |(window, (digit, Window { bits, .. }))| {
                Entry::new(window, *bits, term, *digit)
            })
        })
        .collect();
    entries.par_sort_by_key(Entry::bucket);
    entries
}

fn fitting_runs(runs: &[&[Entry]], height: usize) -> usize {
    let mut rows = 0;
    runs.iter()
        .take_while(|run| {
            rows += run.len();
            rows <= height
        })
        .count()
}

/// Fills the rows of `runs` one after the other and returns their sums.
fn fill(
    columns: &BucketColumns,
    rows: &mut [Felt],
    runs: &[&[Entry]],
    terms: &[Term],
) -> Vec<Element> {
    let mut rest = rows;
    let tasks: Vec<_> = runs
        .chunks(RUNS_PER_TASK)
        .map(|runs| {
            let length: usize = runs.iter().map(|run| run.len()).sum();
            let (rows, tail) = core::mem::take(&mut rest).split_at_mut(length * columns.width);
            rest = tail;
            (rows, runs)
        })
        .collect();
    let tasks = tasks.into_par_iter();
    tasks.flat_map_iter(|(rows, runs)| fill_task(columns, rows, runs, terms)).collect()
}

/// Step i of all runs together, so that they share one inversion.
fn fill_task(
    c: &BucketColumns,
    rows: &mut [Felt],
    runs: &[&[Entry]],
    terms: &[Term],
) -> Vec<Element> {
    let mut starts = Vec::with_capacity(runs.len());
    let mut length = 0;
    for run in runs {
        starts.push(length);
        length += run.len();
    }
    let mut sums: Vec<Element> = vec![None; runs.len()];
    let longest = runs.iter().map(|run| run.len()).max().unwrap_or(0);
    for step in 0..longest {
        let live: Vec<usize> = (0..runs.len()).filter(|&i| step < runs[i].len()).collect();
        let pairs: Vec<_> =
            live.iter().map(|&i| (sums[i], Some(runs[i][step].point(terms)))).collect();
        for ((i, sum), (_, point)) in live.into_iter().zip(add_all(&pairs)).zip(&pairs) {
            let row = starts[i] + step;
            let row = &mut rows[row * c.width..(row + 1) * c.width];
            let entry = runs[i][step];
            row[c.window] = Felt::from_u32(entry.window);
            row[c.index] = Felt::from_u32(entry.index);
            row[c.negative] = Felt::from_bool(entry.negative);
            row[c.end] = Felt::from_bool(step + 1 == runs[i].len());
            let sum = if sums[i].is_none() { load(*point) } else { sum };
            row[match sum.case {
                Case::Add => c.add,
                Case::Cancel => c.cancel,
                Case::TakeLeft | Case::TakeRight => c.fresh,
            }] = Felt::ONE;
            if let Some(point) = point {
                write_point(row, &c.x, &c.y, point);
            }
            if let Some(sum) = &sum.element {
                write_point(row, &c.sum_x, &c.sum_y, sum);
            }
            write_fp5(row, &c.slope, &sum.slope);
            sums[i] = sum.element;
        }
    }
    sums
}
