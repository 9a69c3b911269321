//! Rows of the intents table.

use p3_field::{BasedVectorSpace, Field, PrimeCharacteristicRing};
use p3_matrix::dense::RowMajorMatrix;
use rayon::prelude::*;

use farthing_protocol::{
    AffinePoint, DIGEST_ELEMENTS, DecodedPoint, Digest, Felt, MESSAGE_ELEMENTS, NANO_PER_BASE_UNIT,
    OperationKind, RATE, Scalar, WIDTH, canonical,
};

use crate::gadgets::decomposition::bits_of;
use crate::gadgets::group_law::{write_fp5, write_point};
use crate::schedule::{HALF_BITS, Schedule};
use crate::tables::shared::poseidon2::HashRequests;
use crate::tables::signature::buckets::Term;
use crate::tables::signature::signers::{STEP_HIGHS_BITS, SignerInput};
use crate::tables::signature::weights::WeightSource;
use crate::witness::{SignedBatch, SignedRow};

use super::STEP_BITS;
use super::columns::IntentColumns;

/// An intent with its decoded R and its challenge.
#[derive(Clone, Debug)]
pub(crate) struct Challenged {
    pub(crate) point: DecodedPoint,
    capacities: [[Felt; DIGEST_ELEMENTS]; 2],
    pub(crate) challenge: Digest,
}

impl Challenged {
    fn words(&self) -> [u64; DIGEST_ELEMENTS] {
        self.challenge.elements().map(canonical)
    }
}

/// The rows of one signer.
pub(crate) type Group<'a> = &'a [SignedRow];

/// Maximal runs of rows of one account.
pub(crate) fn groups(rows: &[SignedRow]) -> impl Iterator<Item = Group<'_>> {
    rows.chunk_by(|a, b| a.account == b.account)
}

/// Hashes one intent; `None` if its R is not a point.
pub(crate) fn challenge(domain: &Digest, row: &SignedRow) -> Option<(Challenged, HashRequests)> {
    challenge_of(domain, row, &row.message())
}

/// Hashes a message in the place of the intent's.
pub(crate) fn challenge_of(
    domain: &Digest,
    row: &SignedRow,
    message: &[Felt; MESSAGE_ELEMENTS],
) -> Option<(Challenged, HashRequests)> {
    let mut requests = HashRequests::default();
    let absorbed: Vec<Felt> = row
        .r
        .as_basis_coefficients_slice()
        .iter()
        .chain(row.key.as_basis_coefficients_slice())
        .chain(message)
        .copied()
        .collect();
    let state =
        |block: usize, capacity: [Felt; DIGEST_ELEMENTS]| -> [Felt; WIDTH] {
            core::array::from_fn(|i| {
                if i < RATE { absorbed[block * RATE + i] } else { capacity[i - RATE] }
            })
        };
    let first = requests.absorb(state(0, domain.elements()));
    let second = requests.absorb(state(1, first));
    let challenge = requests.digest(state(2, second));
    let point = DecodedPoint::decode(&row.r)?;
    Some((Challenged { point, capacities: [first, second], challenge }, requests))
}

/// Results of the intents for other tables.
#[derive(Debug)]
pub(crate) struct IntentTrace {
    pub(crate) trace: RowMajorMatrix<Felt>,
    pub(crate) terms: Vec<Term>,
    pub(crate) signers: Vec<SignerInput>,
    /// S = Σ z·s.
    pub(crate) aggregate: Scalar,
}

