//! The table of routes: what `openapi.json` describes, and nothing else.

use std::collections::BTreeSet;
use std::sync::Arc;

use farthing_client::ProblemCode;
use futures_util::future::BoxFuture;
use warp::http::Method;

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

/// Finds the route of a path and a method, and the values of its placeholders.
pub(crate) fn find<'r>(
    routes: &'r [Route],
    method: &Method,
    path: &str,
) -> Result<(&'r Route, Vec<String>), Failure> {
    let method = Verb::of(method);
    let mut others = BTreeSet::new();
    for route in routes {
        let Some(params) = match_path(route.template, path) else { continue };
        if Some(route.method) == method {
            return Ok((route, params));
        }
        others.insert(route.method.as_str());
        if route.method == Verb::Get {
            others.insert("HEAD");
        }
    }
    if others.is_empty() {
        return Err(Failure::new(ProblemCode::RouteNotFound));
    }
    let methods: Vec<&str> = others.into_iter().collect();
    Err(Failure::new(ProblemCode::MethodNotAllowed).allow(methods.join(", ")))
}

/// No value of ours needs escapes: a path is compared as it stands.
fn match_path(template: &str, path: &str) -> Option<Vec<String>> {
    let mut params = Vec::new();
    let mut given = path.split('/');
    for expected in template.split('/') {
        let got = given.next()?;
        match expected.starts_with('{') {
            true if got.is_empty() => return None,
            true => params.push(got.to_owned()),
            false if got != expected => return None,
            false => {}
        }
    }
    given.next().is_none().then_some(params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_matches_segment_by_segment() {
        let params = |path| match_path("/v1/blocks/{number}/proof", path);
        assert_eq!(params("/v1/blocks/7/proof"), Some(vec!["7".to_owned()]));
        for other in
            ["/v1/blocks/7", "/v1/blocks//proof", "/v1/blocks/7/proof/", "v1/blocks/7/proof"]
        {
            assert_eq!(params(other), None, "{other}");
        }
        assert_eq!(match_path("/livez", "/livez"), Some(Vec::new()));
    }
}
