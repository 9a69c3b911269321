//! Routes, and the lookup of a request's route.

use std::collections::BTreeSet;
use std::sync::Arc;

use farthing_api_types::ProblemCode;
use futures_util::future::BoxFuture;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use utoipa::openapi::OpenApi;
use warp::http::{HeaderValue, Method as HttpMethod};

use crate::app::App;
use crate::examples::ExampleError;
use crate::http::{Answer, ApiError, EventStream, Request};
use crate::web::WebFile;

/// A handler.
pub(crate) type Handler = fn(Arc<App>, Request) -> BoxFuture<'static, Result<Reply, ApiError>>;

/// The reply of a handler.
#[derive(Debug)]
pub(crate) enum Reply {
    /// An answer that is whole.
    Answer(Answer),
    /// One that stays open.
    Stream(EventStream),
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Self::Answer(answer)
    }
}

impl From<EventStream> for Reply {
    fn from(stream: EventStream) -> Self {
        Self::Stream(stream)
    }
}

/// A function that makes an example of a body.
pub(crate) type Example = fn() -> Result<Value, ExampleError>;

/// The class of a route: the limits that a request keeps before it is worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RouteClass {
    /// Probes, without limits: they must be answered when nothing else is.
    Probe,
    /// The client's rate, and a permit for work.
    Work,
    /// As `Work`, and the client's rate of requests for accounts.
    Opening,
    /// As `Work`, with a permit for reading an account's path in place of one for work: that reads
    /// whole batches.
    AccountProof,
    /// As `Work`, but with `wait` it takes a permit for long polls instead.
    LongPoll,
    /// As `Work`, for an account whose key signs the request. Its effect is done once by itself, and no
    /// answer is kept: it may have a secret.
    Signed,
    /// The client's rate, and a permit for streams as long as the connection has the answer.
    Stream,
}

/// A route. Router, limits, OpenAPI document and page are made from it; `route!` declares one.
#[derive(Clone, Copy)]
pub(crate) struct Route {
    pub(crate) method: Method,
    /// Placeholders stand in braces, as in OpenAPI.
    pub(crate) template: &'static str,
    pub(crate) class: RouteClass,
    pub(crate) handler: Handler,
    /// The operation, as its declaration describes it.
    pub(crate) description: fn() -> OpenApi,
    /// Codes that it answers besides those of every route.
    pub(crate) problems: &'static [ProblemCode],
    pub(crate) request_example: Option<Example>,
    pub(crate) answer_example: Option<Example>,
    pub(crate) links: &'static [Link],
}

/// A link from an answer to an operation: its parameter takes the value of a field that the answer
/// always has. Programs that write clients, and tests of sequences, follow it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    /// The operation's id: method and path, as the document has it.
    pub(crate) operation: &'static str,
    pub(crate) parameter: &'static str,
    pub(crate) field: &'static str,
}

impl Route {
    /// A route without options.
    pub(crate) const fn new(
        method: Method,
        template: &'static str,
        class: RouteClass,
        handler: Handler,
        description: fn() -> OpenApi,
    ) -> Self {
        Self {
            method,
            template,
            class,
            handler,
            description,
            problems: &[],
            request_example: None,
            answer_example: None,
            links: &[],
        }
    }

    /// True if a request may have an `Idempotency-Key`.
    pub(crate) fn takes_key(&self) -> bool {
        self.method.has_effect() && self.class != RouteClass::Signed
    }

    /// The codes that it may answer: those of every route, of its form, and its own.
    pub(crate) fn problem_codes(&self) -> BTreeSet<ProblemCode> {
        use ProblemCode::*;
        let mut codes = BTreeSet::from([
            InvalidQuery,
            MethodNotAllowed,
            RateLimited,
            Internal,
            Overloaded,
            DeadlineExceeded,
        ]);
        if self.template.contains('{') {
            codes.extend([InvalidPath, RouteNotFound]);
        }
        if self.method.has_body() {
            codes.extend([RequestTimeout, BodyTooLarge, UnsupportedMediaType, InvalidBody]);
        }
        if self.takes_key() {
            codes.insert(IdempotencyConflict);
        }
        if self.class == RouteClass::Signed {
            codes.extend([RequestNotSigned, RequestStale, UnknownAccount, InvalidSignature]);
        }
        if self.class == RouteClass::Signed && self.method.has_effect() {
            codes.insert(RequestRepeated);
        }
        codes.extend(self.problems);
        codes
    }
}

/// The methods that routes have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Method {
    Get,
    Post,
    Delete,
}

impl Method {
    /// The name, as documents have it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }

    /// True if a request changes something.
    pub(crate) const fn has_effect(self) -> bool {
        matches!(self, Self::Post | Self::Delete)
    }

    /// True if a request has a body.
    pub(crate) const fn has_body(self) -> bool {
        matches!(self, Self::Post)
    }

