//! Streams of events over HTTP: what is told, from where, to whom, and when a stream ends.

mod support;

use std::time::Duration;

use farthing_client::ProblemCode;
use farthing_client::dto::{EventBody, EventData, EventType};
use farthing_protocol::{BatchClass, Bytes32, LicenseId};
use farthing_server::{EventsConfig, ServerConfig};
use reqwest::{RequestBuilder, Response};
use support::*;

const TIMEOUT: Duration = Duration::from_secs(20);

/// One event as it came.
#[derive(Clone, Debug, Default, PartialEq)]
struct Line {
    id: String,
    kind: Option<String>,
    data: Option<String>,
    retry: Option<u64>,
}

impl Line {
    fn body(&self) -> TestResult<EventBody> {
        Ok(serde_json::from_str(self.data.as_deref().ok_or("data")?)?)
    }
}

/// A stream that is open, read as the HTML standard says.
struct Stream {
    response: Response,
    text: String,
}

impl Stream {
    async fn open(request: RequestBuilder) -> TestResult<Self> {
        let response = request.send().await?.error_for_status()?;
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert!(response.headers().contains_key("x-request-id"));
        let mut stream = Self { response, text: String::new() };
        let first = stream.next().await?.ok_or("the first line")?;
        assert!(first.retry.is_some() && !first.id.is_empty() && first.data.is_none());
        Ok(stream)
    }

    /// The next block of lines; `None` at the end.
    async fn next(&mut self) -> TestResult<Option<Line>> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                return parse(&block).map(Some);
            }
            match tokio::time::timeout(TIMEOUT, self.response.chunk()).await?? {
                Some(chunk) => self.text.push_str(std::str::from_utf8(&chunk)?),
                None => return Ok(None),
            }
        }
    }

    /// The next events that have data.
    async fn events(&mut self, count: usize) -> TestResult<Vec<Line>> {
        let mut events = Vec::new();
        while events.len() < count {
            let told = self.next().await?.ok_or("the stream goes on")?;
            events.extend(Some(told).filter(|told| told.data.is_some()));
        }
        Ok(events)
    }
}

fn parse(block: &str) -> TestResult<Line> {
    let mut told = Line::default();
    for line in block.lines() {
        let (name, value) = line.split_once(':').ok_or("a field")?;
        let value = value.strip_prefix(' ').unwrap_or(value).to_owned();
        match name {
            "id" => told.id = value,
            "event" => told.kind = Some(value),
            "data" => assert!(told.data.replace(value).is_none(), "one line of data"),
            "retry" => told.retry = Some(value.parse()?),
            "" => {}
            other => return Err(format!("field {other}").into()),
        }
    }
    Ok(told)
}

fn http() -> TestResult<reqwest::Client> {
    Ok(reqwest::Client::builder().no_proxy().build()?)
}

fn events_of(node: &Node, query: &str) -> TestResult<RequestBuilder> {
    Ok(http()?.get(format!("{}/v1/events{query}", node.url)))
}

fn kinds(events: &[Line]) -> Vec<&str> {
    events.iter().filter_map(|told| told.kind.as_deref()).collect()
}

/// Two licenses, and a batch in which account 3 pays both.
async fn paid_twice(node: &Node) -> TestResult {
    node.fund(3, 0).await?;
    register_two(node).await?;
    node.seal().await?;
    pay_both(node).await
}

async fn pay_both(node: &Node) -> TestResult {
    let client = node.client()?;
    for license in [0, 1] {
        client.pay(&signer(3), LicenseId::from(license), uses(4)?, Bytes32([3; 32])).await?;
    }
    node.seal().await
}

#[tokio::test]
async fn a_client_that_comes_back_misses_nothing() -> TestResult {
    let dir = tempfile::tempdir()?;
    let node = Node::start(dir.path()).await?;
    let mut live = Stream::open(events_of(&node, "")?).await?;
    paid_twice(&node).await?;
    let events = live.events(4).await?;
    assert_eq!(kinds(&events), ["batch.sealed", "batch.sealed", "license.paid", "license.paid"]);
    let bodies = events.iter().map(Line::body).collect::<TestResult<Vec<_>>>()?;
    for (told, body) in events.iter().zip(&bodies) {
        assert_eq!(told.kind.as_deref(), Some(body.event.kind().as_str()));
    }
    let EventData::LicensePaid(paid) = &bodies[2].event else { return Err("license.paid".into()) };
    assert_eq!((paid.license, paid.received.0.get()), (LicenseId::from(0), 4 * PRICE + PRICE));
    let parts: Vec<u64> = paid.parts.iter().map(|part| part.amount.0.get()).collect();
    assert_eq!(parts, [5 * PRICE * 6 / 10, 5 * PRICE * 4 / 10]);
    let mut names: Vec<String> = bodies.iter().map(|body| body.id.to_string()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 4);

    drop(live);
    node.stop().await?;
    let node = Node::start(dir.path()).await?;
    let mut all = Stream::open(events_of(&node, "?after=start")?).await?;
    assert_eq!(all.events(4).await?, events, "the same after a restart, names and ids too");
    for (seen, told) in (1..).zip(&events[..3]) {
        let request = events_of(&node, "?after=start")?.header("last-event-id", &told.id);
        let rest = Stream::open(request).await?.events(4 - seen).await?;
        assert_eq!(rest, events[seen..], "the header goes before the parameter");
        let query = format!("?after={}", told.id);
        let rest = Stream::open(events_of(&node, &query)?).await?.events(4 - seen).await?;
        assert_eq!(rest, events[seen..]);
    }
    let mut live = Stream::open(events_of(&node, "")?).await?;
    pay_both(&node).await?;
    let next = live.events(3).await?;
    assert_eq!(kinds(&next), ["batch.sealed", "license.paid", "license.paid"]);
    assert_eq!(all.events(3).await?, next, "one that was open from before has them too");
    node.stop().await
}

