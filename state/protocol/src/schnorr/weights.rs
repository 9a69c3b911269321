//! The weights of a signature batch.
//!
//! Three kinds of input under one tag, told apart by the length in the capacity: a sponge of
//! signatures absorbs a multiple of 10 elements, the commitment 33, a block of weights 5.

use p3_field::PrimeCharacteristicRing;

use crate::curve::{SCALAR_LIMBS, Scalar};
use crate::felt::{Felt, LANES, canonical};
use crate::hash::{DIGEST_ELEMENTS, Digest, RATE, Tag, capacity_of, hash, sponge_lanes};

use super::challenge::Challenge;

/// Bits of a weight: two squeezed elements, first the low word.
pub const WEIGHT_BITS: u32 = 128;

/// Weights squeezed at once.
const PER_SQUEEZE: usize = RATE / 2;

/// Bits of a limb of s as it is absorbed.
const LIMB_BITS: u32 = 56;
/// Limbs of s: 6·56 ≥ 319 bits.
const LIMBS: usize = 6;
/// Absorbed elements of one signature.
const ENTRY: usize = DIGEST_ELEMENTS + LIMBS;

/// Signature i goes into sponge i mod 8, on every machine, so that eight run side by side.
const SPONGES: usize = 8;

const _: () = assert!(LIMBS as u32 * LIMB_BITS >= 320, "the limbs hold any scalar");
const _: () = assert!(SPONGES.is_multiple_of(LANES), "whole registers of sponges");

/// One weight per signature, derived from all of `(e, s)` and their number.
pub(super) fn weights(signed: &[(Challenge, Scalar)]) -> Vec<u128> {
    let commitment = commitment(signed).elements();
    let capacity = capacity_of(Tag::SignatureWeights, DIGEST_ELEMENTS + 1);
    let mut weights = Vec::with_capacity(signed.len() + PER_SQUEEZE * LANES);
    for first in (0..signed.len().div_ceil(PER_SQUEEZE)).step_by(LANES) {
        // Block number `first + lane` gives four weights.
        let blocks = sponge_lanes(&capacity, DIGEST_ELEMENTS + 1, |lane, i| {
            commitment.get(i).copied().unwrap_or(Felt::from_usize(first + lane))
        });
        let words = blocks.iter().flatten().map(|element| canonical(*element));
        let words: Vec<u64> = words.collect();
        let (pairs, _) = words.as_chunks::<2>();
        weights.extend(pairs.iter().map(|[low, high]| u128::from(*low) | u128::from(*high) << 64));
    }
    weights.truncate(signed.len());
    weights
}

/// The number of signatures and the digests of the eight sponges; missing signatures of the last
/// round are zeros.
fn commitment(signed: &[(Challenge, Scalar)]) -> Digest {
    let entries: Vec<_> = signed.iter().map(|(e, s)| entry(e, s)).collect();
    let length = ENTRY * signed.len().div_ceil(SPONGES);
    let capacity = capacity_of(Tag::SignatureWeights, length);
    let mut input = vec![Felt::from_usize(signed.len())];
    for first in (0..SPONGES).step_by(LANES) {
        let digests = sponge_lanes(&capacity, length, |lane, i| {
            let entry = entries.get(i / ENTRY * SPONGES + first + lane);
            entry.map_or(Felt::ZERO, |entry| entry[i % ENTRY])
        });
        input.extend(digests.iter().flat_map(|digest| &digest[..DIGEST_ELEMENTS]));
    }
    hash(Tag::SignatureWeights, &input)
}

fn entry(e: &Challenge, s: &Scalar) -> [Felt; ENTRY] {
    let (e, s) = (e.elements(), s.limbs());
    core::array::from_fn(|i| match i.checked_sub(DIGEST_ELEMENTS) {
        None => e[i],
        Some(limb) => limb_of(&s, limb as u32),
    })
}

fn limb_of(limbs: &[u64; SCALAR_LIMBS], index: u32) -> Felt {
    let (word, shift) = ((index * LIMB_BITS / 64) as usize, index * LIMB_BITS % 64);
    let high = limbs.get(word + 1).copied().unwrap_or(0);
    let bits = (u128::from(limbs[word]) | u128::from(high) << 64) >> shift;
    Felt::from_u64(bits as u64 & ((1 << LIMB_BITS) - 1))
}
