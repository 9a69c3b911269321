//! Forgeries of the sums of points: batches without intents, whose generator rows have whatever digits
//! make up for the lie.
//!
//! A window is 2T + S, and everything above it is doubled before it: what is wrong by k·16 can be
//! made right by −k in the window above, and the point of order 2 does not count above window 0.

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::{DecodedPoint, Felt, Fp5, Point, Scalar};

use super::half::{BucketRow, CombineRow, Generators, ReductionRow, Stage};
use super::lie::Lie;
use super::points::{ORIGIN, Pair, Said, Step};
use super::roots::root_of_cubic;
use crate::bucket_reduction::ReductionColumns;
use crate::class::LeafClass;
use crate::combine::CombineColumns;
use crate::group_law::{Case, write_fp5, write_point};
use crate::signers::SignerColumns;

const CLASS: LeafClass = LeafClass::TINY;
/// The window lied about, far from both ends.
const AT: usize = 40;

/// A forgery and what it does.
pub(crate) type Forged = (&'static str, fn() -> Lie);

/// Every forgery of this page.
pub(crate) const ALL: &[Forged] = &[
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
    ("combination: sums on padding", combine_cases_on_padding),
    ("combination: the first part not loaded", combine_is_not_loaded),
    ("combination: no case", combine_has_no_case),
    ("combination: a neutral left operand added", combine_left_neutral),
    ("combination: a neutral right operand added", combine_right_neutral),
    ("combination: a part dropped", combine_takes_left),
    ("combination: the windows above dropped", combine_takes_right),
    ("combination: a sum said to be neutral", combine_said_neutral),
    ("combination: a doubling with another slope", combine_tangent),
    ("combination: equal points that cancel", combine_cancel),
    ("combination: a sum of another x", combine_x),
    ("combination: a sum of another y", combine_y),
    ("combination: a doubling of something else", doubling_of_something_else),
    ("a final sum that is not neutral", final_sum),
    ("a generator row that counts twice", generator_twice),
    ("free digits of another key", generator_of_another_key),
];

/// Digits of four generator rows: `special` in the window lied about, whose effect is then off by
/// `off`, which the window below makes up for.
fn four(special: [i64; 4], off: i64) -> Generators {
    four_at(AT, special, off)
}

fn four_at(at: usize, special: [i64; 4], off: i64) -> Generators {
    let below = match off.abs() {
        0 => [1, -1, 1, -1],
        1 => [15, 1, 1, -1],
        2 => [15, 15, 1, 1],
        3 => [15, 15, 15, 3],
        _ => panic!("four digits make up for 3 at most"),
    };
    let below = below.map(|digit: i64| if off > 0 { -digit } else { digit });
    Generators::new(&CLASS, 4, move |window| {
        if window == at {
            special.to_vec()
        } else if window + 1 == at {
            below.to_vec()
        } else {
            vec![1, -1, 1, -1]
        }
    })
}

/// Nothing is off, and every bucket is neutral.
fn balanced() -> Generators {
    four([1, -1, 1, -1], 0)
}

/// G times a small number.
fn times(n: i64) -> Pair {
    let point = Point::generator().mul(&Scalar::from_u128(n.unsigned_abs().into()));
    let pair = Pair::from(&point.to_affine().expect("not neutral"));
    if n < 0 { pair.neg() } else { pair }
}

fn in_runs(generators: Generators, lie: impl FnOnce(&mut Vec<Vec<BucketRow>>)) -> Lie {
    generators.lie(lie, |_, _| (), |_, _| ())
}

/// Lies in the run of a bucket of the window lied about.
fn in_run(generators: Generators, index: usize, lie: impl FnOnce(&mut Vec<BucketRow>)) -> Lie {
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
fn end_on_padding() -> Lie {
    in_runs(balanced(), |runs| {
        let row = |index| BucketRow { window: AT, index, end: Felt::ONE, ..padding_row() };
        runs.push([7, 6, 5, 4].map(row).to_vec());
    })
}

fn first_row_adds() -> Lie {
    let generators = balanced();
    let place = generators.runs().place(AT, 0).expect("a run");
    in_runs(generators, |runs| {
        add_first(&mut runs[place], ORIGIN);
        runs.swap(0, place);
    })
}

fn adds_to_another_bucket() -> Lie {
    let generators = four([1, 1, -3, -3], 2);
    let runs = generators.runs();
    let [zero, one] = [0, 1].map(|index| runs.place(AT, index).expect("a run"));
    assert_eq!(zero + 1, one);
    in_runs(generators, |runs| {
        let before = runs[zero].last().expect("a row").sum;
        add_first(&mut runs[one], before);
    })
}

fn adds_to_a_cancelled_sum() -> Lie {
    in_run(balanced(), 0, |rows| {
        assert_eq!(rows[1].cancel, Felt::ONE);
        add_first(&mut rows[2..], ORIGIN);
    })
}

fn fresh_after_an_open_sum() -> Lie {
    in_run(four([1, 1, -1, -1], -1), 0, |rows| {
        let point = rows[1].point;
        (rows[1].add, rows[1].fresh, rows[1].sum, rows[1].slope) =
            (Felt::ZERO, Felt::ONE, point, Fp5::ZERO);
        go_on(rows, 2);
    })
}

fn run_behind_padding() -> Lie {
    in_run(balanced(), 0, |rows| {
        add_first(rows, ORIGIN);
        rows.insert(0, padding_row());
        // The bucket of a run is that of its first row.
        (rows[0].window, rows[0].index) = (AT, 0);
    })
}

/// Padding may name the run's bucket.
fn open_run_before_padding() -> Lie {
    in_runs(balanced(), |runs| {
        let rows = runs.last_mut().expect("a run");
        let last = rows.last_mut().expect("a row");
        last.end = Felt::ZERO;
        let (window, index) = (last.window, last.index);
        rows.push(BucketRow { window, index, ..padding_row() });
    })
}

/// Fourteen generator rows; the first table ends with a run of two.
fn open_run_in_the_last_row() -> Lie {
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

fn run_of_two_windows() -> Lie {
    in_run(balanced(), 0, |rows| rows.last_mut().expect("a row").end = Felt::ZERO)
}

fn run_of_two_buckets() -> Lie {
    in_run(four([1, -1, 3, -3], 0), 0, |rows| rows.last_mut().expect("a row").end = Felt::ZERO)
}

/// Twice the same sum, twice the opposite one, whatever it is: run and total are neutral after it.
fn buckets_tangent() -> Lie {
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

fn buckets_cancel() -> Lie {
    in_run(four([1, 1, -1, -1], 0), 0, |rows| {
        cancel_row(&mut rows[1]);
        go_on(rows, 2);
        cancel_row(&mut rows[3]);
    })
}

/// The line meets the curve in both operands, too.
fn buckets_x() -> Lie {
    in_run(four([1, 1, -1, -1], -3), 0, |rows| {
        rows[1].sum = rows[0].sum.neg();
        go_on(rows, 2);
    })
}

fn buckets_y() -> Lie {
    in_run(four([1, 1, 1, -1], -2), 0, |rows| {
        let last = rows.last_mut().expect("a row");
        last.sum = last.sum.neg();
    })
}

/// Lies in one row of the reduction of the window lied about.
fn in_reduction(
    generators: Generators,
    index: usize,
    stage: Stage,
    lie: impl Fn(&mut ReductionRow),
) -> Lie {
    let reduction = |row: &mut ReductionRow, now: Stage| {
        if (row.window, row.index, now) == (AT, index, stage) {
            lie(row);
        }
    };
    generators.lie(|_| (), reduction, |_, _| ())
}

fn bucket_filled_twice() -> Lie {
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

fn bucket_invented() -> Lie {
    in_reduction(four([1, -1, 1, -1], 3), 1, Stage::Bucket, |row| {
        row.bucket = Said::point(times(1))
    })
}

fn bucket_taken_by_padding() -> Lie {
    let c = ReductionColumns::new();
    let mut lie = in_runs(balanced(), |_| ());
    // Bucket 0 of window 0, which is neutral.
    let buckets = CLASS.schedule.windows()[0].buckets();
    assert_eq!(lie.row("bucket_reduction", buckets - 1)[c.filled], Felt::ONE);
    lie.row("bucket_reduction", buckets - 1)[c.filled] = Felt::ZERO;
    let last = (1 << CLASS.log_bucket_reduction_height()) - 1;
    lie.row("bucket_reduction", last)[c.filled] = Felt::ONE;
    lie
}

/// A row of the reduction behind the schedule.
const REDUCTION_PADDING: usize = 1_000;

fn run_cases_on_padding() -> Lie {
    let c = ReductionColumns::new();
    let mut lie = in_runs(balanced(), |_| ());
    let row = lie.row("bucket_reduction", REDUCTION_PADDING);
    row[c.to_run.cases.start + Case::TakeLeft as usize] = Felt::ONE;
    row[c.to_run.cases.start + Case::TakeRight as usize] = -Felt::ONE;
    row[c.run.neutral] = -Felt::ONE;
    lie
}

fn total_cases_on_padding() -> Lie {
    let c = ReductionColumns::new();
    let mut lie = in_runs(balanced(), |_| ());
    let row = lie.row("bucket_reduction", REDUCTION_PADDING);
    row[c.to_total.cases.start + Case::Cancel as usize] = Felt::ONE;
    row[c.to_total.cases.start + Case::TakeRight as usize] = -Felt::ONE;
    row[c.total.neutral] = Felt::ONE;
    lie
}

fn run_is_not_loaded() -> Lie {
    in_reduction(balanced(), 7, Stage::Run, |row| {
        row.run = Step::of(Case::TakeLeft, Fp5::ZERO, row.before[0]);
    })
}

fn total_is_not_loaded() -> Lie {
    in_reduction(balanced(), 7, Stage::Total, |row| {
        row.total = Step::of(Case::TakeLeft, Fp5::ZERO, row.before[1]);
    })
}

/// No flag makes (0, 0), the point of order 2.
fn run_has_no_case() -> Lie {
    in_reduction(balanced(), 0, Stage::Run, |row| row.run = Step::none())
}

fn total_has_no_case() -> Lie {
    in_reduction(balanced(), 1, Stage::Total, |row| row.total = Step::none())
}

/// T = G and S = −2G.
const UP_AND_DOWN: [i64; 4] = [3, -1, -1, -1];

fn run_left_neutral() -> Lie {
    in_reduction(four(UP_AND_DOWN, 0), 1, Stage::Run, |row| {
        row.run = Step::add(ORIGIN, row.bucket.at);
    })
}

fn total_left_neutral() -> Lie {
    in_reduction(four(UP_AND_DOWN, 0), 1, Stage::Total, |row| {
        row.total = Step::add(ORIGIN, row.run.sum.at);
    })
}

fn run_right_neutral() -> Lie {
    in_reduction(four([7, -1, -3, -3], 0), 2, Stage::Run, |row| {
        row.run = Step::add(row.before[0].at, ORIGIN);
    })
}

fn total_right_neutral() -> Lie {
    in_reduction(four([5, -3, -1, -1], 0), 1, Stage::Total, |row| {
        row.total = Step::add(row.before[1].at, ORIGIN);
    })
}

fn run_takes_left() -> Lie {
    in_reduction(four(UP_AND_DOWN, -3), 1, Stage::Run, |row| {
        row.run = Step::of(Case::TakeLeft, Fp5::ZERO, row.before[0]);
    })
}

fn total_takes_left() -> Lie {
    in_reduction(four(UP_AND_DOWN, -2), 1, Stage::Total, |row| {
        row.total = Step::of(Case::TakeLeft, Fp5::ZERO, row.before[1]);
    })
}

fn run_takes_right() -> Lie {
    in_reduction(four(UP_AND_DOWN, -1), 0, Stage::Run, |row| {
        row.run = Step::of(Case::TakeRight, Fp5::ZERO, row.bucket);
    })
}

fn total_takes_right() -> Lie {
    in_reduction(four([5, -3, -1, -1], -2), 1, Stage::Total, |row| {
        row.total = Step::of(Case::TakeRight, Fp5::ZERO, row.run.sum);
    })
}

fn run_said_neutral() -> Lie {
    in_reduction(four(UP_AND_DOWN, 2), 0, Stage::Run, |row| row.run.sum.neutral = Felt::ONE)
}

fn total_said_neutral() -> Lie {
    in_reduction(four(UP_AND_DOWN, -2), 1, Stage::Total, |row| row.total.sum.neutral = Felt::ONE)
}

/// A slope that makes of P + P a point with y = 0, which is its own opposite.
fn to_its_own_opposite(point: Pair) -> Option<Step> {
    // λ³ − (3x + 2)λ + y = 0.
    let three = Fp5::TWO + Fp5::ONE;
    let slope = root_of_cubic([point.y, -(three * point.x + Fp5::TWO)])?;
    let sum = point.on_line(point, slope);
    assert!(sum.y == Fp5::ZERO);
    Some(Step::of(Case::Add, slope, Said::point(sum)))
}

/// The least multiple of G for which there is such a slope.
fn doubled_to_nothing() -> (usize, Step) {
    let found = (1..12).find_map(|k| Some((k, to_its_own_opposite(times(k as i64))?)));
    found.expect("half of all points have one")
}

/// `k` times these digits in the window lied about; all rows opposite in pairs elsewhere.
fn repeated(k: usize, digits: &[i64]) -> Generators {
    let special: Vec<i64> = digits.iter().flat_map(|digit| vec![*digit; k]).collect();
    let rows = special.len();
    assert!(rows.is_multiple_of(2));
    Generators::new(&CLASS, rows, move |window| {
        if window == AT { special.clone() } else { [1, -1].repeat(rows / 2) }
    })
}

fn run_tangent() -> Lie {
    // Runs −k, k, 2k: totals −k, 0.
    let (k, step) = doubled_to_nothing();
    in_reduction(repeated(k, &[-5, 3, 3, 1]), 0, Stage::Run, |row| row.run = step)
}

fn total_tangent() -> Lie {
    let (k, step) = doubled_to_nothing();
    in_reduction(repeated(k, &[5, -1]), 1, Stage::Total, |row| row.total = step)
}

fn cancelled() -> Step {
    Step::of(Case::Cancel, Fp5::ZERO, Said::NEUTRAL)
}

fn run_cancel() -> Lie {
    in_reduction(four([3, 1, 7, -7], 2), 0, Stage::Run, |row| row.run = cancelled())
}

fn total_cancel() -> Lie {
    in_reduction(four([5, -1, 7, -7], 0), 1, Stage::Total, |row| row.total = cancelled())
}

fn run_x() -> Lie {
    in_reduction(four(UP_AND_DOWN, 1), 0, Stage::Run, |row| {
        row.run.sum.at = row.before[0].at.neg();
    })
}

fn total_x() -> Lie {
    in_reduction(four([5, 3, -1, -1], -2), 1, Stage::Total, |row| {
        row.total.sum.at = row.before[1].at.neg();
    })
}

fn run_y() -> Lie {
    in_reduction(four([1, 1, 1, -1], -2), 0, Stage::Run, |row| {
        row.run.sum.at = row.run.sum.at.neg();
    })
}

fn total_y() -> Lie {
    in_reduction(four([3, 1, 1, -1], 0), 1, Stage::Total, |row| {
        row.total.sum.at = row.total.sum.at.neg();
    })
}

/// Lies in the step that adds a part of the window lied about: T if `weighted`, else S.
fn in_combine(generators: Generators, weighted: bool, lie: impl Fn(&mut CombineRow)) -> Lie {
    let combine = |row: &mut CombineRow, operand: bool| {
        let part = 2 * AT + usize::from(weighted);
        if !operand && !row.doubles && row.part == part {
            lie(row);
        }
    };
    generators.lie(|_| (), |_, _| (), combine)
}

/// A row of the combination behind the schedule.
const COMBINE_PADDING: usize = 500;

fn combine_cases_on_padding() -> Lie {
    let c = CombineColumns::new();
    let mut lie = in_runs(balanced(), |_| ());
    let row = lie.row("combine", COMBINE_PADDING);
    row[c.addition.cases.start + Case::TakeLeft as usize] = Felt::ONE;
    row[c.addition.cases.start + Case::TakeRight as usize] = -Felt::ONE;
    row[c.operand.neutral] = Felt::ONE;
    row[c.sum.neutral] = -Felt::ONE;
    lie
}

/// What was before the first row is (0, 0).
fn combine_is_not_loaded() -> Lie {
    let combine = |row: &mut CombineRow, operand: bool| {
        if row.row == 0 && !operand {
            row.step = Step::of(Case::TakeLeft, Fp5::ZERO, row.before);
        }
    };
    balanced().lie(|_| (), |_, _| (), combine)
}

fn combine_has_no_case() -> Lie {
    in_combine(balanced(), true, |row| row.step = Step::none())
}

fn combine_left_neutral() -> Lie {
    in_combine(four(UP_AND_DOWN, 0), true, |row| row.step = Step::add(ORIGIN, row.operand.at))
}

fn combine_right_neutral() -> Lie {
    in_combine(four([5, -3, 1, -1], 2), false, |row| row.step = Step::add(row.before.at, ORIGIN))
}

fn combine_takes_left() -> Lie {
    in_combine(four(UP_AND_DOWN, 2), false, |row| {
        row.step = Step::of(Case::TakeLeft, Fp5::ZERO, row.before);
    })
}

fn combine_takes_right() -> Lie {
    in_combine(four(UP_AND_DOWN, -2), false, |row| {
        row.step = Step::of(Case::TakeRight, Fp5::ZERO, row.operand);
    })
}

fn combine_said_neutral() -> Lie {
    in_combine(four(UP_AND_DOWN, -2), true, |row| row.step.sum.neutral = Felt::ONE)
}

/// T = k·G, doubled to what is its own opposite; S is neutral, and the next doubling leaves nothing.
fn combine_tangent() -> Lie {
    let (k, step) = doubled_to_nothing();
    let combine = |row: &mut CombineRow, operand: bool| {
        if !operand && row.doubles && row.before == Said::point(times(k as i64)) {
            row.step = step;
        }
    };
    repeated(k, &[3, -1]).lie(|_| (), |_, _| (), combine)
}

fn combine_cancel() -> Lie {
    in_combine(four([3, 1, 1, -1], 0), false, |row| row.step = cancelled())
}

fn combine_x() -> Lie {
    in_combine(four([3, 1, 1, 1], -2), false, |row| row.step.sum.at = row.before.at.neg())
}

fn combine_y() -> Lie {
    in_combine(four([3, 1, 1, -1], 0), true, |row| row.step.sum.at = row.step.sum.at.neg())
}

/// The doubling before S of the window lied about.
fn doubling_of_something_else() -> Lie {
    let mut doubling = None;
    let combine = |row: &mut CombineRow, operand: bool| {
        if !row.doubles && row.part == 2 * AT + 1 {
            doubling = Some(row.row + 1);
        }
        if operand && doubling == Some(row.row) {
            row.operand = Said::point(times(1));
        }
    };
    four([1, -1, 1, -1], 1).lie(|_| (), |_, _| (), combine)
}

fn final_sum() -> Lie {
    in_runs(four_at(0, [1, 1, 1, -1], 0), |_| ())
}

fn generator_twice() -> Lie {
    let mut generators = Generators::new(&CLASS, 2, |_| vec![1, -1]);
    let c = SignerColumns::new(&CLASS.schedule);
    let signed = &mut generators.signed;
    for row in signed.signers.values.chunks_exact_mut(c.width).take(2) {
        row[c.generator] = Felt::TWO;
    }
    let again = signed.terms.clone();
    signed.terms.extend(again);
    in_runs(generators, |_| ())
}

/// Opposite digits of another point: it could be anybody's.
fn generator_of_another_key() -> Lie {
    let mut generators = Generators::new(&CLASS, 2, |_| vec![1, -1]);
    let c = SignerColumns::new(&CLASS.schedule);
    let encoding = Point::generator().mul(&Scalar::from_u128(9)).encode();
    let key = DecodedPoint::decode(&encoding).expect("a point");
    let signed = &mut generators.signed;
    for row in signed.signers.values.chunks_exact_mut(c.width).take(2) {
        write_fp5(row, &c.w, &encoding);
        write_fp5(row, &c.t, &key.root);
        write_point(row, &c.x, &c.y, &key.point);
    }
    for term in &mut signed.terms {
        term.point = key.point;
    }
    in_runs(generators, |_| ())
}
