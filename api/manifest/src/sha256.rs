//! SHA-256 hashes.

use std::fmt;

use sha2::Digest as _;

/// A SHA-256 hash. Displayed as 64 lowercase hexadecimal digits, as it stands in manifests.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// The hash of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha2::Sha256::digest(bytes).into())
    }

    /// A hash that was computed elsewhere.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The hash's bytes: on the ledger they are a license's provenance.
    pub const fn to_bytes(self) -> [u8; 32] {
        self.0
    }

    /// Reads 64 lowercase hexadecimal digits.
    pub(crate) fn from_digits(digits: &str) -> Option<Self> {
        let lowercase = digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let mut bytes = [0; 32];
        hex::decode_to_slice(digits, &mut bytes).ok().filter(|()| lowercase)?;
        Some(Self(bytes))
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sha256({self})")
    }
}
