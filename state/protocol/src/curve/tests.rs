use p3_field::{Field, PrimeCharacteristicRing};
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

use crate::felt::LANES;
use crate::felt::{Felt, canonical, felt_from_canonical};

use super::field::{inverse_constant_time, invert_all};
use super::msm::{MsmTerm, msm, pippenger};
use super::scalar::{non_adjacent_form, signed_digits};
use super::sqrt::legendre;
use super::*;

const VECTORS: &str = include_str!("../../vectors/ecgfp5.json");

fn section(name: &str) -> Vec<Value> {
    let vectors: Value = serde_json::from_str(VECTORS).expect("the vectors are JSON");
    vectors[name].as_array().expect("a section is a list").clone()
}

fn words(value: &Value) -> [u64; 5] {
    let words: Vec<u64> = value
        .as_array()
        .expect("five words")
        .iter()
        .map(|word| word.as_str().expect("a string").parse().expect("a decimal word"))
        .collect();
    words.try_into().expect("five words")
}

fn fp5(value: &Value) -> Fp5 {
    Fp5::new(words(value).map(|word| felt_from_canonical(word).expect("canonical")))
}

fn scalar(value: &Value) -> Scalar {
    Scalar::from_limbs(words(value)).expect("below n")
}

fn rng() -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(0xFA57)
}

fn random_fp5(rng: &mut ChaCha8Rng) -> Fp5 {
    Fp5::new(core::array::from_fn(|_| Felt::from_u64(rng.next_u64())))
}

fn random_scalar(rng: &mut ChaCha8Rng) -> Scalar {
    Scalar::from_wide(core::array::from_fn(|_| rng.next_u64()))
}

fn random_point(rng: &mut ChaCha8Rng) -> Point {
    Point::mul_generator(&random_scalar(rng))
}

fn affine(point: &Point) -> AffinePoint {
    point.to_affine().expect("not neutral")
}

/// Double-and-add with the textbook law, the oracle for everything faster.
fn naive_mul(point: &AffinePoint, scalar: &Scalar) -> Option<AffinePoint> {
    let limbs = scalar.limbs();
    let bits = (0..320).rev().map(|i| limbs[i / 64] >> (i % 64) & 1 == 1);
    bits.fold(None, |sum, bit| {
        let twice = sum.and_then(|sum: AffinePoint| naive_add(&sum, &sum));
        match (bit, twice) {
            (false, _) => twice,
            (true, None) => Some(*point),
            (true, Some(twice)) => naive_add(&twice, point),
        }
    })
}

fn naive_add(left: &AffinePoint, right: &AffinePoint) -> Option<AffinePoint> {
    match left.add_with_slope(right) {
        AffineSum::Add { sum, .. } => Some(sum),
        AffineSum::Cancel => None,
    }
}

#[test]
fn field_matches_the_vectors() {
    for case in section("field") {
        let (a, b) = (fp5(&case["a"]), fp5(&case["b"]));
        assert_eq!(a + b, fp5(&case["sum"]));
        assert_eq!(a * b, fp5(&case["product"]));
        assert_eq!(a.inverse(), fp5(&case["inverse_a"]));
        assert_eq!(inverse_constant_time(&a), fp5(&case["inverse_a"]));
        let symbol = case["legendre_a"].as_str().expect("a decimal word");
        assert_eq!(canonical(legendre(field::Lanes::norm(&a))).to_string(), symbol);
        assert_eq!(fp5_is_square(&a), symbol == "1");
        assert_eq!(fp5_sqrt(&a).is_some(), symbol == "1");
        assert_eq!(fp5_sqrt(&a.square()).is_some(), case["square_has_root"] == true);
    }
}

#[test]
fn roots_and_inverses_of_random_elements() {
    let mut rng = rng();
    for _ in 0..500 {
        let a = random_fp5(&mut rng);
        let root = fp5_sqrt(&a.square()).expect("a square");
        assert!(root == a || root == -a);
        assert_eq!(fp5_sqrt(&a).is_some(), fp5_is_square(&a));
        assert_eq!(inverse_constant_time(&a) * a, Fp5::ONE);
    }
    assert_eq!(fp5_sqrt(&Fp5::ZERO), Some(Fp5::ZERO));
    assert!(fp5_is_square(&Fp5::ZERO));
    assert_eq!(inverse_constant_time(&Fp5::ZERO), Fp5::ZERO);
    let mut elements: Vec<_> = (0..33).map(|_| random_fp5(&mut rng)).collect();
    let expected: Vec<_> = elements.iter().map(Fp5::inverse).collect();
    invert_all(&mut elements);
    assert_eq!(elements, expected);
    invert_all(&mut []);
}

