//! keccak256 for the last circuit: hash, transcript and configuration that a contract replays.
//!
//! A leaf is keccak256 of its elements, a node of its children's digests; digests are cut to
//! [`KECCAK_DIGEST_BYTES`]. An element is eight big-endian bytes. Leaves and nodes need no tags:
//! depths and lengths are fixed, and no leaf is as long as two digests.

use core::fmt;

use plonky2::field::types::{Field, PrimeField64};
use plonky2::hash::hashing::PlonkyPermutation;
use plonky2::plonk::config::{GenericConfig, GenericHashOut, Hasher};
use serde::{Deserialize, Serialize};
use sha3::{Digest as _, Keccak256};

use crate::field::{Ext, F};
use crate::poseidon2::Poseidon2Hash;

/// Bytes of a digest: collisions cost 2^104, and a query is 400 bytes of calldata shorter than
/// with all 32.
pub const KECCAK_DIGEST_BYTES: usize = 26;
/// Bits of a digest's collision resistance.
pub const KECCAK_COLLISION_BITS: usize = KECCAK_DIGEST_BYTES * 4;
/// Elements absorbed by one hash of the transcript. Grinding hashes the open block again for every
/// candidate: few elements, so that the nonce stands in a short block.
pub const TRANSCRIPT_RATE: usize = 32;

const ELEMENT_BYTES: usize = 8;
const KECCAK_BYTES: usize = 32;

/// A digest cut short.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeccakDigest(pub [u8; KECCAK_DIGEST_BYTES]);

impl KeccakDigest {
    fn cut(digest: &[u8]) -> Self {
        let mut bytes = [0; KECCAK_DIGEST_BYTES];
        bytes.copy_from_slice(&digest[..KECCAK_DIGEST_BYTES]);
        Self(bytes)
    }
}

impl GenericHashOut<F> for KeccakDigest {
    fn to_bytes(&self) -> Vec<u8> {
        self.0.to_vec()
    }

    /// plonky2 passes as many bytes as it was given.
    fn from_bytes(bytes: &[u8]) -> Self {
        Self::cut(bytes)
    }

    /// As the transcript absorbs it: four big-endian words modulo p, the last one filled up with
    /// zeros. Two digests with the same elements are as hard to find as a collision.
    fn to_vec(&self) -> Vec<F> {
        let mut padded = [0; KECCAK_BYTES];
        padded[..KECCAK_DIGEST_BYTES].copy_from_slice(&self.0);
        let words = padded.as_chunks::<ELEMENT_BYTES>().0;
        words.iter().map(|word| F::from_noncanonical_u64(u64::from_be_bytes(*word))).collect()
    }
}

/// The transcript: not a permutation but a chain of hashes,
/// `chain ← keccak256(chain ‖ elements set since)`. Each step gives two challenges, the halves of
/// the chain modulo p, each within 2⁻⁶⁴ of uniform.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeccakChain {
    chain: [u8; KECCAK_BYTES],
    block: [F; TRANSCRIPT_RATE],
    /// Elements set since the last step.
    set: usize,
    /// plonky2 takes challenges from the end.
    challenges: [F; 2],
}

impl Default for KeccakChain {
    fn default() -> Self {
        Self {
            chain: [0; KECCAK_BYTES],
            block: [F::ZERO; TRANSCRIPT_RATE],
            set: 0,
            challenges: [F::ZERO; 2],
        }
    }
}

impl KeccakChain {
    /// Input of the next hash, in 64-bit words as keccak256 reads them.
    pub fn open_words(&self) -> Vec<u64> {
        let chain = self.chain.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word));
        let set = self.block[..self.set].iter().map(|e| e.to_canonical_u64().swap_bytes());
        chain.chain(set).collect()
    }

    /// The challenge of half a chain, big-endian words.
    pub fn challenge([high, low]: [u64; 2]) -> F {
        F::from_noncanonical_u128((u128::from(high) << 64) | u128::from(low))
    }
}

impl fmt::Debug for KeccakChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeccakChain").field("chain", &self.chain).finish_non_exhaustive()
    }
}

impl AsRef<[F]> for KeccakChain {
    fn as_ref(&self) -> &[F] {
        &self.block
    }
}

impl PlonkyPermutation<F> for KeccakChain {
    const RATE: usize = TRANSCRIPT_RATE;
    const WIDTH: usize = TRANSCRIPT_RATE;

    /// plonky2 passes zeros without end for the initial state; nothing is absorbed yet.
    fn new<I: IntoIterator<Item = F>>(_: I) -> Self {
        Self::default()
    }

