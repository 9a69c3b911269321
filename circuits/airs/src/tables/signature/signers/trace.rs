//! Rows of the signers table.

use num_bigint::{BigInt, BigUint, Sign};
use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use rayon::prelude::*;

use farthing_protocol::{AffinePoint, DecodedPoint, Felt, Fp5, Scalar};

use crate::gadgets::decomposition::bits_of;
use crate::gadgets::group_law::{write_fp5, write_point};
use crate::schedule::Schedule;
use crate::tables::signature::buckets::Term;
use crate::tables::signature::carries::CarryChain;

use super::air::{PreprocessedColumns, SignerColumns, order_limbs, quotient_offsets};

/// Sums over the intents of one signer.
#[derive(Clone, Debug)]
pub(crate) struct SignerInput {
    pub(crate) account: Felt,
    pub(crate) key: Fp5,
    pub(crate) point: DecodedPoint,
    pub(crate) old_nonce: Felt,
    pub(crate) new_nonce: Felt,
    pub(crate) step_highs: u64,
    /// E, limbs without carries.
    pub(crate) limbs: Vec<i128>,
}

/// Row numbers.
pub(crate) fn preprocessed_trace(log_height: usize) -> RowMajorMatrix<Felt> {
    let numbers = (0..1 << log_height).map(Felt::from_usize);
    RowMajorMatrix::new(numbers.collect(), PreprocessedColumns::new().width)
}

/// The trace: the generator with the digits of −S, then the signers; their terms; the chains for
/// the carries table, by row.
pub(crate) fn trace(
    schedule: &Schedule,
    signers: &[SignerInput],
    aggregate: &Scalar,
    log_height: usize,
) -> (RowMajorMatrix<Felt>, Vec<Term>, Vec<Option<CarryChain>>) {
    let columns = SignerColumns::new(schedule);
    let width = columns.width;
    let generator = DecodedPoint::decode(&AffinePoint::GENERATOR.encode());
    let mut rows = Felt::zero_vec(width << log_height);
    for row in rows.chunks_exact_mut(width) {
        if let Some(generator) = &generator {
            write_key(&columns, row, generator);
        }
    }
    let scalar = BigInt::from_biguint(Sign::Minus, integer(&aggregate.limbs()));
    let digits = odd_digits(schedule, &odd_representative(&scalar));
    write_digits(&columns, &mut rows[..width], &digits);
    rows[columns.generator] = Felt::ONE;
    let mut terms = vec![Term { point: AffinePoint::GENERATOR, digits }];
    let mut chains = vec![None];
    let filled: Vec<_> = rows
        .par_chunks_exact_mut(width)
        .skip(1)
        .zip(signers)
        .map(|(row, signer)| fill(schedule, &columns, row, signer))
        .collect();
    for (term, chain) in filled {
        terms.push(term);
        chains.push(Some(chain));
    }
    (RowMajorMatrix::new(rows, width), terms, chains)
}

fn fill(
    schedule: &Schedule,
    columns: &SignerColumns,
    row: &mut [Felt],
    signer: &SignerInput,
) -> (Term, CarryChain) {
    row[columns.signer] = Felt::ONE;
    row[columns.account] = signer.account;
    row[columns.old_nonce] = signer.old_nonce;
    row[columns.new_nonce] = signer.new_nonce;
    columns.step_highs.write(row, &[signer.step_highs]);
    write_key(columns, row, &signer.point);
    write_fp5(row, &columns.w, &signer.key);
    for (cell, limb) in row[columns.limbs.clone()].iter_mut().zip(&signer.limbs) {
        *cell = Felt::from_i128(*limb);
    }
    let limb_bits = schedule.limb_bits();
    let scalar =
        signer.limbs.iter().rev().fold(BigInt::ZERO, |sum, limb| (sum << limb_bits) + limb);
    let representative = odd_representative(&scalar);
    let quotient = (scalar - &representative) / BigInt::from(order());
    let half = BigInt::from(1) << (schedule.quotient_limbs() * limb_bits - 1);
    let words = (&quotient + half).magnitude().to_u64_digits();
    for (i, limb) in columns.quotient.iter().enumerate() {
        limb.write(row, &[bits_of(&words, i * limb_bits, limb_bits)]);
    }
    let digits = odd_digits(schedule, &representative);
    write_digits(columns, row, &digits);
    let chain = positions(schedule, signer, &digits, &words);
    (Term { point: signer.point.point, digits }, chain)
}

