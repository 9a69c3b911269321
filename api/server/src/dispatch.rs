//! What happens to every request, in this order: a name, its route, the client's rate, a place,
//! the body, the idempotency key, the handler within its time, the answer's headers, the counters.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use farthing_client::{Problem, ProblemCode};
use futures_util::Stream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use warp::Buf;
use warp::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use warp::http::{HeaderMap, Method, StatusCode};

use crate::app::{App, unix_now};
use crate::http::{Answer, Failure, Query, Request, RequestId, read_body};
use crate::idempotency::{BodyHash, KeyHash, Lookup, StoredAnswer};
use crate::router::{Gate, Route, Verb, find};

/// A request as it came, its body not read.
pub(crate) struct Incoming {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) peer: IpAddr,
}

/// A request that may be worked on: what it holds is given back when the work is done, also if the
/// client does not wait for it.
struct Admitted {
    route: &'static Route,
    request: Request,
    key: Option<KeyHash>,
    _place: Option<OwnedSemaphorePermit>,
    _memory: Option<OwnedSemaphorePermit>,
}

/// Answers a request.
pub(crate) async fn respond<S, B>(
    app: Arc<App>,
    incoming: Incoming,
    body: S,
) -> warp::reply::Response
where
    S: Stream<Item = Result<B, warp::Error>> + Send,
    B: Buf + Send,
{
    let start = Instant::now();
    let id = RequestId::of(&incoming.headers, app.started);
    let _counted = app.metrics.at_work();
    let found = find(app.routes, &incoming.method, &incoming.path);
    let template = found.as_ref().map_or("none", |(route, _)| route.template);
    let answer = match found {
        Ok((route, params)) => match admit(&app, route, params, &incoming, body).await {
            Ok(admitted) => work(&app, admitted).await,
            Err(refused) => Err(refused),
        },
        Err(none) => Err(none),
    };
    let status = answer.as_ref().map_or_else(Failure::status, |answer| answer.status);
    let elapsed = start.elapsed();
    app.metrics.answered(&incoming.method, template, status, elapsed);
    tracing::debug!(%id, method = %incoming.method, template, %status, ?elapsed, "answered");
    match answer {
        Ok(answer) => answer.into_response(&id),
        Err(failure) => failure.into_response(&id),
    }
}