#[tokio::test]
async fn a_filter_lets_its_own_through() -> TestResult {
    let dir = tempfile::tempdir()?;
    let node = Node::start(dir.path()).await?;
    paid_twice(&node).await?;
    let first_of = async |query: &str| -> TestResult<EventData> {
        let mut stream = Stream::open(events_of(&node, &format!("?after=start&{query}"))?).await?;
        Ok(stream.events(1).await?.remove(0).body()?.event)
    };
    for (query, license) in [("license=1", 1), ("account=3", 1), ("account=2", 0)] {
        let EventData::LicensePaid(paid) = first_of(query).await? else { return Err(query.into()) };
        assert_eq!(paid.license, LicenseId::from(license), "{query}");
    }
    let paid = first_of("types=block.proven,license.paid").await?;
    assert_eq!(paid.kind(), EventType::LicensePaid);
    for (query, code) in [
        ("account=99", ProblemCode::AccountNotFound),
        ("license=99", ProblemCode::LicenseNotFound),
        ("block=0", ProblemCode::InvalidQuery),
        ("types=", ProblemCode::InvalidQuery),
        ("types=license.sold", ProblemCode::InvalidQuery),
        ("after=7", ProblemCode::InvalidCursor),
        ("speed=fast", ProblemCode::InvalidQuery),
    ] {
        let refused = events_of(&node, &format!("?{query}"))?.send().await?;
        assert_eq!(problem_of(refused).await?.code, code, "{query}");
    }
    let refused = events_of(&node, "")?.header("last-event-id", "42").send().await?;
    let problem = problem_of(refused).await?;
    assert_eq!(problem.code, ProblemCode::InvalidCursor);
    assert_eq!(problem.detail.as_deref(), Some("Last-Event-ID: not an id of this stream"));
    node.stop().await
}

#[tokio::test]
async fn a_quiet_stream_shows_signs_of_life_and_ends_with_the_node() -> TestResult {
    let dir = tempfile::tempdir()?;
    let events = EventsConfig { heartbeat_seconds: 1, ..EventsConfig::default() };
    let config = ServerConfig { events, ..generous() };
    let node = Node::start_with(node_config(dir.path(), BatchClass::TINY), config).await?;
    node.fund(1, 0).await?;
    let mut stream = Stream::open(events_of(&node, "?types=block.finalized")?).await?;
    let sign = stream.next().await?.ok_or("a sign of life")?;
    assert_eq!((sign.kind, sign.data, sign.id.is_empty()), (None, None, false));
    node.seal().await?;
    let later = stream.next().await?.ok_or("a sign of life")?;
    assert_ne!(later.id, sign.id, "what is passed over need not be looked at again");
    let rest = async {
        while stream.next().await?.is_some() {}
        TestResult::Ok(())
    };
    let (ended, rest) =
        tokio::join!(tokio::time::timeout(Duration::from_secs(5), node.stop()), rest);
    rest?;
    ended?
}

#[tokio::test]
async fn streams_are_limited_for_all_and_for_each() -> TestResult {
    let dir = tempfile::tempdir()?;
    let events = EventsConfig { streams_per_address_max: 2, ..EventsConfig::default() };
    let config = ServerConfig { events, ..generous() };
    let node = Node::start_with(node_config(dir.path(), BatchClass::TINY), config).await?;
    let first = Stream::open(events_of(&node, "")?).await?;
    let _second = Stream::open(events_of(&node, "")?).await?;
    let refused = problem_of(events_of(&node, "")?.send().await?).await?;
    assert_eq!(refused.code, ProblemCode::RateLimited);
    assert_eq!(refused.detail.as_deref(), Some("at most 2 streams at once from one address"));
    drop(first);
    let freed = async {
        while events_of(&node, "")?.send().await?.status() != 200 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        TestResult::Ok(())
    };
    tokio::time::timeout(TIMEOUT, freed).await??;
    node.stop().await?;

    let dir = tempfile::tempdir()?;
    let events = EventsConfig { streams_max: 1, ..EventsConfig::default() };
    let config = ServerConfig { events, ..generous() };
    let node = Node::start_with(node_config(dir.path(), BatchClass::TINY), config).await?;
    let _only = Stream::open(events_of(&node, "")?).await?;
    let refused = problem_of(events_of(&node, "")?.send().await?).await?;
    assert_eq!(refused.code, ProblemCode::Overloaded);
    let other = http()?.get(format!("{}/version", node.url)).send().await?;
    assert_eq!(other.status(), 200, "streams take nothing from other requests");
    node.stop().await
}
