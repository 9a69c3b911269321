//! Python's integers as elements of the field, and back.

use farthing_protocol::{
    DIGEST_ELEMENTS, Digest, Felt, MESSAGE_ELEMENTS, MessageElements, canonical,
    felt_from_canonical,
};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// Digest as Python has it.
pub(crate) type DigestWords = [u64; DIGEST_ELEMENTS];

/// Message as Python has it.
pub(crate) type MessageWords = [u64; MESSAGE_ELEMENTS];

/// Error of a word that is not canonical; it does not quote the word.
pub(crate) fn not_canonical() -> PyErr {
    PyValueError::new_err("an integer is not below the field's modulus")
}

/// Elements with these canonical representatives.
pub(crate) fn elements<const N: usize>(words: &[u64; N]) -> PyResult<[Felt; N]> {
    let mut elements = [Felt::default(); N];
    for (element, word) in elements.iter_mut().zip(words) {
        *element = felt_from_canonical(*word).ok_or_else(not_canonical)?;
    }
    Ok(elements)
}

/// Elements of any number.
pub(crate) fn many_elements(words: &[u64]) -> PyResult<Vec<Felt>> {
    words.iter().map(|word| felt_from_canonical(*word).ok_or_else(not_canonical)).collect()
}

/// Elements of many messages.
pub(crate) fn messages(words: &[MessageWords]) -> PyResult<Vec<MessageElements>> {
    words.iter().map(elements).collect()
}

/// Digest with these elements.
pub(crate) fn digest(words: &DigestWords) -> PyResult<Digest> {
    Ok(Digest::new(elements(words)?))
}

/// Elements of a digest as a Python tuple.
pub(crate) fn digest_words(digest: &Digest) -> (u64, u64, u64, u64) {
    let [a, b, c, d] = digest.elements().map(canonical);
    (a, b, c, d)
}