async fn admit<S, B>(
    app: &Arc<App>,
    route: &'static Route,
    params: Vec<String>,
    incoming: &Incoming,
    body: S,
) -> Result<Admitted, Failure>
where
    S: Stream<Item = Result<B, warp::Error>> + Send,
    B: Buf + Send,
{
    let client = client_address(app, incoming);
    if route.gate != Gate::Open
        && let Err(pause) = app.rate.take(client, Instant::now())
    {
        let seconds = u32::try_from(pause.as_secs() + 1).unwrap_or(u32::MAX);
        return Err(Failure::new(ProblemCode::RateLimited).retry_after(seconds));
    }
    if route.gate == Gate::Opening
        && let Err(pause) = app.openings.take(client, Instant::now())
    {
        let seconds = u32::try_from(pause.as_secs() + 1).unwrap_or(u32::MAX);
        return Err(Failure::new(ProblemCode::AccountQuota).retry_after(seconds));
    }
    let query = Query::parse(&incoming.query)?;
    let place = match route.gate {
        Gate::Open => None,
        Gate::LongPoll if query.has("wait") => Some(place_in(&app.polls)?),
        Gate::Work | Gate::Opening | Gate::LongPoll => Some(place_in(&app.work)?),
    };
    let mut admitted = Admitted {
        route,
        request: Request { params, query, body: Vec::new() },
        key: None,
        _place: place,
        _memory: None,
    };
    if route.method == Verb::Post {
        check_content_type(&incoming.headers)?;
        admitted.key = KeyHash::of(&incoming.headers, "POST", &incoming.path)?;
        let declared = incoming.headers.get(CONTENT_LENGTH);
        let declared = declared.and_then(|length| length.to_str().ok()?.parse().ok());
        let read = read_body(body, declared, &app.bodies).await?;
        admitted.request.body = read.bytes;
        admitted._memory = read._memory;
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

fn place_in(places: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Failure> {
    places.clone().try_acquire_owned().map_err(|_| Failure::new(ProblemCode::Overloaded))
}

fn check_content_type(headers: &HeaderMap) -> Result<(), Failure> {
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let essence = given.split(';').next().unwrap_or("").trim();
    match essence.eq_ignore_ascii_case(crate::http::JSON) {
        true => Ok(()),
        false => Err(Failure::new(ProblemCode::UnsupportedMediaType)),
    }
}

/// Works on a task of its own: a client that goes away does not stop work half-way, and a panic is
/// one request's failure.
async fn work(app: &Arc<App>, admitted: Admitted) -> Result<Answer, Failure> {
    let mut limit = app.config.answer_timeout();
    if admitted.route.gate == Gate::LongPoll {
        limit += Duration::from_secs(app.config.wait_seconds_max);
    }
    let task = tokio::spawn(handle(app.clone(), admitted));
    match tokio::time::timeout(limit, task).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(panicked)) => Err(Failure::internal(&panicked)),
        Err(_) => Err(Failure::new(ProblemCode::DeadlineExceeded)),
    }
}

async fn handle(app: Arc<App>, admitted: Admitted) -> Result<Answer, Failure> {
    let Admitted { route, request, key, _place, _memory } = admitted;
    let Some(key) = key else { return (route.handler)(app, request).await };
    let body = BodyHash::of(&request.body);
    let _guard = app.locks.lock(key).await;
    match app.idempotency.look_up(key, body, unix_now()) {
        Ok(Lookup::Replay(stored)) => return replay(stored),
        Ok(Lookup::Conflict) => return Err(Failure::new(ProblemCode::IdempotencyConflict)),
        Ok(Lookup::Fresh) => {}
        Err(error) => return Err(Failure::internal(&error)),
    }
    let answer = (route.handler)(app.clone(), request).await;
    if let Some(stored) = to_store(&answer) {
        let written = app.idempotency.remember(key, body, stored, unix_now()).await;
        // What was done is done: a repeat finds the intent known.
        written.map_err(|error| Failure::internal(&error))?;
    }
    answer
}

/// What a repeat is to be answered with; `None` for what may be otherwise the next time.
fn to_store(answer: &Result<Answer, Failure>) -> Option<StoredAnswer> {
    match answer {
        Ok(answer) if answer.is_transient => None,
        Ok(answer) => {
            Some(StoredAnswer { status: answer.status.as_u16(), body: answer.body.clone() })
        }
        Err(failure) => {
            let lasting = !failure.problem.code.is_retryable() && failure.problem.status < 500;
            let body = serde_json::to_vec(&failure.problem).ok();
            body.filter(|_| lasting)
                .map(|body| StoredAnswer { status: failure.problem.status, body })
        }
    }
}

fn replay(stored: StoredAnswer) -> Result<Answer, Failure> {
    if stored.status >= 400 {
        let problem = serde_json::from_slice::<Problem>(&stored.body);
        return Err(problem.map_or_else(|error| Failure::internal(&error), Failure::from));
    }
    let status = StatusCode::from_u16(stored.status).unwrap_or(StatusCode::OK);
    Ok(Answer::raw_json(status, stored.body).replayed())
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::path::Path;

    use farthing_aggregator::{Aggregator, Config, Parts};
    use farthing_ledger::Genesis;
    use farthing_protocol::{AccountIdentity, Address, BatchClass, Domain};
    use futures_util::stream;

    use super::*;
    use crate::config::ServerConfig;

    const BROKEN: &[Route] = &[
        Route {
            method: Verb::Get,
            template: "/v1/broken",
            gate: Gate::Work,
            handler: |_, _| Box::pin(async { panic!("a defect") }),
        },
        Route {
            method: Verb::Get,
            template: "/v1/endless",
            gate: Gate::Work,
            handler: |_, _| Box::pin(std::future::pending()),
        },
    ];

    /// A server with the broken routes alone.
    fn broken(dir: &Path, server: ServerConfig) -> Result<Arc<App>, Box<dyn std::error::Error>> {
        let domain = Domain { chain_id: 1, contract: Address::default() };
        let genesis = Genesis { domain, operator: AccountIdentity::default() };
        let config = Config::new(dir.join("node"), genesis, BatchClass::TINY);
        let aggregator = Aggregator::start(config, Parts::default())?;
        let mut app = App::open(aggregator, server, &dir.join("keys"))?;
        app.routes = BROKEN;
        Ok(Arc::new(app))
    }

    #[tokio::test]
    async fn a_panic_is_one_requests_failure() -> Result<(), Box<dyn std::error::Error>> {
        let dir = tempfile::tempdir()?;
        let app = broken(dir.path(), ServerConfig::default())?;
        for _ in 0..3 {
            let answer = get(&app, "/v1/broken").await;
            assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(answer.headers()[CONTENT_TYPE], crate::http::PROBLEM_JSON);
        }
        assert_eq!(app.work.available_permits(), app.config.requests_max, "no place is lost");
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

    async fn get(app: &Arc<App>, path: &str) -> warp::reply::Response {
        let incoming = Incoming {
            method: Method::GET,
            path: path.to_owned(),
            query: String::new(),
            headers: HeaderMap::new(),
            peer: Ipv4Addr::LOCALHOST.into(),
        };
        let body = stream::empty::<Result<std::io::Cursor<Vec<u8>>, warp::Error>>();
        respond(app.clone(), incoming, body).await
    }
}