#[test]
fn points_match_the_vectors() {
    for case in section("points") {
        let (s, t) = (scalar(&case["s"]), scalar(&case["t"]));
        let (p, q) = (Point::mul_generator(&s), Point::mul_generator_vartime(&t));
        assert_eq!(p.encode(), fp5(&case["sG"]));
        assert_eq!(q.encode_constant_time(), fp5(&case["tG"]));
        assert_eq!(Point::decode(&fp5(&case["sG"])), Some(p));
        assert_eq!((p + q).encode(), fp5(&case["sG_plus_tG"]));
        assert_eq!(p.double().encode(), fp5(&case["double_sG"]));
        assert_eq!(p.mul(&t).encode(), fp5(&case["t_times_sG"]));
        assert_eq!((-p).encode(), fp5(&case["neg_sG"]));
        assert_eq!(s + t, scalar(&case["s_plus_t"]));
        assert_eq!(s * t, scalar(&case["s_times_t"]));
    }
}

#[test]
fn small_multiples_match_the_vectors() {
    for (i, w) in section("small_multiples_of_generator").iter().enumerate() {
        let k = Scalar::from_u128(i as u128);
        assert_eq!(Point::mul_generator(&k).encode(), fp5(w));
        assert_eq!(Point::mul_generator_vartime(&k).encode(), fp5(w));
        assert_eq!(Point::generator().mul(&k).encode(), fp5(w));
        assert!(Point::generator().mul(&k).has_encoding(&fp5(w)));
    }
}

#[test]
fn decoding_matches_the_vectors() {
    for case in section("decode") {
        let w = fp5(&case["w"]);
        let decoded = DecodedPoint::decode(&w);
        assert_eq!(decoded.is_some(), case["valid"] == true);
        assert_eq!(AffinePoint::decode_all(&[w]).is_ok(), decoded.is_some());
        assert_eq!(Point::decode(&w).is_some(), decoded.is_some());
        let Some(DecodedPoint { point, root }) = decoded else { continue };
        assert_eq!(root.square(), point.x());
        assert_eq!(point.y(), -w * point.x());
        assert_eq!(point.encode(), w);
        assert_eq!(AffinePoint::new(point.x(), point.y()), Some(point));
    }
}

#[test]
fn scalar_reduction_matches_the_vectors() {
    for case in section("scalar_reduce") {
        let bytes = hex::decode(case["bytes_le"].as_str().expect("a string")).expect("hex");
        let words = core::array::from_fn(|i| {
            u64::from_le_bytes(bytes[8 * i..8 * i + 8].try_into().expect("eight bytes"))
        });
        assert_eq!(bytes.len(), 64);
        assert_eq!(Scalar::from_wide(words), scalar(&case["mod_n"]));
    }
}

#[test]
fn scalars_encode_strictly() {
    let mut rng = rng();
    for _ in 0..100 {
        let s = random_scalar(&mut rng);
        assert_eq!(Scalar::from_bytes(&s.to_bytes()), Some(s));
        assert_eq!(Scalar::from_limbs(s.limbs()), Some(s));
        assert_eq!(s + -s, Scalar::ZERO);
        assert_eq!(s - s, Scalar::ZERO);
        assert_eq!(s * Scalar::ONE, s);
    }
    assert_eq!(Scalar::from_limbs(Scalar::ORDER), None);
    assert_eq!(Scalar::from_limbs_reduced(Scalar::ORDER), Scalar::ZERO);
    assert_eq!((-Scalar::ONE).limbs()[0], Scalar::ORDER[0] - 1);
    assert_eq!(Scalar::from_bytes(&[0xFF; SCALAR_BYTES]), None);
    assert_eq!(Scalar::ONE.to_bytes()[SCALAR_BYTES - 1], 1);
    assert_eq!(Scalar::from_wide([u64::MAX; 8]) + Scalar::ONE, {
        let two_to_256 = Scalar::from_limbs_reduced([0, 0, 0, 0, 1]);
        two_to_256 * two_to_256
    });
}

#[test]
fn digits_make_up_the_scalar() {
    let mut rng = rng();
    let mut scalars: Vec<_> = (0..50).map(|_| random_scalar(&mut rng)).collect();
    scalars.extend([Scalar::ZERO, Scalar::ONE, -Scalar::ONE]);
    for s in scalars {
        let digits: [i16; 54] = signed_digits(&s.limbs(), 6);
        assert!(digits.iter().all(|d| (-31..=32).contains(d)));
        assert_eq!(horner(digits.map(i128::from), 6), s);
        let digits = non_adjacent_form(&s.limbs(), 5);
        assert!(digits.iter().all(|d| *d == 0 || (d % 2 != 0 && d.abs() < 16)));
        assert_eq!(horner(digits.map(i128::from), 1), s);
    }
}

