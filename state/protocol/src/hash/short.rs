//! The part of a digest that a signed message holds.

use serde::{Deserialize, Serialize};

use super::Digest;
use crate::felt::{Felt, canonical, felts_from_bytes, felts_to_bytes};

/// Elements of a short digest. A second input for a given one costs 2¹⁹² hashes. Two inputs that collide
/// cost 2⁹⁶: for a licensor, or a holder that chooses its key last, who works with the operator and wants
/// one name for two licenses.
pub const SHORT_DIGEST_ELEMENTS: usize = 3;
/// Bytes of an encoded short digest.
pub const SHORT_DIGEST_BYTES: usize = 24;

/// The first three elements of a [`Digest`]: the recipient in a signed message.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "[u64; SHORT_DIGEST_ELEMENTS]", into = "[u64; SHORT_DIGEST_ELEMENTS]")]
pub struct ShortDigest([Felt; SHORT_DIGEST_ELEMENTS]);

impl ShortDigest {
    /// The elements, first to last.
    pub const fn elements(&self) -> [Felt; SHORT_DIGEST_ELEMENTS] {
        self.0
    }

    /// Three elements of eight big-endian bytes.
    pub fn to_bytes(&self) -> [u8; SHORT_DIGEST_BYTES] {
        felts_to_bytes(&self.0)
    }

    /// Decodes [`ShortDigest::to_bytes`]; `None` if an element is not canonical.
    pub fn from_bytes(bytes: &[u8; SHORT_DIGEST_BYTES]) -> Option<Self> {
        felts_from_bytes(bytes).map(Self)
    }
}

impl From<Digest> for ShortDigest {
    fn from(digest: Digest) -> Self {
        let [e0, e1, e2, _] = digest.elements();
        Self([e0, e1, e2])
    }
}

impl TryFrom<[u64; SHORT_DIGEST_ELEMENTS]> for ShortDigest {
    type Error = &'static str;
    fn try_from(words: [u64; SHORT_DIGEST_ELEMENTS]) -> Result<Self, &'static str> {
        let mut elements = [Felt::default(); SHORT_DIGEST_ELEMENTS];
        for (element, word) in elements.iter_mut().zip(words) {
            *element = crate::felt::felt_from_canonical(word)
                .ok_or("element of a short digest is not canonical")?;
        }
        Ok(Self(elements))
    }
}

impl From<ShortDigest> for [u64; SHORT_DIGEST_ELEMENTS] {
    fn from(short: ShortDigest) -> Self {
        short.0.map(canonical)
    }
}

impl core::fmt::Debug for ShortDigest {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Display::fmt(self, f)
    }
}

/// 48 hexadecimal digits.
impl core::fmt::Display for ShortDigest {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        for element in self.0 {
            write!(f, "{:016x}", canonical(element))?;
        }
        Ok(())
    }
}
