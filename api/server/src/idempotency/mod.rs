//! `Idempotency-Key`: the same key and body replay the stored answer, another body is refused.

mod locks;
mod store;
mod writer;

use farthing_client::ProblemCode;
use sha3::{Digest as _, Keccak256};
use warp::http::HeaderMap;

use crate::http::Failure;

pub(crate) use locks::KeyLocks;
pub use store::IdempotencyError;
pub(crate) use store::{IdempotencyStore, Lookup, StoredAnswer};

/// The longest key: a UUID has 36 characters.
pub(crate) const KEY_BYTES_MAX: usize = 128;
const HEADER: &str = "idempotency-key";

/// What a key stands for: the route's method and path, and the client's key, hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct KeyHash(pub(crate) [u8; 32]);

/// A body, hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BodyHash(pub(crate) [u8; 32]);

impl KeyHash {
    /// The key of a request, if it carries one.
    pub(crate) fn of(
        headers: &HeaderMap,
        method: &str,
        path: &str,
    ) -> Result<Option<Self>, Failure> {
        let mut given = headers.get_all(HEADER).iter();
        let Some(key) = given.next() else { return Ok(None) };
        let key = key.as_bytes();
        let visible = key.iter().all(u8::is_ascii_graphic);
        if key.is_empty() || key.len() > KEY_BYTES_MAX || !visible || given.next().is_some() {
            return Err(Failure::new(ProblemCode::InvalidIdempotencyKey));
        }
        let mut hash = Keccak256::new();
        for part in [method.as_bytes(), path.as_bytes(), key] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Ok(Some(Self(hash.finalize().into())))
    }
}

impl BodyHash {
    pub(crate) fn of(body: &[u8]) -> Self {
        Self(Keccak256::digest(body).into())
    }
}

#[cfg(test)]
mod tests {
    use warp::http::header::HeaderValue;

    use super::*;

    fn of(keys: &[&str], path: &str) -> Result<Option<KeyHash>, Failure> {
        let mut headers = HeaderMap::new();
        for key in keys {
            headers.append(HEADER, HeaderValue::from_str(key).unwrap_or(HeaderValue::from(1)));
        }
        KeyHash::of(&headers, "POST", path)
    }

    #[test]
    fn a_key_is_one_short_visible_word() {
        assert_eq!(of(&[], "/a"), Ok(None));
        assert!(matches!(of(&["key-1"], "/a"), Ok(Some(_))));
        assert_ne!(of(&["key-1"], "/a"), of(&["key-1"], "/b"));
        assert_ne!(of(&["key-1"], "/a"), of(&["key-2"], "/a"));
        for bad in [&[""][..], &["two words"], &["a", "b"], &["x".repeat(129).as_str()]] {
            let code = of(bad, "/a").err().map(|failure| failure.problem.code);
            assert_eq!(code, Some(ProblemCode::InvalidIdempotencyKey), "{bad:?}");
        }
    }
}
