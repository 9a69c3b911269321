//! Hashes in the lanes of SIMD registers.

use p3_field::{PackedValue, PrimeCharacteristicRing};
use p3_symmetric::{CryptographicHasher, PaddingFreeSponge, PseudoCompressionFunction};
use p3_symmetric::{Permutation, TruncatedPermutation};
use plonky2::field::types::Field;
use plonky2::hash::hash_types::HashOut;
use plonky2::hash::hashing::PlonkyPermutation;
use plonky2::plonk::config::Hasher;
use rayon::prelude::*;

use p3_goldilocks::{Poseidon2Goldilocks, default_goldilocks_poseidon2_12};
use std::sync::LazyLock;

use farthing_protocol::{DIGEST_ELEMENTS, Felt, RATE, WIDTH};

use crate::field::{F, from_felt, to_felt};
use crate::gate::Poseidon2Hash;

type Packed = <Felt as p3_field::Field>::Packing;
type Sponge = PaddingFreeSponge<Poseidon2Goldilocks<WIDTH>, WIDTH, RATE, DIGEST_ELEMENTS>;
type Compression = TruncatedPermutation<Poseidon2Goldilocks<WIDTH>, 2, DIGEST_ELEMENTS, WIDTH>;

/// Nonces tried between two looks at whether one was found.
const NONCES_PER_ROUND: u64 = 1 << 16;

static POSEIDON2: LazyLock<Poseidon2Goldilocks<WIDTH>> =
    LazyLock::new(default_goldilocks_poseidon2_12);

/// A hash of plonky2's that can be computed for many inputs side by side.
pub(crate) trait LaneHash: Hasher<F, Hash: Default> {
    /// Inputs side by side.
    const LANES: usize;

    /// [`Hasher::hash_or_noop`] of at most [`Self::LANES`] rows of one length.
    fn hash_rows(rows: &[&[Felt]], digests: &mut [Self::Hash]);

    /// [`Hasher::two_to_one`] of at most [`Self::LANES`] pairs.
    fn compress_pairs(children: &[Self::Hash], parents: &mut [Self::Hash]);

    /// The first of the nonces `first..` of a round after which a permutation squeezes an element
    /// with `bits` leading zeros; `state` has all but the nonce, which goes to `place`.
    fn grind(state: &Self::Permutation, place: usize, nonces: u64, bits: u32) -> Option<u64>;

    /// A nonce whose response has `bits` leading zeros, the least one. The transcript's state is
    /// `state` after its last challenge, and `observed` was observed since.
    fn proof_of_work(state: Self::Permutation, observed: &[F], bits: u32) -> F {
        let (mut state, mut place) = (state, 0);
        for element in observed {
            state.set_elt(*element, place);
            place += 1;
            if place == Self::Permutation::RATE {
                state.permute();
                place = 0;
            }
        }
        let lanes = Self::LANES as u64;
        let nonce = (0..).step_by(NONCES_PER_ROUND as usize).find_map(|round: u64| {
            (0..NONCES_PER_ROUND / lanes)
                .into_par_iter()
                .find_map_first(|i| Self::grind(&state, place, round + i * lanes, bits))
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
        let hash = Sponge::new(POSEIDON2.clone()).hash_iter((0..width).map(element));
        put(&hash, digests);
    }

    fn compress_pairs(children: &[HashOut<F>], parents: &mut [HashOut<F>]) {
        let last = parents.len() - 1;
        let side = |side: usize| {
            core::array::from_fn(|i| {
                Packed::from_fn(|lane| to_felt(children[2 * lane.min(last) + side].elements[i]))
            })
        };
        put(&Compression::new(POSEIDON2.clone()).compress([side(0), side(1)]), parents);
    }

    fn grind(state: &Self::Permutation, place: usize, nonces: u64, bits: u32) -> Option<u64> {
        let state = state.as_ref();
        let mut lanes: [Packed; WIDTH] = core::array::from_fn(|i| to_felt(state[i]).into());
        lanes[place] = Packed::from_fn(|lane| Felt::from_u64(nonces + lane as u64));
        POSEIDON2.permute_mut(&mut lanes);
        let responses = lanes[RATE - 1].as_slice();
        let found =
            |response: &Felt| farthing_protocol::canonical(*response).leading_zeros() >= bits;
        responses.iter().position(found).map(|lane| nonces + lane as u64)
    }
}

fn put(lanes: &[Packed; DIGEST_ELEMENTS], digests: &mut [HashOut<F>]) {
    for (lane, digest) in digests.iter_mut().enumerate() {
        digest.elements = core::array::from_fn(|i| from_felt(lanes[i].as_slice()[lane]));
    }
}
