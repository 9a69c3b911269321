//! Blocks that no transaction holds are never formed, and cut again if L1 refuses them.

mod support;

use std::path::Path;
use std::time::Duration;

use alloy::primitives::B256;
use alloy::providers::Provider;
use farthing_aggregator::{Aggregator, BlockState, Components, L1Config};
use farthing_protocol::{
    AccountId, Amount, BatchClass, BatchNumber, BlockNumber, Bytes32, Operation, Transfer,
};
use support::l1::LocalL1;
use support::prover::Asked;
use support::*;

const TIMEOUT: Duration = Duration::from_secs(120);
/// Gas of a transaction, by EIP-7825.
const GAS_LIMIT: u64 = 16_777_216;
/// Gas of the proof and its verifier, and a margin of a tenth: `l1-contracts/snapshots` has the figure.
const PROOF_GAS: u64 = 4_000_000;
/// The most batches that the pipeline puts into a block.
const BATCHES_MAX: u64 = 200;

fn start(path: &Path, l1: &LocalL1, batches: u32, gas_limit: u64) -> TestResult<Aggregator> {
    let mut config = config(path, BatchClass::TINY);
    config.genesis = l1.genesis;
    config.blocks.age = Duration::from_secs(3600);
    config.blocks.batches_max = batches;
    let prover = Some(Asked::default().source(Duration::ZERO));
    let l1 = Some(L1Config { gas_limit, ..l1.config() });
    Ok(Aggregator::start(config, Components { prover, l1, ..Components::default() })?)
}

/// Settles `count` batches; returns the blocks' sizes and the gas of the last block's proof.
async fn settle(node: &Aggregator, l1: &LocalL1, count: u64) -> TestResult<(Vec<u32>, u64)> {
    l1.deposit(1, 5_000).await?;
    l1.deposit(2, 1).await?;
    l1.mine(3).await?;
    let funded = async {
        while node.account(AccountId::from(2)).await?.is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        TestResult::Ok(())
    };
    tokio::time::timeout(TIMEOUT, funded).await??;
    for nonce in 1..=count {
        let (to, amount) = (AccountId::from(2), Amount::new(1)?);
        let transfer = Operation::Transfer(Transfer {
            to,
            amount,
            recipient: identity(to.get()).recipient(),
            memo: Bytes32([1; 32]),
        });
        let signed = sign_in(&l1.genesis.domain.digest(), 1, nonce, transfer)?;
        node.submit(vec![signed]).await?.remove(0)?;
        node.seal().await?.ok_or("a batch")?;
    }
    while node.form_block().await?.is_some() {}
    let ticks = tokio::spawn(l1.ticks());
    let end = BatchNumber::new(count)?;
    let all = async {
        while node.progress().borrow().finalized != end {
            // A block that was cut is formed again when it is asked for.
            node.form_block().await?;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        TestResult::Ok(())
    };
    tokio::time::timeout(TIMEOUT, all).await??;
    ticks.abort();
    let blocks = node.blocks(BlockNumber::FIRST, 100).await?;
    let Some(BlockState::Finalized(inclusion)) = blocks.last().map(|block| block.state) else {
        return Err("a final block".into());
    };
    let hash = B256::from(inclusion.transaction.0.0);
    let receipt = l1.provider.get_transaction_receipt(hash).await?.ok_or("a receipt")?;
    Ok((blocks.iter().map(|block| block.statement.batches).collect(), receipt.gas_used))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_block_fits_a_transaction_and_a_larger_one_is_split() -> TestResult<()> {
    let mut gas = Vec::new();
    for count in [4, 8] {
        let (l1, dir) = (LocalL1::start().await?, tempfile::tempdir()?);
        let node = start(dir.path(), &l1, 8, GAS_LIMIT)?;
        let (sizes, used) = settle(&node, &l1, count).await?;
        assert_eq!(sizes, [count as u32]);
        gas.push(used);
        node.stop().await;
    }
    let each = (gas[1] - gas[0]) / 4;
    let largest = PROOF_GAS + gas[0] + each * (BATCHES_MAX - 4);
    println!("{each} gas a batch, {largest} for {BATCHES_MAX}");
    assert!(largest < GAS_LIMIT, "{BATCHES_MAX} batches of {each} gas do not fit a transaction");

    // An L1 whose transactions hold six such batches.
    let (l1, dir) = (LocalL1::start().await?, tempfile::tempdir()?);
    let node = start(dir.path(), &l1, 8, gas[0] + 2 * each)?;
    let (sizes, _) = settle(&node, &l1, 8).await?;
    assert_eq!(sizes, [4, 4]);
    node.stop().await;
    Ok(())
}
