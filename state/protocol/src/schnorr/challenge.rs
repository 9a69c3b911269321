//! The challenge e = H(domain; R, P, message): three permutations.

use p3_field::PrimeCharacteristicRing;

use crate::curve::{FP5_ELEMENTS, Scalar};
use crate::felt::{Felt, LANES, canonical};
use crate::hash::{DIGEST_ELEMENTS, Digest, RATE, hash_in, sponge_lanes};

use super::batch::BatchItem;
use super::keys::PublicKey;

/// Elements of a signed message.
pub const MESSAGE_ELEMENTS: usize = 14;

/// What is signed: the elements that an operation lays out.
pub type MessageElements = [Felt; MESSAGE_ELEMENTS];

/// Bits of a challenge as an integer.
pub const CHALLENGE_BITS: u32 = 64 * DIGEST_ELEMENTS as u32;

const INPUT: usize = 2 * FP5_ELEMENTS + MESSAGE_ELEMENTS;

const _: () = assert!(INPUT == 3 * RATE, "R, P and message fill three permutations");

/// The digest that a signature answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenge(Digest);

impl Challenge {
    /// The digest's elements.
    pub const fn elements(&self) -> [Felt; DIGEST_ELEMENTS] {
        self.0.elements()
    }

    /// e = Σ canonical(eᵢ)·2^(64i), below 2²⁵⁶ and not reduced: n > 2³¹⁸ leaves it as it is.
    pub fn words(&self) -> [u64; DIGEST_ELEMENTS] {
        self.elements().map(canonical)
    }

    /// e as a scalar.
    pub fn to_scalar(&self) -> Scalar {
        Scalar::from_words_256(self.words())
    }
}

/// The challenge for nonce point `r`, both points by their canonical encodings. `domain` is the
/// capacity from which the sponge starts.
pub fn challenge(
    domain: &Digest,
    r: &[Felt; FP5_ELEMENTS],
    key: &PublicKey,
    message: &MessageElements,
) -> Challenge {
    Challenge(hash_in(domain, &input(r, key, message)))
}

fn input(r: &[Felt; FP5_ELEMENTS], key: &PublicKey, message: &MessageElements) -> [Felt; INPUT] {
    let mut input = [Felt::ZERO; INPUT];
    input[..FP5_ELEMENTS].copy_from_slice(r);
    input[FP5_ELEMENTS..2 * FP5_ELEMENTS].copy_from_slice(&key.elements());
    input[2 * FP5_ELEMENTS..].copy_from_slice(message);
    input
}

/// The challenge of every item, in SIMD lanes.
pub fn challenges(domain: &Digest, items: &[BatchItem<'_>]) -> Vec<Challenge> {
    let input_of =
        |item: &BatchItem<'_>| input(&item.signature.r, item.key.public_key(), item.message);
    let challenges = items.chunks(LANES).flat_map(|chunk| {
        let inputs: Vec<_> = chunk.iter().map(input_of).collect();
        // Lanes past the end repeat the last item.
        let squeezed = sponge_lanes(&domain.elements(), INPUT, |lane, i| {
            inputs[lane.min(inputs.len() - 1)][i]
        });
        squeezed.into_iter().take(chunk.len())
    });
    challenges.map(|[a, b, c, d, ..]| Challenge(Digest::new([a, b, c, d]))).collect()
}
