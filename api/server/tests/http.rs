//! HTTP itself: origins, options, media types,
//! escapes, long polls, the size of answers.

mod support;

use std::time::Duration;

use farthing_client::ProblemCode;
use farthing_client::dto::{IntentBody, WireAddress, WirePublicKey, WireSignature};
use farthing_protocol::{AccountId, AccountIdentity, Amount, BatchClass, Bytes32};
use reqwest::header::{HeaderMap, HeaderName};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use support::*;

/// Sends requests to one node.
struct Raw {
    http: reqwest::Client,
    url: String,
}

impl Raw {
    fn new(node: &Node) -> TestResult<Self> {
        let http = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self { http, url: node.url.clone() })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }

    fn post(&self, path: &str, body: impl ToString) -> RequestBuilder {
        let request = self.request(Method::POST, path).body(body.to_string());
        request.header("content-type", "application/json")
    }

    async fn code(&self, request: RequestBuilder) -> TestResult<ProblemCode> {
        Ok(problem_of(request.send().await?).await?.code)
    }
}

fn header(response: &Response, name: &str) -> Option<String> {
    response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

fn cors(headers: &HeaderMap) -> Vec<&str> {
    let names = headers.keys().map(HeaderName::as_str);
    names.filter(|name| name.starts_with("access-control-")).collect()
}

/// Every path of the document, its placeholders filled.
async fn paths(raw: &Raw) -> TestResult<Vec<(String, String)>> {
    let document: Value = raw.request(Method::GET, "/openapi.json").send().await?.json().await?;
    let paths = document["paths"].as_object().ok_or("paths")?;
    let methods = |item: &Value| {
        let has = |method| item.get(method).is_some();
        let (get, post, delete) = (has("get"), has("post"), has("delete"));
        let names = [(get, "GET, HEAD"), (post, "POST"), (delete, "DELETE"), (true, "OPTIONS")];
        let names = names.into_iter().filter(|(there, _)| *there).map(|(_, name)| name);
        names.collect::<Vec<_>>().join(", ")
    };
    let filled =
        |path: &str| path.replace("{id}", "1").replace("{number}", "1").replace("{owner}", "1");
    Ok(paths.iter().map(|(path, item)| (filled(path), methods(item))).collect())
}

#[tokio::test]
async fn every_route_answers_a_preflight_of_a_listed_origin() -> TestResult {
    let dir = tempfile::tempdir()?;
    let origins = vec!["https://app.example".to_owned(), "http://localhost:3000".to_owned()];
    let config = farthing_server::ServerConfig { cors_origins: origins, ..generous() };
    let node = Node::start_with(node_config(dir.path(), BatchClass::TINY), config).await?;
    let raw = Raw::new(&node)?;
    let paths = paths(&raw).await?;
    assert!(paths.len() > 15);
    for (path, methods) in paths {
        let preflight = |origin: &str| {
            let request = raw.request(Method::OPTIONS, &path).header("origin", origin);
            let request = request.header("access-control-request-method", "POST");
            request.header("access-control-request-headers", "content-type,idempotency-key").send()
        };
        let allowed = preflight("https://app.example").await?;
        assert_eq!(allowed.status().as_u16(), 204, "{path}");
        let origin = header(&allowed, "access-control-allow-origin");
        assert_eq!(origin.as_deref(), Some("https://app.example"));
        assert_eq!(header(&allowed, "access-control-allow-methods"), Some(methods.clone()));
        assert_eq!(header(&allowed, "allow"), Some(methods.clone()), "{path}");
        let headers = header(&allowed, "access-control-allow-headers").unwrap_or_default();
        assert!(headers.contains("Idempotency-Key") && headers.contains("Content-Type"));
        assert!(header(&allowed, "vary").is_some_and(|vary| vary.contains("Origin")));
        assert!(header(&allowed, "x-request-id").is_some());
        let foreign = preflight("https://evil.example").await?;
        assert_eq!(cors(foreign.headers()), Vec::<&str>::new(), "{path}");
        let plain = raw.request(Method::OPTIONS, &path).send().await?;
        assert_eq!((plain.status().as_u16(), header(&plain, "allow")), (204, Some(methods)));
    }
    let unknown = raw.request(Method::OPTIONS, "/v2").header("origin", "https://app.example");
    assert_eq!(raw.code(unknown).await?, ProblemCode::RouteNotFound);
    // Answers and problems can be read by the page, with the headers that matter.
    for path in ["/version", "/v1/accounts/77", "/nowhere"] {
        let page = raw.request(Method::GET, path).header("origin", "http://localhost:3000");
        let answer = page.send().await?;
        let origin = header(&answer, "access-control-allow-origin");
        assert_eq!(origin.as_deref(), Some("http://localhost:3000"), "{path}");
        let exposed = header(&answer, "access-control-expose-headers").unwrap_or_default();
        let readable = [
            "X-Request-Id",
            "Idempotency-Replayed",
            "Retry-After",
            "Allow",
            "Date",
            "X-Should-Retry",
        ];
        for name in readable {
            assert!(exposed.contains(name), "{path}: {exposed}");
        }
        assert!(header(&answer, "access-control-allow-credentials").is_none());
        let foreign = raw.request(Method::GET, path).header("origin", "https://app.example:8443");
        assert!(cors(foreign.send().await?.headers()).is_empty());
    }
    node.stop().await
}

#[tokio::test]
async fn without_the_setting_every_page_may_call() -> TestResult {
    let dir = tempfile::tempdir()?;
    let node = Node::start(dir.path()).await?;
    let raw = Raw::new(&node)?;
    let preflight = raw.request(Method::OPTIONS, "/v1/intents").header("origin", "null");
    let preflight = preflight.header("access-control-request-method", "POST").send().await?;
    assert_eq!(header(&preflight, "access-control-allow-origin").as_deref(), Some("*"));
    assert_eq!(
        header(&preflight, "access-control-allow-methods").as_deref(),
        Some("POST, OPTIONS")
    );
    assert!(header(&preflight, "access-control-allow-credentials").is_none());
    let simple = raw.request(Method::GET, "/version").header("origin", "https://app.example");
    let simple = simple.send().await?;
    assert_eq!(header(&simple, "access-control-allow-origin").as_deref(), Some("*"));
    assert!(header(&simple, "date").is_some());
    node.stop().await
}

#[tokio::test]
async fn with_an_empty_list_no_page_may_call() -> TestResult {
    let dir = tempfile::tempdir()?;
    let config = farthing_server::ServerConfig { cors_origins: Vec::new(), ..generous() };
    let node = Node::start_with(node_config(dir.path(), BatchClass::TINY), config).await?;
    let raw = Raw::new(&node)?;
    let preflight =
        raw.request(Method::OPTIONS, "/v1/intents").header("origin", "http://localhost");
    let preflight = preflight.header("access-control-request-method", "POST").send().await?;
    assert_eq!(preflight.status().as_u16(), 204);
    assert!(cors(preflight.headers()).is_empty());
    let simple = raw.request(Method::GET, "/version").header("origin", "http://localhost");
    assert!(cors(simple.send().await?.headers()).is_empty());
    node.stop().await
}

#[tokio::test]
async fn a_setting_that_does_not_work_starts_no_server() -> TestResult {
    let dir = tempfile::tempdir()?;
    let config = farthing_server::ServerConfig { requests_per_second: 0, ..generous() };
    let refused = Node::start_with(node_config(dir.path(), BatchClass::TINY), config).await;
    let text = refused.err().ok_or("refused")?.to_string();
    assert_eq!(text, "[server] requests_per_second = 0: expected 1 to 4294967295");
    Ok(())
}

#[tokio::test]
async fn a_body_is_an_object_of_json_in_utf8() -> TestResult {
    use ProblemCode::*;
    let dir = tempfile::tempdir()?;
    let node = Node::start(dir.path()).await?;
    let raw = Raw::new(&node)?;
    let owner = format!("0x{}", "11".repeat(20));
    let public = json!(WirePublicKey::from(identity(1).key));
    let transfer = signer(1).transfer(AccountId::from(2), Amount::MIN, Bytes32::default())?;
    let intent = serde_json::to_value(IntentBody::from(&transfer))?;
    let values = |object: &Value| -> Value {
        object.as_object().into_iter().flat_map(|fields| fields.values().cloned()).collect()
    };
    let mut inner = intent.clone();
    inner["operation"]["transfer"] = values(&intent["operation"]["transfer"]);
    let order = ["account", "nonce", "fee", "valid_until", "operation", "signature"];
    let array: Value = order.iter().map(|name| intent[name].clone()).collect();
    for (path, body) in [
        ("/v1/accounts", json!([public, owner])),
        ("/v1/intents", array),
        ("/v1/intents", inner),
        ("/v1/intents/batch", json!([[]])),
        ("/v1/intents", json!([1, "1", "0", 1, {}, "0x"])),
    ] {
        assert_eq!(raw.code(raw.post(path, &body)).await?, InvalidBody, "{path} {body}");
    }
    for body in ["{\"operation\":{}}", "{\"operation\":null}", "{\"account\":1e999}"] {
        assert_eq!(raw.code(raw.post("/v1/intents", body)).await?, InvalidBody, "{body}");
    }
    let mixed = json!({ "key": public, "owner": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD" });
    let checksum = problem_of(raw.post("/v1/accounts", mixed).send().await?).await?;
    assert_eq!(checksum.code, InvalidBody);
    assert!(checksum.detail.is_some_and(|detail| detail.contains("EIP-55")));

    let signature = AccountIdentity::sign_opening(&key(1), identity(1).owner, &domain_digest());
    let signature = json!(WireSignature::from(signature));
    let owner = json!(WireAddress::from(identity(1).owner));
    let good = json!({ "key": public, "owner": owner, "signature": signature }).to_string();
    let typed = |name: &str, value: &str| {
        let request = raw.request(Method::POST, "/v1/accounts").body(good.clone());
        let request = match name {
            "content-type" => request,
            _ => request.header("content-type", "application/json"),
        };
        request.header(name, value)
    };
    for (name, value) in [
        ("content-type", "application/json; charset=utf-16"),
        ("content-encoding", "gzip"),
        ("content-encoding", "br"),
    ] {
        assert_eq!(raw.code(typed(name, value)).await?, UnsupportedMediaType, "{name}: {value}");
    }
    let twice = typed("content-type", "application/json").header("content-type", "text/plain");
    assert_eq!(raw.code(twice).await?, UnsupportedMediaType);
    let opened = typed("content-type", "application/json; charset=UTF-8").send().await?;
    assert_eq!(opened.status().as_u16(), 201, "nothing of that opened it");
    node.stop().await
}

#[tokio::test]
async fn a_detail_does_not_grow_with_the_request() -> TestResult {
    let dir = tempfile::tempdir()?;
    let node = Node::start(dir.path()).await?;
    let raw = Raw::new(&node)?;
    let long = "x".repeat(3 << 20);
    let name = "y".repeat(8 << 10);
    for request in [
        raw.post("/v1/accounts", json!({ "key": long, "owner": "0x" })),
        raw.post("/v1/accounts", json!({ long.as_str(): 1 })),
        raw.post("/v1/intents", json!({ "operation": { long.as_str(): 1 } })),
        raw.post("/v1/intents/batch", json!({ "intents": [{ long.as_str(): 1 }] })),
        raw.request(Method::GET, &format!("/v1/accounts?{name}=1")),
        raw.request(Method::GET, &format!("/v1/licenses/1/quote?{name}={name}")),
        raw.request(Method::GET, &format!("/v1/accounts/{name}")),
    ] {
        let answer = request.send().await?.bytes().await?;
        assert!(answer.len() < 2_048, "{} bytes", answer.len());
    }
    node.stop().await
}

#[tokio::test]
async fn a_number_has_one_spelling_and_an_escape_is_what_it_stands_for() -> TestResult {
    use ProblemCode::*;
    let dir = tempfile::tempdir()?;
    let node = Node::start(dir.path()).await?;
    node.fund(1, 0).await?;
    let raw = Raw::new(&node)?;
    let get = |path: &str| raw.request(Method::GET, path);
    for path in [
        "/v1/accounts/00",
        "/v1/accounts/+1",
        "/v1/accounts/01",
        "/v1/accounts/%2B1",
        "/v1/batches/00",
    ] {
        assert_eq!(raw.code(get(path)).await?, InvalidPath, "{path}");
    }
    for (id, uses, code) in [
        ("00", "1", InvalidPath),
        ("0", "01", InvalidQuery),
        ("%2B0", "1", InvalidPath),
        ("0", "%2B1", InvalidQuery),
    ] {
        let path = format!("/v1/licenses/{id}/quote?uses={uses}");
        assert_eq!(raw.code(get(&path)).await?, code, "{path}");
    }
    assert_eq!(raw.code(get("/v1/batches?limit=05")).await?, InvalidQuery);
    let account: Value = get("/v1/accounts/%31").send().await?.json().await?;
    assert_eq!(account["id"], 1);
    assert_eq!(raw.code(get("/v1/licenses/%37/quote?uses=%31")).await?, LicenseNotFound);
    assert_eq!(raw.code(get("/v1/intents/batch")).await?, MethodNotAllowed);
    node.stop().await
}

#[tokio::test]
async fn one_address_does_not_hold_all_long_polls() -> TestResult {
    let dir = tempfile::tempdir()?;
    let mut config = generous();
    config.trust_forwarded_for = true;
    (config.long_polls_max, config.long_polls_per_address_max) = (3, 2);
    let node = Node::start_with(node_config(dir.path(), BatchClass::TINY), config).await?;
    node.fund(1, 0).await?;
    let (client, payer) = (node.client()?, signer(1));
    let sent = client.transfer(&payer, AccountId::from(1), Amount::MIN, Bytes32::default()).await?;
    let path = format!("/v1/intents/{}", sent.id);
    let raw = Raw::new(&node)?;
    let poll = |client: &str, seconds: u32| {
        let request = raw.request(Method::GET, &format!("{path}?wait={seconds}"));
        request.header("x-forwarded-for", client)
    };
    let greedy: Vec<_> = (0..2).map(|_| tokio::spawn(poll("10.0.0.1", 30).send())).collect();
    let mut refused = None;
    for _ in 0..60 {
        let answer = poll("10.0.0.1", 1).send().await?;
        if !answer.status().is_success() {
            refused = Some(problem_of(answer).await?);
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let refused = refused.ok_or("it has its share")?;
    assert_eq!(refused.code, ProblemCode::RateLimited);
    assert!(refused.detail.is_some_and(|detail| detail.contains("2 long polls")));
    let other = poll("10.0.0.2", 1).send().await?;
    assert!(other.status().is_success(), "there is room for another client");
    node.seal().await?;
    for poll in greedy {
        assert!(poll.await??.status().is_success());
    }
    node.stop().await
}
