//! The header `Farthing-Signature`: an account's key signs a request.

use farthing_api_types::ProblemCode;
use farthing_api_types::dto::WireSignature;
use farthing_protocol::{AccountId, AccountRequest, Signature, UnixTime};
use warp::http::HeaderMap;

use super::{ApiError, ParamText as _};

const HEADER: &str = "farthing-signature";

/// A request of an account and its signature, not checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequestSignature {
    pub(crate) request: AccountRequest,
    pub(crate) signature: Signature,
}

impl RequestSignature {
    /// The signature of a request with this method, target and body, if it carries one.
    pub(crate) fn from_headers(
        headers: &HeaderMap,
        (method, target, body): (&str, &str, &[u8]),
    ) -> Result<Option<Self>, ApiError> {
        let mut given = headers.get_all(HEADER).iter();
        let Some(value) = given.next() else { return Ok(None) };
        let parsed = value.to_str().ok().filter(|_| given.next().is_none()).and_then(parse);
        let (account, time, signature) = parsed.ok_or_else(|| {
            let detail = "expected Farthing-Signature once: account=NUMBER,t=UNIX_SECONDS,s=0xHEX";
            ApiError::because(ProblemCode::RequestNotSigned, detail)
        })?;
        let content = AccountRequest::content_of(method, target, body);
        Ok(Some(Self { request: AccountRequest { account, time, content }, signature }))
    }
}

fn parse(text: &str) -> Option<(AccountId, UnixTime, Signature)> {
    let (account, rest) = text.strip_prefix("account=")?.split_once(",t=")?;
    let (time, signature) = rest.split_once(",s=")?;
    let account = AccountId::from(u32::parse(account).ok()?);
    let time = UnixTime::new(u64::parse(time).ok()?).ok()?;
    let signature: WireSignature = signature.parse().ok()?;
    Some((account, time, signature.0))
}

#[cfg(test)]
mod tests {
    use farthing_protocol::SecretKey;
    use warp::http::HeaderValue;

    use super::*;

    #[test]
    fn a_signature_has_one_form() -> Result<(), Box<dyn std::error::Error>> {
        let content = AccountRequest::content_of("GET", "/v1/webhooks", b"");
        let request =
            AccountRequest { account: AccountId::from(7), time: UnixTime::new(9)?, content };
        let domain = farthing_testkit::domain().digest();
        let signature = request.sign(&SecretKey::from_seed(&[1; 32]), &domain);
        let hex = WireSignature::from(signature).to_string();
        let of = |texts: &[&str]| {
            let mut headers = HeaderMap::new();
            for text in texts {
                headers.append(HEADER, HeaderValue::from_str(text).unwrap_or(HeaderValue::from(0)));
            }
            RequestSignature::from_headers(&headers, ("GET", "/v1/webhooks", b""))
        };
        let good = format!("account=7,t=9,s={hex}");
        assert_eq!(of(&[&good]), Ok(Some(RequestSignature { request, signature })));
        assert_eq!(of(&[]), Ok(None));
        for bad in [
            &[good.as_str(), good.as_str()][..],
            &[""],
            &["account=7,t=9"],
            &[&format!("account=07,t=9,s={hex}")],
            &[&format!("account=4294967296,t=9,s={hex}")],
            &[&format!("account=7,t=1099511627776,s={hex}")],
            &[&format!("t=9,account=7,s={hex}")],
            &[&format!("account=7, t=9,s={hex}")],
            &[&good[..good.len() - 2]],
        ] {
            let code = of(bad).err().map(|failure| failure.problem.code);
            assert_eq!(code, Some(ProblemCode::RequestNotSigned), "{bad:?}");
        }
        Ok(())
    }
}
