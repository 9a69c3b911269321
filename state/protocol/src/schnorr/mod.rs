//! Schnorr signatures over EcGFp5.
//!
//! A signature (R, s) of a message under key P is valid if and only if
//!
//! 1. `w_P` and `w_R`, five canonical limbs each, are not zero and decode strictly to the group of
//!    prime order n ([`crate::AffinePoint::decode`]);
//! 2. `s < n`;
//! 3. `s·G = R + e·P` exactly, where `e` is the 256-bit integer [`Challenge::to_scalar`] of
//!    `H(domain; w_R, w_P, message)`.
//!
//! API, ledger and circuit apply this one rule, so that every signature that the API accepts is
//! provable. n is prime and every point is in the group: there is no cofactor to disagree about.
//!
//! [`verify`] checks one signature, [`verify_batch`] many at once.

mod batch;
mod challenge;
mod item;
mod keys;
mod signature;
#[cfg(test)]
mod tests;
mod weights;

pub use batch::{BatchError, find_invalid, verify_batch};
pub use challenge::{CHALLENGE_BITS, Challenge, MESSAGE_ELEMENTS, MessageElements, challenge};
pub use item::{BatchItem, challenges};
pub use keys::{
    KeyEncodingError, KeyError, PUBLIC_KEY_BYTES, PublicKey, SEED_BYTES, SecretKey, VerifyingKey,
};
pub use signature::{
    SIGNATURE_BYTES, Signature, SignatureEncodingError, SignatureError, sign, verify,
};
pub use weights::WEIGHT_BITS;
