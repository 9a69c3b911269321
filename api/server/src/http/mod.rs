//! The layer between a connection and a handler: headers, bodies, answers.

mod answer;
mod body;
mod cors;
mod event_stream;
mod headers;
mod key;
mod listener;
mod query;
mod request;
mod request_id;
mod signature;
mod text;

pub(crate) use answer::{Answer, ApiError, Completion, JSON, PROBLEM_JSON, no_content};
pub(crate) use body::{BodyLimits, read_body};
pub(crate) use cors::CorsOrigins;
pub use cors::OriginError;
pub(crate) use event_stream::EventStream;
pub(crate) use headers::{HttpVersion, check_body_headers, check_host};
pub(crate) use key::{KEY_BYTES_MAX, Key};
pub(crate) use listener::{ConnectionLimits, accept_connections};
pub(crate) use query::Query;
pub(crate) use request::{Request, is_json, parse_json};
pub(crate) use request_id::{REQUEST_ID_BYTES_MAX, RequestId};
pub(crate) use signature::RequestSignature;
pub(crate) use text::ParamText;
