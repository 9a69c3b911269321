//! EcGFp5 (Pornin, eprint 2022/274): y² = x³ + 2x² + 263z·x over GF(p⁵), p the Goldilocks prime,
//! z⁵ = 3. The curve has 2n points, n a prime of 319 bits, and one point N = (0, 0) of order two.
//!
//! One group of prime order n, two ways to write its elements:
//!
//! - [`Point`] computes with the points *outside* E\[n\], as eprint 2022/274 section 3 does: the
//!   group law is P + Q + N, its formulas are complete, and `w = y/x` is the canonical encoding.
//! - [`AffinePoint`] is the same element *inside* E\[n\] with the ordinary law of a Weierstrass
//!   curve, as circuits use it: `y = −w·x`, and x is the root of `x² − (w² − 2)x + 263z` that is a
//!   square. The other root belongs to the negated element, so a circuit that accepts an x without
//!   the square check leaves the sign of the point to the prover.
//!
//! Adding N maps one to the other. Nothing here needs a cofactor.

mod affine;
mod buckets;
mod decode;
mod field;
mod fixed_base;
mod formulas;
mod msm;
mod point;
mod scalar;
mod sqrt;
#[cfg(test)]
mod tests;

pub use affine::{AffinePoint, AffineSum};
pub use decode::DecodedPoint;
pub(crate) use field::coefficients;
pub use field::{FP5_ELEMENTS, Fp5};
pub(crate) use msm::{MsmTerm, msm};
pub use point::Point;
pub use scalar::{SCALAR_BYTES, SCALAR_LIMBS, Scalar};
pub use sqrt::{fp5_is_square, fp5_sqrt};
