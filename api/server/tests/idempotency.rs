//! `Idempotency-Key`, retries, many clients at once, and overload.

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use farthing_client::dto::{IntentAccepted, IntentBatch, IntentBody};
use farthing_client::{Problem, ProblemCode, Signer};
use farthing_protocol::{AccountId, Amount, BatchClass, Bytes32, SignedIntent};
use support::*;

fn transfer(signer: &Signer, amount: u64) -> TestResult<SignedIntent> {
    Ok(signer.transfer(transfer_to(
        AccountId::from(1),
        Amount::new(amount)?,
        Bytes32::default(),
    ))?)
}

async fn post(
    http: &reqwest::Client,
    node: &str,
    key: &str,
    signed: &SignedIntent,
) -> Result<reqwest::Response, reqwest::Error> {
    let request = http.post(format!("{node}/v1/intents")).json(&IntentBody::from(signed));
    request.header("idempotency-key", key).send().await
}

fn is_replayed(response: &reqwest::Response) -> bool {
    response.headers().get("idempotency-replayed").is_some_and(|value| value == "true")
}

#[tokio::test]
async fn a_key_replays_its_answer_also_after_a_restart() -> TestResult {
    let dir = tempfile::tempdir()?;
    let node = Node::start(dir.path()).await?;
    node.fund(2, 0).await?;
    let http = reqwest::Client::new();
    let (one, other) = (transfer(&signer(2), 5)?, transfer(&signer(2), 6)?);
    let first = post(&http, &node.url, "key-1", &one).await?;
    assert_eq!((first.status().as_u16(), is_replayed(&first)), (201, false));
    let first = first.bytes().await?;
    let again = post(&http, &node.url, "key-1", &one).await?;
    assert_eq!((again.status().as_u16(), is_replayed(&again)), (201, true));
    assert_eq!(again.bytes().await?, first, "byte by byte");
    let conflict = post(&http, &node.url, "key-1", &other).await?;
    assert_eq!(problem_of(conflict).await?.code, ProblemCode::IdempotencyConflict);

    let poor = transfer(&signer(2), FUNDS + 1)?;
    let refused = problem_of(post(&http, &node.url, "key-2", &poor).await?).await?;
    node.stop().await?;
    let node = Node::start(dir.path()).await?;
    let again = post(&http, &node.url, "key-1", &one).await?;
    assert_eq!((again.status().as_u16(), is_replayed(&again)), (201, true));
    assert_eq!(again.bytes().await?, first);
    let conflict = post(&http, &node.url, "key-1", &other).await?;
    assert_eq!(problem_of(conflict).await?.code, ProblemCode::IdempotencyConflict);
    let again = problem_of(post(&http, &node.url, "key-2", &poor).await?).await?;
    assert_eq!(Problem { request_id: None, ..again }, Problem { request_id: None, ..refused });
    // Without the key, the intent itself is known: settled once, however often it is sent.
    let unkeyed = post(&http, &node.url, "key-3", &one).await?;
    assert_eq!(unkeyed.status().as_u16(), 200);
    assert!(unkeyed.json::<IntentAccepted>().await?.repeated);
    let spendable = node.client()?.account(AccountId::from(2)).await?.spendable.0.get();
    assert_eq!(spendable, FUNDS - 5);
    node.stop().await
}

#[tokio::test]
async fn a_key_is_the_signers_own() -> TestResult {
    let dir = tempfile::tempdir()?;
    let node = Node::start(dir.path()).await?;
    node.fund(3, 0).await?;
    let http = reqwest::Client::new();
    let (one, two) = (transfer(&signer(2), 5)?, transfer(&signer(3), 6)?);
    // Two platforms number their orders alike.
    for signed in [&one, &two] {
        let taken = post(&http, &node.url, "order-17", signed).await?;
        assert_eq!((taken.status().as_u16(), is_replayed(&taken)), (201, false));
    }
    // Anyone may send what account 2 has signed, or forge it, under keys that it will use.
    let copied = post(&http, &node.url, "order-18", &one).await?;
    assert_eq!(copied.status().as_u16(), 200);
    let mut forged = transfer(&signer(2), 7)?;
    forged.signature = one.signature;
    let refused = post(&http, &node.url, "order-18", &forged).await?;
    assert_eq!(problem_of(refused).await?.code, ProblemCode::InvalidSignature);
    let own = post(&http, &node.url, "order-18", &transfer(&signer(2), 8)?).await?;
    assert_eq!((own.status().as_u16(), is_replayed(&own)), (201, false));

    // The same of batches: a key belongs to all who sign in it.
    let batch = async |intents: &[&SignedIntent]| -> TestResult<serde_json::Value> {
        let body = IntentBatch { intents: intents.iter().map(|one| (*one).into()).collect() };
        let request = http.post(format!("{}/v1/intents/batch", node.url)).json(&body);
        Ok(request.header("idempotency-key", "day-1").send().await?.json().await?)
    };
    let copies = batch(&[&one, &two]).await?;
    assert_eq!(copies["results"][1]["accepted"]["repeated"], true);
    let (first, second) = (transfer(&signer(2), 9)?, transfer(&signer(3), 9)?);
    let taken = batch(&[&first, &second, &forged]).await?;
    assert_eq!(taken["results"][0]["accepted"]["repeated"], false);
    let conflict = batch(&[&second, &first, &forged]).await?;
    assert_eq!(conflict["code"], "idempotency_conflict");
    let alone = transfer(&signer(3), 10)?;
    assert_eq!(batch(&[&alone]).await?["results"][0]["accepted"]["repeated"], false);
    node.stop().await
}

