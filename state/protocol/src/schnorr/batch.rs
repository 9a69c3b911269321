//! Many signatures at once.
//!
//! With Dᵢ = sᵢ·G − Rᵢ − eᵢ·Pᵢ, signature i is valid exactly if Dᵢ = 0. One random combination is
//! checked instead: Σ zᵢ·Dᵢ = 0, that is S·G = Σ zᵢ·Rᵢ + Σⱼ Eⱼ·Pⱼ with S = Σ zᵢsᵢ and Eⱼ = Σ zᵢeᵢ
//! over the signatures under key j, all exact modulo n.
//!
//! **Valid signatures always pass**, for every choice of weights. **One invalid signature fails**
//! but for a chance of p⁻² < 2⁻¹²⁷: all Dᵢ lie in a group of prime order n > 2³¹⁸ (every R and P is
//! decoded strictly), so that for any values of the other weights at most one zᵢ makes the sum
//! vanish, and zᵢ takes p² values, all different modulo n.
//!
//! The weights are not random but hashed from *all* (eᵢ, sᵢ) and their number. That is as good:
//! eᵢ, a digest of 256 bits, binds Rᵢ, Pᵢ and the message, so the weights are known only when every
//! Dᵢ is fixed, and in the random-oracle model each new choice of any of them costs a hash and has
//! the chance above: 2ᵗ hashes pass an invalid batch with probability below 2^(t−127). In return
//! no verifier needs a source of randomness, and the same batch has the same answer everywhere.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::curve::{AffinePoint, Fp5, MsmTerm, Point, Scalar, msm};
use crate::hash::Digest;

use super::challenge::Challenge;
use super::item::{BatchItem, challenges};
use super::keys::PublicKey;
use super::signature::SignatureError;
use super::weights::{WEIGHT_BITS, weights};

/// A batch with an invalid signature; [`find_invalid`] names all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BatchError {
    /// This signature's nonce point does not decode to the group; none before it does so.
    #[error("the nonce point of signature {index} does not decode to the prime-order group")]
    NonceNotInGroup {
        /// Its index among the items, the first such.
        index: usize,
    },
    /// All nonce points decode, but some signature is invalid.
    #[error("at least one signature does not belong to its key, domain and message")]
    Mismatch,
}

/// Bits of a scalar below n.
const SCALAR_BITS: u32 = 319;

/// Up to this many signatures checking one by one costs no more than halving further.
const ONE_BY_ONE_MAX: usize = 8;

/// Checks all signatures; an empty batch is valid. Keys are grouped, so a batch of few signers is
/// cheapest. Variable time, one thread: split large batches over threads by chunks.
///
/// # Errors
/// If any signature is invalid, but for the chance in the module's note.
pub fn verify_batch(domain: &Digest, items: &[BatchItem<'_>]) -> Result<(), BatchError> {
    if items.is_empty() {
        return Ok(());
    }
    let encodings: Vec<_> = items.iter().map(|item| Fp5::new(item.signature.r)).collect();
    let nonces = AffinePoint::decode_all(&encodings)
        .map_err(|index| BatchError::NonceNotInGroup { index })?;
    let responses = items.iter().map(|item| item.signature.s);
    let signed: Vec<_> = challenges(domain, items).into_iter().zip(responses).collect();
    let weights = weights(&signed);
    let combined = Combined::new(items, &signed, &weights);
    let nonces = nonces.iter().zip(&weights);
    let nonces: Vec<_> = nonces.map(|(point, weight)| nonce_term(point, *weight)).collect();
    let expected = msm(&nonces, WEIGHT_BITS) + msm(&combined.keys, SCALAR_BITS);
    match Point::mul_generator_vartime(&combined.response) == expected {
        true => Ok(()),
        false => Err(BatchError::Mismatch),
    }
}

fn nonce_term(point: &AffinePoint, weight: u128) -> MsmTerm {
    MsmTerm { point: *point, scalar: [weight as u64, (weight >> 64) as u64, 0, 0, 0] }
}

/// The scalars of the combination.
struct Combined {
    /// S.
    response: Scalar,
    /// Every distinct key with its Eⱼ.
    keys: Vec<MsmTerm>,
}

impl Combined {
    fn new(items: &[BatchItem<'_>], signed: &[(Challenge, Scalar)], weights: &[u128]) -> Self {
        let mut response = Scalar::ZERO;
        let mut keys: BTreeMap<&PublicKey, (AffinePoint, Scalar)> = BTreeMap::new();
        for ((item, (e, s)), weight) in items.iter().zip(signed).zip(weights) {
            let weight = Scalar::from_u128(*weight);
            response += weight * *s;
            let (_, sum) =
                keys.entry(item.key.public_key()).or_insert((*item.key.point(), Scalar::ZERO));
            *sum += weight * e.to_scalar();
        }
        let keys = keys.into_values();
        let keys = keys.map(|(point, sum)| MsmTerm { point, scalar: sum.limbs() }).collect();
        Self { response, keys }
    }
}

/// All invalid signatures of a batch, by their index among the items and with the reason, in
/// order; empty if the batch is valid. Halves the batch until few are left: one invalid signature
/// among a thousand costs as much as about five such batches, and if all are invalid, about three
/// times as much as one by one.
pub fn find_invalid(domain: &Digest, items: &[BatchItem<'_>]) -> Vec<(usize, SignatureError)> {
    let mut found = Vec::new();
    find_invalid_from(0, domain, items, false, &mut found);
    found
}

/// `known_invalid` says that some item is.
fn find_invalid_from(
    start: usize,
    domain: &Digest,
    items: &[BatchItem<'_>],
    known_invalid: bool,
    found: &mut Vec<(usize, SignatureError)>,
) {
    if items.len() <= ONE_BY_ONE_MAX {
        let errors = items.iter().enumerate().filter_map(|(i, item)| {
            let error = item.key.verify(domain, item.message, item.signature).err()?;
            Some((start + i, error))
        });
        found.extend(errors);
    } else if known_invalid || verify_batch(domain, items).is_err() {
        let (first, second) = items.split_at(items.len() / 2);
        let found_before = found.len();
        find_invalid_from(start, domain, first, false, found);
        let first_is_valid = found.len() == found_before;
        find_invalid_from(start + first.len(), domain, second, first_is_valid, found);
    }
}
