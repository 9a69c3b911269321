//! Σ scalar·point over many points, in variable time: by non-adjacent forms for a few, by
//! Pippenger's buckets with signed digits for many.

use super::affine::AffinePoint;
use super::buckets::GroupSums;
use super::field::{Fp5, LANES, PackedFp5, pack, unpack};
use super::formulas::Fractional;
use super::point::{NAF_WIDTH, OddMultiples, Point, sum_by_digits};
use super::scalar::{SCALAR_LIMBS, non_adjacent_form, signed_digit};

/// One summand: a point and its scalar, least significant limb first.
#[derive(Clone, Copy)]
pub(crate) struct MsmTerm {
    pub(crate) point: AffinePoint,
    pub(crate) scalar: [u64; SCALAR_LIMBS],
}

/// Widest windows: 2¹² buckets of each stay in the second-level cache.
const WIDTH_MAX: u32 = 13;

/// Measured costs that choose the algorithm, in nanoseconds on one core.
mod cost {
    /// One bucket addition, its share of the inversions and the sorting included.
    pub(super) const BUCKET_ADD: usize = 95;
    /// The cost of a window that does not depend on the number of points.
    pub(super) const WINDOW: usize = 3_000;
    /// One bucket's two additions of the final sums, in all lanes.
    pub(super) const BUCKET_REDUCE: usize = 1_500;
    /// One doubling.
    pub(super) const DOUBLE: usize = 125;
    /// One complete addition.
    pub(super) const ADD: usize = 300;
}

/// Σ scalar·point; every scalar must be below 2^`bits`, and `bits` at most 320.
pub(crate) fn msm(terms: &[MsmTerm], bits: u32) -> Point {
    let (width, buckets_cost) = (2..=WIDTH_MAX)
        .map(|width| (width, pippenger_cost(terms.len(), bits, width)))
        .min_by_key(|(_, cost)| *cost)
        .expect("the range of widths is not empty");
    if straus_cost(terms.len(), bits) <= buckets_cost {
        straus(terms)
    } else {
        pippenger(terms, bits, width)
    }
}

fn straus_cost(terms: usize, bits: u32) -> usize {
    let additions = bits as usize / (NAF_WIDTH as usize + 1) + (1 << (NAF_WIDTH - 2));
    bits as usize * cost::DOUBLE + terms * additions * cost::ADD
}

fn straus(terms: &[MsmTerm]) -> Point {
    let terms: Vec<_> = terms
        .iter()
        .map(|MsmTerm { point, scalar }| {
            (OddMultiples::new(&Point::from(*point).0), non_adjacent_form(scalar, NAF_WIDTH))
        })
        .collect();
    Point(sum_by_digits(&terms))
}

/// Signed digits reach half a window above the integer: one bit more than unsigned ones.
fn windows_of(bits: u32, width: u32) -> u32 {
    bits / width + 1
}

fn pippenger_cost(terms: usize, bits: u32, width: u32) -> usize {
    let windows = windows_of(bits, width) as usize;
    let reductions = windows.div_ceil(LANES) << (width - 1);
    windows * (terms * cost::BUCKET_ADD + cost::WINDOW)
        + reductions * cost::BUCKET_REDUCE
        + bits as usize * cost::DOUBLE
}

pub(crate) fn pippenger(terms: &[MsmTerm], bits: u32, width: u32) -> Point {
    let mut carries = vec![0; terms.len()];
    let mut sums = GroupSums::default();
    let windows: Vec<_> = (0..windows_of(bits, width))
        .map(|window| window_buckets(terms, window, width, &mut carries, &mut sums))
        .collect();
    let window_sums = windows.chunks(LANES).flat_map(|chunk| reduce(chunk, width));
    let window_sums: Vec<_> = window_sums.collect();
    let sum = window_sums
        .iter()
        .rev()
        .fold(Fractional::NEUTRAL, |sum, window| sum.double_times(width as usize).add(window));
    Point(sum)
}

/// The sums of one window's points by the size of their digit: 1 to 2^(width−1).
fn window_buckets(
    terms: &[MsmTerm],
    window: u32,
    width: u32,
    carries: &mut [i32],
    sums: &mut GroupSums,
) -> Vec<Option<AffinePoint>> {
    let digits: Vec<i16> = terms
        .iter()
        .zip(carries)
        .map(|(term, carry)| signed_digit(&term.scalar, width, window, carry))
        .collect();
    // Counting sort by digit size; zero digits drop out.
    let mut sizes = vec![0; 1 << (width - 1)];
    for digit in digits.iter().filter(|digit| **digit != 0) {
        sizes[usize::from(digit.unsigned_abs()) - 1] += 1;
    }
    let mut slots: Vec<usize> = sizes
        .iter()
        .scan(0, |start, size| {
            *start += size;
            Some(*start - size)
        })
        .collect();
    let mut order = vec![(0, false); sizes.iter().sum::<usize>()];
    for (index, digit) in digits.iter().enumerate().filter(|(_, digit)| **digit != 0) {
        let slot = &mut slots[usize::from(digit.unsigned_abs()) - 1];
        order[*slot] = (index, *digit < 0);
        *slot += 1;
    }
    let signed = order.iter().map(|(index, negative)| {
        let point = &terms[*index].point;
        if *negative { point.neg() } else { *point }
    });
    sums.sum(signed, sizes)
}

/// Σ m·bucket\[m\] of up to [`LANES`] windows, one in each lane, by running sums from the top.
fn reduce(windows: &[Vec<Option<AffinePoint>>], width: u32) -> Vec<Fractional> {
    let mut running = Fractional::<PackedFp5>::NEUTRAL;
    let mut total = Fractional::<PackedFp5>::NEUTRAL;
    for bucket in (0..1 << (width - 1)).rev() {
        let points: [Fractional; LANES] = core::array::from_fn(|lane| {
            let point: Option<AffinePoint> = windows.get(lane).and_then(|window| window[bucket]);
            point.map_or(Fractional::NEUTRAL, |point| Point::from(point).0)
        });
        running = running.add(&pack_points(&points));
        total = total.add(&running);
    }
    let mut sums = unpack_points(&total);
    sums.truncate(windows.len());
    sums
}

fn pack_points(points: &[Fractional; LANES]) -> Fractional<PackedFp5> {
    let coordinate = |of: fn(&Fractional) -> Fp5| pack(|lane| of(&points[lane]));
    Fractional {
        x: coordinate(|point| point.x),
        z: coordinate(|point| point.z),
        u: coordinate(|point| point.u),
        t: coordinate(|point| point.t),
    }
}

fn unpack_points(points: &Fractional<PackedFp5>) -> Vec<Fractional> {
    let (x, z) = (unpack(&points.x), unpack(&points.z));
    let (u, t) = (unpack(&points.u), unpack(&points.t));
    (0..LANES).map(|i| Fractional { x: x[i], z: z[i], u: u[i], t: t[i] }).collect()
}
