//! Keys: public ones as the ledger holds them, decoded ones for verifying, secret ones.

use std::hint::black_box;

use p3_field::PrimeCharacteristicRing;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::curve::{AffinePoint, FP5_ELEMENTS, Fp5, Point, Scalar, coefficients};
use crate::error_code::ErrorCode;
use crate::felt::{
    FELT_BYTES, Felt, canonical, felt_from_canonical, felts_from_bytes, felts_to_bytes,
};
use crate::hash::{Tag, hash_wide};

/// Bytes of an encoded public key.
pub const PUBLIC_KEY_BYTES: usize = FP5_ELEMENTS * FELT_BYTES;
/// Bytes of the seed of a secret key.
pub const SEED_BYTES: usize = 32;

/// The bytes or words of a public key are not the canonical ones of any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("an element of the public key is not below the field's modulus")]
pub struct KeyEncodingError;

/// A public key under which no signature is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// The encoding is that of the neutral element.
    #[error("the public key is the neutral element")]
    Neutral,
    /// The encoding belongs to no element of the group.
    #[error("the public key does not decode to the prime-order group")]
    NotInGroup,
}

impl KeyError {
    /// The code under which a client sees the error.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Neutral | Self::NotInGroup => ErrorCode::InvalidKey,
        }
    }
}

/// Five elements that should be the canonical encoding of a point, but **need not be**: an account
/// that the L1 queue opened holds the words that its depositor wrote there, unchecked. An account
/// whose words encode no point cannot sign.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PublicKey([Felt; FP5_ELEMENTS]);

impl PublicKey {
    /// A key from its elements, which are not decoded.
    pub const fn new(elements: [Felt; FP5_ELEMENTS]) -> Self {
        Self(elements)
    }

    /// A key from any five words, each reduced modulo p.
    pub fn from_words_reduced(words: [u64; FP5_ELEMENTS]) -> Self {
        Self(words.map(Felt::from_u64))
    }

    /// A key from its canonical words.
    ///
    /// # Errors
    /// If a word is p or more.
    pub fn from_words(words: [u64; FP5_ELEMENTS]) -> Result<Self, KeyEncodingError> {
        let mut elements = [Felt::ZERO; FP5_ELEMENTS];
        for (element, word) in elements.iter_mut().zip(words) {
            *element = felt_from_canonical(word).ok_or(KeyEncodingError)?;
        }
        Ok(Self(elements))
    }

    /// The canonical words of the coefficients of z⁰ to z⁴.
    pub fn to_words(&self) -> [u64; FP5_ELEMENTS] {
        self.0.map(canonical)
    }

    /// The coefficients of z⁰ to z⁴.
    pub const fn elements(&self) -> [Felt; FP5_ELEMENTS] {
        self.0
    }

    /// Five elements of eight big-endian bytes.
    pub fn to_bytes(&self) -> [u8; PUBLIC_KEY_BYTES] {
        felts_to_bytes(&self.0)
    }

    /// Decodes [`PublicKey::to_bytes`].
    ///
    /// # Errors
    /// If an element is not canonical; whether the key is a point is [`PublicKey::decode`]'s matter.
    pub fn from_bytes(bytes: &[u8; PUBLIC_KEY_BYTES]) -> Result<Self, KeyEncodingError> {
        felts_from_bytes(bytes).map(Self).ok_or(KeyEncodingError)
    }

    /// The point of the group that this key encodes.
    ///
    /// # Errors
    /// If it encodes none or the neutral element.
    pub fn decode(&self) -> Result<AffinePoint, KeyError> {
        let w = Fp5::new(self.0);
        if w == Fp5::ZERO {
            return Err(KeyError::Neutral);
        }
        AffinePoint::decode(&w).ok_or(KeyError::NotInGroup)
    }
}

impl From<&AffinePoint> for PublicKey {
    fn from(point: &AffinePoint) -> Self {
        Self(coefficients(&point.encode()))
    }
}

