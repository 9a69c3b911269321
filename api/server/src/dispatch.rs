//! The path of every request, in this order: request id, host, route, rate limit, permit, body,
//! handler within its time limit, headers of the answer, counters.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use farthing_api_types::ProblemCode;
use futures_util::Stream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use warp::Buf;
use warp::http::header::{CONTENT_LENGTH, HeaderValue};
use warp::http::{HeaderMap, Method};

use crate::app::App;
use crate::http::{
    Answer, ApiError, EventStream, HttpVersion, Key, Query, Request, RequestId, RequestSignature,
    accepts_csv, check_body_headers, check_host, no_content, read_body,
};
use crate::limits::{ClientShare, ClientShares};
use crate::router::{Found, Reply, Route, RouteClass, find, find_file};
use crate::web::WebFile;

/// A request as it came, its body not read.
pub(crate) struct Incoming {
    pub(crate) version: HttpVersion,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) peer: IpAddr,
}

impl Incoming {
    /// Path and query, as they came.
    fn target(&self) -> String {
        match self.query.as_str() {
            "" => self.path.clone(),
            query => format!("{}?{query}", self.path),
        }
    }
}

/// A request that may be worked on: what it holds is given back when the work is done, also if the
/// client does not wait for it.
struct Admitted {
    route: &'static Route,
    request: Request,
    _permit: Option<Permit>,
    _memory: Option<OwnedSemaphorePermit>,
}

/// A permit for work, for an account's path, for a long poll or for a stream.
struct Permit {
    _permit: OwnedSemaphorePermit,
    _share: Option<ClientShare>,
}

