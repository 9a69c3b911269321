//! One file: its forms, and the answer that has it.

use sha3::{Digest as _, Keccak256};
use warp::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName,
    HeaderValue, IF_NONE_MATCH, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use warp::http::{HeaderMap, Response, StatusCode};
use warp::reply::Reply as _;

use super::accept::accepts;
use crate::http::RequestId;

/// The path of the page itself.
pub(super) const PAGE_PATH: &str = "/";
/// The name of all other files in counters.
const ASSET_TEMPLATE: &str = "/assets/{file}";

/// The page asks each time whether it is still the newest; its parts have names that change with
/// their content.
const PAGE_CACHING: &str = "no-cache";
const ASSET_CACHING: &str = "public, max-age=31536000, immutable";

/// Nothing from elsewhere, no script or style in the page, no text of strangers as markup
/// (`trusted-types`: the framework's own templates alone), and no frame around it. Requests alone may
/// leave: the visitor checks a receipt against an L1 endpoint of their choice, by TLS or on this
/// machine. A script that ran in the page could act for its account through the node itself, so a
/// narrower list would hold nothing back from it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self' https: http://127.0.0.1:* http://localhost:*; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
    trusted-types svelte-trusted-html";

/// Bytes of the digest in an entity tag: equal files are recognized, nothing is secured by it.
const TAG_BYTES: usize = 8;

/// A file as it was built.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source {
    pub(super) path: &'static str,
    pub(super) content_type: &'static str,
    pub(super) plain: &'static [u8],
    /// The compressed forms, where they are smaller.
    pub(super) gzip: Option<&'static [u8]>,
    pub(super) brotli: Option<&'static [u8]>,
}

/// A file that is served.
#[derive(Debug)]
pub(crate) struct WebFile {
    source: Source,
    /// The forms, the preferred one first; the last has no coding and suits every client.
    forms: Vec<Form>,
}

/// The bytes of a file in one coding.
#[derive(Debug)]
struct Form {
    coding: Option<&'static str>,
    bytes: &'static [u8],
    tag: HeaderValue,
}

impl WebFile {
    pub(super) fn new(source: &Source) -> Self {
        let digest = Keccak256::digest(source.plain);
        let digest = hex::encode(&digest[..TAG_BYTES]);
        let form = |coding: Option<&'static str>, bytes| {
            let tag = match coding {
                Some(coding) => format!("\"{digest}-{coding}\""),
                None => format!("\"{digest}\""),
            };
            // Hexadecimal digits in quotes: always a header value.
            let tag = HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"\""));
            Form { coding, bytes, tag }
        };
        let coded = [(source.brotli, "br"), (source.gzip, "gzip")];
        let coded = coded.into_iter().filter_map(|(bytes, coding)| Some((Some(coding), bytes?)));
        let forms = coded.chain([(None, source.plain)]).map(|(coding, bytes)| form(coding, bytes));
        Self { source: *source, forms: forms.collect() }
    }

    pub(super) const fn path(&self) -> &'static str {
        self.source.path
    }

    /// The name in counters.
    pub(crate) fn template(&self) -> &'static str {
        if self.is_page() { PAGE_PATH } else { ASSET_TEMPLATE }
    }

    fn is_page(&self) -> bool {
        self.source.path == PAGE_PATH
    }

    /// The form for a client: the smallest that it reads.
    fn form_for(&self, request: &HeaderMap) -> Option<&Form> {
        let reads = |form: &&Form| form.coding.is_none_or(|coding| accepts(request, coding));
        self.forms.iter().find(reads)
    }

    /// The answer to a request: the file in a form that the client reads, or that the client has it.
    pub(crate) fn answer(&self, request: &HeaderMap, id: &RequestId) -> warp::reply::Response {
        let Some(form) = self.form_for(request) else {
            return StatusCode::NOT_ACCEPTABLE.into_response();
        };
        let known = is_known(request, &form.tag);
        let body: &'static [u8] = if known { &[] } else { form.bytes };
        let mut response = Response::new(body).into_response();
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        let headers = response.headers_mut();
        let mut set = |name: HeaderName, value: &'static str| {
            headers.insert(name, HeaderValue::from_static(value));
        };
        set(CACHE_CONTROL, if self.is_page() { PAGE_CACHING } else { ASSET_CACHING });
        set(VARY, "accept-encoding");
        set(CONTENT_SECURITY_POLICY, POLICY);
        set(X_CONTENT_TYPE_OPTIONS, "nosniff");
        set(REFERRER_POLICY, "no-referrer");
        // A wallet may open a window of its own.
        set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin-allow-popups");
        if !known {
            set(CONTENT_TYPE, self.source.content_type);
            if let Some(coding) = form.coding {
                set(CONTENT_ENCODING, coding);
            }
        }
        headers.insert(ETAG, form.tag.clone());
        headers.insert(RequestId::HEADER, id.header_value());
        response
    }
}

