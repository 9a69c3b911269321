//! Request ids.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use farthing_api_types::ProblemCode;
use warp::http::HeaderMap;
use warp::http::header::HeaderValue;

/// The longest request id taken over from a client.
pub(crate) const REQUEST_ID_BYTES_MAX: usize = 64;

/// The name of a request in answers and logs: the client's own, or a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestId(String);

impl RequestId {
    pub(crate) const HEADER: &'static str = "x-request-id";

    /// The client's name of its request: one name of up to 64 visible ASCII characters.
    pub(crate) fn given(headers: &HeaderMap) -> Result<Option<Self>, ProblemCode> {
        let mut given = headers.get_all(Self::HEADER).iter();
        let Some(value) = given.next() else { return Ok(None) };
        let bytes = value.as_bytes();
        let named = (1..=REQUEST_ID_BYTES_MAX).contains(&bytes.len())
            && bytes.iter().all(u8::is_ascii_graphic)
            && given.next().is_none();
        let name = value.to_str().ok().filter(|_| named).ok_or(ProblemCode::InvalidRequestId)?;
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
            RequestId::given(&headers).map(|id| id.map(|id| id.0))
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
}