fn horner<const N: usize>(digits: [i128; N], width: u32) -> Scalar {
    let base = Scalar::from_u128(1 << width);
    digits.iter().rev().fold(Scalar::ZERO, |sum, digit| {
        let size = Scalar::from_u128(digit.unsigned_abs());
        sum * base + if *digit < 0 { -size } else { size }
    })
}

#[test]
fn the_generator_has_order_n() {
    let g = AffinePoint::GENERATOR;
    assert_eq!(AffinePoint::new(g.x(), g.y()), Some(g));
    assert_eq!(g.encode(), Fp5::from(Felt::from_u64(4)));
    assert_eq!(naive_mul(&g, &-Scalar::ONE), Some(g.neg()));
    assert!((Point::mul_generator(&-Scalar::ONE) + Point::generator()).is_neutral());
}

#[test]
fn the_two_forms_of_the_group_agree() {
    let mut rng = rng();
    for _ in 0..50 {
        let (p, q) = (random_point(&mut rng), random_point(&mut rng));
        let (pa, qa) = (affine(&p), affine(&q));
        assert_eq!((p + q).to_affine(), naive_add(&pa, &qa));
        assert_eq!(p.double().to_affine(), naive_add(&pa, &pa));
        assert_eq!((p + p).to_affine(), naive_add(&pa, &pa));
        assert_eq!((p - p).to_affine(), None);
        assert_eq!((-p).to_affine(), Some(pa.neg()));
        assert_eq!(Point::from(pa), p);
        assert_eq!(p.double_times(7), p.mul(&Scalar::from_u128(128)));
        assert_eq!(p + Point::NEUTRAL, p);
        assert_eq!(Point::NEUTRAL + p, p);
        assert_eq!(p - q, -(q - p));
        let s = random_scalar(&mut rng);
        assert_eq!(p.mul(&s).to_affine(), naive_mul(&pa, &s));
        assert_eq!(Point::mul_generator(&s), Point::generator().mul(&s));
    }
    let neutral = Point::NEUTRAL;
    assert!((neutral + neutral).is_neutral());
    assert!(neutral.double().is_neutral() && neutral.double_times(9).is_neutral());
    assert!(neutral.mul(&random_scalar(&mut rng)).is_neutral());
    assert!(random_point(&mut rng).mul(&Scalar::ZERO).is_neutral());
    assert_eq!(neutral.encode(), Fp5::ZERO);
    assert_eq!(Point::decode(&Fp5::ZERO), Some(neutral));
    assert_eq!(AffinePoint::decode(&Fp5::ZERO), None);
}

#[test]
fn slopes_satisfy_both_equations() {
    let mut rng = rng();
    let b = Fp5::new([0, 263, 0, 0, 0].map(Felt::new));
    for i in 0..50 {
        let p = affine(&random_point(&mut rng));
        let q = if i % 2 == 0 { p } else { affine(&random_point(&mut rng)) };
        let AffineSum::Add { sum, slope } = p.add_with_slope(&q) else { panic!("no cancellation") };
        let (x1, x2) = (p.x(), q.x());
        assert_eq!(slope * (x2 - x1), q.y() - p.y());
        let squares = x1.square() + x1 * x2 + x2.square();
        assert_eq!(slope * (p.y() + q.y()), squares + (x1 + x2).double() + b);
        assert_eq!(AffinePoint::new(sum.x(), sum.y()), Some(sum));
        assert_eq!(p.add_with_slope(&p.neg()), AffineSum::Cancel);
        let pairs = [(p, q), (p, p.neg()), (q, p)];
        let sums = pairs.map(|(left, right)| left.add_with_slope(&right));
        assert_eq!(AffinePoint::add_all(&pairs), sums);
    }
}

#[test]
fn points_off_the_group_are_refused() {
    let mut rng = rng();
    for _ in 0..50 {
        let p = affine(&random_point(&mut rng));
        // The other root of the quadratic: the same w, a point of the other coset.
        let other_x = p.x().inverse() * Fp5::new([0, 263, 0, 0, 0].map(Felt::new));
        let other_y = -p.encode() * other_x;
        assert_eq!(AffinePoint::new(other_x, other_y), None);
        assert_eq!(AffinePoint::new(p.x(), p.y() + Fp5::ONE), None);
        assert_eq!(AffinePoint::decode(&p.encode()), Some(p));
    }
    assert_eq!(AffinePoint::new(Fp5::ZERO, Fp5::ZERO), None);
}

