//! What stands between a connection and a handler: headers, bodies, answers.

mod answer;
mod body;
mod listener;
mod query;
mod request;

pub(crate) use answer::{Answer, Failure, JSON, PROBLEM_JSON};
pub(crate) use body::{BodyLimits, read_body};
pub(crate) use listener::{ConnectionLimits, accept_connections};
pub(crate) use query::Query;
pub(crate) use request::{REQUEST_ID_BYTES_MAX, Request, RequestId, parse_json};
