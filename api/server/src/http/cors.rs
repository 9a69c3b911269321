//! Cross-origin requests (the Fetch standard's CORS): the web pages whose calls a browser allows.
//!
//! A library's layer would answer every `OPTIONS` itself, with one list of methods for all routes.
//! Here the router gives the methods of each route, and every answer has its request id.

use thiserror::Error;
use warp::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD,
    HeaderValue, ORIGIN, VARY,
};
use warp::http::{HeaderMap, Uri};

/// Headers that a page may send besides those that every page may.
const ALLOW_HEADERS: &str =
    "Content-Type, Farthing-Signature, Idempotency-Key, Last-Event-ID, X-Request-Id";
/// Headers that a page may read besides those that every page may. The SDK takes its clock's offset
/// from `Date`.
const EXPOSE_HEADERS: &str =
    "Allow, Date, Idempotency-Replayed, Link, Retry-After, X-Request-Id, X-Should-Retry";
/// Seconds for which a browser may keep a preflight's answer: Chromium keeps none longer.
const MAX_AGE: &str = "7200";
/// The header on which an answer depends if origins are told apart.
const VARY_ORIGIN: &str = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
/// A text is not an origin.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "invalid origin {0:?}: expected * or what browsers send as Origin, http(s)://host[:port] in \
     lower case, without a path, and without the scheme's own port"
)]
pub struct OriginError(String);

/// The origins whose pages may call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CorsOrigins {
    /// All.
    Any,
    /// These, as browsers write them; none if the list is empty.
    Listed(Vec<HeaderValue>),
}

impl CorsOrigins {
    /// Every origin. Nothing here depends on who calls: there are no cookies and no credentials.
    pub(crate) const ANY: &str = "*";

    /// Reads a list of origins; `*` among them stands for all.
    pub(crate) fn new(origins: &[String]) -> Result<Self, OriginError> {
        let read = |text: &String| {
            let origin = HeaderValue::from_str(text).ok().filter(|_| is_origin(text));
            origin.ok_or_else(|| OriginError(text.clone()))
        };
        let named = origins.iter().filter(|origin| *origin != Self::ANY).map(read);
        let named = named.collect::<Result<Vec<_>, _>>()?;
        Ok(if origins.iter().any(|origin| origin == Self::ANY) {
            Self::Any
        } else {
            Self::Listed(named)
        })
    }

    /// Adds to an answer's headers what lets a page of the request's origin read it.
    pub(crate) fn allow(&self, request: &HeaderMap, answer: &mut HeaderMap) {
        if *self != Self::Any && *self != Self::Listed(Vec::new()) {
            // A cache must not hand an answer for one origin to another.
            answer.insert(VARY, HeaderValue::from_static(VARY_ORIGIN));
        }
        if let Some(origin) = self.allowed(request) {
            answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            answer.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSE_HEADERS));
        }
    }

    /// Adds to a preflight's answer what the page may send, by one of `methods`.
    pub(crate) fn allow_preflight(
        &self,
        request: &HeaderMap,
        methods: &HeaderValue,
        answer: &mut HeaderMap,
    ) {
        if self.allowed(request).is_some() && request.contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
            answer.insert(ACCESS_CONTROL_ALLOW_METHODS, methods.clone());
            answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(ALLOW_HEADERS));
            answer.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE));
        }
    }

    fn allowed(&self, request: &HeaderMap) -> Option<HeaderValue> {
        let origin = request.get(ORIGIN)?;
        match self {
            Self::Any => Some(HeaderValue::from_static(Self::ANY)),
            Self::Listed(origins) => origins.iter().find(|listed| *listed == origin).cloned(),
        }
    }
}

/// True if a text is an origin as browsers write it (RFC 6454, section 6.2).
fn is_origin(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else { return false };
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return false };
    let own_port = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return false,
    };
    let written = format!("{scheme}://{authority}");
    written == text
        && text.bytes().all(|byte| !byte.is_ascii_uppercase())
        && !authority.as_str().contains(['@', '*'])
        && authority.port_u16() != Some(own_port)
        && !authority.as_str().ends_with(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origins(list: &[&str]) -> Result<CorsOrigins, OriginError> {
        CorsOrigins::new(&list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
    }

    fn request(lines: &[(warp::http::HeaderName, &'static str)]) -> HeaderMap {
        let lines = lines.iter().cloned();
        lines.map(|(name, value)| (name, HeaderValue::from_static(value))).collect()
    }

    fn answer(origins: &CorsOrigins, request: &HeaderMap) -> HeaderMap {
        let mut answer = HeaderMap::new();
        origins.allow(request, &mut answer);
        origins.allow_preflight(request, &HeaderValue::from_static("GET"), &mut answer);
        answer
    }

    #[test]
    fn origins_are_as_browsers_write_them() {
        for good in ["*", "https://app.example", "http://localhost:3000", "http://[::1]:8080"] {
            assert!(origins(&[good]).is_ok(), "{good}");
        }
        for bad in [
            "",
            "null",
            "app.example",
            "https://app.example/",
            "https://app.example/path",
            "https://App.example",
            "https://app.example:443",
            "http://app.example:80",
            "https://user@app.example",
            "ftp://app.example",
            "https://*.example",
            "https://",
        ] {
            assert!(origins(&[bad]).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_listed_origin_is_allowed_and_no_other() -> Result<(), OriginError> {
        let listed = origins(&["https://a.example", "https://b.example"])?;
        let page = |origin| request(&[(ORIGIN, origin), (ACCESS_CONTROL_REQUEST_METHOD, "POST")]);
        let allowed = answer(&listed, &page("https://b.example"));
        assert_eq!(allowed[ACCESS_CONTROL_ALLOW_ORIGIN], "https://b.example");
        assert_eq!(allowed[ACCESS_CONTROL_ALLOW_METHODS], "GET");
        assert!(allowed.contains_key(VARY));
        for other in ["https://c.example", "http://b.example", "https://b.example:8443", "null"] {
            let refused = answer(&listed, &page(other));
            assert_eq!(refused.keys().collect::<Vec<_>>(), [VARY], "{other}");
        }
        let simple = answer(&listed, &request(&[(ORIGIN, "https://a.example")]));
        assert!(!simple.contains_key(ACCESS_CONTROL_ALLOW_METHODS), "no preflight");
        assert!(simple.contains_key(ACCESS_CONTROL_EXPOSE_HEADERS));
        Ok(())
    }

    #[test]
    fn all_or_none() -> Result<(), OriginError> {
        let page = request(&[(ORIGIN, "null")]);
        assert_eq!(answer(&origins(&["*"])?, &page)[ACCESS_CONTROL_ALLOW_ORIGIN], "*");
        assert!(answer(&origins(&[])?, &page).is_empty());
        assert!(answer(&origins(&["*"])?, &HeaderMap::new()).is_empty(), "no page calls");
        Ok(())
    }
}
