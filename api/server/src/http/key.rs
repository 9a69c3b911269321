//! The header `Idempotency-Key`.

use farthing_api_types::ProblemCode;
use warp::http::HeaderMap;

use super::ApiError;

/// The longest key: a UUID has 36 characters.
pub(crate) const KEY_BYTES_MAX: usize = 128;
const HEADER: &str = "idempotency-key";

/// A key as the client gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key(Vec<u8>);

impl Key {
    /// The key of a request, if it carries one.
    pub(crate) fn from_headers(headers: &HeaderMap) -> Result<Option<Self>, ApiError> {
        let mut given = headers.get_all(HEADER).iter();
        let Some(key) = given.next() else { return Ok(None) };
        let key = key.as_bytes();
        let visible = key.iter().all(u8::is_ascii_graphic);
        if key.is_empty() || key.len() > KEY_BYTES_MAX || !visible || given.next().is_some() {
            return Err(ApiError::new(ProblemCode::InvalidIdempotencyKey));
        }
        Ok(Some(Self(key.to_vec())))
    }

    /// The key's bytes.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    #[cfg(test)]
    pub(crate) fn new(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use warp::http::header::HeaderValue;

    use super::*;

    fn of(keys: &[&str]) -> Result<Option<Key>, ApiError> {
        let mut headers = HeaderMap::new();
        for key in keys {
            headers.append(HEADER, HeaderValue::from_str(key).unwrap_or(HeaderValue::from(1)));
        }
        Key::from_headers(&headers)
    }

    #[test]
    fn a_key_is_one_short_visible_word() {
        assert_eq!(of(&[]), Ok(None));
        assert_eq!(of(&["key-1"]), Ok(Some(Key(b"key-1".to_vec()))));
        for bad in [&[""][..], &["two words"], &["a", "b"], &["x".repeat(129).as_str()]] {
            let code = of(bad).err().map(|failure| failure.problem.code);
            assert_eq!(code, Some(ProblemCode::InvalidIdempotencyKey), "{bad:?}");
        }
    }
}
