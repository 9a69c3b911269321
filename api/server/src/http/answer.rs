//! Answers, and failures as problem details.

use farthing_client::{Problem, ProblemCode};
use serde::Serialize;
use warp::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use warp::http::{Response, StatusCode};
use warp::reply::Reply as _;

use super::RequestId;

/// Seconds after which a client may try again, where nothing better is known.
const RETRY_AFTER_DEFAULT: u32 = 1;

/// Every answer that is no problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) content_type: &'static str,
    pub(crate) body: Vec<u8>,
    /// It may be otherwise the next time: not to be stored for repeats.
    pub(crate) is_transient: bool,
    /// It was stored for a repeat.
    is_replayed: bool,
}

/// A problem, and what its headers say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) problem: Box<Problem>,
    retry_after: Option<u32>,
    allow: Option<String>,
}

/// Says that an answer is the stored one of an earlier request with the same key.
const REPLAYED: &str = "idempotency-replayed";
pub(crate) const JSON: &str = "application/json";
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

impl Answer {
    /// 200 with JSON.
    pub(crate) fn ok(body: &impl Serialize) -> Result<Self, Failure> {
        Self::json(StatusCode::OK, body)
    }

    pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Result<Self, Failure> {
        match serde_json::to_vec(body) {
            Ok(body) => Ok(Self::raw_json(status, body)),
            Err(error) => Err(Failure::internal(&error)),
        }
    }

    pub(crate) const fn raw_json(status: StatusCode, body: Vec<u8>) -> Self {
        Self { status, content_type: JSON, body, is_transient: false, is_replayed: false }
    }

    pub(crate) fn text(content_type: &'static str, body: String) -> Self {
        Self { content_type, ..Self::raw_json(StatusCode::OK, body.into_bytes()) }
    }

    pub(crate) const fn transient(mut self) -> Self {
        self.is_transient = true;
        self
    }

    pub(crate) const fn replayed(mut self) -> Self {
        self.is_replayed = true;
        self
    }

    pub(crate) fn into_response(self, id: &RequestId) -> warp::reply::Response {
        let mut response = response(self.status, self.content_type, self.body, id);
        if self.is_replayed {
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        }
        response
    }
}

impl Failure {
    pub(crate) fn new(code: ProblemCode) -> Self {
        Problem::new(code).into()
    }

    pub(crate) fn because(code: ProblemCode, detail: impl std::fmt::Display) -> Self {
        Problem::new(code).with_detail(detail).into()
    }

    /// A failure that is none of the client's business: the log has it, the answer does not.
    pub(crate) fn internal(error: &dyn std::error::Error) -> Self {
        tracing::error!(error = %Chain(error), "request failed");
        Self::new(ProblemCode::Internal)
    }

    /// Says when to try again.
    pub(crate) fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds.max(1));
        self
    }

    /// Says which methods there are.
    pub(crate) fn allow(mut self, methods: String) -> Self {
        self.allow = Some(methods);
        self
    }

    pub(crate) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    pub(crate) fn into_response(mut self, id: &RequestId) -> warp::reply::Response {
        self.problem.request_id = Some(id.to_string());
        let status = self.status();
        let body = serde_json::to_vec(&self.problem).unwrap_or_default();
        let mut response = response(status, PROBLEM_JSON, body, id);
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(allow) = self.allow.and_then(|allow| HeaderValue::from_str(&allow).ok()) {
            response.headers_mut().insert(ALLOW, allow);
        }
        response
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        let retry_after = problem.code.is_retryable().then_some(RETRY_AFTER_DEFAULT);
        Self { problem: Box::new(problem), retry_after, allow: None }
    }
}

/// An error and its sources.
struct Chain<'a>(&'a dyn std::error::Error);

impl std::fmt::Display for Chain<'_> {
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
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    headers.insert(RequestId::HEADER, id.header_value());
    response
}
