//! Batches without intents for forgeries of the sums of points: the generator rows have any digits
//! make up for the lie.
//!
//! A window is 2T + S, and everything above it is doubled before it: what is wrong by k·16 can be
//! made right by −k in the window above, and the point of order 2 does not count above window 0.

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::{Fp5, Point, Scalar};

use super::forged_leaf::ForgedLeaf;
use super::half::{BucketRow, Generators};
use super::points::{Pair, Said, Step};
use super::roots::root_of_cubic;
use crate::class::LeafClass;
use crate::gadgets::group_law::Case;

pub(super) const CLASS: LeafClass = LeafClass::TINY;

/// The window lied about, far from both ends.
pub(super) const AT: usize = 40;

/// Digits of four generator rows: `special` in the window lied about, whose effect is then off by
/// `off`, which the window below makes up for.
pub(super) fn four(special: [i64; 4], off: i64) -> Generators {
    four_at(AT, special, off)
}

pub(super) fn four_at(at: usize, special: [i64; 4], off: i64) -> Generators {
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
pub(super) fn balanced() -> Generators {
    four([1, -1, 1, -1], 0)
}

/// G times a small number.
pub(super) fn times(n: i64) -> Pair {
    let point = Point::generator().mul(&Scalar::from_u128(n.unsigned_abs().into()));
    let pair = Pair::from(&point.to_affine().expect("not neutral"));
    if n < 0 { pair.neg() } else { pair }
}

pub(super) fn in_runs(
    generators: Generators,
    lie: impl FnOnce(&mut Vec<Vec<BucketRow>>),
) -> ForgedLeaf {
    generators.lie(lie, |_, _| (), |_, _| ())
}

/// A slope that makes of P + P a point with y = 0, which is its own opposite.
pub(super) fn to_its_own_opposite(point: Pair) -> Option<Step> {
    // λ³ − (3x + 2)λ + y = 0.
    let three = Fp5::TWO + Fp5::ONE;
    let slope = root_of_cubic([point.y, -(three * point.x + Fp5::TWO)])?;
    let sum = point.on_line(point, slope);
    assert!(sum.y == Fp5::ZERO);
    Some(Step::of(Case::Add, slope, Said::point(sum)))
}

/// The least multiple of G for which there is such a slope.
pub(super) fn doubled_to_nothing() -> (usize, Step) {
    let found = (1..12).find_map(|k| Some((k, to_its_own_opposite(times(k as i64))?)));
    found.expect("half of all points have one")
}

/// `k` times these digits in the window lied about; all rows opposite in pairs elsewhere.
pub(super) fn repeated(k: usize, digits: &[i64]) -> Generators {
    let special: Vec<i64> = digits.iter().flat_map(|digit| vec![*digit; k]).collect();
    let rows = special.len();
    assert!(rows.is_multiple_of(2));
    Generators::new(&CLASS, rows, move |window| {
        if window == AT { special.clone() } else { [1, -1].repeat(rows / 2) }
    })
}

pub(super) fn cancelled() -> Step {
    Step::of(Case::Cancel, Fp5::ZERO, Said::NEUTRAL)
}
