//! The canonical encoding w = y/x and its strict decoding, one by one or in SIMD lanes.

use p3_field::{Field, PackedValue, PrimeCharacteristicRing};

use crate::felt::Felt;

use super::affine::AffinePoint;
use super::field::{Fp5, LANES, Lanes, pack, unpack};
use super::sqrt::{fp5_is_square, fp5_sqrt, legendre, sqrt};

/// A decoded point with the witness that x is a square.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodedPoint {
    /// The point in E\[n\].
    pub point: AffinePoint,
    /// `root² = x`; which of the two roots is not specified.
    pub root: Fp5,
}

impl DecodedPoint {
    /// Decodes like [`AffinePoint::decode`], with the witness.
    pub fn decode(w: &Fp5) -> Option<Self> {
        let point = AffinePoint::decode(w)?;
        Some(Self { point, root: fp5_sqrt(&point.x())? })
    }
}

impl AffinePoint {
    /// The element that w encodes, strictly: `None` for w = 0, which is the neutral element, and
    /// for every w that belongs to no element of the group. Variable time.
    pub fn decode(w: &Fp5) -> Option<Self> {
        if *w == Fp5::ZERO {
            return None;
        }
        let sum = sum_of_roots(w);
        let difference = fp5_sqrt(&discriminant(&sum))?;
        let (first, second) = roots(&sum, &difference);
        // The product of the roots, b, is not a square: exactly one of them is.
        let x = if fp5_is_square(&first) { first } else { second };
        Some(Self::new_unchecked(x, -(*w * x)))
    }

    /// The canonical encoding w = −y/x, never zero.
    pub fn encode(&self) -> Fp5 {
        -(self.y() * self.x().inverse())
    }
}

/// Of x² − (w² − 2)x + b, whose roots are the x of the two curve points with y = −w·x.
fn sum_of_roots<L: Lanes>(w: &L) -> L {
    w.square() - L::A
}

fn discriminant<L: Lanes>(sum: &L) -> L {
    sum.square() - L::ONE.mul_b().double().double()
}

fn roots<L: Lanes>(sum: &L, difference: &L) -> (L, L) {
    ((*sum + *difference).halve(), (*sum - *difference).halve())
}

impl AffinePoint {
    /// [`AffinePoint::decode`] of all, in SIMD lanes.
    ///
    /// # Errors
    /// The index of the first that does not decode.
    pub fn decode_all(encodings: &[Fp5]) -> Result<Vec<Self>, usize> {
        let mut points = Vec::with_capacity(encodings.len());
        for chunk in encodings.chunks(LANES) {
            let lanes = decode_lanes(chunk);
            for point in &lanes[..chunk.len()] {
                points.push(point.ok_or(points.len())?);
            }
        }
        Ok(points)
    }
}

impl DecodedPoint {
    /// [`DecodedPoint::decode`] of all, in SIMD lanes.
    ///
    /// # Errors
    /// The index of the first that does not decode.
    pub fn decode_all(encodings: &[Fp5]) -> Result<Vec<Self>, usize> {
        let points = AffinePoint::decode_all(encodings)?;
        let decoded = points.chunks(LANES).flat_map(|chunk| {
            let (roots, _) = sqrt(pack(|lane| chunk[lane.min(chunk.len() - 1)].x()));
            let decoded = chunk.iter().zip(unpack(&roots));
            decoded.map(|(point, root)| Self { point: *point, root })
        });
        Ok(decoded.collect())
    }
}

/// Lanes past the end of `chunk` repeat its last element; `chunk` must not be empty.
fn decode_lanes(chunk: &[Fp5]) -> [Option<AffinePoint>; LANES] {
    let last = chunk.len() - 1;
    let w = pack(|lane| chunk[lane.min(last)]);
    let sum = sum_of_roots(&w);
    let (difference, exists) = sqrt(discriminant(&sum));
    let (first, second) = roots(&sum, &difference);
    let symbols = legendre(first.norm());
    let (first, second) = (unpack(&first), unpack(&second));
    core::array::from_fn(|lane| {
        let w = chunk[lane.min(last)];
        if w == Fp5::ZERO || !exists(lane) {
            return None;
        }
        let x = if symbols.extract(lane) == Felt::NEG_ONE { second[lane] } else { first[lane] };
        Some(AffinePoint::new_unchecked(x, -(w * x)))
    })
}
