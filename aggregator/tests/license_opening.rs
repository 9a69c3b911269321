//! The paths that the node gives of a license at each final batch, against the batches that L1 has. The
//! verifier accepts every proof: what is tested is which state the path is of.

mod support;

use std::time::Duration;

use alloy::primitives::B256;
use farthing_aggregator::{Aggregator, QueryError};
use farthing_ledger::PastStateError;
use farthing_protocol::{BatchClass, BatchNumber, LicenseId, Operation};
use support::l1::LocalL1;
use support::*;

const TIMEOUT: Duration = Duration::from_secs(60);
const LICENSE: LicenseId = LicenseId::MIN;

/// An operation of account 1, sealed and indexed on return.
async fn seal(node: &Aggregator, l1: &LocalL1, nonce: u64, operation: Operation) -> TestResult<()> {
    let operation = address(node, operation).await?;
    let signed = sign_in(&l1.genesis.domain.digest(), 1, nonce, operation)?;
    node.submit(vec![signed]).await?.remove(0)?;
    let batch = node.seal().await?.ok_or("a batch")?;
    node.progress().wait_for(|progress| progress.indexed > batch).await?;
    Ok(())
}

async fn settle(node: &Aggregator, l1: &LocalL1) -> TestResult<()> {
    node.form_block().await?.ok_or("a block")?;
    let end = node.progress().borrow().sequenced;
    let ticks = tokio::spawn(l1.ticks());
    let mut progress = node.progress();
    let settled = progress.wait_for(|progress| progress.finalized == end);
    tokio::time::timeout(TIMEOUT, settled).await??;
    ticks.abort();
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_license_is_opened_at_each_final_batch_that_l1_has() -> TestResult<()> {
    let (l1, dir) = (LocalL1::start().await?, tempfile::tempdir()?);
    let node = start_by_hand(dir.path(), &l1)?;
    l1.deposit(1, 5_000).await?;
    l1.mine(3).await?;
    opened(&node, 1).await?;
    let transfer = || farthing_testkit::transfer(0, 1);
    let holders = [(holder(0), 400_000), (holder(1), 600_000)];
    let register = || farthing_testkit::register(PRICE, 0, 1, &holders);
    seal(&node, &l1, 1, transfer()?).await?;
    seal(&node, &l1, 2, register()?).await?;
    seal(&node, &l1, 3, farthing_testkit::pay(0, 10, PRICE)?).await?;
    assert_eq!(node.final_license(LICENSE, None).await?, None, "sealed is not final");
    settle(&node, &l1).await?;
    // A second license changes the path of the first; batches that follow are not final.
    seal(&node, &l1, 4, register()?).await?;
    seal(&node, &l1, 5, farthing_testkit::pay(0, 5, PRICE)?).await?;
    settle(&node, &l1).await?;
    seal(&node, &l1, 6, farthing_testkit::pay(0, 7, PRICE)?).await?;
    seal(&node, &l1, 7, farthing_testkit::pay(1, 7, PRICE)?).await?;

    let mut received = Vec::new();
    for batch in 0..8 {
        let found = node.final_license(LICENSE, Some(BatchNumber::new(batch)?)).await?;
        let Some(found) = found else {
            received.push(None);
            continue;
        };
        assert_eq!(found.proof.state_root(), found.statement.header.new_root);
        assert_eq!(found.statement.header.number.get(), batch);
        let id = l1.rollup.finalBatch(batch).call().await?;
        let digest = l1.rollup.committedDigest(id).call().await?;
        assert_eq!(digest, B256::from(found.statement.digest().to_bytes()), "batch {batch}");
        received.push(Some(found.proof.license.state.received.get()));
    }
    let (ten, fifteen) = (Some(10 * PRICE), Some(15 * PRICE));
    assert_eq!(received, [None, Some(0), ten, ten, fifteen, None, None, None]);
    let latest = node.final_license(LICENSE, None).await?.ok_or("final")?;
    assert_eq!(latest.statement.header.number.get(), 4);
    assert_eq!(node.final_license(LicenseId::from(9), None).await?, None);
    node.stop().await;
    Ok(())
}

/// A node that is rebuilt from L1 opens the last state, and none before it.
#[tokio::test(flavor = "multi_thread")]
async fn a_restored_node_opens_no_earlier_state() -> TestResult<()> {
    let (l1, dir) = (LocalL1::start().await?, tempfile::tempdir()?);
    let node = start_by_hand(dir.path(), &l1)?;
    l1.deposit(1, 5_000).await?;
    l1.mine(3).await?;
    opened(&node, 1).await?;
    let holders = [(holder(1), 1_000_000)];
    seal(&node, &l1, 1, farthing_testkit::register(PRICE, 0, 1, &holders)?).await?;
    seal(&node, &l1, 2, farthing_testkit::pay(0, 10, PRICE)?).await?;
    settle(&node, &l1).await?;
    let expected = node.final_license(LICENSE, None).await?.ok_or("final")?;
    node.stop().await;

    let restored = tempfile::tempdir()?;
    let (domain, operator) = (l1.genesis.domain, Some(l1.genesis.operator));
    let (data, class) = (restored.path(), BatchClass::TINY);
    farthing_aggregator::restore(data, domain, operator, class, &l1.config()).await?;
    let node = start_by_hand(restored.path(), &l1)?;
    let opening = node.final_license(LICENSE, None).await?.ok_or("final")?;
    assert_eq!(opening.proof, expected.proof);
    let refused = node.final_license(LICENSE, Some(BatchNumber::MIN)).await;
    assert!(matches!(refused, Err(QueryError::PastState(PastStateError::NotKept { .. }))));
    node.stop().await;
    Ok(())
}
