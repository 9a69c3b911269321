//! Elements of the group as ordinary curve points of E\[n\], as circuits compute with them.

use p3_field::{Field, PrimeCharacteristicRing};

use crate::felt::Felt;

use super::field::{Fp5, Lanes};
use super::sqrt::fp5_is_square;

/// A point (x, y) of E\[n\] without the neutral element: on the curve y² = x³ + 2x² + 263z·x,
/// and x is a nonzero square.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AffinePoint {
    x: Fp5,
    y: Fp5,
}

/// The sum of two [`AffinePoint`]s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AffineSum {
    /// The sum, and the slope λ of the chord or, for equal points, of the tangent.
    Add {
        /// x₃ = λ² − 2 − x₁ − x₂ and y₃ = λ(x₁ − x₃) − y₁.
        sum: AffinePoint,
        /// λ(x₂ − x₁) = y₂ − y₁ and λ(y₁ + y₂) = x₁² + x₁x₂ + x₂² + 2(x₁ + x₂) + 263z.
        slope: Fp5,
    },
    /// The points are opposite: the sum is the neutral element.
    Cancel,
}

impl AffinePoint {
    /// The generator of the group, w = 4.
    pub const GENERATOR: Self = Self { x: GENERATOR_X, y: GENERATOR_Y };

    /// The point (x, y); `None` unless it is one of E\[n\], the neutral element excluded.
    pub fn new(x: Fp5, y: Fp5) -> Option<Self> {
        let on_curve = y.square() == x * (x.square() + Fp5::A * x + Fp5::ONE.mul_b());
        let point = Self { x, y };
        (on_curve && x != Fp5::ZERO && fp5_is_square(&x)).then_some(point)
    }

    /// For coordinates known to satisfy what [`AffinePoint::new`] checks.
    pub(crate) fn new_unchecked(x: Fp5, y: Fp5) -> Self {
        Self { x, y }
    }

    /// The coordinate x, a nonzero square.
    pub fn x(&self) -> Fp5 {
        self.x
    }

    /// The coordinate y, not zero.
    pub fn y(&self) -> Fp5 {
        self.y
    }

    /// The opposite point.
    pub fn neg(&self) -> Self {
        Self { x: self.x, y: -self.y }
    }

    /// The sum by chord or tangent. Variable time, one inversion.
    pub fn add_with_slope(&self, rhs: &Self) -> AffineSum {
        match self.slope_fraction(rhs) {
            Some((numerator, denominator)) => {
                self.add_by_slope(rhs, numerator * denominator.inverse())
            }
            None => AffineSum::Cancel,
        }
    }

    /// Numerator and nonzero denominator of the slope; `None` if the points cancel.
    pub(crate) fn slope_fraction(&self, rhs: &Self) -> Option<(Fp5, Fp5)> {
        if self.x != rhs.x {
            Some((rhs.y - self.y, rhs.x - self.x))
        } else if self.y == rhs.y {
            let numerator =
                self.x.square() * Felt::new(3) + Fp5::A.double() * self.x + Fp5::ONE.mul_b();
            Some((numerator, self.y.double()))
        } else {
            None
        }
    }

    fn add_by_slope(&self, rhs: &Self, slope: Fp5) -> AffineSum {
        let x = slope.square() - Fp5::A - self.x - rhs.x;
        let y = slope * (self.x - x) - self.y;
        AffineSum::Add { sum: Self { x, y }, slope }
    }

    /// `pairs[i].0 + pairs[i].1` for all i, with one inversion in all.
    pub fn add_all(pairs: &[(Self, Self)]) -> Vec<AffineSum> {
        let slopes: Vec<_> = pairs.iter().map(|(left, right)| left.slope_fraction(right)).collect();
        let mut inverses: Vec<_> = slopes
            .iter()
            .map(|slope| slope.map_or(Fp5::ONE, |(_, denominator)| denominator))
            .collect();
        super::field::invert_all(&mut inverses);
        let slopes = slopes.iter().zip(inverses);
        let sums = pairs.iter().zip(slopes).map(|((left, right), (slope, inverse))| match slope {
            Some((numerator, _)) => left.add_by_slope(right, *numerator * inverse),
            None => AffineSum::Cancel,
        });
        sums.collect()
    }
}

const GENERATOR_X: Fp5 = Fp5::new(Felt::new_array([
    5563608483237702766,
    14090224426659529053,
    13197813503519687414,
    16280770174934269299,
    15998333998318935536,
]));
const GENERATOR_Y: Fp5 = Fp5::new(Felt::new_array([
    14639054205878357578,
    17426078571020221072,
    2548978194165003307,
    8663895577921260088,
    9793640284382595140,
]));
