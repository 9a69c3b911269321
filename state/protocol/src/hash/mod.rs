//! Poseidon2 over Goldilocks, width 12: the one permutation of the tree, messages, receipts,
//! statements, transcripts and recursion.
//!
//! Two ways of use. [`compress`] joins two digests: one permutation of `left ‖ right ‖ 0⁴`, of
//! which the first four elements remain. [`hash`] is a sponge in overwrite mode: each block of
//! eight elements replaces the rate, a last short block is filled up with zeros, and the capacity
//! starts as `(tag, length, 0, 0)`. Tag and length in the capacity keep inputs of different kinds
//! or lengths apart, so that zero filling is injective; tags start at 1, so that no sponge starts
//! from the capacity of [`compress`].

mod lanes;
mod short;

use std::sync::LazyLock;

use p3_field::PrimeCharacteristicRing;
use p3_goldilocks::{Poseidon2Goldilocks, default_goldilocks_poseidon2_12};
use p3_symmetric::Permutation;
use serde::{Deserialize, Serialize};

use crate::felt::{Felt, PackedFelt, canonical, felts_from_bytes, felts_to_bytes};

pub(crate) use lanes::sponge_lanes;
pub use lanes::{compress_all, hash_all};
pub use short::{SHORT_DIGEST_BYTES, SHORT_DIGEST_ELEMENTS, ShortDigest};

/// Elements of the permutation's state.
pub const WIDTH: usize = 12;
/// Elements absorbed or squeezed per permutation.
pub const RATE: usize = 8;
/// Elements of a digest: four give 128 bits of collision resistance.
pub const DIGEST_ELEMENTS: usize = 4;
/// Bytes of an encoded digest.
pub const DIGEST_BYTES: usize = 32;

const _: () = assert!(RATE + DIGEST_ELEMENTS == WIDTH, "capacity holds one digest");
const _: () = assert!(2 * DIGEST_ELEMENTS == RATE, "two digests fill the rate");

static POSEIDON2: LazyLock<Poseidon2Goldilocks<WIDTH>> =
    LazyLock::new(default_goldilocks_poseidon2_12);

/// The kind of a sponge's input; the first element of its initial capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Tag {
    /// Chain id and contract address: [`crate::Domain`].
    Domain = 1,
    /// An account's key and owner.
    AccountIdentity = 2,
    /// An account leaf.
    AccountLeaf = 3,
    /// A license's licensor, holders and provenance, as registered.
    LicenseOrigin = 4,
    /// A license's share table.
    ShareTable = 5,
    /// A license leaf.
    LicenseLeaf = 6,
    /// A batch statement.
    BatchStatement = 7,
    /// A block statement.
    BlockStatement = 8,
    /// The limbs of a batch's public data.
    PublicData = 9,
    /// The weights of a signature batch.
    SignatureWeights = 10,
    /// A signer's secret key from a seed.
    SecretKey = 11,
    /// A signer's deterministic nonce.
    SignatureNonce = 12,
    /// An intent's id, which does not depend on its signature.
    IntentId = 13,
    /// A license's share table and origin.
    LicenseTerms = 14,
    /// The domain of a signature that asks for an account.
    AccountOpening = 15,
    /// A line of a new license's share table with its holder, and the lines below it.
    HolderChain = 16,
    /// The domain of a signature that asks a node for something on behalf of an account.
    AccountRequest = 17,
}

/// Four field elements: the output of [`hash`] and [`compress`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Digest([Felt; DIGEST_ELEMENTS]);

impl Digest {
    /// The digest of an empty leaf; no preimage of it is known.
    pub const ZERO: Self = Self([Felt::ZERO; DIGEST_ELEMENTS]);

    /// A digest from its elements.
    pub const fn new(elements: [Felt; DIGEST_ELEMENTS]) -> Self {
        Self(elements)
    }

    /// The elements, first to last.
    pub const fn elements(&self) -> [Felt; DIGEST_ELEMENTS] {
        self.0
    }

    /// Four elements of eight big-endian bytes.
    pub fn to_bytes(&self) -> [u8; DIGEST_BYTES] {
        felts_to_bytes(&self.0)
    }

    /// Decodes [`Digest::to_bytes`]; `None` if an element is not canonical.
    pub fn from_bytes(bytes: &[u8; DIGEST_BYTES]) -> Option<Self> {
        felts_from_bytes(bytes).map(Self)
    }
}

impl core::fmt::Debug for Digest {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Display::fmt(self, f)
    }
}

/// 64 hexadecimal digits.
impl core::fmt::Display for Digest {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        for element in self.0 {
            write!(f, "{:016x}", canonical(element))?;
        }
        Ok(())
    }
}

/// Applies the permutation in place.
pub fn permute(state: &mut [Felt; WIDTH]) {
    POSEIDON2.permute_mut(state);
}

/// [`permute`] in every lane of a SIMD register.
fn permute_packed(state: &mut [PackedFelt; WIDTH]) {
    POSEIDON2.permute_mut(state);
}

/// The parent of two tree nodes.
pub fn compress(left: &Digest, right: &Digest) -> Digest {
    let mut state = [Felt::ZERO; WIDTH];
    state[..DIGEST_ELEMENTS].copy_from_slice(&left.0);
    state[DIGEST_ELEMENTS..RATE].copy_from_slice(&right.0);
    permute(&mut state);
    digest_of(&state)
}

/// The digest of `elements` under `tag`, their number included.
pub fn hash(tag: Tag, elements: &[Felt]) -> Digest {
    digest_of(&absorb(capacity_of(tag, elements.len()), elements))
}

/// Eight elements squeezed after absorbing `elements` under `tag`.
pub fn hash_wide(tag: Tag, elements: &[Felt]) -> [Felt; RATE] {
    let state = absorb(capacity_of(tag, elements.len()), elements);
    core::array::from_fn(|i| state[i])
}

/// The digest of `elements` in a sponge whose capacity starts as `capacity`. For inputs of one
/// fixed length only: nothing else binds the length here.
pub fn hash_in(capacity: &Digest, elements: &[Felt]) -> Digest {
    digest_of(&absorb(capacity.0, elements))
}

/// The capacity from which a sponge over `length` elements under `tag` starts.
pub fn capacity_of(tag: Tag, length: usize) -> [Felt; DIGEST_ELEMENTS] {
    [Felt::from_u64(tag as u64), Felt::from_usize(length), Felt::ZERO, Felt::ZERO]
}

fn absorb(capacity: [Felt; DIGEST_ELEMENTS], elements: &[Felt]) -> [Felt; WIDTH] {
    let mut state = [Felt::ZERO; WIDTH];
    state[RATE..].copy_from_slice(&capacity);
    for block in elements.chunks(RATE) {
        state[..block.len()].copy_from_slice(block);
        state[block.len()..RATE].fill(Felt::ZERO);
        permute(&mut state);
    }
    if elements.is_empty() {
        permute(&mut state);
    }
    state
}

fn digest_of(state: &[Felt; WIDTH]) -> Digest {
    Digest(core::array::from_fn(|i| state[i]))
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.map(canonical).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = <[u64; DIGEST_ELEMENTS]>::deserialize(deserializer)?;
        let mut elements = [Felt::ZERO; DIGEST_ELEMENTS];
        for (element, word) in elements.iter_mut().zip(words) {
            *element = crate::felt::felt_from_canonical(word)
                .ok_or_else(|| serde::de::Error::custom("digest element is not canonical"))?;
        }
        Ok(Self(elements))
    }
}
