//! Requests that an account's key has signed.

use farthing_api_types::ProblemCode;
use farthing_protocol::{AccountId, PublicKey};

use crate::app::{App, unix_now};
use crate::convert::from_query;
use crate::http::{ApiError, Request, RequestSignature};
use crate::webhooks::{REQUEST_SECONDS_MAX, UsedRequest};

/// An account that has signed a request, and the time of the node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SignedBy {
    pub(crate) account: AccountId,
    pub(crate) key: PublicKey,
    /// The content that makes the request one of its kind.
    pub(crate) used: UsedRequest,
    /// Unix seconds.
    pub(crate) now: u64,
}

/// Checks the signature of a request, and that it is fresh.
pub(crate) async fn signed_by(app: &App, request: &Request) -> Result<SignedBy, ApiError> {
    let Some(RequestSignature { request, signature }) = request.signature else {
        let detail = "Farthing-Signature is missing: the account's key signs the request";
        return Err(ApiError::because(ProblemCode::RequestNotSigned, detail));
    };
    let now = unix_now().map_err(|error| ApiError::internal(&error))?;
    let time = request.time.get();
    if now.abs_diff(time) > REQUEST_SECONDS_MAX {
        let detail = format_args!("signed for {time}, but the node's clock says {now}: sign again");
        return Err(ApiError::because(ProblemCode::RequestStale, detail));
    }
    let view = app.aggregator.account(request.account).await.map_err(from_query)?;
    let view = view.ok_or_else(|| ApiError::new(ProblemCode::UnknownAccount))?;
    let (key, domain) = (view.identity.key, app.aggregator.info().domain_digest);
    request.verify(&key, &domain, &signature).map_err(|error| {
        let detail = "the account's key did not sign this method, target, body and time";
        ApiError::because(error.code().into(), detail)
    })?;
    let used = UsedRequest { time, signing_domain: request.signing_domain(&domain) };
    Ok(SignedBy { account: request.account, key, used, now })
}
