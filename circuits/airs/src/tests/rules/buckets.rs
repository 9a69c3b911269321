//! Forgeries of the buckets' sums.

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::{Felt, Fp5};

use super::Forged;
use super::forged_leaf::ForgedLeaf;
use super::half::{BucketRow, Generators};
use super::points::{ORIGIN, Pair, Said, Step};
use super::sums::{AT, CLASS, balanced, four, in_runs, times};

/// Forgeries of this page.
pub(super) const ALL: &[Forged] = &[
    ("a bucket's sum of a row that adds nothing", end_on_padding),
    ("a sum that begins with the last row's", first_row_adds),
    ("a sum that goes on from another bucket's", adds_to_another_bucket),
    ("a sum that goes on from the neutral element", adds_to_a_cancelled_sum),
    ("a sum dropped for a fresh one", fresh_after_an_open_sum),
    ("terms behind padding", run_behind_padding),
    ("a run without an end", open_run_before_padding),
    ("a run without an end in a full table", open_run_in_the_last_row),
    ("terms of another window", run_of_two_windows),
    ("terms of another digit", run_of_two_buckets),
    ("a doubling with another slope", buckets_tangent),
    ("equal points that cancel", buckets_cancel),
    ("a sum of another x", buckets_x),
    ("a sum of another y", buckets_y),
];

/// Lies in the run of a bucket of the window lied about.
fn in_run(
    generators: Generators,
    index: usize,
    lie: impl FnOnce(&mut Vec<BucketRow>),
) -> ForgedLeaf {
    let place = generators.runs().place(AT, index).expect("a run");
    in_runs(generators, |runs| lie(&mut runs[place]))
}

/// Makes a run's rows from `from` on follow from the sum before them.
fn go_on(rows: &mut [BucketRow], from: usize) {
    for i in from..rows.len() {
        let before = rows[i - 1].clone();
        let step = if before.cancel == Felt::ONE {
            Step::sum(Said::NEUTRAL, Said::point(rows[i].point), true)
        } else {
            Step::add(before.sum, rows[i].point)
        };
        let [add, cancel, _, fresh] = step.cases;
        (rows[i].add, rows[i].cancel, rows[i].fresh) = (add, cancel, fresh);
        (rows[i].sum, rows[i].slope) = (step.sum.at, step.slope);
    }
}

/// Adds a run's first point to `before` as if there were a sum.
fn add_first(rows: &mut [BucketRow], before: Pair) {
    let (sum, slope) = before.plus(rows[0].point).expect("another x");
    (rows[0].add, rows[0].fresh) = (Felt::ONE, Felt::ZERO);
    (rows[0].sum, rows[0].slope) = (sum, slope);
    go_on(rows, 1);
}

fn padding_row() -> BucketRow {
    BucketRow {
        window: 0,
        index: 0,
        negative: false,
        fresh: Felt::ZERO,
        add: Felt::ZERO,
        cancel: Felt::ZERO,
        end: Felt::ZERO,
        point: ORIGIN,
        sum: ORIGIN,
        slope: Fp5::ZERO,
    }
}

/// Four times the point of order 2, in buckets whose run and total it leaves.
fn end_on_padding() -> ForgedLeaf {
    in_runs(balanced(), |runs| {
        let row = |index| BucketRow { window: AT, index, end: Felt::ONE, ..padding_row() };
        runs.push([7, 6, 5, 4].map(row).to_vec());
    })
}

fn first_row_adds() -> ForgedLeaf {
    let generators = balanced();
    let place = generators.runs().place(AT, 0).expect("a run");
    in_runs(generators, |runs| {
        add_first(&mut runs[place], ORIGIN);
        runs.swap(0, place);
    })
}

fn adds_to_another_bucket() -> ForgedLeaf {
    let generators = four([1, 1, -3, -3], 2);
    let runs = generators.runs();
    let [zero, one] = [0, 1].map(|index| runs.place(AT, index).expect("a run"));
    assert_eq!(zero + 1, one);
    in_runs(generators, |runs| {
        let before = runs[zero].last().expect("a row").sum;
        add_first(&mut runs[one], before);
    })
}

fn adds_to_a_cancelled_sum() -> ForgedLeaf {
    in_run(balanced(), 0, |rows| {
        assert_eq!(rows[1].cancel, Felt::ONE);
        add_first(&mut rows[2..], ORIGIN);
    })
}