#[test]
fn half_of_all_encodings_decode_and_lanes_agree() {
    let mut rng = rng();
    let encodings: Vec<_> = (0..1_000).map(|_| random_fp5(&mut rng)).collect();
    let decoded: Vec<_> = encodings.iter().map(AffinePoint::decode).collect();
    let valid = decoded.iter().filter(|point| point.is_some()).count();
    assert!((400..600).contains(&valid), "{valid} of 1000 decode");
    for (w, point) in encodings.iter().zip(&decoded) {
        assert_eq!(point.map(|point| point.encode()), point.map(|_| *w));
        assert_eq!(point.is_some(), Point::decode(w).is_some());
    }
    let good: Vec<_> = encodings.iter().zip(&decoded).filter(|(_, p)| p.is_some()).collect();
    for length in [0, 1, LANES - 1, LANES, LANES + 1, good.len()] {
        let encodings: Vec<_> = good[..length].iter().map(|(w, _)| **w).collect();
        let points: Vec<_> = good[..length].iter().filter_map(|(_, p)| **p).collect();
        let decoded: Option<Vec<_>> = encodings.iter().map(DecodedPoint::decode).collect();
        assert_eq!(DecodedPoint::decode_all(&encodings).ok(), decoded);
        assert_eq!(AffinePoint::decode_all(&encodings), Ok(points));
    }
    let first_bad = decoded.iter().position(Option::is_none).expect("half are bad");
    assert_eq!(AffinePoint::decode_all(&encodings), Err(first_bad));
    let mut with_zero: Vec<_> = good.iter().map(|(w, _)| **w).collect();
    with_zero[13] = Fp5::ZERO;
    assert_eq!(AffinePoint::decode_all(&with_zero), Err(13));
}

#[test]
fn sums_by_buckets_equal_naive_sums() {
    let mut rng = rng();
    let points: Vec<_> = (0..40).map(|_| affine(&random_point(&mut rng))).collect();
    for count in [0, 1, 2, 3, 9, 40] {
        let mut terms: Vec<_> = points[..count].iter().map(|p| term(*p, &mut rng)).collect();
        check_msm(&terms);
        // Equal, opposite and cancelling terms, zero and extreme scalars.
        if count >= 9 {
            terms[1] = terms[0];
            terms[2].point = terms[0].point;
            terms[3] = MsmTerm { point: terms[0].point.neg(), ..terms[0] };
            terms[4] = MsmTerm { point: terms[2].point.neg(), ..terms[2] };
            terms[5].scalar = [0; 5];
            terms[6].scalar = (-Scalar::ONE).limbs();
            check_msm(&terms);
        }
        // All the same: every bucket doubles and doubles again.
        if count > 0 {
            let first = terms[0];
            terms.fill(first);
            check_msm(&terms);
            for term in terms.iter_mut().step_by(2) {
                term.point = term.point.neg();
            }
            check_msm(&terms);
        }
    }
}

fn term(point: AffinePoint, rng: &mut ChaCha8Rng) -> MsmTerm {
    MsmTerm { point, scalar: random_scalar(rng).limbs() }
}

fn check_msm(terms: &[MsmTerm]) {
    let expected = terms.iter().fold(Point::NEUTRAL, |sum, MsmTerm { point, scalar }| {
        sum + Point::from(*point).mul(&Scalar::from_limbs_reduced(*scalar))
    });
    assert_eq!(msm(terms, 319), expected);
    for width in [2, 3, 4, 5, 7, 8] {
        assert_eq!(pippenger(terms, 319, width), expected, "width {width}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn multiplication_is_a_homomorphism(a: [u64; 8], b: [u64; 8]) {
        let (a, b) = (Scalar::from_wide(a), Scalar::from_wide(b));
        let (p, q) = (Point::mul_generator(&a), Point::mul_generator_vartime(&b));
        prop_assert_eq!(p + q, Point::mul_generator(&(a + b)));
        prop_assert_eq!(p - q, Point::mul_generator(&(a - b)));
        prop_assert_eq!(p.mul(&b), q.mul(&a));
        prop_assert_eq!(p.mul(&b), Point::mul_generator(&(a * b)));
        prop_assert_eq!(Point::decode(&p.encode()), Some(p));
    }

    #[test]
    fn additions_associate(a: [u64; 5], b: [u64; 5], c: [u64; 5]) {
        let [p, q, r] = [a, b, c].map(|k| Point::mul_generator(&Scalar::from_limbs_reduced(k)));
        prop_assert_eq!((p + q) + r, p + (q + r));
        prop_assert_eq!(p + q, q + p);
        prop_assert_eq!((p + p).double(), p.double_times(2));
    }

    #[test]
    fn what_decodes_is_its_own_encoding(words: [u64; 5]) {
        let w = Fp5::new(words.map(Felt::from_u64));
        if let Some(point) = AffinePoint::decode(&w) {
            prop_assert_eq!(point.encode(), w);
            prop_assert_eq!(AffinePoint::new(point.x(), point.y()), Some(point));
            prop_assert_eq!(Point::from(point).to_affine(), Some(point));
        }
    }
}
