//! Answers, and failures as problem details.

use farthing_api_types::{Problem, ProblemCode};
use serde::Serialize;
use warp::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, LINK, RETRY_AFTER};
use warp::http::{HeaderMap, Response, StatusCode};
use warp::reply::Reply as _;

use super::RequestId;

/// Seconds after which a client may try again, where nothing better is known.
const RETRY_AFTER_DEFAULT: u32 = 1;

/// The extent to which a request took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Completion {
    /// Nothing: it asked, was refused, or repeated what had been done.
    Unchanged,
    /// It took effect, and the answer says what became of each part for good.
    Done,
    /// Something may have changed, and the same request may change more.
    Open,
}

/// An answer of a request that succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) content_type: &'static str,
    pub(crate) body: Vec<u8>,
    /// The extent to which the request took effect.
    pub(crate) completion: Completion,
    /// The header `Link` of the next page, if the body does not name it.
    next: Option<String>,
    /// It was stored for a repeat.
    is_replayed: bool,
}

/// A problem, and what its headers say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub(crate) problem: Box<Problem>,
    retry_after: Option<u32>,
    allow: Option<HeaderValue>,
}

/// An answer without a body, to a request that asks what there is.
pub(crate) fn no_content(id: &RequestId, allow: &HeaderValue) -> warp::reply::Response {
    let mut response = Response::new(Vec::<u8>::new()).into_response();
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(ALLOW, allow.clone());
    headers.insert(RequestId::HEADER, id.header_value());
    response
}

/// Says that an answer is the stored one of an earlier request with the same key.
const REPLAYED: &str = "idempotency-replayed";
/// Says of a problem whether the same request may be sent again: `true` or `false`.
const SHOULD_RETRY: &str = "x-should-retry";
pub(crate) const JSON: &str = "application/json";
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

impl Answer {
    /// 200 with JSON.
    pub(crate) fn ok(body: &impl Serialize) -> Result<Self, ApiError> {
        Self::json(StatusCode::OK, body)
    }

    pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Result<Self, ApiError> {
        match serde_json::to_vec(body) {
            Ok(body) => Ok(Self::raw_json(status, body)),
            Err(error) => Err(ApiError::internal(&error)),
        }
    }

    pub(crate) const fn raw_json(status: StatusCode, body: Vec<u8>) -> Self {
        let completion = Completion::Unchanged;
        Self { status, content_type: JSON, body, completion, next: None, is_replayed: false }
    }

    pub(crate) fn text(content_type: &'static str, body: String) -> Self {
        Self { content_type, ..Self::raw_json(StatusCode::OK, body.into_bytes()) }
    }

    pub(crate) const fn with_completion(mut self, completion: Completion) -> Self {
        self.completion = completion;
        self
    }

    /// Names the next page in the header `Link` (RFC 8288); `url` may be relative to the request's.
    pub(crate) fn with_next(mut self, url: &str) -> Self {
        self.next = Some(format!("<{url}>; rel=\"next\""));
        self
    }

    pub(crate) const fn replayed(mut self) -> Self {
        self.is_replayed = true;
        self
    }

    pub(crate) fn into_response(self, id: &RequestId) -> warp::reply::Response {
        let mut response = response(self.status, self.content_type, self.body, id);
        if let Some(next) = self.next.and_then(|next| HeaderValue::try_from(next).ok()) {
            response.headers_mut().insert(LINK, next);
        }
        if self.is_replayed {
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        }
        response
    }
}

impl ApiError {
    pub(crate) fn new(code: ProblemCode) -> Self {
        Problem::new(code).into()
    }

    pub(crate) fn because(code: ProblemCode, detail: impl std::fmt::Display) -> Self {
        Problem::new(code).with_detail(detail).into()
    }

    /// A failure that is none of the client's business: the log has it, the answer does not.
    pub(crate) fn internal(error: &dyn std::error::Error) -> Self {
        tracing::error!(error = %ErrorReport(error), "the request failed");
        Self::new(ProblemCode::Internal)
    }

    /// Says when to try again.
    pub(crate) fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds.max(1));
        self
    }

    /// Says of a failure inside the node that it may have come after the effect.
    pub(crate) fn after_effect(self) -> Self {
        match self.problem.code {
            ProblemCode::Internal => Self::new(ProblemCode::EffectUnknown),
            _ => self,
        }
    }

    /// Says which methods there are.
    pub(crate) fn allow(mut self, methods: HeaderValue) -> Self {
        self.allow = Some(methods);
        self
    }

    /// Which methods there are, if it is about methods.
    #[cfg(test)]
    pub(crate) const fn allowed(&self) -> Option<&HeaderValue> {
        self.allow.as_ref()
    }

    /// The effect that a request may have had that failed so.
    pub(crate) fn completion(&self) -> Completion {
        match self.problem.code {
            // The sequencer stopped before it answered: what it was given may be on disk.
            ProblemCode::NotReady | ProblemCode::Internal | ProblemCode::EffectUnknown => {
                Completion::Open
            }
            _ => Completion::Unchanged,
        }
    }

    pub(crate) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    pub(crate) fn into_response(mut self, id: &RequestId) -> warp::reply::Response {
        self.problem.request_id = Some(id.to_string());
        let status = self.status();
        // It has string keys only: it always serializes.
        let body = serde_json::to_vec(&self.problem).unwrap_or_default();
        let mut response = response(status, PROBLEM_JSON, body, id);
        let again = if self.problem.code.is_retryable() { "true" } else { "false" };
        response.headers_mut().insert(SHOULD_RETRY, HeaderValue::from_static(again));
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(allow) = self.allow {
            response.headers_mut().insert(ALLOW, allow);
        }
        response
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        let retry_after = problem.code.is_retryable().then_some(RETRY_AFTER_DEFAULT);
        Self { problem: Box::new(problem), retry_after, allow: None }
    }
}

/// An error and its sources.
struct ErrorReport<'a>(&'a dyn std::error::Error);

impl std::fmt::Display for ErrorReport<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

fn response(
    status: StatusCode,
    content_type: &'static str,
    body: Vec<u8>,
    id: &RequestId,
) -> warp::reply::Response {
    let mut response = Response::new(body).into_response();
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    describe(headers, id);
    response
}

/// Headers of every answer with a body.
pub(super) fn describe(headers: &mut HeaderMap, id: &RequestId) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    headers.insert(RequestId::HEADER, id.header_value());
}
