//! Hashes in the lanes of SIMD registers.

use std::sync::LazyLock;

use p3_field::{PackedValue, PrimeCharacteristicRing};
use p3_goldilocks::{Poseidon2Goldilocks, default_goldilocks_poseidon2_12};
use p3_symmetric::{
    CryptographicHasher, PaddingFreeSponge, Permutation, PseudoCompressionFunction,
    TruncatedPermutation,
};
use plonky2::field::types::Field;
use plonky2::hash::hash_types::HashOut;
use plonky2::hash::hashing::PlonkyPermutation;
use plonky2::plonk::config::Hasher;
use rayon::prelude::*;

use farthing_protocol::{DIGEST_ELEMENTS, Felt, RATE, WIDTH, canonical};

use crate::field::{F, from_felt, to_felt};
use crate::poseidon2::Poseidon2Hash;

type Packed = <Felt as p3_field::Field>::Packing;
type Sponge = PaddingFreeSponge<Poseidon2Goldilocks<WIDTH>, WIDTH, RATE, DIGEST_ELEMENTS>;
type Compression = TruncatedPermutation<Poseidon2Goldilocks<WIDTH>, 2, DIGEST_ELEMENTS, WIDTH>;

/// Nonces tried between two looks at whether one was found.
const NONCES_PER_ROUND: u64 = 1 << 16;

// A permutation owns its round constants: made once, not for every hash.
static POSEIDON2: LazyLock<Poseidon2Goldilocks<WIDTH>> =
    LazyLock::new(default_goldilocks_poseidon2_12);
static SPONGE: LazyLock<Sponge> = LazyLock::new(|| Sponge::new(POSEIDON2.clone()));
static COMPRESSION: LazyLock<Compression> = LazyLock::new(|| Compression::new(POSEIDON2.clone()));

/// A hash of plonky2's that can be computed for many inputs side by side.
pub trait LaneHash: Hasher<F, Hash: Default> {
    /// Inputs side by side.
    const LANES: usize;

    /// [`Hasher::hash_or_noop`] of at most [`Self::LANES`] rows of one length.
    fn hash_rows(rows: &[&[Felt]], digests: &mut [Self::Hash]);

    /// [`Hasher::two_to_one`] of at most [`Self::LANES`] pairs.
    fn compress_pairs(children: &[Self::Hash], parents: &mut [Self::Hash]);

    /// Of the [`Self::LANES`] nonces from `nonces` on, the first after which the permutation squeezes
    /// an element with `bits` leading zeros; `state` has all but the nonce, which goes to `index`.
    fn grind(state: &Self::Permutation, index: usize, nonces: u64, bits: u32) -> Option<u64>;

    /// A nonce whose response has `bits` leading zeros, the least one. The transcript's state is
    /// `state` after its last challenge, and `observed` was observed since.
    fn proof_of_work(state: Self::Permutation, observed: &[F], bits: u32) -> F {
        let (mut state, mut index) = (state, 0);
        for element in observed {
            state.set_elt(*element, index);
            index += 1;
            if index == Self::Permutation::RATE {
                state.permute();
                index = 0;
            }
        }
        let lanes = Self::LANES as u64;
        let nonce = (0..).step_by(NONCES_PER_ROUND as usize).find_map(|round: u64| {
            (0..NONCES_PER_ROUND / lanes)
                .into_par_iter()
                .find_map_first(|i| Self::grind(&state, index, round + i * lanes, bits))
        });
        F::from_canonical_u64(nonce.expect("as many rounds as it takes"))
    }
}

impl LaneHash for Poseidon2Hash {
    const LANES: usize = Packed::WIDTH;

    fn hash_rows(rows: &[&[Felt]], digests: &mut [HashOut<F>]) {
        let width = rows[0].len();
        if width <= DIGEST_ELEMENTS {
            for (row, digest) in rows.iter().zip(digests) {
                let row: Vec<F> = row.iter().copied().map(from_felt).collect();
                *digest = Self::hash_or_noop(&row);
            }
            return;
        }
        // Lanes past the end repeat the last row.
        let last = rows.len() - 1;
        let element = |i: usize| Packed::from_fn(|lane| rows[lane.min(last)][i]);
        let hash = SPONGE.hash_iter((0..width).map(element));
        put(&hash, digests);
    }

    fn compress_pairs(children: &[HashOut<F>], parents: &mut [HashOut<F>]) {
        let last = parents.len() - 1;
        let side = |side: usize| {
            core::array::from_fn(|i| {
                Packed::from_fn(|lane| to_felt(children[2 * lane.min(last) + side].elements[i]))
            })
        };
        put(&COMPRESSION.compress([side(0), side(1)]), parents);
    }

    fn grind(state: &Self::Permutation, index: usize, nonces: u64, bits: u32) -> Option<u64> {
        let state = state.as_ref();
        let mut lanes: [Packed; WIDTH] = core::array::from_fn(|i| to_felt(state[i]).into());
        lanes[index] = Packed::from_fn(|lane| Felt::from_u64(nonces + lane as u64));
        POSEIDON2.permute_mut(&mut lanes);
        let responses = lanes[RATE - 1].as_slice();
        let found = |response: &Felt| canonical(*response).leading_zeros() >= bits;
        responses.iter().position(found).map(|lane| nonces + lane as u64)
    }
}

fn put(lanes: &[Packed; DIGEST_ELEMENTS], digests: &mut [HashOut<F>]) {
    for (lane, digest) in digests.iter_mut().enumerate() {
        digest.elements = core::array::from_fn(|i| from_felt(lanes[i].as_slice()[lane]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keccak::KeccakHash;

    /// Every number of lanes in use; rows from one element to more than a block of keccak256.
    fn agrees<H: LaneHash>() {
        for width in (1..40).chain([135]) {
            for count in 1..=H::LANES {
                let rows: Vec<Vec<Felt>> = (0..count)
                    .map(|row| {
                        (0..width).map(|i| Felt::NEG_ONE - Felt::from_usize(row * i)).collect()
                    })
                    .collect();
                let rows: Vec<&[Felt]> = rows.iter().map(Vec::as_slice).collect();
                let mut digests = vec![H::Hash::default(); count];
                H::hash_rows(&rows, &mut digests);
                for (row, digest) in rows.iter().zip(&digests) {
                    let row: Vec<F> = row.iter().copied().map(from_felt).collect();
                    assert_eq!(*digest, H::hash_or_noop(&row));
                }
                let children: Vec<H::Hash> = digests.iter().chain(&digests).copied().collect();
                let mut parents = vec![H::Hash::default(); count];
                H::compress_pairs(&children, &mut parents);
                for (pair, parent) in children.chunks(2).zip(parents) {
                    assert_eq!(parent, H::two_to_one(pair[0], pair[1]));
                }
            }
        }
    }

    #[test]
    fn lanes_hash_as_one_by_one() {
        agrees::<Poseidon2Hash>();
        agrees::<KeccakHash>();
    }
}