/// The trace; `None` if a key is not a point.
pub(crate) fn trace(
    schedule: &Schedule,
    batch: &SignedBatch,
    challenged: &[Challenged],
    weights: &[WeightSource],
    log_height: usize,
) -> Option<IntentTrace> {
    let columns = IntentColumns::new(schedule);
    let width = columns.width;
    let mut rows = Felt::zero_vec(width << log_height);
    let padding = DecodedPoint::decode(&AffinePoint::GENERATOR.encode())?;
    let before = before(&batch.rows);
    let digits: Vec<Vec<u16>> =
        weights.par_iter().map(|source| weight_digits(schedule, source)).collect();
    rows.par_chunks_exact_mut(width).enumerate().for_each(|(i, row)| {
        row[columns.index] = Felt::from_usize(i);
        let point = challenged.get(i).map_or(&padding, |challenged| &challenged.point);
        write_fp5(row, &columns.w, &point.point.encode());
        write_fp5(row, &columns.t, &point.root);
        write_point(row, &columns.x, &columns.y, &point.point);
        if let (Some(signed), Some(challenged)) = (batch.rows.get(i), challenged.get(i)) {
            let end = batch.rows.get(i + 1).is_none_or(|next| next.account != signed.account);
            row[columns.end] = Felt::from_bool(end);
            write_message(&columns, row, signed, batch.timestamp, before[i]);
            write_challenge(&columns, row, signed, challenged);
            write_weight(schedule, &columns, row, &digits[i], &weights[i]);
        }
    });
    let signers = sum_groups(schedule, &columns, &mut rows, &batch.rows, challenged, &digits)?;
    let aggregate = digits
        .iter()
        .zip(&batch.rows)
        .map(|(digits, row)| scalar(weight(schedule, digits)) * row.s)
        .fold(Scalar::ZERO, |sum, term| sum + term);
    let terms = challenged.iter().zip(digits);
    let terms = terms.map(|(c, digits)| Term { point: c.point.point, digits }).collect();
    Some(IntentTrace { trace: RowMajorMatrix::new(rows, width), terms, signers, aggregate })
}

/// The nonce before each row's.
fn before(rows: &[SignedRow]) -> Vec<u64> {
    groups(rows)
        .flat_map(|group| {
            let first = group.first().map(|row| row.old_nonce);
            first.into_iter().chain(group.iter().map(|row| row.nonce)).take(group.len())
        })
        .collect()
}

fn write_message(
    columns: &IntentColumns,
    row: &mut [Felt],
    signed: &SignedRow,
    timestamp: u64,
    before: u64,
) {
    row[columns.kind(signed.kind)] = Felt::ONE;
    row[columns.account] = Felt::new(signed.account);
    row[columns.target] = Felt::new(signed.target);
    row[columns.quantity] = Felt::new(signed.quantity);
    row[columns.price] = Felt::new(signed.price);
    row[columns.licensee] = Felt::new(signed.licensee);
    row[columns.nonce] = Felt::new(signed.nonce);
    row[columns.old_nonce] = Felt::new(signed.old_nonce);
    row[columns.recipient.clone()].copy_from_slice(&signed.recipient);
    row[columns.payload.clone()].copy_from_slice(&signed.payload);
    write_fp5(row, &columns.key, &signed.key);
    columns.amount.write(row, &[signed.amount]);
    columns.fee.write(row, &[signed.fee]);
    // What should not be negative is written modulo p and fails its range.
    let less = |a: u64, b: u64| canonical(Felt::new(a) - Felt::new(b));
    let multiplier = match signed.kind {
        OperationKind::Pay => less(signed.quantity, 1),
        OperationKind::Withdraw => less(signed.amount / NANO_PER_BASE_UNIT, 1),
        OperationKind::Transfer | OperationKind::RegisterLicense | OperationKind::UpdateLicense => {
            0
        }
    };
    columns.multiplier.write(row, &[multiplier]);
    columns.slack.write(row, &[less(signed.valid_until, timestamp)]);
    columns.step.write(row, &[canonical(Felt::new(signed.nonce) - Felt::new(before) - Felt::ONE)]);
}

fn write_challenge(
    columns: &IntentColumns,
    row: &mut [Felt],
    signed: &SignedRow,
    challenged: &Challenged,
) {
    write_fp5(row, &columns.w, &signed.r);
    for (range, capacity) in columns.capacities.iter().zip(&challenged.capacities) {
        row[range.clone()].copy_from_slice(capacity);
    }
    let words = challenged.words();
    columns.challenge.write(row, &words);
    for (column, word) in columns.inverses.clone().zip(words) {
        let below_max = Felt::new(word >> HALF_BITS) - Felt::new((1 << HALF_BITS) - 1);
        row[column] = below_max.try_inverse().unwrap_or_default();
    }
}