/// 80 hexadecimal digits, the bytes of [`PublicKey::to_bytes`].
impl core::fmt::Display for PublicKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.iter().try_for_each(|element| write!(f, "{:016x}", canonical(*element)))
    }
}

impl core::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Display::fmt(self, f)
    }
}

/// As five words.
impl Serialize for PublicKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_words().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = <[u64; FP5_ELEMENTS]>::deserialize(deserializer)?;
        Self::from_words(words).map_err(serde::de::Error::custom)
    }
}

/// A public key that is a point, decoded once: what a sequencer keeps for each account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifyingKey {
    key: PublicKey,
    point: AffinePoint,
}

impl VerifyingKey {
    /// Decodes `key`.
    ///
    /// # Errors
    /// Those of [`PublicKey::decode`].
    pub fn new(key: &PublicKey) -> Result<Self, KeyError> {
        Ok(Self { key: *key, point: key.decode()? })
    }

    /// The encoded key.
    pub const fn public_key(&self) -> &PublicKey {
        &self.key
    }

    /// The point.
    pub const fn point(&self) -> &AffinePoint {
        &self.point
    }
}

/// A signer's secret scalar, not zero, and the key that goes with it. Wiped when dropped; never
/// printed.
pub struct SecretKey {
    scalar: Scalar,
    public_key: PublicKey,
}

impl SecretKey {
    /// The key that belongs to `seed`: 512 bits squeezed from it, modulo n. Constant time.
    pub fn from_seed(seed: &[u8; SEED_BYTES]) -> Self {
        let mut limbs = seed_limbs(seed);
        let mut scalar = scalar_from_hash(Tag::SecretKey, &limbs);
        wipe(&mut limbs);
        if scalar.is_zero() {
            // Of probability 2⁻³¹⁸; any fixed scalar will do.
            scalar = Scalar::ONE;
        }
        Self::from_scalar(scalar)
    }

    /// The key with this scalar, which must not be zero.
    pub(super) fn from_scalar(scalar: Scalar) -> Self {
        let w = Point::mul_generator(&scalar).encode_constant_time();
        Self { scalar, public_key: PublicKey(coefficients(&w)) }
    }

    /// The public key.
    pub const fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    pub(super) const fn scalar(&self) -> &Scalar {
        &self.scalar
    }
}

impl core::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SecretKey").field("public_key", &self.public_key).finish_non_exhaustive()
    }
}

impl Drop for SecretKey {
    fn drop(&mut self) {
        self.scalar.zeroize();
    }
}

impl ZeroizeOnDrop for SecretKey {}

/// Big-endian limbs of 4, 7, 7, 7 and 7 bytes.
fn seed_limbs(seed: &[u8; SEED_BYTES]) -> [Felt; 5] {
    let (head, tail) = seed.split_at(SEED_BYTES % 7);
    let limb = |bytes: &[u8]| {
        Felt::from_u64(bytes.iter().fold(0, |limb, byte| limb << 8 | u64::from(*byte)))
    };
    let mut limbs = [limb(head); 5];
    for (slot, bytes) in limbs[1..].iter_mut().zip(tail.chunks_exact(7)) {
        *slot = limb(bytes);
    }
    limbs
}

/// Eight squeezed elements as digits to the base 2⁶⁴, least significant first, modulo n. A digit
/// below p is (1 + 2⁻³²) times as likely as one of 64 uniform bits, so no scalar is more than
/// 1 + 2⁻²⁸ times as likely as under the uniform distribution.
pub(super) fn scalar_from_hash(tag: Tag, input: &[Felt]) -> Scalar {
    let mut words = hash_wide(tag, input).map(canonical);
    let scalar = Scalar::from_wide(words);
    words.zeroize();
    scalar
}

/// Overwrites with zeros, which the compiler must take for used.
pub(super) fn wipe(elements: &mut [Felt]) {
    elements.fill(Felt::ZERO);
    black_box(elements);
}