    /// `HEAD` is `GET`; the connection leaves the body out.
    fn from_http(method: &HttpMethod) -> Option<Self> {
        match *method {
            HttpMethod::GET | HttpMethod::HEAD => Some(Self::Get),
            HttpMethod::POST => Some(Self::Post),
            HttpMethod::DELETE => Some(Self::Delete),
            _ => None,
        }
    }
}

/// The target of a request.
pub(crate) enum Found<'r> {
    /// A route's handler, with the values of its placeholders.
    Route(&'r Route, Vec<String>),
    /// A file of the web application.
    File(&'r WebFile),
    /// `OPTIONS`: the methods of the path. The template is for counters.
    Methods(&'static str, HeaderValue),
}

impl Found<'_> {
    /// The name in counters.
    pub(crate) fn template(&self) -> &'static str {
        match self {
            Self::Route(route, _) => route.template,
            Self::File(file) => file.template(),
            Self::Methods(template, _) => template,
        }
    }
}

/// A file for a method, or what is wrong with the method.
pub(crate) fn find_file(
    file: &'static WebFile,
    method: &HttpMethod,
) -> Result<Found<'static>, ApiError> {
    let allow = || allow([Method::Get].into_iter());
    match *method {
        HttpMethod::GET | HttpMethod::HEAD => Ok(Found::File(file)),
        HttpMethod::OPTIONS => Ok(Found::Methods(file.template(), allow())),
        _ => Err(ApiError::new(ProblemCode::MethodNotAllowed).allow(allow())),
    }
}

/// The target of an `OPTIONS` request about the server as a whole (RFC 9110, section 9.3.7).
const SERVER: &str = "*";

/// Finds what a method and a path are for. Of templates that match, the one that spells out more
/// of the path, from its beginning, is meant.
pub(crate) fn find<'r>(
    routes: &'r [Route],
    method: &HttpMethod,
    path: &str,
) -> Result<Found<'r>, ApiError> {
    if path == SERVER && *method == HttpMethod::OPTIONS {
        return Ok(Found::Methods(SERVER, allow(routes.iter().map(|route| route.method))));
    }
    let path = segments(path)?;
    let matching = routes.iter().filter(|route| matches(route.template, &path));
    let meant = matching.map(|route| route.template).min_by_key(|template| placeholders(template));
    let template = meant.ok_or_else(|| ApiError::new(ProblemCode::RouteNotFound))?;
    let methods = || routes.iter().filter(move |route| route.template == template);
    if *method == HttpMethod::OPTIONS {
        return Ok(Found::Methods(template, allow(methods().map(|route| route.method))));
    }
    let expected = Method::from_http(method);
    match methods().find(|route| Some(route.method) == expected) {
        Some(route) => Ok(Found::Route(route, params(template, path))),
        None => {
            let allow = allow(methods().map(|route| route.method));
            Err(ApiError::new(ProblemCode::MethodNotAllowed).allow(allow))
        }
    }
}

/// The value of `Allow`.
pub(crate) fn allow(methods: impl Iterator<Item = Method>) -> HeaderValue {
    let methods: BTreeSet<Method> = methods.collect();
    let has = |method| methods.contains(&method);
    HeaderValue::from_static(match (has(Method::Get), has(Method::Post), has(Method::Delete)) {
        (true, true, true) => "GET, HEAD, POST, DELETE, OPTIONS",
        (true, true, false) => "GET, HEAD, POST, OPTIONS",
        (true, false, true) => "GET, HEAD, DELETE, OPTIONS",
        (true, false, false) => "GET, HEAD, OPTIONS",
        (false, true, true) => "POST, DELETE, OPTIONS",
        (false, true, false) => "POST, OPTIONS",
        (false, false, true) => "DELETE, OPTIONS",
        (false, false, false) => "OPTIONS",
    })
}

/// The segments of a path, their escapes decoded: `%31` is `1` (RFC 3986, section 2.3).
fn segments(path: &str) -> Result<Vec<String>, ApiError> {
    let decode = |segment: &str| {
        let decoded = percent_decode_str(segment).decode_utf8().map(|text| text.into_owned());
        decoded.map_err(|_| {
            ApiError::because(ProblemCode::InvalidPath, "the path's escapes are not UTF-8")
        })
    };
    path.split('/').map(decode).collect()
}

fn is_placeholder(segment: &str) -> bool {
    segment.starts_with('{')
}

fn matches(template: &str, path: &[String]) -> bool {
    let mut expected = template.split('/');
    let same = path.iter().all(|got| match expected.next() {
        Some(segment) if is_placeholder(segment) => !got.is_empty(),
        Some(segment) => segment == got,
        None => false,
    });
    same && expected.next().is_none()
}

/// The positions of a template's placeholders: the template that orders first spells out more.
fn placeholders(template: &str) -> Vec<bool> {
    template.split('/').map(is_placeholder).collect()
}

