//! Elements of the group, for computing.

use core::ops::{Add, AddAssign, Neg, Sub};

use p3_field::{Field, PrimeCharacteristicRing};

use super::affine::AffinePoint;
use super::field::{Fp5, inverse_constant_time};
use super::formulas::Fractional;
use super::scalar::{Scalar, non_adjacent_form};

/// An element of the group of prime order n. Its additions are complete: they hold for equal,
/// opposite and neutral operands alike.
///
/// **Time.** [`Point::mul_generator`], [`Point::encode_constant_time`], additions, doublings and
/// all of [`Scalar`] have no branch and no index that depends on the operands, but for one: the
/// field is p3's, whose additions and reductions take a rare branch, with probability about 2⁻³²
/// for random operands. Everything else runs in variable time, for public values.
#[derive(Clone, Copy)]
pub struct Point(pub(crate) Fractional);

/// Digits of the non-adjacent form for one multiplication by a scalar.
pub(crate) const NAF_WIDTH: u32 = 5;

impl Point {
    /// The neutral element.
    pub const NEUTRAL: Self = Self(Fractional::NEUTRAL);

    /// The conventional generator, whose encoding is w = 4.
    pub fn generator() -> Self {
        AffinePoint::GENERATOR.into()
    }

    /// The element that w encodes; `None` if w is not an encoding. Unlike [`AffinePoint::decode`] this
    /// takes w = 0 for the neutral element.
    pub fn decode(w: &Fp5) -> Option<Self> {
        if *w == Fp5::ZERO {
            return Some(Self::NEUTRAL);
        }
        AffinePoint::decode(w).map(Self::from)
    }

    /// The canonical encoding: w = y/x of the point outside E\[n\], and 0 for the neutral element.
    pub fn encode(&self) -> Fp5 {
        self.0.t * self.0.u.try_inverse().unwrap_or(Fp5::ZERO)
    }

    /// [`Point::encode`] in constant time.
    pub fn encode_constant_time(&self) -> Fp5 {
        self.0.t * inverse_constant_time(&self.0.u)
    }

    /// Decides if `w` is this element's encoding, without an inversion.
    pub fn has_encoding(&self, w: &Fp5) -> bool {
        // T is never zero, so this refuses w = 0 unless the element is the neutral one.
        if self.is_neutral() { *w == Fp5::ZERO } else { *w * self.0.u == self.0.t }
    }

    /// Returns true for the neutral element.
    pub fn is_neutral(&self) -> bool {
        self.0.u == Fp5::ZERO
    }

    /// Twice the element.
    pub fn double(&self) -> Self {
        Self(self.0.double())
    }

    /// 2^`times` times the element.
    pub fn double_times(&self, times: usize) -> Self {
        Self(self.0.double_times(times))
    }

    /// `scalar` times the element. Variable time.
    pub fn mul(&self, scalar: &Scalar) -> Self {
        let multiples = OddMultiples::new(&self.0);
        let digits = non_adjacent_form(&scalar.limbs(), NAF_WIDTH);
        Self(sum_by_digits(&[(multiples, digits)]))
    }

    /// `scalar`·G − `other_scalar`·`other`, as a single verification needs it. Variable time.
    pub(crate) fn mul_generator_minus(
        scalar: &Scalar,
        other_scalar: &Scalar,
        other: &Self,
    ) -> Self {
        Self::mul_generator_vartime(scalar) - other.mul(other_scalar)
    }

    /// The element as an ordinary curve point of E\[n\]; `None` for the neutral element.
    pub fn to_affine(&self) -> Option<AffinePoint> {
        Self::to_affine_all(&[*self])[0]
    }

    /// [`Point::to_affine`] of all with one inversion.
    pub fn to_affine_all(points: &[Self]) -> Vec<Option<AffinePoint>> {
        let mut inverses: Vec<Fp5> = points
            .iter()
            .map(|point| if point.is_neutral() { Fp5::ONE } else { point.0.x * point.0.u })
            .collect();
        super::field::invert_all(&mut inverses);
        let affine = points.iter().zip(&inverses).map(|(Self(point), inverse)| {
            // x = Z/X and y = −w·x.
            let (x, y) = (point.z * point.u * *inverse, -(point.z * point.t * *inverse));
            (point.u != Fp5::ZERO).then(|| AffinePoint::new_unchecked(x, y))
        });
        affine.collect()
    }
}

impl From<AffinePoint> for Point {
    fn from(point: AffinePoint) -> Self {
        Self(Fractional::from_subgroup(point.x(), point.y()))
    }
}

/// w determines the element.
impl PartialEq for Point {
    fn eq(&self, other: &Self) -> bool {
        self.0.u * other.0.t == other.0.u * self.0.t
    }
}

impl Eq for Point {}

impl Add for Point {
    type Output = Self;

    fn add(self, rhs: Self) -> Self {
        Self(self.0.add(&rhs.0))
    }
}

impl AddAssign for Point {
    fn add_assign(&mut self, rhs: Self) {
        *self = *self + rhs;
    }
}

impl Neg for Point {
    type Output = Self;

    fn neg(self) -> Self {
        Self(self.0.neg())
    }
}

impl Sub for Point {
    type Output = Self;

    fn sub(self, rhs: Self) -> Self {
        self + -rhs
    }
}

impl core::fmt::Debug for Point {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Point").field(&self.encode()).finish()
    }
}

/// P, 3P, …, 15P.
pub(crate) struct OddMultiples([Fractional; 1 << (NAF_WIDTH - 2)]);

impl OddMultiples {
    pub(crate) fn new(point: &Fractional) -> Self {
        let twice = point.double();
        let mut multiples = [*point; 1 << (NAF_WIDTH - 2)];
        for i in 1..multiples.len() {
            multiples[i] = multiples[i - 1].add(&twice);
        }
        Self(multiples)
    }

    /// `digit` must be odd and below 2^(NAF_WIDTH−1) in size.
    fn times(&self, digit: i8) -> Fractional {
        let multiple = self.0[usize::from(digit.unsigned_abs() / 2)];
        if digit < 0 { multiple.neg() } else { multiple }
    }
}

/// Σ digits·point, doubling only between nonzero digits.
pub(crate) fn sum_by_digits(terms: &[(OddMultiples, [i8; 321])]) -> Fractional {
    let mut sum = Fractional::NEUTRAL;
    let mut pending_doublings = 0;
    for position in (0..321).rev() {
        pending_doublings += 1;
        for (multiples, digits) in terms {
            if digits[position] == 0 {
                continue;
            }
            sum = sum.double_times(pending_doublings).add(&multiples.times(digits[position]));
            pending_doublings = 0;
        }
    }
    sum.double_times(pending_doublings)
}
