//! The table of routes: what `openapi.json` describes, and nothing else.

use std::collections::BTreeSet;
use std::sync::Arc;

use farthing_client::ProblemCode;
use futures_util::future::BoxFuture;
use percent_encoding::percent_decode_str;
use warp::http::{HeaderValue, Method};

use crate::app::App;
use crate::http::{Answer, Failure, Request};

/// A handler.
pub(crate) type Handler = fn(Arc<App>, Request) -> BoxFuture<'static, Result<Answer, Failure>>;

/// How a route is let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gate {
    /// Always: probes must be answered when nothing else is.
    Open,
    /// Within the client's rate, and while there is room for work.
    Work,
    /// As `Work`, and within the client's rate of requests for accounts.
    Opening,
    /// As `Work`, and while an account's path may be read: that reads whole batches.
    AccountProof,
    /// As `Work`, but with `wait` it takes a place among the long polls instead.
    LongPoll,
}

/// A route.
#[derive(Clone, Copy)]
pub(crate) struct Route {
    pub(crate) method: Verb,
    /// Placeholders stand in braces, as in OpenAPI.
    pub(crate) template: &'static str,
    pub(crate) gate: Gate,
    pub(crate) handler: Handler,
}

/// The methods that routes have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verb {
    Get,
    Post,
}

impl Verb {
    /// The name, as documents have it.
    #[cfg(test)]
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }

    /// `HEAD` is `GET`; the connection leaves the body out.
    fn of(method: &Method) -> Option<Self> {
        match *method {
            Method::GET | Method::HEAD => Some(Self::Get),
            Method::POST => Some(Self::Post),
            _ => None,
        }
    }
}

/// What a request is for.
pub(crate) enum Found<'r> {
    /// A route's handler, with the values of its placeholders.
    Route(&'r Route, Vec<String>),
    /// `OPTIONS`: the methods of the path. The template is for counters.
    Methods(&'static str, HeaderValue),
}

impl Found<'_> {
    /// What a counter calls it.
    pub(crate) const fn template(&self) -> &'static str {
        match self {
            Self::Route(route, _) => route.template,
            Self::Methods(template, _) => template,
        }
    }
}

/// The target of an `OPTIONS` request about the server as a whole (RFC 9110, section 9.3.7).
const SERVER: &str = "*";

/// Finds what a method and a path are for. Of templates that match, the one that spells out more
/// of the path, from its beginning, is meant.
pub(crate) fn find<'r>(
    routes: &'r [Route],
    method: &Method,
    path: &str,
) -> Result<Found<'r>, Failure> {
    if path == SERVER && *method == Method::OPTIONS {
        return Ok(Found::Methods(SERVER, allow(routes.iter().map(|route| route.method))));
    }
    let path = segments(path)?;
    let matching = routes.iter().filter(|route| matches(route.template, &path));
    let meant = matching.map(|route| route.template).min_by_key(|template| placeholders(template));
    let template = meant.ok_or_else(|| Failure::new(ProblemCode::RouteNotFound))?;
    let methods = || routes.iter().filter(move |route| route.template == template);
    if *method == Method::OPTIONS {
        return Ok(Found::Methods(template, allow(methods().map(|route| route.method))));
    }
    let verb = Verb::of(method);
    match methods().find(|route| Some(route.method) == verb) {
        Some(route) => Ok(Found::Route(route, params(template, path))),
        None => {
            let allow = allow(methods().map(|route| route.method));
            Err(Failure::new(ProblemCode::MethodNotAllowed).allow(allow))
        }
    }
}

/// The value of `Allow`.
fn allow(verbs: impl Iterator<Item = Verb>) -> HeaderValue {
    let verbs: BTreeSet<Verb> = verbs.collect();
    let (get, post) = (verbs.contains(&Verb::Get), verbs.contains(&Verb::Post));
    HeaderValue::from_static(match (get, post) {
        (true, true) => "GET, HEAD, POST, OPTIONS",
        (true, false) => "GET, HEAD, OPTIONS",
        (false, true) => "POST, OPTIONS",
        (false, false) => "OPTIONS",
    })
}

/// The segments of a path, their escapes decoded: `%31` is `1` (RFC 3986, section 2.3).
fn segments(path: &str) -> Result<Vec<String>, Failure> {
    let decode = |segment: &str| {
        let decoded = percent_decode_str(segment).decode_utf8().map(|text| text.into_owned());
        decoded.map_err(|_| {
            Failure::because(ProblemCode::InvalidPath, "the path's escapes are not UTF-8")
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

/// Where a template has placeholders: the template that orders first spells out more.
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
        route(Verb::Get, "/v1/intents/{id}"),
        route(Verb::Post, "/v1/intents/batch"),
        route(Verb::Get, "/v1/blocks/{number}/proof"),
        route(Verb::Get, "/v1/accounts"),
        route(Verb::Post, "/v1/accounts"),
    ];

    const fn route(method: Verb, template: &'static str) -> Route {
        let handler: Handler = |_, _| Box::pin(async { Answer::ok(&()) });
        Route { method, template, gate: Gate::Work, handler }
    }

    fn found(method: Method, path: &str) -> Result<String, (ProblemCode, Option<HeaderValue>)> {
        match find(ROUTES, &method, path) {
            Ok(Found::Route(route, params)) => Ok(format!("{} {params:?}", route.template)),
            Ok(Found::Methods(_, allow)) => Ok(format!("{allow:?}")),
            Err(failure) => Err((failure.problem.code, failure.allowed().cloned())),
        }
    }

    #[test]
    fn a_path_matches_segment_by_segment() {
        let proof = Ok(r#"/v1/blocks/{number}/proof ["7"]"#.to_owned());
        assert_eq!(found(Method::GET, "/v1/blocks/7/proof"), proof);
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
                found(Method::GET, other),
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
            assert_eq!(found(Method::GET, same), proof, "{same}");
        }
        let refused = found(Method::GET, "/v1/blocks/%ff/proof");
        assert_eq!(refused, Err((ProblemCode::InvalidPath, None)));
        let slash = Ok(r#"/v1/intents/{id} ["a/b"]"#.to_owned());
        assert_eq!(found(Method::GET, "/v1/intents/a%2Fb"), slash, "one segment");
    }

    #[test]
    fn what_is_spelt_out_goes_before_a_placeholder() {
        let only_post =
            Err((ProblemCode::MethodNotAllowed, Some(HeaderValue::from_static("POST, OPTIONS"))));
        assert_eq!(found(Method::GET, "/v1/intents/batch"), only_post);
        assert_eq!(found(Method::POST, "/v1/intents/batch"), Ok("/v1/intents/batch []".to_owned()));
        let other = Ok(r#"/v1/intents/{id} ["batches"]"#.to_owned());
        assert_eq!(found(Method::HEAD, "/v1/intents/batches"), other);
    }

    #[test]
    fn options_names_the_methods_of_a_path() {
        let options = |path| found(Method::OPTIONS, path);
        assert_eq!(options("/v1/accounts"), Ok(r#""GET, HEAD, POST, OPTIONS""#.to_owned()));
        assert_eq!(options("/v1/intents/batch"), Ok(r#""POST, OPTIONS""#.to_owned()));
        assert_eq!(options("/v1/intents/0x00"), Ok(r#""GET, HEAD, OPTIONS""#.to_owned()));
        assert_eq!(options("*"), Ok(r#""GET, HEAD, POST, OPTIONS""#.to_owned()));
        assert_eq!(options("/v1"), Err((ProblemCode::RouteNotFound, None)));
    }
}