fn fresh_after_an_open_sum() -> ForgedLeaf {
    in_run(four([1, 1, -1, -1], -1), 0, |rows| {
        let point = rows[1].point;
        (rows[1].add, rows[1].fresh, rows[1].sum, rows[1].slope) =
            (Felt::ZERO, Felt::ONE, point, Fp5::ZERO);
        go_on(rows, 2);
    })
}

fn run_behind_padding() -> ForgedLeaf {
    in_run(balanced(), 0, |rows| {
        add_first(rows, ORIGIN);
        rows.insert(0, padding_row());
        // The bucket of a run is that of its first row.
        (rows[0].window, rows[0].index) = (AT, 0);
    })
}

/// Padding may name the run's bucket.
fn open_run_before_padding() -> ForgedLeaf {
    in_runs(balanced(), |runs| {
        let rows = runs.last_mut().expect("a run");
        let last = rows.last_mut().expect("a row");
        last.end = Felt::ZERO;
        let (window, index) = (last.window, last.index);
        rows.push(BucketRow { window, index, ..padding_row() });
    })
}

/// Fourteen generator rows; the first table ends with a run of two.
fn open_run_in_the_last_row() -> ForgedLeaf {
    let generators = Generators::new(&CLASS, 14, |window| {
        let pair = if window == 73 { [3, -3] } else { [1, -1] };
        pair.into_iter().chain([1, -1].into_iter().cycle().take(12)).collect()
    });
    let place = generators.runs().place(73, 1).expect("a run");
    in_runs(generators, |runs| {
        let last = runs.remove(place);
        runs.insert(73, last);
        let rows: usize = runs[..74].iter().map(Vec::len).sum();
        assert_eq!(rows, 1 << CLASS.log_buckets[0]);
        runs[73].last_mut().expect("a row").end = Felt::ZERO;
    })
}

fn run_of_two_windows() -> ForgedLeaf {
    in_run(balanced(), 0, |rows| rows.last_mut().expect("a row").end = Felt::ZERO)
}

fn run_of_two_buckets() -> ForgedLeaf {
    in_run(four([1, -1, 3, -3], 0), 0, |rows| rows.last_mut().expect("a row").end = Felt::ZERO)
}

/// Twice the same sum, twice the opposite one, for any sum: run and total are neutral after it.
fn buckets_tangent() -> ForgedLeaf {
    let generators = Generators::new(&CLASS, 8, |window| {
        if window == AT {
            vec![15, 15, -13, -13, -11, -11, 9, 9]
        } else {
            vec![1, -1, 1, -1, 1, -1, 1, -1]
        }
    });
    let runs = generators.runs();
    let places: Vec<usize> = (4..8).map(|index| runs.place(AT, index).expect("a run")).collect();
    let slope = Fp5::from(Felt::from_u8(7));
    in_runs(generators, |runs| {
        for place in places {
            let rows = &mut runs[place];
            let sign = if rows[0].point == times(1) { Fp5::ONE } else { -Fp5::ONE };
            rows[1].slope = sign * slope;
            rows[1].sum = rows[0].point.on_line(rows[1].point, sign * slope);
        }
    })
}

fn cancel_row(row: &mut BucketRow) {
    (row.add, row.fresh, row.cancel) = (Felt::ZERO, Felt::ZERO, Felt::ONE);
    (row.sum, row.slope) = (ORIGIN, Fp5::ZERO);
}

fn buckets_cancel() -> ForgedLeaf {
    in_run(four([1, 1, -1, -1], 0), 0, |rows| {
        cancel_row(&mut rows[1]);
        go_on(rows, 2);
        cancel_row(&mut rows[3]);
    })
}

/// The line meets the curve in both operands, too.
fn buckets_x() -> ForgedLeaf {
    in_run(four([1, 1, -1, -1], -3), 0, |rows| {
        rows[1].sum = rows[0].sum.neg();
        go_on(rows, 2);
    })
}

fn buckets_y() -> ForgedLeaf {
    in_run(four([1, 1, 1, -1], -2), 0, |rows| {
        let last = rows.last_mut().expect("a row");
        last.sum = last.sum.neg();
    })
}
