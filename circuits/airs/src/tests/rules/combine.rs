//! Forgeries of the combination, and of the generator rows that it ends with.

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::{DecodedPoint, Felt, Fp5, Point, Scalar};

use super::Forged;
use super::bucket_reduction::UP_AND_DOWN;
use super::forged_leaf::ForgedLeaf;
use super::half::{CombineRow, Generators};
use super::points::{ORIGIN, Said, Step};
use super::sums::{
    AT, CLASS, balanced, cancelled, doubled_to_nothing, four, four_at, in_runs, repeated, times,
};
use crate::gadgets::group_law::{Case, write_fp5, write_point};
use crate::tables::signature::combine::CombineColumns;
use crate::tables::signature::signers::SignerColumns;

/// Forgeries of this page.
pub(super) const ALL: &[Forged] = &[
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

/// Lies in the step that adds a part of the window lied about: T if `weighted`, else S.
fn in_combine(generators: Generators, weighted: bool, lie: impl Fn(&mut CombineRow)) -> ForgedLeaf {
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

fn combine_cases_on_padding() -> ForgedLeaf {
    let c = CombineColumns::new();
    let mut lie = in_runs(balanced(), |_| ());
    let row = lie.row("combine", COMBINE_PADDING);
    row[c.addition.cases.start + Case::TakeLeft as usize] = Felt::ONE;
    row[c.addition.cases.start + Case::TakeRight as usize] = -Felt::ONE;
    row[c.operand.neutral] = Felt::ONE;
    row[c.sum.neutral] = -Felt::ONE;
    lie
}

/// The sum before the first row is (0, 0).
fn combine_is_not_loaded() -> ForgedLeaf {
    let combine = |row: &mut CombineRow, operand: bool| {
        if row.row == 0 && !operand {
            row.step = Step::of(Case::TakeLeft, Fp5::ZERO, row.before);
        }
    };
    balanced().lie(|_| (), |_, _| (), combine)
}

fn combine_has_no_case() -> ForgedLeaf {
    in_combine(balanced(), true, |row| row.step = Step::none())
}

fn combine_left_neutral() -> ForgedLeaf {
    in_combine(four(UP_AND_DOWN, 0), true, |row| row.step = Step::add(ORIGIN, row.operand.at))
}

fn combine_right_neutral() -> ForgedLeaf {
    in_combine(four([5, -3, 1, -1], 2), false, |row| row.step = Step::add(row.before.at, ORIGIN))
}

fn combine_takes_left() -> ForgedLeaf {
    in_combine(four(UP_AND_DOWN, 2), false, |row| {
        row.step = Step::of(Case::TakeLeft, Fp5::ZERO, row.before);
    })
}

fn combine_takes_right() -> ForgedLeaf {
    in_combine(four(UP_AND_DOWN, -2), false, |row| {
        row.step = Step::of(Case::TakeRight, Fp5::ZERO, row.operand);
    })
}

fn combine_said_neutral() -> ForgedLeaf {
    in_combine(four(UP_AND_DOWN, -2), true, |row| row.step.sum.neutral = Felt::ONE)
}

/// T = k·G, doubled to what is its own opposite; S is neutral, and the next doubling leaves nothing.
fn combine_tangent() -> ForgedLeaf {
    let (k, step) = doubled_to_nothing();
    let combine = |row: &mut CombineRow, operand: bool| {
        if !operand && row.doubles && row.before == Said::point(times(k as i64)) {
            row.step = step;
        }
    };
    repeated(k, &[3, -1]).lie(|_| (), |_, _| (), combine)
}

fn combine_cancel() -> ForgedLeaf {
    in_combine(four([3, 1, 1, -1], 0), false, |row| row.step = cancelled())
}

fn combine_x() -> ForgedLeaf {
    in_combine(four([3, 1, 1, 1], -2), false, |row| row.step.sum.at = row.before.at.neg())
}

fn combine_y() -> ForgedLeaf {
    in_combine(four([3, 1, 1, -1], 0), true, |row| row.step.sum.at = row.step.sum.at.neg())
}

/// The doubling before S of the window lied about.
fn doubling_of_something_else() -> ForgedLeaf {
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

fn final_sum() -> ForgedLeaf {
    in_runs(four_at(0, [1, 1, 1, -1], 0), |_| ())
}

fn generator_twice() -> ForgedLeaf {
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

/// Opposite digits of another point: it could be that of any signer.
fn generator_of_another_key() -> ForgedLeaf {
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
