//! An L1 node that accepts connections and never answers: the settler gives up each request, says
//! that L1 is away, and the node goes on without it.

mod support;

use std::time::Duration;

use alloy::transports::http::reqwest::Url;
use farthing_aggregator::{Aggregator, Components, L1Config};
use farthing_protocol::{Address, BatchClass};
use support::*;
use tokio::net::TcpListener;

const REQUEST_TIMEOUT: Duration = Duration::from_millis(200);
/// Many timeouts and the pauses between them.
const TIMEOUT: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn the_settler_does_not_wait_for_ever() -> TestResult<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url: Url = format!("http://{}", listener.local_addr()?).parse()?;
    // Connections stay open, and nothing is ever said on them.
    let silent = tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((connection, _)) = listener.accept().await {
            open.push(connection);
        }
    });

    let dir = tempfile::tempdir()?;
    let mut l1 = L1Config::local(url, Address([0x11; 20]), 0);
    l1.request_timeout = REQUEST_TIMEOUT;
    let parts = Components { l1: Some(l1), ..Components::default() };
    let node = Aggregator::start(config(dir.path(), BatchClass::TINY), parts)?;
    let given_up = async {
        while node.metrics().l1_errors < 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(TIMEOUT, given_up).await?;
    assert!(!node.l1().borrow().reachable);
    assert_eq!(node.checked(REQUEST_TIMEOUT).await.ok(), Some(false), "nothing was compared");
    assert!(!node.readiness().is_ready(), "what is acknowledged may never settle");

    open(&node, 1).await??;
    node.stop().await;
    silent.abort();
    Ok(())
}
