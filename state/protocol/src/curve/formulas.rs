//! The group law of eprint 2022/274 in fractional coordinates, for one point or for a SIMD
//! register of points.
//!
//! A point P outside E\[n\] is (X : Z : U : T) with x = b·X/Z and u = x/y = U/T. The law is
//! P + Q + N, complete: no case is exceptional, the neutral N = (0 : 1 : 0 : 1) included. The
//! factor b, which is not in the paper, saves a multiplication by b in every addition, and makes
//! X/Z the inverse of the same element's x in E\[n\].

use super::field::{Fp5, Lanes};

/// Fractional coordinates; Z and T are never zero.
#[derive(Clone, Copy)]
pub(crate) struct Fractional<L = Fp5> {
    pub(crate) x: L,
    pub(crate) z: L,
    pub(crate) u: L,
    pub(crate) t: L,
}

/// X and U of a point with Z = T = 1, of which the neutral one is (0, 0).
#[derive(Clone, Copy)]
pub(crate) struct Normalized {
    pub(crate) x: Fp5,
    pub(crate) u: Fp5,
}

impl<L: Lanes> Fractional<L> {
    pub(crate) const NEUTRAL: Self = Self { x: L::ZERO, z: L::ONE, u: L::ZERO, t: L::ONE };

    /// From the same element's x and y in E\[n\]: N + (x, y) = (b/x, −b·y/x²).
    pub(crate) fn from_subgroup(x: L, y: L) -> Self {
        Self { x: L::ONE, z: x, u: -x, t: y }
    }

    pub(crate) fn neg(&self) -> Self {
        Self { u: -self.u, ..*self }
    }

    /// 10 multiplications.
    #[inline]
    pub(crate) fn add(&self, rhs: &Self) -> Self {
        let xx = self.x * rhs.x;
        let zz = self.z * rhs.z;
        let uu = self.u * rhs.u;
        let tt = self.t * rhs.t;
        let xz = (self.x + self.z) * (rhs.x + rhs.z) - xx - zz;
        let ut = (self.u + self.t) * (rhs.u + rhs.t) - uu - tt;
        Self::sum_of_products(xx, zz, uu, tt, xz, ut)
    }

    /// With xx = x₁x₂ and so on over b² or b: b·X₃/Z₃ and U₃/T₃ are
    /// b·(xz(1 + 2uu) + 2uu(xx + b)) / ((xx + b)(1 − 2uu) − 2b·uu·xz) and
    /// −ut·(xx − b) / ((xx + b)(1 + 2uu) + 2b·uu·xz).
    #[inline]
    fn sum_of_products(xx: L, zz: L, uu: L, tt: L, xz: L, ut: L) -> Self {
        let b_xx = xx.mul_b();
        let sum = b_xx + zz;
        let direct = tt * sum;
        let crossed = uu.double() * (xz.mul_b() + sum);
        Self {
            x: (tt + uu.double()) * (xz + sum) - direct,
            z: direct - crossed,
            u: ut * (zz - b_xx),
            t: direct + crossed,
        }
    }

    /// Twice the point: 4 multiplications and 5 squarings.
    pub(crate) fn double(&self) -> Self {
        self.to_jacobian().double_to_fractional()
    }

    /// 2ᵏ times the point, at 8 squarings each.
    pub(crate) fn double_times(&self, times: usize) -> Self {
        if times == 0 {
            return *self;
        }
        let mut point = self.to_jacobian();
        for _ in 1..times {
            point = point.double();
        }
        point.double_to_fractional()
    }

    fn to_jacobian(self) -> JacobianW<L> {
        let z = self.z * self.u;
        JacobianW { x: self.x * self.u * z, w: self.t * self.z, z }
    }
}

impl Fractional {
    /// 8 multiplications.
    #[inline]
    pub(crate) fn add_normalized(&self, rhs: &Normalized) -> Self {
        let xx = self.x * rhs.x;
        let uu = self.u * rhs.u;
        let xz = self.x + self.z * rhs.x;
        let ut = self.u + self.t * rhs.u;
        Self::sum_of_products(xx, self.z, uu, self.t, xz, ut)
    }
}

/// x = b·X/Z² and w = y/x = W/Z; the neutral element is (0 : 1 : 0).
struct JacobianW<L> {
    x: L,
    w: L,
    z: L,
}

/// The part that both ways to double share: with e = 2x + 2 − w², the result has x₃ = 4b·w²/e² and
/// w₃ = (e² + 4w² − 2w⁴)/(2we).
struct DoublingTerms<L> {
    ww: L,
    two_wz: L,
    e: L,
    two_wz_squared: L,
    e_squared: L,
}

impl<L: Lanes> JacobianW<L> {
    #[inline]
    fn terms(&self) -> DoublingTerms<L> {
        let ww = self.w.square();
        let zz = self.z.square();
        let two_wz = (self.w + self.z).square() - ww - zz;
        let e = (self.x.mul_b() + zz).double() - ww;
        let (two_wz_squared, e_squared) = (two_wz.square(), e.square());
        DoublingTerms { ww, two_wz, e, two_wz_squared, e_squared }
    }

    #[inline]
    fn double(&self) -> Self {
        let t = self.terms();
        let sum = t.e_squared + t.two_wz_squared;
        // Z₃ = 2·(2WZ)·E, a square away: X and W carry the factor along.
        Self {
            x: t.two_wz_squared.square().double().double(),
            w: (sum - t.ww.square().double()).double(),
            z: (t.two_wz + t.e).square() - sum,
        }
    }

    fn double_to_fractional(&self) -> Fractional<L> {
        let t = self.terms();
        Fractional {
            x: t.two_wz_squared,
            z: t.e_squared,
            u: t.two_wz * t.e,
            t: t.e_squared + t.two_wz_squared - t.ww.square().double(),
        }
    }
}

/// Brings points to Z = T = 1 with one inversion.
pub(crate) fn normalize_all(points: &[Fractional]) -> Vec<Normalized> {
    let mut inverses: Vec<Fp5> = points.iter().map(|point| point.z * point.t).collect();
    super::field::invert_all(&mut inverses);
    let normalized = points.iter().zip(&inverses).map(|(point, inverse)| Normalized {
        x: point.x * point.t * *inverse,
        u: point.u * point.z * *inverse,
    });
    normalized.collect()
}
