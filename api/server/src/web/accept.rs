//! `Accept-Encoding` (RFC 9110, section 12.5.3): which form of a file a client reads.

use warp::http::HeaderMap;
use warp::http::header::ACCEPT_ENCODING;

/// True if a client reads a coding: it names it, or `*`, without a weight of 0.
pub(super) fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let mut any = false;
    for value in headers.get_all(ACCEPT_ENCODING) {
        for part in value.to_str().unwrap_or_default().split(',') {
            let mut pieces = part.split(';').map(str::trim);
            let name = pieces.next().unwrap_or_default();
            let wanted = !pieces.any(is_weight_0);
            if name.eq_ignore_ascii_case(coding) {
                return wanted;
            }
            any |= name == "*" && wanted;
        }
    }
    any
}

fn is_weight_0(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return false };
    name.trim_end().eq_ignore_ascii_case("q") && value.trim().parse() == Ok(0.0_f32)
}

#[cfg(test)]
mod tests {
    use warp::http::HeaderValue;

    use super::*;

    #[test]
    fn a_coding_is_used_only_if_the_client_reads_it() {
        let accepts = |line: &'static str| {
            let header = (ACCEPT_ENCODING, HeaderValue::from_static(line));
            accepts(&[header].into_iter().collect(), "br")
        };
        for yes in
            ["br", "gzip, deflate, br", "BR;q=0.1", "gzip;q=0 , br ; q=1.0", "*", "gzip, *;q=0.5"]
        {
            assert!(accepts(yes), "{yes}");
        }
        for no in ["", "gzip", "br;q=0", "br; q=0.000, *", "*;q=0", "brotli", "identity"] {
            assert!(!accepts(no), "{no}");
        }
        assert!(!super::accepts(&HeaderMap::new(), "br"));
    }
}
