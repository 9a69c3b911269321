//! A node is rebuilt from endpoints that refuse large pages of logs, each in its own words; and never
//! from one that leaves logs out.

mod support;

use std::sync::atomic::Ordering;
use std::time::Duration;

use alloy::primitives::U256;
use farthing_aggregator::{L1Config, RestoreNodeError, Restored, SettlerError, restore};
use farthing_ledger::{Durability, Ledger};
use farthing_protocol::BatchClass;
use support::endpoint::{Endpoint, Refusal};
use support::l1::LocalL1;
use support::*;

/// Blocks with a deposit each, so that every page has logs.
const DEPOSITS: u32 = 12;

async fn restored(config: &L1Config, l1: &LocalL1) -> Result<Restored, RestoreNodeError> {
    let data = tempfile::tempdir()?;
    restore(data.path(), l1.genesis.domain, None, BatchClass::TINY, config).await
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_halved_until_they_are_granted() -> TestResult<()> {
    let l1 = LocalL1::start().await?;
    for account in 1..=DEPOSITS {
        l1.deposit(account, 1_000_000).await?;
    }
    l1.mine(12).await?;
    let folder = tempfile::tempdir()?;
    let genesis =
        Ledger::create(folder.path(), l1.genesis, BatchClass::TINY, Durability::Buffered)?.root();
    for refusal in [
        Refusal::Code(-32005),
        Refusal::Code(-32000),
        Refusal::Code(-32602),
        Refusal::Status(413),
        Refusal::Status(503),
        Refusal::Silence,
        Refusal::Any,
    ] {
        for blocks in [1, 3] {
            let endpoint = Endpoint::start(l1.anvil.endpoint_url(), blocks, refusal).await?;
            let mut config = l1.config();
            config.url = endpoint.url;
            config.request_timeout = Duration::from_millis(400);
            let Restored { root, .. } = restored(&config, &l1).await?;
            assert_eq!(root, genesis, "{refusal:?}");
            assert!(endpoint.refused.load(Ordering::SeqCst) > 0, "{refusal:?} was never met");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_refuses_single_blocks_is_named() -> TestResult<()> {
    let l1 = LocalL1::start().await?;
    let endpoint = Endpoint::start(l1.anvil.endpoint_url(), 0, Refusal::Code(-32005)).await?;
    let mut config = l1.config();
    config.url = endpoint.url;
    l1.mine(3).await?;
    let refused = restored(&config, &l1).await;
    let Err(RestoreNodeError::L1(SettlerError::LogsRefused { from, to, .. })) = refused else {
        return Err(format!("expected a refusal, got {refused:?}").into());
    };
    assert_eq!(from, to);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_that_are_left_out_are_noticed() -> TestResult<()> {
    let l1 = LocalL1::start().await?;
    l1.mine(10).await?;
    l1.deposit(1, 1_000_000).await?;
    l1.mine(10).await?;
    let endpoint = Endpoint::start(l1.anvil.endpoint_url(), 12, Refusal::CutOff).await?;
    let mut config = l1.config();
    config.url = endpoint.url;
    let missing = restored(&config, &l1).await;
    let Err(RestoreNodeError::L1(SettlerError::LogsMissing { expected, got, .. })) = missing else {
        return Err(format!("expected missing logs, got {missing:?}").into());
    };
    assert_eq!((expected, got), (1, 0));
    assert_eq!(l1.token.balanceOf(*l1.rollup.address()).call().await?, U256::from(1_000_000));
    Ok(())
}
