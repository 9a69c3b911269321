//! A request as handlers see it.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use farthing_client::ProblemCode;
use serde::de::{Deserialize, DeserializeOwned, IgnoredAny};
use warp::http::HeaderMap;
use warp::http::header::HeaderValue;

use super::{Failure, ParamText, Query};
use crate::idempotency::Key;

/// The longest request id taken over from a client.
pub(crate) const REQUEST_ID_BYTES_MAX: usize = 64;

/// A request: its route's placeholders, its query, its body, its key.
#[derive(Debug)]
pub(crate) struct Request {
    /// The values of the route's placeholders, in their order.
    pub(crate) params: Vec<String>,
    pub(crate) query: Query,
    pub(crate) body: Vec<u8>,
    /// The `Idempotency-Key`, if it carries one.
    pub(crate) key: Option<Key>,
}

impl Request {
    /// Placeholder number `index`, called `name` in messages.
    pub(crate) fn param<T: ParamText>(&self, index: usize, name: &str) -> Result<T, Failure> {
        let text = self.params.get(index).map_or("", String::as_str);
        T::parse(text).map_err(|error| {
            Failure::because(ProblemCode::InvalidPath, format_args!("{name}: {error}"))
        })
    }

    /// The body as JSON.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        parse_json(&self.body)
    }
}

/// JSON that is broken is told apart from JSON that says something else than it should.
pub(crate) fn parse_json<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, Failure> {
    serde_json::from_slice(bytes).map_err(|error| {
        let code =
            if is_json(bytes) { ProblemCode::InvalidBody } else { ProblemCode::MalformedJson };
        Failure::because(code, error)
    })
}

/// Whether bytes are JSON at all (RFC 8259). The parser's own category of an error is not enough:
/// it calls a missing variant, or a number that no integer holds, a mistake of syntax.
fn is_json(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok())
}

/// The name of a request in answers and logs: the client's own, or a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestId(String);

impl RequestId {
    pub(crate) const HEADER: &'static str = "x-request-id";

    /// What the client calls its request: one name of up to 64 visible ASCII characters.
    pub(crate) fn given(headers: &HeaderMap) -> Result<Option<Self>, Failure> {
        let mut given = headers.get_all(Self::HEADER).iter();
        let Some(value) = given.next() else { return Ok(None) };
        let bytes = value.as_bytes();
        let named = (1..=REQUEST_ID_BYTES_MAX).contains(&bytes.len())
            && bytes.iter().all(u8::is_ascii_graphic)
            && given.next().is_none();
        let refused = || Failure::new(ProblemCode::InvalidRequestId);
        let name = value.to_str().ok().filter(|_| named).ok_or_else(refused)?;
        Ok(Some(Self(name.to_owned())))
    }

    /// A new one: when the server started, and which request it is since.
    pub(crate) fn new(started: u64) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(format!("{started:012x}-{:08x}", NEXT.fetch_add(1, Ordering::Relaxed)))
    }

    pub(crate) fn header_value(&self) -> HeaderValue {
        // Visible ASCII, or hexadecimal: always a header value.
        HeaderValue::from_str(&self.0).unwrap_or(HeaderValue::from_static("-"))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_is_taken_over_or_refused() {
        let given = |values: &[&[u8]]| {
            let mut headers = HeaderMap::new();
            for value in values {
                if let Ok(value) = HeaderValue::from_bytes(value) {
                    headers.append(RequestId::HEADER, value);
                }
            }
            let given = RequestId::given(&headers);
            given.map(|id| id.map(|id| id.0)).map_err(|failure| failure.problem.code)
        };
        assert_eq!(given(&[]), Ok(None));
        assert_eq!(given(&[b"trace-1"]), Ok(Some("trace-1".to_owned())));
        let long = [b'x'; REQUEST_ID_BYTES_MAX + 1];
        for bad in [&[b"".as_slice()][..], &[b"two words"], &[&long], &[b"a", b"b"], &[b"\xe9"]] {
            assert_eq!(given(bad), Err(ProblemCode::InvalidRequestId), "{bad:?}");
        }
        assert_ne!(RequestId::new(7), RequestId::new(7));
        assert!(RequestId::new(7).0.starts_with("000000000007-"));
    }

    #[test]
    fn broken_json_is_told_from_wrong_json() {
        let code = |text: &str| match parse_json::<Vec<u8>>(text.as_bytes()) {
            Ok(_) => None,
            Err(failure) => Some(failure.problem.code),
        };
        assert_eq!(code("[1]"), None);
        assert_eq!(code("[1"), Some(ProblemCode::MalformedJson));
        assert_eq!(code("[1] x"), Some(ProblemCode::MalformedJson));
        assert_eq!(code(""), Some(ProblemCode::MalformedJson));
        assert_eq!(code("[256]"), Some(ProblemCode::InvalidBody));
        // The parser calls these mistakes of syntax; they are JSON.
        let digits = "9".repeat(400);
        for json in ["[18446744073709551616]", "[1e999]", &format!("[{digits}]"), "{}", "null"] {
            assert_eq!(code(json), Some(ProblemCode::InvalidBody), "{json}");
        }
        let stage = |text: &str| match parse_json::<Option<Stage>>(text.as_bytes()) {
            Ok(_) => None,
            Err(failure) => Some(failure.problem.code),
        };
        assert_eq!(stage(r#"{"open":[]}"#), None);
        for json in ["{}", r#"{"open":[],"shut":[]}"#, r#"{"other":[]}"#, r#"{"open":"\ud800"}"#] {
            assert_eq!(stage(json), Some(ProblemCode::InvalidBody), "{json}");
        }
        assert_eq!(
            parse_json::<String>(b"\"\xff\"").err().map(|failure| failure.problem.code),
            Some(ProblemCode::MalformedJson),
            "JSON is UTF-8"
        );
    }

    #[derive(serde::Deserialize)]
    #[serde(rename_all = "snake_case")]
    #[expect(dead_code, reason = "only whether it parses counts")]
    enum Stage {
        Open(Vec<u8>),
        Shut(Vec<u8>),
    }
}
