//! An L1 endpoint whose parts are a moment behind one another: a nonce is used before the receipt is
//! there, and after a receipt the count of nonces is still the old one. Nothing is wrong, and the
//! node says so.

mod support;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use alloy::providers::Provider;
use alloy::transports::http::reqwest::{Client, Url};
use farthing_aggregator::{Aggregator, Components, L1Config};
use farthing_protocol::{AccountId, Amount, BatchClass, Bytes32, Operation, Stage, Transfer};
use support::l1::LocalL1;
use support::prover::Asked;
use support::*;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

const TIMEOUT: Duration = Duration::from_secs(60);
/// Times that a receipt is asked for before it is shown.
const RECEIPT_DELAY: u32 = 2;

/// Receipts asked for, and the last count of transactions, as the endpoint showed them.
#[derive(Default)]
struct Shown {
    receipts: HashMap<String, u32>,
    count: Option<String>,
}

/// The answer instead of L1's, if the endpoint is to be behind.
fn behind(shown: &mut Shown, request: &str, answer: &str) -> Option<String> {
    if request.contains("eth_getTransactionReceipt") {
        let hash = request.split("0x").nth(1)?.get(..64)?.to_owned();
        let asked = shown.receipts.entry(hash).or_default();
        *asked += 1;
        return (*asked <= RECEIPT_DELAY).then(|| with_result(answer, "null"));
    }
    if request.contains("eth_getTransactionCount") {
        let now = answer.split("\"result\":").nth(1)?.trim_end_matches('}').to_owned();
        let before = shown.count.replace(now.clone())?;
        return (before != now).then(|| with_result(answer, &before));
    }
    None
}

fn with_result(answer: &str, result: &str) -> String {
    let head = answer.split("\"result\":").next().unwrap_or_default();
    format!("{head}\"result\":{result}}}")
}

async fn serve(stream: TcpStream, l1: Url, shown: Arc<Mutex<Shown>>) -> TestResult<()> {
    let client = Client::new();
    let mut stream = BufReader::new(stream);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        let request = String::from_utf8(body)?;
        let asked = client.post(l1.clone()).header("content-type", "application/json");
        let answer = asked.body(request.clone()).send().await?.text().await?;
        let told = {
            let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
            behind(&mut shown, &request, answer.trim()).unwrap_or(answer)
        };
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            told.len()
        );
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(told.as_bytes()).await?;
        stream.flush().await?;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_a_moment_behind_is_no_other_transaction() -> TestResult<()> {
    let (l1, dir) = (LocalL1::start().await?, tempfile::tempdir()?);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url: Url = format!("http://{}", listener.local_addr()?).parse()?;
    let shown = Arc::new(Mutex::new(Shown::default()));
    let upstream = l1.anvil.endpoint_url();
    let proxy = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, upstream.clone(), Arc::clone(&shown)));
        }
    });
    l1.deposit(1, 5_000).await?;
    l1.deposit(2, 1).await?;
    l1.mine(3).await?;
    let mut config = config(dir.path(), BatchClass::TINY);
    config.genesis = l1.genesis;
    config.blocks.age = Duration::from_secs(3600);
    let prover = Some(Asked::default().source(Duration::ZERO));
    let chain = Some(L1Config { url, ..l1.config() });
    let node =
        Aggregator::start(config, Components { prover, l1: chain, ..Components::default() })?;
    let funded = async {
        while node.account(AccountId::from(2)).await?.is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        TestResult::Ok(())
    };
    tokio::time::timeout(TIMEOUT, funded).await??;
    let ticks = tokio::spawn(l1.ticks());
    for nonce in 1..=3 {
        let (to, amount) = (AccountId::from(2), Amount::new(1)?);
        let transfer = Operation::Transfer(Transfer {
            to,
            amount,
            recipient: identity(to.get()).recipient(),
            memo: Bytes32([1; 32]),
        });
        let signed = sign_in(&l1.genesis.domain.digest(), 1, nonce, transfer)?;
        let id = node.submit(vec![signed]).await?.remove(0)?.id;
        node.seal().await?;
        node.form_block().await?.ok_or("a block")?;
        let view = node.wait(id, Stage::Finalized, TIMEOUT).await?.ok_or("known")?;
        assert_eq!(view.stage, Stage::Finalized);
    }
    ticks.abort();
    assert_eq!(node.metrics().l1_errors, 0, "nothing was wrong");
    let used = l1.provider.get_transaction_count(l1.operator.address()).await?;
    assert_eq!(used, 6, "data and proof of three blocks");
    node.stop().await;
    proxy.abort();
    Ok(())
}