/// True if a client has the form with this tag (RFC 9110, section 13.1.2).
fn is_known(request: &HeaderMap, tag: &HeaderValue) -> bool {
    let tag = tag.to_str().unwrap_or_default();
    let given = request.get_all(IF_NONE_MATCH).iter();
    given.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).any(|known| {
        let known = known.trim();
        known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag
    })
}

#[cfg(test)]
mod tests {
    use warp::http::header::ACCEPT_ENCODING;

    use super::*;

    const ASSET: Source = Source {
        path: "/assets/index-1.js",
        content_type: "text/javascript; charset=utf-8",
        plain: b"plain text",
        gzip: Some(b"gzip"),
        brotli: Some(b"br"),
    };

    fn headers(lines: &[(HeaderName, &str)]) -> HeaderMap {
        let value = |text: &str| HeaderValue::from_str(text).ok();
        lines.iter().filter_map(|(name, text)| Some((name.clone(), value(text)?))).collect()
    }

    fn answer(source: &Source, lines: &[(HeaderName, &str)]) -> warp::reply::Response {
        WebFile::new(source).answer(&headers(lines), &RequestId::new(0))
    }

    fn text<'r>(response: &'r warp::reply::Response, name: &HeaderName) -> &'r str {
        response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    #[test]
    fn the_smallest_form_that_the_client_reads_is_served() {
        let cases: [(&str, &str, &[u8]); 5] = [
            ("gzip, br", "br", b"br"),
            ("gzip", "gzip", b"gzip"),
            ("br;q=0, gzip", "gzip", b"gzip"),
            ("identity", "", b"plain text"),
            ("", "", b"plain text"),
        ];
        for (accepted, coding, bytes) in cases {
            let lines = [(ACCEPT_ENCODING, accepted)];
            let form = WebFile::new(&ASSET).form_for(&headers(&lines)).map(|form| form.bytes);
            assert_eq!(form, Some(bytes), "{accepted}");
            let response = answer(&ASSET, &lines);
            assert_eq!(text(&response, &CONTENT_ENCODING), coding, "{accepted}");
            assert_eq!(text(&response, &VARY), "accept-encoding");
            assert_eq!(text(&response, &CONTENT_TYPE), ASSET.content_type);
        }
    }

    #[test]
    fn a_client_that_has_a_form_is_not_sent_it_again() {
        let fresh = answer(&ASSET, &[(ACCEPT_ENCODING, "br")]);
        let tag = text(&fresh, &ETAG);
        for known in [tag, &format!("W/{tag}"), &format!("\"other\", {tag}"), "*"] {
            let response = answer(&ASSET, &[(ACCEPT_ENCODING, "br"), (IF_NONE_MATCH, known)]);
            assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{known}");
            assert_eq!(text(&response, &ETAG), tag);
            assert!(!response.headers().contains_key(CONTENT_ENCODING));
        }
        let other_form = answer(&ASSET, &[(IF_NONE_MATCH, tag)]);
        assert_eq!(other_form.status(), StatusCode::OK, "another form has another tag");
        let other_file = Source { plain: b"another text", ..ASSET };
        assert_ne!(text(&answer(&other_file, &[(ACCEPT_ENCODING, "br")]), &ETAG), tag);
    }

    #[test]
    fn parts_are_kept_for_ever_and_the_page_is_asked_for_each_time() {
        assert!(text(&answer(&ASSET, &[]), &CACHE_CONTROL).ends_with("immutable"));
        let page = Source { path: PAGE_PATH, ..ASSET };
        let response = answer(&page, &[]);
        assert_eq!(text(&response, &CACHE_CONTROL), "no-cache");
        let policy = text(&response, &CONTENT_SECURITY_POLICY);
        assert!(
            policy.starts_with("default-src 'none';") && !policy.contains("unsafe"),
            "{policy}"
        );
        for directive in policy.split("; ").filter(|one| !one.starts_with("connect-src")) {
            assert!(!directive.contains("http"), "no origin but its own: {directive}");
        }
    }
}
