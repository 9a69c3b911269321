//! Forgeries of the bucket reduction.

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::{Felt, Fp5};

use super::Forged;
use super::forged_leaf::ForgedLeaf;
use super::half::{Generators, ReductionRow, Stage};
use super::points::{ORIGIN, Said, Step};
use super::sums::{
    AT, CLASS, balanced, cancelled, doubled_to_nothing, four, in_runs, repeated, times,
};
use crate::gadgets::group_law::Case;
use crate::tables::LeafTable;
use crate::tables::signature::bucket_reduction::{ReductionColumns, ReductionTable};

/// Forgeries of this page.
pub(super) const ALL: &[Forged] = &[
    ("a bucket taken twice", bucket_filled_twice),
    ("an invented bucket", bucket_invented),
    ("a bucket taken by padding", bucket_taken_by_padding),
    ("sums on padding, run", run_cases_on_padding),
    ("sums on padding, total", total_cases_on_padding),
    ("a window that begins with the last one's run", run_is_not_loaded),
    ("a window that begins with the last one's total", total_is_not_loaded),
    ("run: no case", run_has_no_case),
    ("total: no case", total_has_no_case),
    ("run: a neutral left operand added", run_left_neutral),
    ("total: a neutral left operand added", total_left_neutral),
    ("run: a neutral right operand added", run_right_neutral),
    ("total: a neutral right operand added", total_right_neutral),
    ("run: a bucket dropped", run_takes_left),
    ("total: a run dropped", total_takes_left),
    ("run: the buckets above dropped", run_takes_right),
    ("total: the runs above dropped", total_takes_right),
    ("run: a sum said to be neutral", run_said_neutral),
    ("total: a sum said to be neutral", total_said_neutral),
    ("run: a doubling with another slope", run_tangent),
    ("total: a doubling with another slope", total_tangent),
    ("run: equal points that cancel", run_cancel),
    ("total: equal points that cancel", total_cancel),
    ("run: a sum of another x", run_x),
    ("total: a sum of another x", total_x),
    ("run: a sum of another y", run_y),
    ("total: a sum of another y", total_y),
];

/// Lies in one row of the reduction of the window lied about.
fn in_reduction(
    generators: Generators,
    index: usize,
    stage: Stage,
    lie: impl Fn(&mut ReductionRow),
) -> ForgedLeaf {
    let reduction = |row: &mut ReductionRow, now: Stage| {
        if (row.window, row.index, now) == (AT, index, stage) {
            lie(row);
        }
    };
    generators.lie(|_| (), reduction, |_, _| ())
}

fn bucket_filled_twice() -> ForgedLeaf {
    let generators = balanced();
    let place = generators.runs().place(AT, 0).expect("a run");
    generators.lie(
        |runs| {
            let half = runs[place].split_off(2);
            runs[place].last_mut().expect("a row").end = Felt::ONE;
            runs.insert(place + 1, half);
        },
        |row, stage| {
            if (row.window, row.index, stage) == (AT, 0, Stage::Bucket) {
                row.filled = Felt::TWO;
            }
        },
        |_, _| (),
    )
}

fn bucket_invented() -> ForgedLeaf {
    in_reduction(four([1, -1, 1, -1], 3), 1, Stage::Bucket, |row| {
        row.bucket = Said::point(times(1))
    })
}

fn bucket_taken_by_padding() -> ForgedLeaf {
    let c = ReductionColumns::new();
    let mut lie = in_runs(balanced(), |_| ());
    // Bucket 0 of window 0, which is neutral.
    let buckets = CLASS.schedule.windows()[0].buckets();
    assert_eq!(lie.row("bucket_reduction", buckets - 1)[c.filled], Felt::ONE);
    lie.row("bucket_reduction", buckets - 1)[c.filled] = Felt::ZERO;
    let last = (1 << ReductionTable::log_height(&CLASS)) - 1;
    lie.row("bucket_reduction", last)[c.filled] = Felt::ONE;
    lie
}

/// A row of the reduction behind the schedule.
const REDUCTION_PADDING: usize = 1_000;

fn run_cases_on_padding() -> ForgedLeaf {
    let c = ReductionColumns::new();
    let mut lie = in_runs(balanced(), |_| ());
    let row = lie.row("bucket_reduction", REDUCTION_PADDING);
    row[c.to_run.cases.start + Case::TakeLeft as usize] = Felt::ONE;
    row[c.to_run.cases.start + Case::TakeRight as usize] = -Felt::ONE;
    row[c.run.neutral] = -Felt::ONE;
    lie
}

fn total_cases_on_padding() -> ForgedLeaf {
    let c = ReductionColumns::new();
    let mut lie = in_runs(balanced(), |_| ());
    let row = lie.row("bucket_reduction", REDUCTION_PADDING);
    row[c.to_total.cases.start + Case::Cancel as usize] = Felt::ONE;
    row[c.to_total.cases.start + Case::TakeRight as usize] = -Felt::ONE;
    row[c.total.neutral] = Felt::ONE;
    lie
}

