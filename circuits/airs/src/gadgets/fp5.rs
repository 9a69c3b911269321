//! GF(p⁵) and the group law as expressions: z⁵ = 3, y² = x³ + 2x² + 263z·x.

use p3_air::AirBuilder;
use p3_field::PrimeCharacteristicRing;

use farthing_protocol::FP5_ELEMENTS;

/// Coefficients of z⁰ to z⁴.
pub(crate) type Five<E> = [E; FP5_ELEMENTS];

/// The curve's a.
const A: u64 = 2;
/// The curve's b is this multiple of z.
const B1: u64 = 263;

pub(crate) fn add<E: PrimeCharacteristicRing>(a: &Five<E>, b: &Five<E>) -> Five<E> {
    core::array::from_fn(|i| a[i].clone() + b[i].clone())
}

pub(crate) fn sub<E: PrimeCharacteristicRing>(a: &Five<E>, b: &Five<E>) -> Five<E> {
    core::array::from_fn(|i| a[i].clone() - b[i].clone())
}

pub(crate) fn scale<E: PrimeCharacteristicRing>(factor: &E, a: &Five<E>) -> Five<E> {
    core::array::from_fn(|i| factor.clone() * a[i].clone())
}

pub(crate) fn mul<E: PrimeCharacteristicRing>(a: &Five<E>, b: &Five<E>) -> Five<E> {
    core::array::from_fn(|k| {
        let (mut low, mut high) = (E::ZERO, E::ZERO);
        for (i, factor) in a.iter().enumerate() {
            let j = (k + FP5_ELEMENTS - i) % FP5_ELEMENTS;
            let product = factor.clone() * b[j].clone();
            if i + j == k { low += product } else { high += product }
        }
        low + triple(high)
    })
}

pub(crate) fn square<E: PrimeCharacteristicRing>(a: &Five<E>) -> Five<E> {
    let d: Five<E> = core::array::from_fn(|i| a[i].double());
    let m = |i: usize, j: usize| d[i].clone() * a[j].clone();
    [
        a[0].square() + triple(m(1, 4) + m(2, 3)),
        m(0, 1) + triple(m(2, 4) + a[3].square()),
        m(0, 2) + a[1].square() + triple(m(3, 4)),
        m(0, 3) + m(1, 2) + triple(a[4].square()),
        m(0, 4) + m(1, 3) + a[2].square(),
    ]
}

fn triple<E: PrimeCharacteristicRing>(a: E) -> E {
    a.double() + a
}

/// An affine point; the neutral element is written (0, 0) beside a flag.
#[derive(Clone)]
pub(crate) struct PointExpr<E> {
    pub(crate) x: Five<E>,
    pub(crate) y: Five<E>,
}

impl<E: PrimeCharacteristicRing> PointExpr<E> {
    /// The ten coordinates, x first.
    pub(crate) fn coordinates(self) -> impl Iterator<Item = E> {
        self.x.into_iter().chain(self.y)
    }

    /// The point or, for `sign` = −1, its opposite.
    pub(crate) fn signed(&self, sign: &E) -> Self {
        Self { x: self.x.clone(), y: scale(sign, &self.y) }
    }
}

/// `w` is the canonical encoding of `point`: x = t², y = −w·x, w²·x = x² + 2x + b.
///
/// The other root of x² − (w² − 2)x + b belongs to the opposite point and is not a square: without
/// the witness t the sign of the point would be the prover's choice. With it the point is in E\[n\],
/// a group of prime order, and no cofactor is needed. Degree 2.
pub(crate) fn assert_decodes<AB: AirBuilder>(
    builder: &mut AB,
    w: &Five<AB::Expr>,
    t: &Five<AB::Expr>,
    point: &PointExpr<AB::Expr>,
) {
    builder.assert_zeros(sub(&point.x, &square(t)));
    builder.assert_zeros(add(&point.y, &mul(w, &point.x)));
    // w²·x = −w·y on these points.
    let right = plus_b(add(&square(&point.x), &scale(&AB::Expr::from_u64(A), &point.x)));
    builder.assert_zeros(add(&right, &mul(w, &point.y)));
}

fn plus_b<E: PrimeCharacteristicRing>(mut a: Five<E>) -> Five<E> {
    a[1] += E::from_u64(B1);
    a
}

/// If `on` is one, λ is the slope of the line through two curve points:
/// λ(x₂ − x₁) = y₂ − y₁ and λ(y₁ + y₂) = x₁² + x₁x₂ + x₂² + 2(x₁ + x₂) + b.
///
/// For different x the first fixes λ. For equal points it says nothing and the second is the
/// tangent (the chord equation alone would leave λ, and so the sum, to the prover). For opposite
/// points the first cannot be satisfied, since y₂ − y₁ = −2y₁ and no point of odd order has
/// y = 0. Degree 3.
pub(crate) fn assert_slope<AB: AirBuilder>(
    builder: &mut AB,
    on: &AB::Expr,
    slope: &Five<AB::Expr>,
    a: &PointExpr<AB::Expr>,
    b: &PointExpr<AB::Expr>,
) {
    let chord = sub(&mul(slope, &sub(&b.x, &a.x)), &sub(&b.y, &a.y));
    builder.assert_zeros(scale(on, &chord));
    let x_sum = add(&a.x, &b.x);
    let squares = sub(&square(&x_sum), &mul(&a.x, &b.x));
    let derivative = plus_b(add(&squares, &scale(&AB::Expr::from_u64(A), &x_sum)));
    let tangent = sub(&mul(slope, &add(&a.y, &b.y)), &derivative);
    builder.assert_zeros(scale(on, &tangent));
}

/// The third point of a line with this slope through a and b, mirrored: the sum of a and b, whose
/// x is `sum_x` (so that y stays of degree 2).
pub(crate) fn sum_on_line<E: PrimeCharacteristicRing>(
    slope: &Five<E>,
    a: &PointExpr<E>,
    b: &PointExpr<E>,
    sum_x: &Five<E>,
) -> PointExpr<E> {
    let mut x = sub(&sub(&square(slope), &a.x), &b.x);
    x[0] -= E::from_u64(A);
    PointExpr { x, y: sub(&mul(slope, &sub(&a.x, sum_x)), &a.y) }
}

#[cfg(test)]
mod tests {
    use p3_field::BasedVectorSpace;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use farthing_protocol::{Felt, Fp5};

    use super::*;

    fn five(element: &Fp5) -> Five<Felt> {
        core::array::from_fn(|i| element.as_basis_coefficients_slice()[i])
    }

    #[test]
    fn products_are_those_of_the_field() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for _ in 0..20 {
            let [a, b] =
                [0; 2].map(|_| Fp5::from_basis_coefficients_fn(|_| Felt::new(rng.random())));
            assert_eq!(mul(&five(&a), &five(&b)), five(&(a * b)));
            assert_eq!(square(&five(&a)), five(&(a * a)));
        }
    }
}
