//! Multiples of the generator from a table: no doublings.

use std::hint::black_box;
use std::sync::LazyLock;

use crate::felt::{Felt, canonical};

use super::affine::AffinePoint;
use super::field::{FP5_ELEMENTS, Fp5, Lanes};
use super::formulas::{Fractional, Normalized, normalize_all};
use super::point::Point;
use super::scalar::{SCALAR_LIMBS, Scalar, signed_digits};

/// Bits of a digit.
const WIDTH: u32 = 6;
/// Digits of a scalar.
const DIGITS: usize = 54;
/// Multiples in a row: the sizes of nonzero digits.
const ROW: usize = 1 << (WIDTH - 1);

const _: () = assert!(WIDTH as usize * DIGITS > 319, "the last digit leaves no carry");

/// x and u of one multiple, canonical.
type Entry = [u64; 2 * FP5_ELEMENTS];

/// Row i holds 1, 2, …, 32 times 2^(6i)·G.
static TABLE: LazyLock<Vec<[Entry; ROW]>> = LazyLock::new(build);

fn build() -> Vec<[Entry; ROW]> {
    let mut base = Point::from(AffinePoint::GENERATOR).0;
    let mut multiples = Vec::with_capacity(DIGITS * ROW);
    for _ in 0..DIGITS {
        let mut multiple = base;
        for _ in 0..ROW {
            multiples.push(multiple);
            multiple = multiple.add(&base);
        }
        base = base.double_times(WIDTH as usize);
    }
    let normalized = normalize_all(&multiples);
    let (rows, _) = normalized.as_chunks::<ROW>();
    rows.iter().map(|row| row.map(|point| entry_of(&point))).collect()
}

fn entry_of(point: &Normalized) -> Entry {
    let (x, u) = (point.x.coefficients(), point.u.coefficients());
    core::array::from_fn(|i| canonical(if i < FP5_ELEMENTS { x[i] } else { u[i - FP5_ELEMENTS] }))
}

fn point_of(entry: &Entry) -> Normalized {
    let coefficients = |from: usize| Fp5::new(core::array::from_fn(|i| Felt::new(entry[from + i])));
    Normalized { x: coefficients(0), u: coefficients(FP5_ELEMENTS) }
}

impl Point {
    /// `scalar`·G in constant time: every row is read in full, and the addition of the neutral
    /// element is like any other.
    pub fn mul_generator(scalar: &Scalar) -> Self {
        let mut sum = Fractional::NEUTRAL;
        for (row, digit) in TABLE.iter().zip(digits(&scalar.limbs())) {
            sum = sum.add_normalized(&select(row, digit));
        }
        Self(sum)
    }

    /// `scalar`·G. Variable time.
    pub fn mul_generator_vartime(scalar: &Scalar) -> Self {
        let mut sum = Fractional::NEUTRAL;
        for (row, digit) in TABLE.iter().zip(digits(&scalar.limbs())) {
            let Some(index) = usize::from(digit.unsigned_abs()).checked_sub(1) else { continue };
            let multiple = point_of(&row[index]);
            let u = if digit < 0 { -multiple.u } else { multiple.u };
            sum = sum.add_normalized(&Normalized { u, ..multiple });
        }
        Self(sum)
    }
}

fn digits(limbs: &[u64; SCALAR_LIMBS]) -> [i16; DIGITS] {
    signed_digits(limbs, WIDTH)
}

/// |digit| times the row's base, or its opposite for a negative digit; (0, 0), which is neutral,
/// for zero. Reads all entries, branches on nothing.
fn select(row: &[Entry; ROW], digit: i16) -> Normalized {
    let negative = digit >> 15;
    let size = ((digit ^ negative) - negative) as u64;
    let mut chosen = [0; 2 * FP5_ELEMENTS];
    for (entry, index) in row.iter().zip(1..) {
        let mask = black_box(mask_if_zero(size ^ index));
        for (word, candidate) in chosen.iter_mut().zip(entry) {
            *word |= candidate & mask;
        }
    }
    let positive = point_of(&chosen);
    let (plus, minus) = (positive.u.coefficients(), (-positive.u).coefficients());
    let mask = black_box(negative as i64 as u64);
    let u = core::array::from_fn(|i| {
        let (plus, minus) = (canonical(plus[i]), canonical(minus[i]));
        Felt::new(plus ^ ((plus ^ minus) & mask))
    });
    Normalized { u: Fp5::new(u), ..positive }
}

/// All ones for zero, zero for anything else below 2⁶³.
fn mask_if_zero(value: u64) -> u64 {
    ((value as i64).wrapping_sub(1) >> 63) as u64
}