    fn set_elt(&mut self, element: F, index: usize) {
        self.block[index] = element;
        self.set = self.set.max(index + 1);
    }

    fn set_from_iter<I: IntoIterator<Item = F>>(&mut self, elements: I, start: usize) {
        for (i, element) in elements.into_iter().enumerate() {
            self.set_elt(element, start + i);
        }
    }

    fn set_from_slice(&mut self, elements: &[F], start: usize) {
        self.set_from_iter(elements.iter().copied(), start);
    }

    fn permute(&mut self) {
        let mut keccak = Keccak256::new();
        keccak.update(self.chain);
        absorb(&mut keccak, &self.block[..self.set]);
        self.chain = keccak.finalize().into();
        self.set = 0;
        let words = self.chain.as_chunks().0;
        let [a, b, c, d] = core::array::from_fn(|i| u64::from_be_bytes(words[i]));
        self.challenges = [Self::challenge([c, d]), Self::challenge([a, b])];
    }

    fn squeeze(&self) -> &[F] {
        &self.challenges
    }
}

fn absorb(keccak: &mut Keccak256, elements: &[F]) {
    for element in elements {
        keccak.update(element.to_canonical_u64().to_be_bytes());
    }
}

/// Leaves, nodes and transcript of the last proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeccakHash;

impl Hasher<F> for KeccakHash {
    const HASH_SIZE: usize = KECCAK_DIGEST_BYTES;
    type Hash = KeccakDigest;
    type Permutation = KeccakChain;

    fn hash_no_pad(elements: &[F]) -> KeccakDigest {
        let mut keccak = Keccak256::new();
        absorb(&mut keccak, elements);
        KeccakDigest::cut(&keccak.finalize())
    }

    /// Short leaves too: no leaf is its own digest.
    fn hash_or_noop(elements: &[F]) -> KeccakDigest {
        Self::hash_no_pad(elements)
    }

    fn two_to_one(left: KeccakDigest, right: KeccakDigest) -> KeccakDigest {
        let mut keccak = Keccak256::new();
        keccak.update(left.0);
        keccak.update(right.0);
        KeccakDigest::cut(&keccak.finalize())
    }
}

/// plonky2 with keccak256 outside and the protocol's hash of public inputs inside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeccakConfig;

impl GenericConfig<2> for KeccakConfig {
    type F = F;
    type FE = Ext;
    type Hasher = KeccakHash;
    type InnerHasher = Poseidon2Hash;
}

#[cfg(test)]
mod tests {
    use plonky2::iop::challenger::Challenger;

    use super::*;

    /// The chain by hand: two blocks, two squeezes.
    #[test]
    fn the_transcript_is_a_chain_of_hashes() {
        let mut challenger = Challenger::<F, KeccakHash>::new();
        let elements: Vec<F> = (0..40).map(F::from_canonical_u64).collect();
        challenger.observe_elements(&elements);
        let drawn = challenger.get_n_challenges(3);
        let step = |chain: [u8; 32], elements: core::ops::Range<u64>| -> [u8; 32] {
            let bytes: Vec<u8> = elements.flat_map(u64::to_be_bytes).collect();
            Keccak256::new().chain_update(chain).chain_update(bytes).finalize().into()
        };
        let first = step(step([0; 32], 0..32), 32..40);
        let second = step(first, 0..0);
        let of = |bytes: &[u8]| {
            let value = u128::from_be_bytes(bytes.try_into().expect("sixteen"));
            F::from_noncanonical_u128(value)
        };
        assert_eq!(drawn, [of(&first[..16]), of(&first[16..]), of(&second[..16])]);
    }

    #[test]
    fn digests_are_cut() {
        let elements: Vec<F> = (5..9).map(F::from_canonical_u64).collect();
        let bytes: Vec<u8> = (5..9).flat_map(u64::to_be_bytes).collect();
        let expected: [u8; 32] = Keccak256::digest(bytes).into();
        assert_eq!(KeccakHash::hash_no_pad(&elements).0, expected[..KECCAK_DIGEST_BYTES]);
        assert_eq!(
            KeccakHash::hash_or_noop(&elements[..1]),
            KeccakHash::hash_no_pad(&elements[..1])
        );
        let last = KeccakDigest([1; KECCAK_DIGEST_BYTES]).to_vec()[3];
        assert_eq!(last, F::from_canonical_u64(0x0101 << 48));
    }
}