fn run_is_not_loaded() -> ForgedLeaf {
    in_reduction(balanced(), 7, Stage::Run, |row| {
        row.run = Step::of(Case::TakeLeft, Fp5::ZERO, row.before[0]);
    })
}

fn total_is_not_loaded() -> ForgedLeaf {
    in_reduction(balanced(), 7, Stage::Total, |row| {
        row.total = Step::of(Case::TakeLeft, Fp5::ZERO, row.before[1]);
    })
}

/// No flag makes (0, 0), the point of order 2.
fn run_has_no_case() -> ForgedLeaf {
    in_reduction(balanced(), 0, Stage::Run, |row| row.run = Step::none())
}

fn total_has_no_case() -> ForgedLeaf {
    in_reduction(balanced(), 1, Stage::Total, |row| row.total = Step::none())
}

/// T = G and S = −2G.
pub(super) const UP_AND_DOWN: [i64; 4] = [3, -1, -1, -1];

fn run_left_neutral() -> ForgedLeaf {
    in_reduction(four(UP_AND_DOWN, 0), 1, Stage::Run, |row| {
        row.run = Step::add(ORIGIN, row.bucket.at);
    })
}

fn total_left_neutral() -> ForgedLeaf {
    in_reduction(four(UP_AND_DOWN, 0), 1, Stage::Total, |row| {
        row.total = Step::add(ORIGIN, row.run.sum.at);
    })
}

fn run_right_neutral() -> ForgedLeaf {
    in_reduction(four([7, -1, -3, -3], 0), 2, Stage::Run, |row| {
        row.run = Step::add(row.before[0].at, ORIGIN);
    })
}

fn total_right_neutral() -> ForgedLeaf {
    in_reduction(four([5, -3, -1, -1], 0), 1, Stage::Total, |row| {
        row.total = Step::add(row.before[1].at, ORIGIN);
    })
}

fn run_takes_left() -> ForgedLeaf {
    in_reduction(four(UP_AND_DOWN, -3), 1, Stage::Run, |row| {
        row.run = Step::of(Case::TakeLeft, Fp5::ZERO, row.before[0]);
    })
}

fn total_takes_left() -> ForgedLeaf {
    in_reduction(four(UP_AND_DOWN, -2), 1, Stage::Total, |row| {
        row.total = Step::of(Case::TakeLeft, Fp5::ZERO, row.before[1]);
    })
}

fn run_takes_right() -> ForgedLeaf {
    in_reduction(four(UP_AND_DOWN, -1), 0, Stage::Run, |row| {
        row.run = Step::of(Case::TakeRight, Fp5::ZERO, row.bucket);
    })
}

fn total_takes_right() -> ForgedLeaf {
    in_reduction(four([5, -3, -1, -1], -2), 1, Stage::Total, |row| {
        row.total = Step::of(Case::TakeRight, Fp5::ZERO, row.run.sum);
    })
}

fn run_said_neutral() -> ForgedLeaf {
    in_reduction(four(UP_AND_DOWN, 2), 0, Stage::Run, |row| row.run.sum.neutral = Felt::ONE)
}

fn total_said_neutral() -> ForgedLeaf {
    in_reduction(four(UP_AND_DOWN, -2), 1, Stage::Total, |row| row.total.sum.neutral = Felt::ONE)
}

fn run_tangent() -> ForgedLeaf {
    // Runs −k, k, 2k: totals −k, 0.
    let (k, step) = doubled_to_nothing();
    in_reduction(repeated(k, &[-5, 3, 3, 1]), 0, Stage::Run, |row| row.run = step)
}

fn total_tangent() -> ForgedLeaf {
    let (k, step) = doubled_to_nothing();
    in_reduction(repeated(k, &[5, -1]), 1, Stage::Total, |row| row.total = step)
}

fn run_cancel() -> ForgedLeaf {
    in_reduction(four([3, 1, 7, -7], 2), 0, Stage::Run, |row| row.run = cancelled())
}

fn total_cancel() -> ForgedLeaf {
    in_reduction(four([5, -1, 7, -7], 0), 1, Stage::Total, |row| row.total = cancelled())
}

fn run_x() -> ForgedLeaf {
    in_reduction(four(UP_AND_DOWN, 1), 0, Stage::Run, |row| {
        row.run.sum.at = row.before[0].at.neg();
    })
}

fn total_x() -> ForgedLeaf {
    in_reduction(four([5, 3, -1, -1], -2), 1, Stage::Total, |row| {
        row.total.sum.at = row.before[1].at.neg();
    })
}

fn run_y() -> ForgedLeaf {
    in_reduction(four([1, 1, 1, -1], -2), 0, Stage::Run, |row| {
        row.run.sum.at = row.run.sum.at.neg();
    })
}

fn total_y() -> ForgedLeaf {
    in_reduction(four([3, 1, 1, -1], 0), 1, Stage::Total, |row| {
        row.total.sum.at = row.total.sum.at.neg();
    })
}