fn params(template: &str, path: Vec<String>) -> Vec<String> {
    let named = template.split('/').zip(path).filter(|(segment, _)| is_placeholder(segment));
    named.map(|(_, value)| value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTES: &[Route] = &[
        route(Method::Get, "/v1/intents/{id}"),
        route(Method::Post, "/v1/intents/batch"),
        route(Method::Get, "/v1/blocks/{number}/proof"),
        route(Method::Get, "/v1/accounts"),
        route(Method::Post, "/v1/accounts"),
    ];

    const fn route(method: Method, template: &'static str) -> Route {
        let handler: Handler = |_, _| Box::pin(async { Answer::ok(&()).map(Into::into) });
        Route::new(method, template, RouteClass::Work, handler, OpenApi::default)
    }

    fn found(method: HttpMethod, path: &str) -> Result<String, (ProblemCode, Option<HeaderValue>)> {
        match find(ROUTES, &method, path) {
            Ok(Found::Route(route, params)) => Ok(format!("{} {params:?}", route.template)),
            Ok(Found::File(file)) => Ok(format!("{file:?}")),
            Ok(Found::Methods(_, allow)) => Ok(format!("{allow:?}")),
            Err(failure) => Err((failure.problem.code, failure.allowed().cloned())),
        }
    }

    #[test]
    fn a_path_matches_segment_by_segment() {
        let proof = Ok(r#"/v1/blocks/{number}/proof ["7"]"#.to_owned());
        assert_eq!(found(HttpMethod::GET, "/v1/blocks/7/proof"), proof);
        for other in [
            "/v1/blocks/7",
            "/v1/blocks//proof",
            "/v1/blocks/7/proof/",
            "v1/blocks/7/proof",
            "/v1/blocks/7%2Fproof",
            "",
            "*",
        ] {
            assert_eq!(
                found(HttpMethod::GET, other),
                Err((ProblemCode::RouteNotFound, None)),
                "{other}"
            );
        }
    }

    #[test]
    fn escapes_are_what_they_stand_for() {
        let proof = Ok(r#"/v1/blocks/{number}/proof ["12"]"#.to_owned());
        for same in
            ["/v1/blocks/%31%32/proof", "/v1/%62locks/12/proo%66", "/%76%31/blocks/12/proof"]
        {
            assert_eq!(found(HttpMethod::GET, same), proof, "{same}");
        }
        let refused = found(HttpMethod::GET, "/v1/blocks/%ff/proof");
        assert_eq!(refused, Err((ProblemCode::InvalidPath, None)));
        let slash = Ok(r#"/v1/intents/{id} ["a/b"]"#.to_owned());
        assert_eq!(found(HttpMethod::GET, "/v1/intents/a%2Fb"), slash, "one segment");
    }

    #[test]
    fn what_is_spelt_out_goes_before_a_placeholder() {
        let only_post =
            Err((ProblemCode::MethodNotAllowed, Some(HeaderValue::from_static("POST, OPTIONS"))));
        assert_eq!(found(HttpMethod::GET, "/v1/intents/batch"), only_post);
        assert_eq!(
            found(HttpMethod::POST, "/v1/intents/batch"),
            Ok("/v1/intents/batch []".to_owned())
        );
        let other = Ok(r#"/v1/intents/{id} ["batches"]"#.to_owned());
        assert_eq!(found(HttpMethod::HEAD, "/v1/intents/batches"), other);
    }

    #[test]
    fn options_names_the_methods_of_a_path() {
        let options = |path| found(HttpMethod::OPTIONS, path);
        assert_eq!(options("/v1/accounts"), Ok(r#""GET, HEAD, POST, OPTIONS""#.to_owned()));
        assert_eq!(options("/v1/intents/batch"), Ok(r#""POST, OPTIONS""#.to_owned()));
        assert_eq!(options("/v1/intents/0x00"), Ok(r#""GET, HEAD, OPTIONS""#.to_owned()));
        assert_eq!(options("*"), Ok(r#""GET, HEAD, POST, OPTIONS""#.to_owned()));
        assert_eq!(options("/v1"), Err((ProblemCode::RouteNotFound, None)));
    }

    #[test]
    fn a_file_is_read_and_nothing_else() -> Result<(), &'static str> {
        let page = crate::web::WebFiles::embedded().get("/").ok_or("the page")?;
        assert!(matches!(find_file(page, &HttpMethod::GET), Ok(Found::File(_))));
        assert!(matches!(find_file(page, &HttpMethod::HEAD), Ok(Found::File(_))));
        assert!(matches!(find_file(page, &HttpMethod::OPTIONS), Ok(Found::Methods("/", _))));
        let refused = find_file(page, &HttpMethod::POST).err();
        let code = refused.map(|failure| failure.problem.code);
        assert_eq!(code, Some(ProblemCode::MethodNotAllowed));
        Ok(())
    }
}
