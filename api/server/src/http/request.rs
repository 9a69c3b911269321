//! A request as handlers see it.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

use farthing_client::ProblemCode;
use serde::de::{Deserialize, DeserializeOwned};
use warp::http::HeaderMap;
use warp::http::header::HeaderValue;

use super::{Failure, Query};

/// The longest request id taken over from a client.
pub(crate) const REQUEST_ID_BYTES_MAX: usize = 64;

/// A request: its route's placeholders, its query, its body.
#[derive(Debug)]
pub(crate) struct Request {
    /// The values of the route's placeholders, in their order.
    pub(crate) params: Vec<String>,
    pub(crate) query: Query,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// Placeholder number `index`, called `name` in messages.
    pub(crate) fn param<T: FromStr<Err: fmt::Display>>(
        &self,
        index: usize,
        name: &str,
    ) -> Result<T, Failure> {
        let text = self.params.get(index).map_or("", String::as_str);
        text.parse().map_err(|error| {
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
        let code = match error.classify() {
            serde_json::error::Category::Data => ProblemCode::InvalidBody,
            _ => ProblemCode::MalformedJson,
        };
        Failure::because(code, error)
    })
}

/// The name of a request in answers and logs: the client's own, or a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestId(String);

impl RequestId {
    pub(crate) const HEADER: &'static str = "x-request-id";

    /// What the client calls its request, if it is a name of up to 64 visible ASCII characters;
    /// else a new one: when the server started, and which request it is since.
    pub(crate) fn of(headers: &HeaderMap, started: u64) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let given = headers.get(Self::HEADER).and_then(|value| value.to_str().ok());
        let visible = |id: &&str| {
            (1..=REQUEST_ID_BYTES_MAX).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_graphic())
        };
        Self(match given.filter(visible) {
            Some(id) => id.to_owned(),
            None => format!("{started:012x}-{:08x}", NEXT.fetch_add(1, Ordering::Relaxed)),
        })
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
    fn a_request_id_is_taken_over_if_it_is_a_name() {
        let with = |value: &str| {
            let mut headers = HeaderMap::new();
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(RequestId::HEADER, value);
            }
            RequestId::of(&headers, 7).to_string()
        };
        assert_eq!(with("trace-1"), "trace-1");
        for bad in ["", "two words", &"x".repeat(65)] {
            assert!(with(bad).starts_with("000000000007-"), "{bad}");
        }
        assert_ne!(with(""), with(""));
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
    }
}