fn positions(
    schedule: &Schedule,
    signer: &SignerInput,
    digits: &[u16],
    quotient: &[u64],
) -> CarryChain {
    let limb_bits = schedule.limb_bits();
    let mut values = vec![0i128; schedule.positions()];
    for (value, limb) in values.iter_mut().zip(&signer.limbs) {
        *value = *limb;
    }
    for (digit, window) in digits.iter().zip(schedule.windows()) {
        let digit = 2 * i128::from(*digit) - i128::from(window.max_digit());
        values[window.offset / limb_bits] -= digit << (window.offset % limb_bits);
    }
    for (i, offset) in quotient_offsets(schedule).into_iter().enumerate() {
        let limb = i128::from(bits_of(quotient, i * limb_bits, limb_bits)) - i128::from(offset);
        for (j, order) in order_limbs(schedule).into_iter().enumerate() {
            values[i + j] -= limb * i128::from(order);
        }
    }
    CarryChain { values }
}

fn write_key(columns: &SignerColumns, row: &mut [Felt], key: &DecodedPoint) {
    write_fp5(row, &columns.w, &key.point.encode());
    write_fp5(row, &columns.t, &key.root);
    write_point(row, &columns.x, &columns.y, &key.point);
}

fn write_digits(columns: &SignerColumns, row: &mut [Felt], digits: &[u16]) {
    for (cell, digit) in row[columns.digits.clone()].iter_mut().zip(digits) {
        *cell = Felt::from_u16(*digit);
    }
}

fn order() -> BigUint {
    integer(&Scalar::ORDER)
}

fn integer(words: &[u64]) -> BigUint {
    words.iter().rev().fold(BigUint::ZERO, |sum, word| (sum << u64::BITS) + *word)
}

/// The odd integer congruent to `value` modulo n that lies strictly between −n and n, or −n.
fn odd_representative(value: &BigInt) -> BigInt {
    let order = BigInt::from(order());
    let least = ((value % &order) + &order) % &order;
    if least.bit(0) { least } else { least - order }
}

/// The digits u of an odd integer between −2^L and 2^L.
pub(crate) fn odd_digits(schedule: &Schedule, value: &BigInt) -> Vec<u16> {
    let windows = schedule.windows();
    let bits = windows.last().map_or(0, |window| window.offset + window.bits);
    let shifted: BigInt = (value + (BigInt::from(1) << bits) - 1) >> 1;
    let words = shifted.magnitude().to_u64_digits();
    windows.iter().map(|window| bits_of(&words, window.offset, window.bits) as u16).collect()
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::class::LeafClass;

    fn value(schedule: &Schedule, digits: &[u16]) -> BigInt {
        let windows = schedule.windows();
        let terms = digits.iter().zip(&windows).map(|(digit, window)| {
            BigInt::from(2 * i64::from(*digit) - window.max_digit() as i64) << window.offset
        });
        terms.sum()
    }

    #[test]
    fn digits_of_any_residue() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let order = BigInt::from(order());
        let mut values: Vec<BigInt> =
            vec![0.into(), 1.into(), 2.into(), order.clone() - 1, order.clone()];
        for _ in 0..50 {
            let words: [u64; 6] = rng.random();
            let sign = if rng.random() { Sign::Plus } else { Sign::Minus };
            values.push(BigInt::from_biguint(sign, integer(&words)));
        }
        for class in LeafClass::ALL {
            for scalar in &values {
                let odd = odd_representative(scalar);
                assert!(odd.bit(0) && odd.magnitude() <= order.magnitude());
                let digits = odd_digits(&class.schedule, &odd);
                for (digit, window) in digits.iter().zip(class.schedule.windows()) {
                    assert!(u64::from(*digit) <= window.max_digit());
                }
                assert_eq!(value(&class.schedule, &digits), odd);
                assert_eq!((scalar - odd) % &order, BigInt::ZERO);
            }
        }
    }
}
