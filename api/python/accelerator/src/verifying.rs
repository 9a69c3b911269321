//! Signatures, one and many. Reasons are left to the package: it asks its own code for them.

use std::collections::BTreeMap;

use farthing_protocol::{
    BatchItem, Digest, FP5_ELEMENTS, MessageElements, PublicKey, SIGNATURE_BYTES, Signature,
    VerifyingKey, verify,
};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;

use crate::elements::{DigestWords, MessageWords, digest, elements, not_canonical};
use crate::guard::guarded;

/// Public key as Python has it.
type KeyWords = [u64; FP5_ELEMENTS];

/// Tells whether a signature of 14 elements for a domain is valid.
#[pyfunction]
pub(crate) fn is_valid(
    key: KeyWords,
    domain: DigestWords,
    message: MessageWords,
    signature: &[u8],
) -> PyResult<bool> {
    let (key, domain, message) = (public_key(key)?, digest(&domain)?, elements(&message)?);
    guarded(|| decoded(signature).is_some_and(|it| verify(&key, &domain, &message, &it).is_ok()))
}

/// Places of the signatures that are not valid, in order; each with its key and message.
#[pyfunction]
pub(crate) fn find_invalid(
    py: Python<'_>,
    domain: DigestWords,
    signed: Vec<(KeyWords, MessageWords, PyBackedBytes)>,
) -> PyResult<Vec<usize>> {
    let domain = digest(&domain)?;
    let signed: Vec<Option<Signed>> = signed
        .iter()
        .map(|(key, message, signature)| {
            Some(Signed {
                key: public_key(*key).ok()?,
                message: elements(message).ok()?,
                signature: decoded(signature)?,
            })
        })
        .collect();
    py.detach(|| guarded(|| invalid_places(&domain, &signed)))
}

/// A signature to check, with canonical bytes and elements.
struct Signed {
    key: PublicKey,
    message: MessageElements,
    signature: Signature,
}

/// Places of the signatures that are missing, whose key is not a point, or that are not valid.
fn invalid_places(domain: &Digest, signed: &[Option<Signed>]) -> Vec<usize> {
    let mut keys = BTreeMap::new();
    for one in signed.iter().flatten() {
        keys.entry(one.key).or_insert_with(|| VerifyingKey::new(&one.key).ok());
    }
    let (mut places, mut items, mut invalid) = (Vec::new(), Vec::new(), Vec::new());
    for (place, one) in signed.iter().enumerate() {
        let item = one.as_ref().and_then(|one| {
            let key = keys.get(&one.key)?.as_ref()?;
            Some(BatchItem { key, message: &one.message, signature: &one.signature })
        });
        match item {
            Some(item) => {
                places.push(place);
                items.push(item);
            }
            None => invalid.push(place),
        }
    }
    let found = farthing_protocol::find_invalid(domain, &items);
    invalid.extend(found.iter().filter_map(|(item, _)| places.get(*item)));
    invalid.sort_unstable();
    invalid
}

fn public_key(words: KeyWords) -> PyResult<PublicKey> {
    PublicKey::from_words(words).map_err(|_| not_canonical())
}

fn decoded(bytes: &[u8]) -> Option<Signature> {
    let bytes: &[u8; SIGNATURE_BYTES] = bytes.try_into().ok()?;
    Signature::from_bytes(bytes).ok()
}
