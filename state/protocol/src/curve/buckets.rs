//! Sums of many groups of affine points, with inversions shared by all of them.
//!
//! Affine additions are the cheapest there are (5 multiplications and a squaring, three of them
//! for the shared inversion) and independent of each other, so they run in SIMD lanes. Equal and
//! opposite points have no chord; a round that meets one takes the slow way.

use p3_field::PrimeCharacteristicRing;

use super::affine::{AffinePoint, AffineSum};
use super::field::{LANES, Lanes, PackedFp5, invert_all_packed, pack, unpack};

/// Adds up consecutive groups of points in rounds of pairwise additions.
#[derive(Default)]
pub(crate) struct GroupSums {
    points: Vec<AffinePoint>,
    next: Vec<AffinePoint>,
    pairs: Vec<Pair>,
    denominators: Vec<PackedFp5>,
    scratch: Vec<PackedFp5>,
}

/// The points at `from` and `from + 1` add up to the next round's point at `to`.
#[derive(Clone, Copy)]
struct Pair {
    from: usize,
    to: usize,
}

impl GroupSums {
    /// The sums of the first `sizes[0]` points, the next `sizes[1]`, and so on; `None` is the
    /// neutral element. The sizes must add up to the number of points.
    pub(crate) fn sum(
        &mut self,
        points: impl Iterator<Item = AffinePoint>,
        mut sizes: Vec<usize>,
    ) -> Vec<Option<AffinePoint>> {
        self.points.clear();
        self.points.extend(points);
        debug_assert_eq!(self.points.len(), sizes.iter().sum::<usize>());
        while self.pair_up(&mut sizes) {
            if !self.add_pairs() {
                self.add_pairs_with_exceptions(&mut sizes);
            }
            core::mem::swap(&mut self.points, &mut self.next);
        }
        let mut points = self.points.iter();
        sizes.iter().map(|size| if *size == 0 { None } else { points.next().copied() }).collect()
    }

    /// Lists a round's pairs and passes odd points on to the next; `false` if no pair is left.
    fn pair_up(&mut self, sizes: &mut [usize]) -> bool {
        self.pairs.clear();
        self.next.clear();
        let mut start = 0;
        for size in sizes {
            let pairs = *size / 2;
            let first = self.next.len();
            self.pairs.extend((0..pairs).map(|i| Pair { from: start + 2 * i, to: first + i }));
            // Places for the sums; the points in them are overwritten.
            self.next.extend_from_slice(&self.points[start..start + pairs]);
            if *size % 2 == 1 {
                self.next.push(self.points[start + *size - 1]);
            }
            start += *size;
            *size -= pairs;
        }
        !self.pairs.is_empty()
    }

    /// Adds all pairs by chords; `false` if some pair has none.
    fn add_pairs(&mut self) -> bool {
        let Self { points, next, pairs, denominators, scratch } = self;
        denominators.clear();
        for chunk in pairs.chunks(LANES) {
            let [left, right] = operands(points, chunk);
            denominators.push(pack(|l| right[l].x()) - pack(|l| left[l].x()));
        }
        if !invert_all_packed(denominators, scratch) {
            return false;
        }
        for (chunk, inverse) in pairs.chunks(LANES).zip(denominators.iter()) {
            let [left, right] = operands(points, chunk);
            let (x1, y1) = (pack(|l| left[l].x()), pack(|l| left[l].y()));
            let (x2, y2) = (pack(|l| right[l].x()), pack(|l| right[l].y()));
            let slope = (y2 - y1) * *inverse;
            let x3 = slope.square() - (x1 + x2 + PackedFp5::A);
            let y3 = slope * (x1 - x3) - y1;
            let (x3, y3) = (unpack(&x3), unpack(&y3));
            for (lane, pair) in chunk.iter().enumerate() {
                next[pair.to] = AffinePoint::new_unchecked(x3[lane], y3[lane]);
            }
        }
        true
    }

    /// [`Self::add_pairs`] one by one, with doublings, and without the pairs that cancel.
    fn add_pairs_with_exceptions(&mut self, sizes: &mut [usize]) {
        let Self { points, next, pairs, .. } = self;
        let operands: Vec<_> =
            pairs.iter().map(|pair| (points[pair.from], points[pair.from + 1])).collect();
        let mut kept = vec![true; next.len()];
        for (pair, sum) in pairs.iter().zip(AffinePoint::add_all(&operands)) {
            match sum {
                AffineSum::Add { sum, .. } => next[pair.to] = sum,
                AffineSum::Cancel => kept[pair.to] = false,
            }
        }
        let mut group = kept.iter();
        for size in sizes {
            *size = group.by_ref().take(*size).filter(|kept| **kept).count();
        }
        let mut kept = kept.iter();
        next.retain(|_| kept.next().is_some_and(|kept| *kept));
    }
}

/// The operands of the pair in each lane; lanes past the end repeat the last pair.
fn operands<'a>(points: &'a [AffinePoint], chunk: &[Pair]) -> [[&'a AffinePoint; LANES]; 2] {
    let from = |lane: usize| chunk[lane.min(chunk.len() - 1)].from;
    [0, 1].map(|side| core::array::from_fn(|lane| &points[from(lane) + side]))
}
