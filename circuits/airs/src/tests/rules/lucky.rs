//! Forgeries of the group law by a prover who is lucky with weights.
//!
//! Of two points with opposite y and different x the tangent's equation is true for every slope, and
//! they cancel but for their x. Only of one of them is the discrete logarithm known, so the other is
//! an R, whose terms stand in every window of its weight. The lie is in one window, and the weights
//! are those with which the others cancel: that intents take the weights which the hash gives is left
//! out of these tables, and what then refuses is one rule of the group law.

use p3_field::{BasedVectorSpace, Field, PrimeCharacteristicRing};

use farthing_protocol::{AffinePoint, Felt, Fp5, Point, Scalar, fp5_sqrt};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::forged_leaf::ForgedLeaf;
use super::half::{BucketRow, CombineRow, Half, Points, ReductionRow, Runs, Signed, Stage};
use super::points::{Pair, Said, Step};
use super::roots::root_of_cubic;
use super::sums::{CLASS, cancelled};
use super::{Forged, register};
use crate::gadgets::group_law::Case;
use crate::tables::signature::signers::SignerColumns;
use crate::tables::signature::weights::WeightColumns;
use crate::tests::batches::{NOW, Signer, domain, intent};
use crate::witness::SignedBatch;

/// Forgeries of this page.
pub(super) const ALL: &[Forged] = &[
    ("a bucket's chord of any slope", || bucket(false)),
    ("a bucket's points that cancel but for their x", || bucket(true)),
    ("run: a chord of any slope", || run(false)),
    ("run: points that cancel but for their x", || run(true)),
    ("total: a chord of any slope", || total(false)),
    ("total: points that cancel but for their x", || total(true)),
    ("combination: a chord of any slope", || combination(false)),
    ("combination: points that cancel but for their x", || combination(true)),
];

/// The window lied about, one of a weight's.
const AT: usize = 14;
/// Multiples of the generator tried.
const TRIES: u64 = 40;

/// Twice a base point, whose discrete logarithm is known, and another point of the same y.
#[derive(Clone, Copy)]
struct Twins {
    base: AffinePoint,
    double: Pair,
    other: AffinePoint,
    /// By slope, from the opposite of the double to the other point: what it makes has y = 0.
    sum: Step,
}

impl Twins {
    fn find() -> Self {
        (1..TRIES).find_map(Self::of).expect("one in five multiples has one")
    }

    /// x² + (x₁ + 2)x + x₁² + 2x₁ + b = 0 for the others on a line of one y.
    fn of(multiple: u64) -> Option<Self> {
        let scalar = Scalar::from_u128(multiple.into());
        let base = Point::generator().mul(&scalar).to_affine()?;
        let double = Pair::from(&base).plus(Pair::from(&base))?.0;
        let Pair { x, y } = double;
        let b = Fp5::from_basis_coefficients_fn(|i| Felt::from_u64(if i == 1 { 263 } else { 0 }));
        let (p, q) = (x + Fp5::TWO, x * x + Fp5::TWO * x + b);
        let root = fp5_sqrt(&(p * p - Fp5::TWO * Fp5::TWO * q))?;
        [root, -root].into_iter().find_map(|root| {
            let other = AffinePoint::new((root - p) * Fp5::TWO.inverse(), y)?;
            let left = double.neg();
            let slope = root_of_cubic([-y, -(x + x + other.x() + Fp5::TWO)])?;
            let sum = left.on_line(Pair::from(&other), slope);
            assert!(sum.y == Fp5::ZERO);
            let sum = Step::of(Case::Add, slope, Said::point(sum));
            Some(Self { base, double, other, sum })
        })
    }

    /// The false sum of the two.
    fn step(&self, cancels: bool) -> Step {
        if cancels { cancelled() } else { self.sum }
    }

    /// The left operand of the lie.
    fn left(&self) -> Said {
        Said::point(self.double.neg())
    }

    /// Twice this point is the other twin.
    fn half(&self) -> AffinePoint {
        // (n − 1)/2.
        let order = Scalar::ORDER;
        let half = core::array::from_fn(|i| {
            order[i] >> 1 | order.get(i + 1).map_or(0, |next| next << (u64::BITS - 1))
        });
        let half = Scalar::from_limbs(half).expect("below n") + Scalar::ONE;
        let point = Point::decode(&self.other.encode()).expect("a point");
        let half = point.mul(&half).to_affine().expect("not neutral");
        let double = Pair::from(&half).plus(Pair::from(&half)).map(|(sum, _)| sum);
        assert_eq!(double, Some(Pair::from(&self.other)));
        half
    }
}

/// Payments of one account whose key is the generator, with these R.
fn payments(points: &[AffinePoint]) -> SignedBatch {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let rows = points.iter().enumerate().map(|(i, r)| {
        let mut row = intent(&mut rng, 0, 9);
        (row.old_nonce, row.nonce) = (100, 101 + i as u64);
        row.key = Signer::new(Scalar::ONE).key;
        row.r = r.encode();
        row
    });
    SignedBatch { domain: domain(), timestamp: NOW, rows: rows.collect() }
}

/// A batch of these R. In the window lied about each has its digit, in all others they are opposite in
/// pairs; a generator row opposes the signer's digits.
struct Lucky(Signed);

