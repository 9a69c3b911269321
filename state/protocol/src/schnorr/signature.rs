//! Signatures: bytes, signing, verifying one.

use p3_field::PrimeCharacteristicRing;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroize;

use crate::curve::{
    AffinePoint, FP5_ELEMENTS, Fp5, Point, SCALAR_BYTES, SCALAR_LIMBS, Scalar, coefficients,
};
use crate::error_code::ErrorCode;
use crate::felt::{FELT_BYTES, Felt, felt_from_canonical, felts_to_bytes};
use crate::hash::{DIGEST_ELEMENTS, Digest, Tag};

use super::challenge::{MESSAGE_ELEMENTS, MessageElements, challenge};
use super::keys::{KeyError, PublicKey, SecretKey, VerifyingKey, scalar_from_hash, wipe};

const R_BYTES: usize = FP5_ELEMENTS * FELT_BYTES;
/// Bytes of an encoded signature.
pub const SIGNATURE_BYTES: usize = R_BYTES + SCALAR_BYTES;

/// A signature: the encoding of the nonce point R and the response s. In serde formats, five words
/// each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Signature {
    /// `w_R`, coefficients of z⁰ to z⁴. Verification decodes it, nothing before does.
    pub r: [Felt; FP5_ELEMENTS],
    /// s, below n.
    pub s: Scalar,
}

/// Reasons why bytes are not a signature, in the order of the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SignatureEncodingError {
    /// A limb of R is p or more.
    #[error("element {index} of the nonce point is not below the field's modulus")]
    NonCanonicalElement {
        /// Which one, from 0.
        index: usize,
    },
    /// R is the neutral element.
    #[error("the nonce point is the neutral element")]
    NeutralNonce,
    /// s is n or more.
    #[error("the response is not below the group order")]
    ResponseTooLarge,
}

/// A signature that is not valid. Of several reasons the first in this order is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SignatureError {
    /// The public key is not a point.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// R is zero or does not decode to the prime-order group.
    #[error("the nonce point does not decode to the prime-order group")]
    NonceNotInGroup,
    /// s·G ≠ R + e·P.
    #[error("the signature does not belong to this key, domain and message")]
    Mismatch,
}

impl SignatureError {
    /// The code under which a client sees the error.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Key(error) => error.code(),
            Self::NonceNotInGroup | Self::Mismatch => ErrorCode::InvalidSignature,
        }
    }
}

impl Signature {
    /// R as five elements of eight big-endian bytes, then s as 40 big-endian bytes.
    pub fn to_bytes(&self) -> [u8; SIGNATURE_BYTES] {
        let mut bytes = [0; SIGNATURE_BYTES];
        let (r, s) = bytes.split_at_mut(R_BYTES);
        r.copy_from_slice(&felts_to_bytes::<FP5_ELEMENTS, R_BYTES>(&self.r));
        s.copy_from_slice(&self.s.to_bytes());
        bytes
    }

    /// Decodes [`Signature::to_bytes`]; R is not decoded to a point here.
    ///
    /// # Errors
    /// If a limb of R is not canonical, R is zero, or s is not below n.
    pub fn from_bytes(bytes: &[u8; SIGNATURE_BYTES]) -> Result<Self, SignatureEncodingError> {
        let (elements, response) = bytes.split_at(R_BYTES);
        let (elements, _) = elements.as_chunks::<FELT_BYTES>();
        let mut r = [Felt::ZERO; FP5_ELEMENTS];
        for (index, (element, bytes)) in r.iter_mut().zip(elements).enumerate() {
            *element = felt_from_canonical(u64::from_be_bytes(*bytes))
                .ok_or(SignatureEncodingError::NonCanonicalElement { index })?;
        }
        if r == [Felt::ZERO; FP5_ELEMENTS] {
            return Err(SignatureEncodingError::NeutralNonce);
        }
        let s = response.as_array().and_then(Scalar::from_bytes);
        Ok(Self { r, s: s.ok_or(SignatureEncodingError::ResponseTooLarge)? })
    }
}

/// Signs deterministically: the nonce is hashed from the secret scalar, domain, public key and
/// message. Constant time as far as [`Point`] says. The nonce and the hashed secret are wiped;
/// copies that arithmetic leaves in registers and on the stack are not.
pub fn sign(secret: &SecretKey, domain: &Digest, message: &MessageElements) -> Signature {
    let mut nonce = nonce(secret, domain, message);
    let r = coefficients(&Point::mul_generator(&nonce).encode_constant_time());
    let e = challenge(domain, &r, secret.public_key(), message).to_scalar();
    let s = nonce + e * *secret.scalar();
    nonce.zeroize();
    Signature { r, s }
}

/// Elements of the nonce's hash: 32-bit halves of the scalar's limbs, which may exceed p, then
/// domain, public key and message.
const NONCE_INPUT: usize = 2 * SCALAR_LIMBS + DIGEST_ELEMENTS + FP5_ELEMENTS + MESSAGE_ELEMENTS;

fn nonce(secret: &SecretKey, domain: &Digest, message: &MessageElements) -> Scalar {
    // Not to grow: a reallocation would leave a copy of the secret.
    let mut input = Vec::with_capacity(NONCE_INPUT);
    let mut limbs = secret.scalar().limbs();
    for limb in limbs {
        input.extend([limb & 0xFFFF_FFFF, limb >> 32].map(Felt::from_u64));
    }
    limbs.zeroize();
    input.extend(domain.elements());
    input.extend(secret.public_key().elements());
    input.extend(message);
    debug_assert_eq!(input.len(), NONCE_INPUT);
    let nonce = scalar_from_hash(Tag::SignatureNonce, &input);
    wipe(&mut input);
    // Of probability 2⁻³¹⁸: R would be neutral and the signature invalid.
    if nonce.is_zero() { Scalar::ONE } else { nonce }
}

/// Checks one signature. Variable time.
///
/// # Errors
/// The first failing condition, in the order of [`SignatureError`].
pub fn verify(
    key: &PublicKey,
    domain: &Digest,
    message: &MessageElements,
    signature: &Signature,
) -> Result<(), SignatureError> {
    VerifyingKey::new(key)?.verify(domain, message, signature)
}

impl VerifyingKey {
    /// [`verify`] with a key decoded before.
    ///
    /// # Errors
    /// [`SignatureError::NonceNotInGroup`] or [`SignatureError::Mismatch`].
    pub fn verify(
        &self,
        domain: &Digest,
        message: &MessageElements,
        signature: &Signature,
    ) -> Result<(), SignatureError> {
        let e = challenge(domain, &signature.r, self.public_key(), message).to_scalar();
        let expected = Point::mul_generator_minus(&signature.s, &e, &Point::from(*self.point()));
        let w = Fp5::new(signature.r);
        // What equals the encoding of an element other than the neutral one decodes to it.
        if w != Fp5::ZERO && expected.has_encoding(&w) {
            return Ok(());
        }
        Err(match AffinePoint::decode(&w) {
            Some(_) => SignatureError::Mismatch,
            None => SignatureError::NonceNotInGroup,
        })
    }
}