#[tokio::test]
async fn a_refused_request_leaves_its_key_free() -> TestResult {
    let dir = tempfile::tempdir()?;
    let node = Node::start(dir.path()).await?;
    node.fund(2, 0).await?;
    let http = reqwest::Client::new();
    let send = async |body: String| -> TestResult<reqwest::Response> {
        let request = http.post(format!("{}/v1/intents", node.url)).body(body);
        let request = request.header("content-type", "application/json");
        Ok(request.header("idempotency-key", "order-17").send().await?)
    };
    let body = |signed: &SignedIntent| serde_json::to_string(&IntentBody::from(signed));
    let poor = body(&transfer(&signer(2), FUNDS + 1)?)?;
    for (refused, code) in [
        ("{".to_owned(), ProblemCode::MalformedJson),
        ("{}".to_owned(), ProblemCode::InvalidBody),
        (poor.clone(), ProblemCode::InsufficientFunds),
        (poor, ProblemCode::InsufficientFunds),
    ] {
        assert_eq!(problem_of(send(refused).await?).await?.code, code);
    }
    let good = body(&transfer(&signer(2), 5)?)?;
    let taken = send(good.clone()).await?;
    assert_eq!((taken.status().as_u16(), is_replayed(&taken)), (201, false));
    let again = send(good.clone()).await?;
    assert_eq!((again.status().as_u16(), is_replayed(&again)), (201, true));
    // The bytes are compared: another spelling of the same is another body.
    assert_eq!(
        problem_of(send(format!(" {good}")).await?).await?.code,
        ProblemCode::IdempotencyConflict
    );
    let resigned = body(&transfer(&signer(2), 5)?)?;
    assert_eq!(problem_of(send(resigned).await?).await?.code, ProblemCode::IdempotencyConflict);
    let spendable = node.client()?.account(AccountId::from(2)).await?.spendable.0.get();
    assert_eq!(spendable, FUNDS - 5, "paid once");
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_clients_with_retries_and_duplicate_keys_settle_everything_once() -> TestResult {
    const CLIENTS: u32 = 20;
    const EACH: u64 = 10;
    let dir = tempfile::tempdir()?;
    let config = node_config(dir.path(), BatchClass::SMALL);
    let node = Node::start_with(config, generous()).await?;
    node.fund(CLIENTS + 1, 0).await?;
    let created = Arc::new(AtomicU64::new(0));
    let mut tasks = Vec::new();
    for client in 2..=CLIENTS + 1 {
        let (url, created) = (node.url.clone(), created.clone());
        tasks.push(tokio::spawn(async move {
            let (http, signer) = (reqwest::Client::new(), signer(client));
            for round in 0..EACH {
                let signed = transfer(&signer, 1)?;
                let key = format!("client-{client}-{round}");
                // The same three times at once: one works, two replay.
                let sent = futures_util::future::join_all(
                    (0..3).map(|_| post(&http, &url, &key, &signed)),
                );
                let mut bodies = BTreeSet::new();
                for response in sent.await {
                    let response = response?;
                    assert_eq!(response.status().as_u16(), 201);
                    created.fetch_add(u64::from(!is_replayed(&response)), Ordering::Relaxed);
                    bodies.insert(response.bytes().await?);
                }
                assert_eq!(bodies.len(), 1, "one answer for all three");
            }
            TestResult::Ok(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    assert_eq!(created.load(Ordering::Relaxed), u64::from(CLIENTS) * EACH);
    node.seal().await?;
    let client = node.client()?;
    let total = u64::from(CLIENTS) * EACH;
    assert_eq!(client.account(AccountId::from(1)).await?.balance.0.get(), FUNDS + total);
    for account in 2..=CLIENTS + 1 {
        let left = client.account(AccountId::from(account)).await?.balance.0.get();
        assert_eq!(left, FUNDS - EACH);
    }
    assert_eq!(node.aggregator.metrics().intents_accepted, total);
    node.stop().await
}

/// Resident memory of this process, in KiB.
fn resident() -> TestResult<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("VmRSS")?;
    Ok(line.split_whitespace().nth(1).ok_or("number")?.parse()?)
}

/// Sends batches as fast as it goes until `end`, and until somebody has met a limit. How many were
/// taken, and why others were not.
async fn flood(
    url: String,
    account: u32,
    end: Instant,
    limited: Arc<AtomicBool>,
) -> TestResult<(u64, BTreeSet<ProblemCode>)> {
    let (http, signer) = (reqwest::Client::new(), signer(account));
    let (mut accepted, mut refused) = (0, BTreeSet::new());
    while Instant::now() < end || !limited.load(Ordering::Relaxed) {
        let intents = (0..64).map(|_| transfer(&signer, 0)).collect::<TestResult<Vec<_>>>()?;
        let body = IntentBatch { intents: intents.iter().map(IntentBody::from).collect() };
        let response = http.post(format!("{url}/v1/intents/batch")).json(&body).send().await?;
        if response.status().as_u16() == 200 {
            accepted += 1;
        } else {
            refused.insert(problem_of(response).await?.code);
            limited.store(true, Ordering::Relaxed);
        }
    }
    Ok((accepted, refused))
}

#[tokio::test(flavor = "multi_thread")]
async fn overload_is_429_or_503_and_passes() -> TestResult {
    const ACCOUNTS: u32 = 8;
    const OVERLOAD: Duration = Duration::from_secs(20);
    let dir = tempfile::tempdir()?;
    let mut config = node_config(dir.path(), BatchClass::MEDIUM);
    config.sequencer.waiting_max = 128;
    let mut limits = generous();
    (limits.requests_max, limits.requests_per_second, limits.requests_burst) = (16, 100, 100);
    let node = Node::start_with(config, limits).await?;
    node.fund(ACCOUNTS, 0).await?;
    let end = Instant::now() + OVERLOAD;
    let limited = Arc::new(AtomicBool::new(false));
    let before = resident()?;
    let mut tasks = Vec::new();
    for account in 1..=ACCOUNTS {
        tasks.push(tokio::spawn(flood(node.url.clone(), account, end, limited.clone())));
    }
    let (mut accepted, mut refused) = (0, BTreeSet::new());
    for task in tasks {
        let (more, codes) = task.await??;
        accepted += more;
        refused.extend(codes);
    }
    let grown = resident()?.saturating_sub(before);
    // RocksDB's memtables, the open batch, and the clients themselves.
    assert!(grown < 512 << 10, "{grown} KiB more");
    assert!(accepted > 0, "the node works on under overload");
    assert!(!refused.is_empty(), "the limits were reached");
    let allowed = BTreeSet::from([ProblemCode::RateLimited, ProblemCode::Overloaded]);
    assert!(refused.is_subset(&allowed), "{refused:?}");
    // The SDK waits as it is told to, and gets through.
    let signed = transfer(&signer(1), 7)?;
    assert!(!node.client()?.submit(&signed).await?.repeated);
    node.stop().await
}

#[tokio::test]
async fn a_batch_is_answered_item_by_item() -> TestResult {
    let dir = tempfile::tempdir()?;
    let node = Node::start(dir.path()).await?;
    node.fund(2, 0).await?;
    let signer = signer(2);
    let good = serde_json::to_value(IntentBody::from(&transfer(&signer, 5)?))?;
    let mut wrong = good.clone();
    wrong["nonce"] = serde_json::json!(7);
    let poor = serde_json::to_value(IntentBody::from(&transfer(&signer, FUNDS)?))?;
    let last = serde_json::to_value(IntentBody::from(&transfer(&signer, 6)?))?;
    let body = serde_json::json!({ "intents": [good, wrong, null, poor, good, last] });
    let answer = reqwest::Client::new().post(format!("{}/v1/intents/batch", node.url)).json(&body);
    let answer: serde_json::Value = answer.send().await?.json().await?;
    let results = answer["results"].as_array().ok_or("results")?;
    assert_eq!(results.len(), 6);
    assert_eq!(results[0]["accepted"]["repeated"], false);
    assert_eq!(results[1]["rejected"]["code"], "invalid_body");
    assert!(
        results[1]["rejected"]["detail"].as_str().is_some_and(|detail| detail.contains("Nonce"))
    );
    assert_eq!(results[2]["rejected"]["code"], "invalid_body");
    assert_eq!(results[3]["rejected"]["code"], "insufficient_funds");
    assert_eq!(results[4]["accepted"]["repeated"], true);
    assert_eq!(results[5]["accepted"]["repeated"], false);
    let all = (0..40).map(|_| transfer(&signer, 1)).collect::<TestResult<Vec<_>>>()?;
    let results = node.client()?.submit_all(&all).await?;
    assert!(results.iter().all(Result::is_ok), "more than a tiny batch holds");
    node.stop().await
}
