//! A request as handlers see it.

use farthing_api_types::ProblemCode;
use serde::de::{Deserialize, DeserializeOwned, IgnoredAny};

use super::{ApiError, Key, ParamText, Query, RequestSignature};

/// A request: its route's placeholders, its query, its body, its key.
#[derive(Debug)]
pub(crate) struct Request {
    /// The values of the route's placeholders, in their order.
    pub(crate) params: Vec<String>,
    pub(crate) query: Query,
    pub(crate) body: Vec<u8>,
    /// The `Idempotency-Key`, if it carries one.
    pub(crate) key: Option<Key>,
    /// The `Last-Event-ID` of a request for a stream, if it carries one.
    pub(crate) last_event_id: Option<String>,
    /// The signature of a request that an account's key signs, if it carries one.
    pub(crate) signature: Option<RequestSignature>,
}

impl Request {
    /// Placeholder number `index`, called `name` in messages.
    pub(crate) fn param<T: ParamText>(&self, index: usize, name: &str) -> Result<T, ApiError> {
        let text = self.params.get(index).map_or("", String::as_str);
        T::parse(text).map_err(|error| {
            ApiError::because(ProblemCode::InvalidPath, format_args!("{name}: {error}"))
        })
    }

    /// The body as JSON.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        parse_json(&self.body)
    }
}

/// JSON that is broken is told apart from JSON that says something else than it should.
pub(crate) fn parse_json<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, ApiError> {
    serde_json::from_slice(bytes).map_err(|error| {
        let code =
            if is_json(bytes) { ProblemCode::InvalidBody } else { ProblemCode::MalformedJson };
        ApiError::because(code, error)
    })
}

/// True if bytes are JSON at all (RFC 8259). The parser's own category of an error is not enough:
/// it calls a missing variant, or a number that no integer holds, a mistake of syntax.
pub(crate) fn is_json(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

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
