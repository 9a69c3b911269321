//! keccak256 in the lanes of SIMD registers.

use p3_keccak::{KeccakF, VECTOR_LEN};
use p3_symmetric::Permutation;
use plonky2::field::types::PrimeField64;

use farthing_protocol::{Felt, canonical};

use super::hasher::LaneHash;
use crate::keccak::{KECCAK_DIGEST_BYTES, KeccakChain, KeccakDigest, KeccakHash};

/// Bytes of a 64-bit word of the state.
const WORD_BYTES: usize = 8;
/// Words absorbed by one permutation.
const RATE_WORDS: usize = 17;
/// keccak256's padding: this byte behind the message, this word's bit at the block's end.
const PADDING_START: u64 = 0x01;
const PADDING_END: u64 = 0x80 << 56;

type Lanes = [u64; VECTOR_LEN];

/// The digests' words of one message per lane, all of `length` bytes; `word(i)` are their bytes
/// from 8·i on, little-endian, zeros past the end.
fn keccak256(length: usize, word: impl Fn(usize) -> Lanes) -> [Lanes; 4] {
    let mut state = [[0; VECTOR_LEN]; 25];
    let blocks = length / (RATE_WORDS * WORD_BYTES) + 1;
    for block in 0..blocks {
        for (slot, index) in state[..RATE_WORDS].iter_mut().zip(block * RATE_WORDS..) {
            if index * WORD_BYTES < length {
                let word = word(index);
                *slot = core::array::from_fn(|lane| slot[lane] ^ word[lane]);
            }
            if index == length / WORD_BYTES {
                let padding = PADDING_START << (8 * (length % WORD_BYTES));
                *slot = slot.map(|word| word ^ padding);
            }
        }
        if block == blocks - 1 {
            let slot = &mut state[RATE_WORDS - 1];
            *slot = slot.map(|word| word ^ PADDING_END);
        }
        KeccakF.permute_mut(&mut state);
    }
    [state[0], state[1], state[2], state[3]]
}

/// Elements are written as eight big-endian bytes.
fn word_of(element: Felt) -> u64 {
    canonical(element).swap_bytes()
}

fn put(words: &[Lanes; 4], digests: &mut [KeccakDigest]) {
    for (lane, digest) in digests.iter_mut().enumerate() {
        for (bytes, word) in digest.0.chunks_mut(WORD_BYTES).zip(words) {
            bytes.copy_from_slice(&word[lane].to_le_bytes()[..bytes.len()]);
        }
    }
}

impl LaneHash for KeccakHash {
    const LANES: usize = VECTOR_LEN;

    fn hash_rows(rows: &[&[Felt]], digests: &mut [KeccakDigest]) {
        // Lanes past the end repeat the last row.
        let last = rows.len() - 1;
        let word = |i: usize| core::array::from_fn(|lane| word_of(rows[lane.min(last)][i]));
        put(&keccak256(rows[0].len() * WORD_BYTES, word), digests);
    }

    fn compress_pairs(children: &[KeccakDigest], parents: &mut [KeccakDigest]) {
        const LENGTH: usize = 2 * KECCAK_DIGEST_BYTES;
        const WORDS: usize = LENGTH.div_ceil(WORD_BYTES);
        let last = parents.len() - 1;
        let messages: [[u64; WORDS]; VECTOR_LEN] = core::array::from_fn(|lane| {
            let mut bytes = [0; WORDS * WORD_BYTES];
            let pair = &children[2 * lane.min(last)..][..2];
            bytes[..KECCAK_DIGEST_BYTES].copy_from_slice(&pair[0].0);
            bytes[KECCAK_DIGEST_BYTES..LENGTH].copy_from_slice(&pair[1].0);
            let words = bytes.as_chunks().0;
            core::array::from_fn(|i| u64::from_le_bytes(words[i]))
        });
        put(&keccak256(LENGTH, |i| core::array::from_fn(|lane| messages[lane][i])), parents);
    }

    fn grind(state: &KeccakChain, _: usize, nonces: u64, bits: u32) -> Option<u64> {
        let words = state.open_words();
        let chain = keccak256((words.len() + 1) * WORD_BYTES, |i| match words.get(i) {
            Some(word) => [*word; VECTOR_LEN],
            None => core::array::from_fn(|lane| (nonces + lane as u64).swap_bytes()),
        });
        let found = |lane: &usize| {
            let half = [chain[0][*lane], chain[1][*lane]].map(u64::swap_bytes);
            // The response is the first challenge that plonky2 takes.
            KeccakChain::challenge(half).to_canonical_u64().leading_zeros() >= bits
        };
        (0..VECTOR_LEN).find(found).map(|lane| nonces + lane as u64)
    }
}
