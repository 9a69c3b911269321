//! Checks of headers before the request itself is read.

use farthing_api_types::ProblemCode;
use warp::http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, HOST};
use warp::http::{HeaderMap, HeaderValue, Version};

use super::{ApiError, JSON};

/// The version of a request's HTTP, put into its extensions where the connection is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HttpVersion(pub(crate) Version);

/// Checks that a request names one host (RFC 9112, section 3.2); HTTP/1.0 need not name any.
pub(crate) fn check_host(version: HttpVersion, headers: &HeaderMap) -> Result<(), ApiError> {
    let hosts = headers.get_all(HOST).iter().count();
    let optional = version.0 < Version::HTTP_11;
    if hosts == 1 || (hosts == 0 && optional) {
        return Ok(());
    }
    let detail = format_args!("expected one Host header, got {hosts}");
    Err(ApiError::because(ProblemCode::InvalidHost, detail))
}

/// Checks that a body is JSON as it stands: one `Content-Type`, in UTF-8, with no coding around it.
pub(crate) fn check_body_headers(headers: &HeaderMap) -> Result<(), ApiError> {
    let unsupported = |detail| Err(ApiError::because(ProblemCode::UnsupportedMediaType, detail));
    for coding in headers.get_all(CONTENT_ENCODING) {
        let coding = text(coding);
        if !coding.eq_ignore_ascii_case("identity") {
            return unsupported(format!("Content-Encoding: expected none, got {coding:?}"));
        }
    }
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(given), None) = (types.next(), types.next()) else {
        return unsupported(format!("Content-Type: expected {JSON} once"));
    };
    match is_utf8_json(text(given)) {
        true => Ok(()),
        false => {
            let given = text(given);
            unsupported(format!("Content-Type: expected {JSON} in UTF-8, got {given:?}"))
        }
    }
}

/// True if `Accept` names CSV and not JSON. Weights are not compared: `q=0` alone refuses a type.
pub(crate) fn accepts_csv(headers: &HeaderMap) -> bool {
    let ranges = || headers.get_all(ACCEPT).iter().flat_map(|value| text(value).split(','));
    let names = |essence: &str| {
        ranges().any(|range| {
            let mut parts = range.split(';').map(str::trim);
            let named = parts.next().is_some_and(|given| given.eq_ignore_ascii_case(essence));
            let weight = parts.find_map(|part| part.strip_prefix("q="));
            named && weight.and_then(|weight| weight.parse::<f32>().ok()) != Some(0.0)
        })
    };
    names("text/csv") && !names(JSON)
}

fn text(value: &HeaderValue) -> &str {
    value.to_str().unwrap_or_default()
}

/// True if a media type is `application/json`; a `charset`, which JSON does not need, may only say
/// UTF-8. Other parameters mean nothing for JSON (RFC 8259, section 11).
fn is_utf8_json(given: &str) -> bool {
    let mut parts = given.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let utf8 = |parameter: &str| match parameter.split_once('=') {
        Some((name, value)) if name.trim_end().eq_ignore_ascii_case("charset") => {
            value.trim_start().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        Some(_) => true,
        None => parameter.is_empty(),
    };
    essence.eq_ignore_ascii_case(JSON) && parts.all(utf8)
}

#[cfg(test)]
mod tests {
    use warp::http::header::HeaderName;

    use super::*;

    #[test]
    fn csv_is_accepted_if_it_is_named_and_json_is_not() {
        let accepts = |accept| accepts_csv(&headers(&[(ACCEPT, accept)]));
        for accept in ["text/csv", "TEXT/CSV; header=present", "text/csv;q=0.5, text/html"] {
            assert!(accepts(accept), "{accept}");
        }
        for accept in ["*/*", "text/*", "", "text/csv;q=0", "text/csv, application/json", "csv"] {
            assert!(!accepts(accept), "{accept}");
        }
        assert!(!accepts_csv(&headers(&[])));
    }

    fn headers(lines: &[(HeaderName, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn a_request_names_one_host() {
        let check = |version, lines: &[(HeaderName, &'static str)]| {
            check_host(HttpVersion(version), &headers(lines)).is_ok()
        };
        let (one, two) = (&[(HOST, "a")][..], &[(HOST, "a"), (HOST, "a")][..]);
        assert!(check(Version::HTTP_11, one) && check(Version::HTTP_10, one));
        assert!(!check(Version::HTTP_11, &[]) && check(Version::HTTP_10, &[]));
        assert!(!check(Version::HTTP_11, two) && !check(Version::HTTP_10, two));
    }

    #[test]
    fn a_body_is_json_in_utf8_and_nothing_else() {
        let check = |lines: &[(HeaderName, &'static str)]| check_body_headers(&headers(lines));
        for good in [
            "application/json",
            "Application/JSON",
            "application/json; charset=utf-8",
            "application/json;charset=\"UTF-8\"",
            "application/json; profile=x; charset=utf-8;",
        ] {
            assert_eq!(check(&[(CONTENT_TYPE, good)]), Ok(()), "{good}");
        }
        let bad_types = [
            "",
            "text/json",
            "application/jsonx",
            "application/json; charset=utf-16",
            "application/json; charset=utf-8; charset=latin1",
            "application/json; utf-16",
            "application/json, application/json",
        ];
        let bad_types = bad_types.map(|bad| vec![(CONTENT_TYPE, bad)]);
        let coded = |coding| vec![(CONTENT_TYPE, JSON), (CONTENT_ENCODING, coding)];
        let twice = vec![(CONTENT_TYPE, JSON), (CONTENT_TYPE, JSON)];
        for bad in
            bad_types.into_iter().chain([vec![], twice, coded("gzip"), coded("identity, br")])
        {
            let code = check(&bad).err().map(|failure| failure.problem.code);
            assert_eq!(code, Some(ProblemCode::UnsupportedMediaType), "{bad:?}");
        }
        assert_eq!(check(&coded("identity")), Ok(()));
    }
}
