//! Webhooks over HTTP: who may register them, what is posted, what a receiver that fails gets, and
//! that neither a restart nor a death of the node loses an event.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use farthing_client::dto::{
    DeliveryFault, DeliveryState, EventBody, EventFilterBody, EventType, WebhookSecretBody,
    WireBytes32,
};
use farthing_client::{Client, ClientError, ProblemCode, Signer, verify_webhook};
use farthing_protocol::{AccountId, AccountRequest, BatchClass, Bytes32, LicenseId, UnixTime};
use farthing_server::{ServerConfig, WebhooksConfig};
use reqwest::Method;
use support::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const TIMEOUT: Duration = Duration::from_secs(30);

/// A post as it arrived.
#[derive(Clone, Debug)]
struct Posted {
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Posted {
    fn event_id(&self) -> &str {
        self.headers.get("farthing-event-id").map_or("", String::as_str)
    }

    fn is_signed_by(&self, secret: &str) -> bool {
        let header = self.headers.get("farthing-webhook-signature").map_or("", String::as_str);
        verify_webhook(header, &self.body, [secret], now(), 60).is_ok()
    }
}

/// A receiver that answers as it is told: a status, or 0 for none at all.
#[derive(Clone, Debug)]
struct Receiver {
    url: String,
    answer: Arc<AtomicU16>,
    posted: Arc<Mutex<Vec<Posted>>>,
}

impl Receiver {
    async fn start() -> TestResult<Self> {
        Self::start_at("127.0.0.1:0").await
    }