/// The answer to a request that is not refused, in each of its forms.
enum Dispatched {
    Answer(Answer),
    /// A file of the web application.
    File(&'static WebFile),
    /// An answer that stays open, and its permit.
    Stream(EventStream<Option<Permit>>),
    /// The methods of a path.
    Methods(HeaderValue),
}

/// Answers a request.
pub(crate) async fn respond<S, B>(
    app: Arc<App>,
    routes: &'static [Route],
    incoming: Incoming,
    body: S,
) -> warp::reply::Response
where
    S: Stream<Item = Result<B, warp::Error>> + Send,
    B: Buf + Send,
{
    let start = Instant::now();
    let given = RequestId::given(&incoming.headers);
    let id = given.as_ref().ok().cloned().flatten();
    let id = id.unwrap_or_else(|| RequestId::new(app.started));
    let _counted = app.metrics.at_work();
    let checked =
        given.map_err(ApiError::new).and_then(|_| check_host(incoming.version, &incoming.headers));
    let found = checked.and_then(|()| match app.web.get(&incoming.path) {
        Some(file) => find_file(file, &incoming.method),
        None => find(routes, &incoming.method, &incoming.path),
    });
    let template = found.as_ref().map_or("none", Found::template);
    let reply = match found {
        Ok(found) => reply(&app, found, &incoming, body).await,
        Err(none) => Err(none),
    };
    let mut response = match reply {
        Ok(Dispatched::Answer(answer)) => answer.into_response(&id),
        Ok(Dispatched::Stream(stream)) => stream.into_response(&id),
        Ok(Dispatched::File(file)) => file.answer(&incoming.headers, &id),
        Ok(Dispatched::Methods(allow)) => {
            let mut response = no_content(&id, &allow);
            app.origins.allow_preflight(&incoming.headers, &allow, response.headers_mut());
            response
        }
        Err(failure) => failure.into_response(&id),
    };
    app.origins.allow(&incoming.headers, response.headers_mut());
    let (status, elapsed) = (response.status(), start.elapsed());
    app.metrics.answered(&incoming.method, template, status, elapsed);
    tracing::debug!(%id, method = %incoming.method, template, %status, ?elapsed, "the request is answered");
    response
}

async fn reply<S, B>(
    app: &Arc<App>,
    found: Found<'static>,
    incoming: &Incoming,
    body: S,
) -> Result<Dispatched, ApiError>
where
    S: Stream<Item = Result<B, warp::Error>> + Send,
    B: Buf + Send,
{
    let client = client_address(app, incoming);
    match found {
        Found::Methods(_, allow) => {
            take_from_rate(app, client)?;
            Ok(Dispatched::Methods(allow))
        }
        Found::File(file) => {
            take_from_rate(app, client)?;
            Ok(Dispatched::File(file))
        }
        Found::Route(route, params) => {
            let admitted = admit(app, client, route, params, incoming, body).await?;
            work(app, admitted).await
        }
    }
}

async fn admit<S, B>(
    app: &Arc<App>,
    client: IpAddr,
    route: &'static Route,
    params: Vec<String>,
    incoming: &Incoming,
    body: S,
) -> Result<Admitted, ApiError>
where
    S: Stream<Item = Result<B, warp::Error>> + Send,
    B: Buf + Send,
{
    if route.class != RouteClass::Probe {
        take_from_rate(app, client)?;
    }
    if route.class == RouteClass::Opening
        && let Err(pause) = app.openings.take(client, Instant::now())
    {
        let seconds = u32::try_from(pause.as_secs() + 1).unwrap_or(u32::MAX);
        return Err(ApiError::new(ProblemCode::AccountQuota).retry_after(seconds));
    }
    let query = Query::parse(&incoming.query)?;
    let permit = match route.class {
        RouteClass::Probe => None,
        RouteClass::LongPoll if query.has("wait") => {
            let most = (app.config.long_polls_per_address_max, "long polls");
            Some(shared_permit(&app.polls, &app.poll_shares, client, most)?)
        }
        RouteClass::Stream => {
            let most = (app.config.events.streams_per_address_max, "streams");
            Some(shared_permit(&app.streams, &app.stream_shares, client, most)?)
        }
        RouteClass::AccountProof => {
            Some(Permit { _permit: take_permit(&app.account_proofs)?, _share: None })
        }
        RouteClass::Work | RouteClass::Opening | RouteClass::LongPoll | RouteClass::Signed => {
            Some(Permit { _permit: take_permit(&app.work)?, _share: None })
        }
    };
    let mut admitted = Admitted {
        route,
        request: Request {
            params,
            query,
            body: Vec::new(),
            key: None,
            last_event_id: None,
            accepts_csv: accepts_csv(&incoming.headers),
            signature: None,
        },
        _permit: permit,
        _memory: None,
    };
    if route.class == RouteClass::Stream {
        admitted.request.last_event_id = last_event_id(&incoming.headers);
    }
    if route.takes_key() {
        admitted.request.key = Key::from_headers(&incoming.headers)?;
    }
    if route.method.has_body() {
        check_body_headers(&incoming.headers)?;
        let declared = incoming.headers.get(CONTENT_LENGTH);
        let declared = declared.and_then(|length| length.to_str().ok()?.parse().ok());
        let read = read_body(body, declared, &app.bodies).await?;
        admitted.request.body = read.bytes;
        admitted._memory = read._memory;
    }
    if route.class == RouteClass::Signed {
        let (method, target) = (incoming.method.as_str(), incoming.target());
        let body = &admitted.request.body;
        admitted.request.signature =
            RequestSignature::from_headers(&incoming.headers, (method, &target, body))?;
    }
    Ok(admitted)
}

fn client_address(app: &App, incoming: &Incoming) -> IpAddr {
    if !app.config.trust_forwarded_for {
        return incoming.peer;
    }
    let last = incoming.headers.get_all("x-forwarded-for").iter().next_back();
    let last = last.and_then(|value| value.to_str().ok()?.rsplit(',').next());
    last.and_then(|address| address.trim().parse().ok()).unwrap_or(incoming.peer)
}

fn take_from_rate(app: &App, client: IpAddr) -> Result<(), ApiError> {
    app.rate.take(client, Instant::now()).map_err(|pause| {
        let seconds = u32::try_from(pause.as_secs() + 1).unwrap_or(u32::MAX);
        ApiError::new(ProblemCode::RateLimited).retry_after(seconds)
    })
}

/// A permit of those that clients share; `most` is how many of what one of them may have.
fn shared_permit(
    permits: &Arc<Semaphore>,
    shares: &Arc<ClientShares>,
    client: IpAddr,
    (most, what): (usize, &str),
) -> Result<Permit, ApiError> {
    let share = shares.take(client).ok_or_else(|| {
        let detail = format_args!("at most {most} {what} at once from one address");
        ApiError::because(ProblemCode::RateLimited, detail)
    })?;
    Ok(Permit { _permit: take_permit(permits)?, _share: Some(share) })
}

/// The position at which a client's last stream was cut off; an empty header counts as absent.
fn last_event_id(headers: &HeaderMap) -> Option<String> {
    let given = headers.get("last-event-id")?;
    let text = String::from_utf8_lossy(given.as_bytes()).into_owned();
    Some(text).filter(|text| !text.is_empty())
}

fn take_permit(permits: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, ApiError> {
    permits.clone().try_acquire_owned().map_err(|_| ApiError::new(ProblemCode::Overloaded))
}

/// Works on a task of its own: a client that goes away does not stop work half-way, and a panic is
/// one request's failure.
async fn work(app: &Arc<App>, admitted: Admitted) -> Result<Dispatched, ApiError> {
    let mut limit = app.config.answer_timeout();
    if admitted.route.class == RouteClass::LongPoll {
        limit += Duration::from_secs(app.config.wait_seconds_max);
    }
    let changes = admitted.route.method.has_effect();
    let task = tokio::spawn(handle(app.clone(), admitted));
    let answer = match tokio::time::timeout(limit, task).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(panicked)) => Err(ApiError::internal(&panicked)),
        Err(_) => Err(ApiError::new(ProblemCode::DeadlineExceeded)),
    };
    match answer {
        Err(failure) if changes => Err(failure.after_effect()),
        answer => answer,
    }
}

