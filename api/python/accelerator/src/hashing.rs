//! Poseidon2: the permutation, nodes of trees, sponges, names of intents.

use farthing_protocol::{Intent, WIDTH, canonical};
use pyo3::prelude::*;

use crate::elements::{DigestWords, MessageWords, digest, digest_words, elements, many_elements};
use crate::guard::guarded;

/// Permuted state of twelve elements.
#[pyfunction]
pub(crate) fn permute(state: [u64; WIDTH]) -> PyResult<Vec<u64>> {
    let mut state = elements(&state)?;
    guarded(|| farthing_protocol::permute(&mut state))?;
    Ok(state.map(canonical).to_vec())
}

/// Parent of two digests.
#[pyfunction]
pub(crate) fn compress(left: DigestWords, right: DigestWords) -> PyResult<(u64, u64, u64, u64)> {
    let (left, right) = (digest(&left)?, digest(&right)?);
    guarded(|| digest_words(&farthing_protocol::compress(&left, &right)))
}

/// Digest of elements in a sponge that starts from a capacity: with `(tag, length, 0, 0)` the hash
/// under a tag.
#[pyfunction]
pub(crate) fn hash_in(capacity: DigestWords, message: Vec<u64>) -> PyResult<(u64, u64, u64, u64)> {
    let (capacity, message) = (digest(&capacity)?, many_elements(&message)?);
    guarded(|| digest_words(&farthing_protocol::hash_in(&capacity, &message)))
}

/// Digest that names the intent with this message.
#[pyfunction]
pub(crate) fn intent_id(
    domain: DigestWords,
    message: MessageWords,
) -> PyResult<(u64, u64, u64, u64)> {
    let (domain, message) = (digest(&domain)?, elements(&message)?);
    guarded(|| digest_words(&Intent::id_of(&domain, &message).0))
}
