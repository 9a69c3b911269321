//! The challenge e = H(domain; R, P, message): three permutations.

use p3_field::PrimeCharacteristicRing;

use crate::curve::{FP5_ELEMENTS, Scalar};
use crate::felt::{Felt, canonical};
use crate::hash::{DIGEST_ELEMENTS, Digest, RATE, hash_in};

use super::keys::PublicKey;

/// Elements of a signed message.
pub const MESSAGE_ELEMENTS: usize = 14;

/// The elements that are signed, in the order of [`crate::Message`].
pub type MessageElements = [Felt; MESSAGE_ELEMENTS];

/// Bits of a challenge as an integer.
pub const CHALLENGE_BITS: u32 = 64 * DIGEST_ELEMENTS as u32;

/// Elements that are hashed.
pub(super) const INPUT: usize = 2 * FP5_ELEMENTS + MESSAGE_ELEMENTS;

const _: () = assert!(INPUT == 3 * RATE, "R, P and message fill three permutations");

/// The digest that a signature answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenge(pub(super) Digest);

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

/// The elements that are hashed.
pub(super) fn input(
    r: &[Felt; FP5_ELEMENTS],
    key: &PublicKey,
    message: &MessageElements,
) -> [Felt; INPUT] {
    let mut input = [Felt::ZERO; INPUT];
    input[..FP5_ELEMENTS].copy_from_slice(r);
    input[FP5_ELEMENTS..2 * FP5_ELEMENTS].copy_from_slice(&key.elements());
    input[2 * FP5_ELEMENTS..].copy_from_slice(message);
    input
}