    async fn start_at(address: &str) -> TestResult<Self> {
        let listener = TcpListener::bind(address).await?;
        let url = format!("http://{}/hook?key=1", listener.local_addr()?);
        let receiver = Self { url, answer: Arc::new(AtomicU16::new(204)), posted: Arc::default() };
        let accepting = receiver.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let receiver = accepting.clone();
                tokio::spawn(async move { receiver.serve(stream).await });
            }
        });
        Ok(receiver)
    }

    async fn serve(self, mut stream: TcpStream) -> Option<()> {
        let mut read = Vec::new();
        loop {
            let head = read.windows(4).position(|window| window == b"\r\n\r\n");
            let parsed = head.and_then(|head| parse(&read[..head]).map(|found| (head + 4, found)));
            if let Some((start, (headers, length))) = parsed
                && read.len() >= start + length
            {
                let body = read[start..start + length].to_vec();
                read.drain(..start + length);
                let answer = self.answer.load(Ordering::SeqCst);
                let posted = Posted { headers, body };
                self.posted.lock().unwrap_or_else(PoisonError::into_inner).push(posted);
                if answer == 0 {
                    std::future::pending::<()>().await;
                }
                let location = "location: http://127.0.0.1:1/elsewhere\r\n";
                let text =
                    format!("HTTP/1.1 {answer} Answer\r\n{location}content-length: 2\r\n\r\nok");
                let text = match answer {
                    204 => "HTTP/1.1 204 No Content\r\n\r\n".to_owned(),
                    _ => text,
                };
                stream.write_all(text.as_bytes()).await.ok()?;
                continue;
            }
            if stream.read_buf(&mut read).await.ok()? == 0 {
                return None;
            }
        }
    }

    fn posts(&self) -> Vec<Posted> {
        self.posted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for this number of posts.
    async fn wait(&self, count: usize) -> TestResult<Vec<Posted>> {
        let come = async {
            while self.posts().len() < count {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let come = tokio::time::timeout(TIMEOUT, come).await;
        come.map_err(|_| format!("{} of {count} posts", self.posts().len()))?;
        Ok(self.posts())
    }
}

/// Headers, and the length of the body.
fn parse(head: &[u8]) -> Option<(BTreeMap<String, String>, usize)> {
    let text = std::str::from_utf8(head).ok()?;
    let mut lines = text.split("\r\n");
    assert_eq!(lines.next(), Some("POST /hook?key=1 HTTP/1.1"));
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.get("content-length")?.parse().ok()?;
    Some((headers, length))
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn hooks() -> WebhooksConfig {
    WebhooksConfig {
        private_addresses: true,
        retry_first_seconds: 1,
        attempt_seconds_max: 2,
        ..WebhooksConfig::default()
    }
}

async fn start(path: &Path, webhooks: WebhooksConfig) -> TestResult<Node> {
    let config = ServerConfig { webhooks, ..generous() };
    Node::start_with(node_config(path, BatchClass::TINY), config).await
}

/// A node with two licenses, all of whose events have happened.
async fn with_licenses(path: &Path, webhooks: WebhooksConfig) -> TestResult<Node> {
    let node = start(path, webhooks).await?;
    node.fund(3, 0).await?;
    register_two(&node).await?;
    node.seal().await?;
    Ok(node)
}

async fn pay_and_seal(node: &Node, uses_paid: u64) -> TestResult {
    let client = node.client()?;
    client.pay(&signer(3), LicenseId::from(1), uses(uses_paid)?, Bytes32([3; 32])).await?;
    node.seal().await
}

fn code<T>(answer: Result<T, ClientError>) -> Option<ProblemCode> {
    answer.err().as_ref().and_then(ClientError::problem).map(|problem| problem.code)
}

async fn delivered(
    client: &Client,
    by: &Signer,
    id: WireBytes32,
    event: &str,
) -> TestResult<farthing_client::dto::DeliveryBody> {
    let page = client.webhook_deliveries(by, id, None).await?;
    let found = page.items.into_iter().find(|delivery| delivery.event.to_string() == event);
    Ok(found.ok_or("a delivery")?)
}

#[tokio::test]
async fn events_are_posted_and_signed() -> TestResult {
    let (dir, receiver) = (tempfile::tempdir()?, Receiver::start().await?);
    let node = with_licenses(dir.path(), hooks()).await?;
    let (client, by) = (node.client()?, signer(1));
    let filter =
        EventFilterBody { account: Some(AccountId::from(1)), ..EventFilterBody::default() };
    let long = EventFilterBody { types: vec![EventType::LicensePaid; 17], ..filter.clone() };
    let refused = client.register_webhook(&by, &receiver.url, long).await;
    assert_eq!(code(refused), Some(ProblemCode::InvalidBody));
    let made = client.register_webhook(&by, &receiver.url, filter.clone()).await?;
    let WebhookSecretBody { webhook, secret } = made;
    assert_eq!((webhook.url.as_str(), &webhook.filter), (receiver.url.as_str(), &filter));
    assert_eq!(client.webhooks(&by).await?, std::slice::from_ref(&webhook));
    pay_and_seal(&node, 4).await?;
    let posts = receiver.wait(1).await?;
    let body: EventBody = serde_json::from_slice(&posts[0].body)?;
    assert_eq!(body.event.kind(), EventType::LicensePaid, "license 0, which account 1 holds");
    assert_eq!(posts[0].event_id(), body.id.to_string());
    assert_eq!(posts[0].headers["content-type"], "application/json");
    assert_eq!(posts[0].headers["farthing-webhook-id"], webhook.id.to_string());
    assert!(posts[0].is_signed_by(&secret) && !posts[0].is_signed_by("whsec_other"));

    let tested = client.test_webhook(&by, webhook.id).await?;
    assert_eq!((tested.kind.as_str(), tested.state), ("webhook.test", DeliveryState::Pending));
    let posts = receiver.wait(2).await?;
    assert_eq!(posts[1].event_id(), tested.event.to_string());
    assert!(std::str::from_utf8(&posts[1].body)?.contains(r#""type":"webhook.test""#));

    // During a rotation both secrets sign; afterwards the new one does.
    let rotated = client.rotate_webhook_secret(&by, webhook.id, None).await?;
    assert_eq!(rotated.webhook.secrets, 2);
    client.resend_event(&by, webhook.id, tested.event).await?;
    let posts = receiver.wait(3).await?;
    assert_eq!((posts[2].event_id(), &posts[2].body), (posts[1].event_id(), &posts[1].body));
    assert!(posts[2].is_signed_by(&secret) && posts[2].is_signed_by(&rotated.secret));
    let last = client.rotate_webhook_secret(&by, webhook.id, Some(Duration::ZERO)).await?;
    assert_eq!(last.webhook.secrets, 1);
    client.resend_event(&by, webhook.id, body.id).await?;
    let posts = receiver.wait(4).await?;
    assert!(posts[3].is_signed_by(&last.secret) && !posts[3].is_signed_by(&rotated.secret));

    let first = delivered(&client, &by, webhook.id, posts[0].event_id()).await?;
    assert_eq!(
        (first.state, first.status, first.fault),
        (DeliveryState::Delivered, Some(204), None)
    );
    let gone = client.delete_webhook(&by, webhook.id).await?;
    assert_eq!(gone.id, webhook.id);
    assert_eq!(code(client.webhook(&by, webhook.id).await), Some(ProblemCode::WebhookNotFound));
    pay_and_seal(&node, 5).await?;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(receiver.posts().len(), 4, "nothing is posted to it any more");
    node.stop().await
}

#[tokio::test]
async fn a_receiver_that_fails_gets_the_same_event_until_it_takes_it() -> TestResult {
    let (dir, receiver) = (tempfile::tempdir()?, Receiver::start().await?);
    let node = with_licenses(dir.path(), hooks()).await?;
    let (client, by) = (node.client()?, signer(2));
    let filter = EventFilterBody { types: vec![EventType::BatchSealed], ..Default::default() };
    let made = client.register_webhook(&by, &receiver.url, filter).await?;
    let id = made.webhook.id;
    receiver.answer.store(500, Ordering::SeqCst);
    pay_and_seal(&node, 1).await?;
    let posts = receiver.wait(2).await?;
    assert_eq!(posts[0].body, posts[1].body);
    assert_eq!(posts[0].event_id(), posts[1].event_id());
    let event = posts[0].event_id().to_owned();
    // A redirect is an answer like any other that is not 2xx: nothing is posted elsewhere.
    receiver.answer.store(307, Ordering::SeqCst);
    receiver.wait(3).await?;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let failed = delivered(&client, &by, id, &event).await?;
    assert_eq!((failed.state, failed.fault), (DeliveryState::Pending, Some(DeliveryFault::Status)));
    assert!(failed.attempts >= 3 && failed.next_attempt.is_some(), "{failed:?}");
    assert_eq!(client.webhook(&by, id).await?.pending, 1);
    // A slow receiver: the attempt ends, and the next one is made.
    receiver.answer.store(0, Ordering::SeqCst);
    let seen = receiver.posts().len();
    client.resend_event(&by, id, event.parse()?).await?;
    receiver.wait(seen + 1).await?;
    receiver.answer.store(200, Ordering::SeqCst);
    receiver.wait(seen + 2).await?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let taken = delivered(&client, &by, id, &event).await?;
    assert_eq!(
        (taken.state, taken.status, taken.fault),
        (DeliveryState::Delivered, Some(200), None)
    );
    let metrics = client.metrics().await?;
    assert!(metrics.contains("farthing_webhook_attempts_total{outcome=\"taken\"} 1"), "{metrics}");
    node.stop().await
}

#[tokio::test]
async fn what_there_was_no_room_for_is_posted_once_there_is() -> TestResult {
    let (dir, receiver) = (tempfile::tempdir()?, Receiver::start().await?);
    let node = with_licenses(dir.path(), WebhooksConfig { pending_max: 1, ..hooks() }).await?;
    let filter = EventFilterBody { types: vec![EventType::BatchSealed], ..Default::default() };
    node.client()?.register_webhook(&signer(2), &receiver.url, filter).await?;
    receiver.answer.store(500, Ordering::SeqCst);
    pay_and_seal(&node, 1).await?;
    let first = receiver.wait(1).await?[0].event_id().to_owned();
    pay_and_seal(&node, 2).await?;
    tokio::time::sleep(Duration::from_millis(200)).await;
    receiver.answer.store(204, Ordering::SeqCst);
    // Nothing more happens on the node.
    let second = async {
        while receiver.posts().iter().all(|posted| posted.event_id() == first) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(TIMEOUT, second).await?;
    node.stop().await
}

#[tokio::test]
async fn what_no_attempt_brings_is_given_up_and_can_be_sent_again() -> TestResult {
    let dir = tempfile::tempdir()?;
    let config = WebhooksConfig { retry_seconds: 1, ..hooks() };
    let node = with_licenses(dir.path(), config).await?;
    let (client, by) = (node.client()?, signer(1));
    // A port that is free now: no answer comes from there.
    let free = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
    let url = format!("http://{free}/hook?key=1");
    let made = client.register_webhook(&by, &url, EventFilterBody::default()).await?;
    let id = made.webhook.id;
    let tested = client.test_webhook(&by, id).await?;
    let event = tested.event.to_string();
    let given_up = async {
        loop {
            let delivery = delivered(&client, &by, id, &event).await?;
            if delivery.state == DeliveryState::GivenUp {
                return TestResult::Ok(delivery);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let given_up = tokio::time::timeout(TIMEOUT, given_up).await??;
    assert_eq!((given_up.fault, given_up.next_attempt), (Some(DeliveryFault::Connection), None));
    let receiver = Receiver::start_at(&free.to_string()).await?;
    client.resend_event(&by, id, tested.event).await?;
    assert_eq!(receiver.wait(1).await?[0].event_id(), event);
    let unknown = WireBytes32::from(Bytes32([7; 32]));
    assert_eq!(code(client.resend_event(&by, id, unknown).await), Some(ProblemCode::EventNotFound));
    node.stop().await
}

#[tokio::test]
async fn only_the_account_that_signs_and_only_once() -> TestResult {
    let dir = tempfile::tempdir()?;
    let config = WebhooksConfig { webhooks_per_account_max: 1, ..hooks() };
    let node = with_licenses(dir.path(), config).await?;
    let (client, by, other) = (node.client()?, signer(1), signer(2));
    let all = EventFilterBody::default;
    let url = "http://127.0.0.1:9/hook";
    let made = client.register_webhook(&by, url, all()).await?.webhook;
    let more = client.register_webhook(&by, "http://127.0.0.1:9/other", all()).await;
    assert_eq!(code(more), Some(ProblemCode::TooManyWebhooks));
    for answer in [
        code(client.webhook(&other, made.id).await),
        code(client.delete_webhook(&other, made.id).await),
        code(client.test_webhook(&other, made.id).await),
        code(client.webhook_deliveries(&other, made.id, None).await),
    ] {
        assert_eq!(answer, Some(ProblemCode::WebhookNotFound));
    }
    assert_eq!(client.webhooks(&other).await?, []);
    let unknown = AccountId::from(99);
    for (filter, expected) in [
        (EventFilterBody { account: Some(unknown), ..all() }, ProblemCode::AccountNotFound),
        (
            EventFilterBody { license: Some(LicenseId::from(99)), ..all() },
            ProblemCode::LicenseNotFound,
        ),
    ] {
        assert_eq!(code(client.register_webhook(&other, url, filter).await), Some(expected));
    }

    let http = reqwest::Client::builder().no_proxy().build()?;
    let path = format!("/v1/webhooks/{}", made.id);
    let send = async |method: Method, signature: Option<String>| -> TestResult<_> {
        let request = http.request(method, format!("{}{path}", node.url));
        let request = match &signature {
            Some(signature) => request.header("farthing-signature", signature),
            None => request,
        };
        Ok(request.send().await?)
    };
    let refused = async |signature: Option<String>| -> TestResult<ProblemCode> {
        Ok(problem_of(send(Method::GET, signature).await?).await?.code)
    };
    assert_eq!(refused(None).await?, ProblemCode::RequestNotSigned);
    assert_eq!(refused(Some("account=1".to_owned())).await?, ProblemCode::RequestNotSigned);
    let elsewhere = by.sign_request("GET", "/v1/webhooks", b"")?;
    assert_eq!(refused(Some(elsewhere)).await?, ProblemCode::InvalidSignature);
    let stranger = Signer::new(unknown, key(1), domain_digest());
    let stranger = stranger.sign_request("GET", &path, b"")?;
    assert_eq!(refused(Some(stranger)).await?, ProblemCode::UnknownAccount);
    let content = AccountRequest::content_of("GET", &path, b"");
    for ahead in [-301i64, 301] {
        let time = UnixTime::new(now().saturating_add_signed(ahead + ahead.signum() * 30))?;
        let request = AccountRequest { account: AccountId::from(1), time, content };
        let signature = request.sign(&key(1), &domain_digest());
        let signature = farthing_client::dto::WireSignature::from(signature);
        let header = format!("account=1,t={time},s={signature}");
        assert_eq!(refused(Some(header)).await?, ProblemCode::RequestStale, "{ahead}");
    }
    // A listing may be asked for again; what changes something is done once.
    let get = by.sign_request("GET", &path, b"")?;
    for _ in 0..2 {
        assert_eq!(send(Method::GET, Some(get.clone())).await?.status(), 200);
    }
    let delete = by.sign_request("DELETE", &path, b"")?;
    assert_eq!(send(Method::DELETE, Some(delete.clone())).await?.status(), 200);
    let again = problem_of(send(Method::DELETE, Some(delete)).await?).await?.code;
    assert_eq!(again, ProblemCode::WebhookNotFound);
    node.stop().await?;
    let node = start(dir.path(), hooks()).await?;
    assert_eq!(node.client()?.webhooks(&by).await?, [], "it is gone for good");
    node.stop().await
}

/// A request that somebody has seen does nothing when it is sent again, also after a restart.
#[tokio::test]
async fn a_request_that_was_done_is_not_done_again() -> TestResult {
    let dir = tempfile::tempdir()?;
    let node = with_licenses(dir.path(), hooks()).await?;
    let by = signer(1);
    let body = r#"{"url":"http://127.0.0.1:9/hook"}"#;
    let signature = by.sign_request("POST", "/v1/webhooks", body.as_bytes())?;
    let register = async |node: &Node| -> TestResult<reqwest::Response> {
        let request = reqwest::Client::builder().no_proxy().build()?;
        let request = request.post(format!("{}/v1/webhooks", node.url));
        let request = request.header("content-type", "application/json").body(body);
        Ok(request.header("farthing-signature", &signature).send().await?)
    };
    let first = register(&node).await?;
    assert_eq!(first.status(), 201);
    let text = first.text().await?;
    assert!(text.contains("whsec_"));
    assert_eq!(problem_of(register(&node).await?).await?.code, ProblemCode::RequestRepeated);
    node.stop().await?;
    let node = start(dir.path(), hooks()).await?;
    let again = problem_of(register(&node).await?).await?;
    assert_eq!(again.code, ProblemCode::RequestRepeated);
    assert_eq!(node.client()?.webhooks(&by).await?.len(), 1);
    node.stop().await
}

#[tokio::test]
async fn addresses_of_this_machine_are_refused_unless_configured() -> TestResult {
    let (dir, receiver) = (tempfile::tempdir()?, Receiver::start().await?);
    let node = with_licenses(dir.path(), hooks()).await?;
    let by = signer(1);
    let all = EventFilterBody::default;
    let made = node.client()?.register_webhook(&by, &receiver.url, all()).await?.webhook;
    node.stop().await?;
    // The setting is gone: what was registered under it is not posted to either.
    let config = WebhooksConfig { private_addresses: false, ..hooks() };
    let node = start(dir.path(), config).await?;
    let client = node.client()?;
    let tested = client.test_webhook(&by, made.id).await?;
    let event = tested.event.to_string();
    let refused = async {
        loop {
            let delivery = delivered(&client, &by, made.id, &event).await?;
            if delivery.attempts > 0 {
                return TestResult::Ok(delivery.fault);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let fault = tokio::time::timeout(TIMEOUT, refused).await??;
    assert_eq!(fault, Some(DeliveryFault::PrivateAddress));
    assert_eq!(receiver.posts().len(), 0);
    for url in [
        receiver.url.as_str(),
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest",
        "http://8.8.8.8/",
        "https://user:pass@8.8.8.8/",
        "not a URL",
    ] {
        let refused = client.register_webhook(&by, url, all()).await;
        assert_eq!(code(refused), Some(ProblemCode::InvalidWebhookUrl), "{url}");
    }
    assert_eq!(client.webhooks(&by).await?.len(), 1);
    node.stop().await
}

const CHILD_FOLDER: &str = "FARTHING_TEST_WEBHOOKS_FOLDER";

/// A node of its own process, which says its URL and works until it is killed.
#[tokio::test(flavor = "multi_thread")]
async fn child() -> TestResult {
    let Some(folder) = std::env::var_os(CHILD_FOLDER) else { return Ok(()) };
    let path = Path::new(&folder);
    let mut config = node_config(path, BatchClass::TINY);
    config.sequencer.seal_age = Duration::from_millis(50);
    let server = ServerConfig { webhooks: hooks(), ..generous() };
    let node = Node::start_with(config, server).await?;
    std::fs::write(path.join("url.new"), &node.url)?;
    std::fs::rename(path.join("url.new"), path.join("url"))?;
    std::future::pending().await
}

/// Kills the node when it goes out of scope.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn spawn(path: &Path) -> TestResult<(Killed, String)> {
    let url = path.join("url");
    let _ = std::fs::remove_file(&url);
    let child = Command::new(std::env::current_exe()?)
        .args(["child", "--exact", "--nocapture"])
        .env(CHILD_FOLDER, path)
        .stdout(Stdio::null())
        .spawn()?;
    let child = Killed(child);
    let come = async {
        while !url.exists() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(TIMEOUT, come).await?;
    Ok((child, std::fs::read_to_string(&url)?))
}

/// The node is killed again and again while batches are sealed and a receiver answers now and then.
#[tokio::test(flavor = "multi_thread")]
async fn a_death_of_the_node_loses_no_event() -> TestResult {
    let (dir, receiver) = (tempfile::tempdir()?, Receiver::start().await?);
    let path = dir.path();
    let node = with_licenses(path, hooks()).await?;
    let by = signer(1);
    let filter = EventFilterBody { types: vec![EventType::BatchSealed], ..Default::default() };
    let made = node.client()?.register_webhook(&by, &receiver.url, filter).await?;
    let from = node.aggregator.events_end().await?;
    node.stop().await?;
    let payer = signer(3);
    for round in 0..6u64 {
        let (killed, url) = spawn(path).await?;
        let client = Client::new(&url)?;
        receiver.answer.store(if round % 3 == 1 { 503 } else { 200 }, Ordering::SeqCst);
        for payment in 1..=5 {
            client.pay(&payer, LicenseId::from(1), uses(payment)?, Bytes32([4; 32])).await?;
            tokio::time::sleep(Duration::from_millis(30 + 17 * round)).await;
        }
        drop(killed);
    }
    receiver.answer.store(200, Ordering::SeqCst);
    let node = start(path, hooks()).await?;
    node.seal().await?;
    let filter = farthing_aggregator::EventFilter {
        kinds: BTreeSet::from([farthing_aggregator::EventKind::BatchSealed]),
        ..Default::default()
    };
    let page = node.aggregator.events(from, filter, 1_000).await?;
    assert!(!page.more && page.events.len() >= 6, "{} batches", page.events.len());
    let come = async {
        loop {
            let pending = node.client()?.webhook(&by, made.webhook.id).await?.pending;
            let posted: BTreeSet<String> =
                receiver.posts().iter().map(|post| post.event_id().to_owned()).collect();
            if posted.len() == page.events.len() && pending == 0 {
                return TestResult::Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(TIMEOUT, come).await??;
    let mut bodies: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for post in receiver.posts() {
        let body = bodies.entry(post.event_id().to_owned()).or_insert_with(|| post.body.clone());
        assert_eq!(*body, post.body, "one event has one body");
        assert!(post.is_signed_by(&made.secret) || post.body.is_empty());
    }
    node.stop().await
}