impl Lucky {
    fn new(points: &[(AffinePoint, i64)]) -> Self {
        assert!(points.len().is_multiple_of(2), "in pairs");
        let schedule = &CLASS.schedule;
        let windows = schedule.windows();
        let (points, special): (Vec<AffinePoint>, Vec<i64>) = points.iter().copied().unzip();
        let mut half = Half::new(&CLASS, &payments(&points));
        for (i, source) in half.weights.iter_mut().enumerate() {
            let mut all = windows.iter().enumerate();
            for (output, digits) in source.iter_mut().zip(schedule.digits_per_output()) {
                let word = all.by_ref().take(digits).enumerate().map(|(place, (at, window))| {
                    let digit = if at == AT { special[i] } else { [1, -1][i % 2] };
                    ((digit + window.max_digit() as i64) as u64 / 2) << (place * window.bits)
                });
                *output = Felt::new(word.sum());
            }
        }
        let c = WeightColumns::new();
        for row in half.weights_trace.values.chunks_exact_mut(c.width) {
            row[c.used.clone()].fill(Felt::ZERO);
        }
        let mut signed = half.sign(|_| ());
        let c = SignerColumns::new(schedule);
        let opposed = signed.terms[1].digits.iter().zip(&windows);
        let opposed = opposed.map(|(digit, window)| window.max_digit() as u16 - digit);
        signed.terms[0].digits = opposed.collect();
        for (column, digit) in c.digits.clone().zip(&signed.terms[0].digits) {
            signed.signers.values[column] = Felt::from_u16(*digit);
        }
        Self(signed)
    }

    fn lie(
        self,
        runs: impl FnOnce(&mut Runs),
        reduction: impl FnMut(&mut ReductionRow, Stage),
        combine: impl FnMut(&mut CombineRow, bool),
    ) -> ForgedLeaf {
        let mut all = Runs::of(&CLASS, &self.0.terms);
        runs(&mut all);
        let points = Points::lying(&CLASS, all.deal(&CLASS), reduction, combine);
        let mut lie = self.0.close(points);
        let register = register();
        let weights = register.on_bus("intents", "weight")[0];
        lie.tables = register.without(&lie.tables, weights);
        lie.permute();
        lie
    }
}

/// Points with a digit each.
fn with_digits<const N: usize>(
    point: AffinePoint,
    digits: [i64; N],
) -> impl Iterator<Item = (AffinePoint, i64)> {
    digits.into_iter().map(move |digit| (point, digit))
}

/// In buckets 0 and 1 the double, taken off, and the other twin.
fn bucket(cancels: bool) -> ForgedLeaf {
    let twins = Twins::find();
    let points = with_digits(twins.base, [-1, -1, -3, -3]).chain(with_digits(twins.other, [1, 3]));
    Lucky::new(&points.collect::<Vec<_>>()).lie(
        |runs| {
            for index in [0, 1] {
                let place = runs.place(AT, index).expect("a run");
                let rows = &mut runs.0[place];
                let before = rows.len() - 2;
                assert_eq!(Said::point(rows[before].sum), twins.left());
                let last = rows.last_mut().expect("a row");
                let step = twins.step(cancels);
                let [add, cancel, _, fresh] = step.cases;
                let (sum, slope) = (step.sum.at, step.slope);
                *last = BucketRow { add, cancel, fresh, sum, slope, ..last.clone() };
            }
        },
        |_, _| (),
        |_, _| (),
    )
}

/// Run and total are neutral but for the double in the run before bucket 0, which is the other twin.
fn run(cancels: bool) -> ForgedLeaf {
    let twins = Twins::find();
    let points = with_digits(twins.base, [-3, -3, -3, 7]).chain(with_digits(twins.half(), [1, 1]));
    let reduction = |row: &mut ReductionRow, stage| {
        if (row.window, row.index, stage) == (AT, 0, Stage::Run) {
            assert_eq!(row.before[0], twins.left());
            row.run = twins.step(cancels);
        }
    };
    Lucky::new(&points.collect::<Vec<_>>()).lie(|_| (), reduction, |_, _| ())
}

/// The run is the other twin for one row, where the total is the double.
fn total(cancels: bool) -> ForgedLeaf {
    let twins = Twins::find();
    let points =
        with_digits(twins.base, [-7, -7, 5, 5]).chain(with_digits(twins.half(), [3, 3, -1, -1]));
    let reduction = |row: &mut ReductionRow, stage| {
        if (row.window, row.index, stage) == (AT, 1, Stage::Total) {
            assert_eq!(row.before[1], twins.left());
            row.total = twins.step(cancels);
        }
    };
    Lucky::new(&points.collect::<Vec<_>>()).lie(|_| (), reduction, |_, _| ())
}

/// Twice the window's total is the double, its run the other twin.
fn combination(cancels: bool) -> ForgedLeaf {
    let twins = Twins::find();
    let points = with_digits(twins.base, [-7, 5]).chain(with_digits(twins.half(), [1, 1]));
    let combine = |row: &mut CombineRow, operand: bool| {
        if !operand && !row.doubles && row.part == 2 * AT {
            assert_eq!(row.before, twins.left());
            row.step = twins.step(cancels);
        }
    };
    Lucky::new(&points.collect::<Vec<_>>()).lie(|_| (), |_, _| (), combine)
}