fn write_weight(
    schedule: &Schedule,
    columns: &IntentColumns,
    row: &mut [Felt],
    digits: &[u16],
    source: &WeightSource,
) {
    for (column, digit) in columns.digits.clone().zip(digits) {
        row[column] = Felt::from_u16(*digit);
    }
    let rests = schedule.output_rest_bits().into_iter().zip(&columns.weight_rest);
    for ((bits, rest), output) in rests.zip(source) {
        rest.write(row, &[canonical(*output) >> (u64::BITS as usize - bits)]);
    }
}

/// The digits u of a weight.
fn weight_digits(schedule: &Schedule, source: &WeightSource) -> Vec<u16> {
    let counts = schedule.digits_per_output();
    source
        .iter()
        .zip(counts)
        .flat_map(|(output, count)| {
            let bits = schedule.limb_bits() / 2;
            (0..count).map(move |i| bits_of(&[canonical(*output)], i * bits, bits) as u16)
        })
        .collect()
}

/// z as an integer.
fn weight(schedule: &Schedule, digits: &[u16]) -> i128 {
    let windows = schedule.windows();
    let signed = digits.iter().zip(&windows).map(|(digit, window)| {
        (2 * i128::from(*digit) - i128::from(window.max_digit())) << window.offset
    });
    signed.sum()
}

fn scalar(value: i128) -> Scalar {
    let magnitude = Scalar::from_u128(value.unsigned_abs());
    if value < 0 { -magnitude } else { magnitude }
}

/// Fills the running sums and returns those of each group; `None` if a key is not a point.
fn sum_groups(
    schedule: &Schedule,
    columns: &IntentColumns,
    rows: &mut [Felt],
    signed: &[SignedRow],
    challenged: &[Challenged],
    digits: &[Vec<u16>],
) -> Option<Vec<SignerInput>> {
    let mut rows = rows.chunks_exact_mut(columns.width);
    let mut products = challenged.iter().zip(digits).map(|(c, d)| product(schedule, d, &c.words()));
    groups(signed)
        .map(|group| {
            let mut limbs = vec![0i128; columns.limbs.len()];
            let mut step_highs = 0;
            let mut before = group[0].old_nonce;
            for signed in group {
                let (row, product) = (rows.next()?, products.next()?);
                for (limb, term) in limbs.iter_mut().zip(product) {
                    *limb += term;
                }
                let step = canonical(Felt::new(signed.nonce) - Felt::new(before) - Felt::ONE);
                step_highs += step >> STEP_HIGHS_BITS;
                before = signed.nonce;
                row[columns.step_highs] = Felt::new(step_highs);
                for (column, limb) in columns.limbs.clone().zip(&limbs) {
                    row[column] = Felt::from_i128(*limb);
                }
            }
            let (first, last) = (group.first()?, group.last()?);
            Some(SignerInput {
                account: Felt::new(first.account),
                key: first.key,
                point: DecodedPoint::decode(&first.key)?,
                old_nonce: Felt::new(first.old_nonce),
                new_nonce: Felt::new(last.nonce),
                step_highs,
                limbs,
            })
        })
        .collect()
}

/// The limbs of z·e.
fn product(schedule: &Schedule, digits: &[u16], challenge: &[u64]) -> Vec<i128> {
    let bits = schedule.limb_bits();
    let mut weight = vec![0i128; schedule.weight_limbs()];
    for (digit, window) in digits.iter().zip(schedule.windows()) {
        let digit = 2 * i128::from(*digit) - i128::from(window.max_digit());
        weight[window.offset / bits] += digit << (window.offset % bits);
    }
    let mut product = vec![0i128; schedule.scalar_limbs()];
    for (i, z) in weight.iter().enumerate() {
        for j in 0..schedule.challenge_limbs() {
            product[i + j] += z * i128::from(bits_of(challenge, j * bits, bits));
        }
    }
    product
}

const _: () = assert!(STEP_BITS < u64::BITS as usize);