async fn handle(app: Arc<App>, admitted: Admitted) -> Result<Dispatched, ApiError> {
    let Admitted { route, request, _permit, _memory } = admitted;
    Ok(match (route.handler)(app, request).await? {
        Reply::Answer(answer) => Dispatched::Answer(answer),
        Reply::Stream(stream) => Dispatched::Stream(stream.holding(_permit)),
    })
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::path::Path;

    use farthing_aggregator::{Aggregator, Components, Config};
    use farthing_ledger::Genesis;
    use farthing_protocol::{AccountIdentity, Address, BatchClass, Domain};
    use futures_util::stream;
    use utoipa::openapi::OpenApi;
    use warp::http::header::{CONTENT_TYPE, HOST, RETRY_AFTER};
    use warp::http::{StatusCode, Version};

    use super::*;
    use crate::app::Documents;
    use crate::config::ServerConfig;
    use crate::router::Handler;

    const BROKEN: &[Route] = &[
        route(crate::router::Method::Get, "/v1/broken", RouteClass::Work, |_, _| {
            Box::pin(async { panic!("a defect") })
        }),
        route(crate::router::Method::Post, "/v1/broken", RouteClass::Work, |_, _| {
            Box::pin(async { panic!("a defect after an effect") })
        }),
        route(crate::router::Method::Get, "/v1/endless", RouteClass::Work, |_, _| {
            Box::pin(std::future::pending())
        }),
        route(crate::router::Method::Get, "/v1/endless-proof", RouteClass::AccountProof, |_, _| {
            Box::pin(std::future::pending())
        }),
    ];

    const fn route(
        method: crate::router::Method,
        template: &'static str,
        class: RouteClass,
        handler: Handler,
    ) -> Route {
        Route::new(method, template, class, handler, OpenApi::default)
    }

    /// A server with the broken routes alone.
    fn broken(dir: &Path, server: ServerConfig) -> Result<Arc<App>, Box<dyn std::error::Error>> {
        let domain = Domain { chain_id: 1, contract: Address::default() };
        let genesis = Genesis { domain, operator: AccountIdentity::default() };
        let config = Config::new(dir.join("node"), genesis, BatchClass::TINY);
        let aggregator = Aggregator::start(config, Components::default())?;
        let origins = server.origins()?;
        let documents = Documents::default();
        Ok(Arc::new(App::open(aggregator, server, origins, &dir.join("keys"), documents)?))
    }

    #[tokio::test]
    async fn a_panic_is_one_requests_failure() -> Result<(), Box<dyn std::error::Error>> {
        let dir = tempfile::tempdir()?;
        let app = broken(dir.path(), ServerConfig::default())?;
        for _ in 0..3 {
            let answer = get(&app, "/v1/broken").await;
            assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(answer.headers()[CONTENT_TYPE], crate::http::PROBLEM_JSON);
            assert!(!answer.headers().contains_key(RETRY_AFTER), "internal");
            let answer = send(&app, Method::POST, "/v1/broken").await;
            assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(answer.headers()[RETRY_AFTER], "1", "effect_unknown");
        }
        assert_eq!(app.work.available_permits(), app.config.requests_max, "no permit is lost");
        assert_eq!(get(&app, "/v1/other").await.status(), StatusCode::NOT_FOUND);
        Ok(())
    }

    #[tokio::test]
    async fn no_request_waits_for_ever() -> Result<(), Box<dyn std::error::Error>> {
        let dir = tempfile::tempdir()?;
        let config = ServerConfig { answer_seconds_max: 1, ..ServerConfig::default() };
        let app = broken(dir.path(), config)?;
        let answer = get(&app, "/v1/endless").await;
        assert_eq!(answer.status().as_u16(), ProblemCode::DeadlineExceeded.status());
        assert_eq!(answer.headers()[CONTENT_TYPE], crate::http::PROBLEM_JSON);
        Ok(())
    }

    /// They read much: those that wait take nothing from other requests, and no more is begun.
    #[tokio::test]
    async fn paths_of_accounts_have_permits_of_their_own() -> Result<(), Box<dyn std::error::Error>>
    {
        let dir = tempfile::tempdir()?;
        let config = ServerConfig {
            account_proofs_max: 1,
            requests_max: 1,
            answer_seconds_max: 1,
            ..ServerConfig::default()
        };
        let app = broken(dir.path(), config)?;
        let first = tokio::spawn({
            let app = app.clone();
            async move { get(&app, "/v1/endless-proof").await.status() }
        });
        while app.account_proofs.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let second = get(&app, "/v1/endless-proof").await;
        assert_eq!(second.status().as_u16(), ProblemCode::Overloaded.status());
        assert!(second.headers().contains_key(RETRY_AFTER));
        let other = get(&app, "/v1/broken").await;
        assert_eq!(other.status(), StatusCode::INTERNAL_SERVER_ERROR, "it is worked on");
        assert_eq!(first.await?.as_u16(), ProblemCode::DeadlineExceeded.status());
        Ok(())
    }

    async fn get(app: &Arc<App>, path: &str) -> warp::reply::Response {
        send(app, Method::GET, path).await
    }

    async fn send(app: &Arc<App>, method: Method, path: &str) -> warp::reply::Response {
        let json = HeaderValue::from_static(crate::http::JSON);
        let host = HeaderValue::from_static("localhost");
        let incoming = Incoming {
            version: HttpVersion(Version::HTTP_11),
            method,
            path: path.to_owned(),
            query: String::new(),
            headers: [(CONTENT_TYPE, json), (HOST, host)].into_iter().collect(),
            peer: Ipv4Addr::LOCALHOST.into(),
        };
        let body = stream::empty::<Result<std::io::Cursor<Vec<u8>>, warp::Error>>();
        respond(app.clone(), BROKEN, incoming, body).await
    }
}
