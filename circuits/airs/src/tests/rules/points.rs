//! Group elements as a liar adds them up: (0, 0) is a point too. It has order 2, so it is none of the
//! group, and vanishes when it is doubled.

use p3_field::{BasedVectorSpace, Field, PrimeCharacteristicRing};

use farthing_protocol::{AffinePoint, Felt, Fp5};

use crate::gadgets::group_law::{AdditionColumns, CASES, Case, ElementColumns, write_fp5};

/// A pair of coordinates, on the curve or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) x: Fp5,
    pub(crate) y: Fp5,
}

/// Element as a row states it: its flag, and coordinates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) neutral: Felt,
    pub(crate) at: Pair,
}

/// Case and slope with which a row forms a sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) cases: [Felt; CASES],
    pub(crate) slope: Fp5,
    pub(crate) sum: Said,
}

/// The point of order 2, which is also how the neutral element is written.
pub(crate) const ORIGIN: Pair = Pair { x: Fp5::ZERO, y: Fp5::ZERO };

impl From<&AffinePoint> for Pair {
    fn from(point: &AffinePoint) -> Self {
        Self { x: point.x(), y: point.y() }
    }
}

impl Pair {
    pub(crate) fn neg(self) -> Self {
        Self { x: self.x, y: -self.y }
    }

    /// By chord or tangent; `None` if the line is upright.
    pub(crate) fn plus(self, other: Self) -> Option<(Self, Fp5)> {
        let two = Fp5::TWO;
        let slope = if self.x != other.x {
            (other.y - self.y) * (other.x - self.x).inverse()
        } else {
            if self.y == -other.y {
                return None;
            }
            let b =
                Fp5::from_basis_coefficients_fn(|i| Felt::from_u64(if i == 1 { 263 } else { 0 }));
            let x = self.x;
            ((two + Fp5::ONE) * x * x + two * two * x + b) * (two * self.y).inverse()
        };
        Some((self.on_line(other, slope), slope))
    }

    /// The sum that a slope gives.
    pub(crate) fn on_line(self, other: Self, slope: Fp5) -> Self {
        let x = slope * slope - Fp5::TWO - self.x - other.x;
        Self { x, y: slope * (self.x - x) - self.y }
    }
}

impl Said {
    /// The neutral element.
    pub(crate) const NEUTRAL: Self = Self { neutral: Felt::ONE, at: ORIGIN };

    /// A point.
    pub(crate) fn point(at: Pair) -> Self {
        Self { neutral: Felt::ZERO, at }
    }

    pub(crate) fn is_neutral(&self) -> bool {
        self.neutral == Felt::ONE
    }

    /// Writes it into a row.
    pub(crate) fn write(&self, row: &mut [Felt], columns: &ElementColumns) {
        row[columns.neutral] = self.neutral;
        write_fp5(row, &columns.x, &self.at.x);
        write_fp5(row, &columns.y, &self.at.y);
    }
}

impl Step {
    /// No flag, and so (0, 0).
    pub(crate) fn none() -> Self {
        Self { cases: [Felt::ZERO; CASES], slope: Fp5::ZERO, sum: Said::point(ORIGIN) }
    }

    pub(crate) fn of(case: Case, slope: Fp5, sum: Said) -> Self {
        let mut step = Self { slope, sum, ..Self::none() };
        step.cases[case as usize] = Felt::ONE;
        step
    }

    /// The honest sum, or `right` where a row starts over.
    pub(crate) fn sum(left: Said, right: Said, starts: bool) -> Self {
        if starts {
            return Self::of(Case::TakeRight, Fp5::ZERO, right);
        }
        if right.is_neutral() {
            return Self::of(Case::TakeLeft, Fp5::ZERO, left);
        }
        if left.is_neutral() {
            return Self::of(Case::TakeRight, Fp5::ZERO, right);
        }
        Self::add(left.at, right.at)
    }

    /// By slope, or cancelling.
    pub(crate) fn add(left: Pair, right: Pair) -> Self {
        match left.plus(right) {
            Some((sum, slope)) => Self::of(Case::Add, slope, Said::point(sum)),
            None => Self::of(Case::Cancel, Fp5::ZERO, Said::NEUTRAL),
        }
    }

    /// Writes slope and cases into a row.
    pub(crate) fn write(&self, row: &mut [Felt], columns: &AdditionColumns) {
        write_fp5(row, &columns.slope, &self.slope);
        row[columns.cases.clone()].copy_from_slice(&self.cases);
    }
}
