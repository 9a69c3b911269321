//! Proofs that L1 refuses: in the operator's place a block must consume every late queue entry, and
//! no block is taken while the rollup holds less than it owes.

mod support;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use alloy::primitives::{Bytes, U256, address};
use alloy::providers::Provider;
use alloy::rpc::types::TransactionRequest;
use alloy::signers::local::PrivateKeySigner;
use farthing_aggregator::{Aggregator, Clock, Closed, Components, L1Config, Progress, SystemClock};
use farthing_protocol::{
    AccountId, Amount, BatchClass, BatchNumber, BlockNumber, Bytes32, Operation, Stage, UnixTime,
    Withdraw,
};
use support::l1::LocalL1;
use support::prover::Asked;
use support::*;

const TIMEOUT: Duration = Duration::from_secs(60);
/// Entries that a batch of the smallest class consumes.
const ENTRIES_OF_A_BATCH: usize = 31;
/// An entry of this age makes the operator late.
const LATE: u64 = 3 * 86_400 + 60;

/// The machine's clock, some seconds ahead.
struct Ahead(u64);

impl Clock for Ahead {
    fn now(&self) -> UnixTime {
        UnixTime::new(SystemClock.now().get() + self.0).unwrap_or(UnixTime::MAX)
    }
}

fn start(path: &Path, l1: &LocalL1, config: L1Config, ahead: u64) -> TestResult<Aggregator> {
    let mut own = support::config(path, BatchClass::TINY);
    own.genesis = l1.genesis;
    own.blocks.age = Duration::from_secs(3600);
    own.blocks.batches_max = 1;
    let prover = Some(Asked::default().source(Duration::ZERO));
    let clock = Arc::new(Ahead(ahead));
    Ok(Aggregator::start(own, Components { clock, prover, fleet: None, l1: Some(config) })?)
}

async fn reaches(node: &Aggregator, come: impl Fn(&Progress) -> bool) -> TestResult<()> {
    let mut progress = node.progress();
    let reached = async { progress.wait_for(|progress| come(progress)).await.map(|_| ()) };
    Ok(tokio::time::timeout(TIMEOUT, reached).await??)
}

async fn funded(node: &Aggregator, account: u32) -> TestResult<()> {
    let seen = async {
        while node.account(AccountId::from(account)).await?.is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        TestResult::Ok(())
    };
    tokio::time::timeout(TIMEOUT, seen).await?
}

async fn becomes_closed(node: &Aggregator, closed: Option<Closed>) -> TestResult<()> {
    let seen = async {
        while node.readiness().closed != closed {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    Ok(tokio::time::timeout(TIMEOUT, seen).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_in_the_operators_place_leaves_no_entry_late() -> TestResult<()> {
    let (l1, dir) = (LocalL1::start().await?, tempfile::tempdir()?);
    for _ in 0..=ENTRIES_OF_A_BATCH {
        l1.deposit(1, 5_000).await?;
    }
    l1.provider.raw_request::<_, u64>("evm_increaseTime".into(), [LATE]).await?;
    l1.mine(4).await?;
    let stranger = PrivateKeySigner::from(l1.anvil.keys()[2].clone());
    let config = L1Config { operator: Some(stranger), ..l1.config() };
    let node = start(dir.path(), &l1, config, LATE)?;
    assert!(node.checked(TIMEOUT).await?, "while the operator is late, any key may start");
    // The first batch is full; the rest of the queue is in the second.
    reaches(&node, |progress| progress.sequenced.get() >= 1).await?;
    tokio::time::timeout(TIMEOUT, async {
        while node.seal().await?.is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        TestResult::Ok(())
    })
    .await??;
    while node.form_block().await?.is_some() {}
    let ticks = tokio::spawn(l1.ticks());
    let end = BatchNumber::new(2)?;
    reaches(&node, |progress| progress.finalized == end).await?;
    ticks.abort();
    let blocks = node.blocks(BlockNumber::FIRST, 10).await?;
    let sizes: Vec<_> = blocks.iter().map(|block| block.statement.batches).collect();
    assert_eq!(sizes, [2], "one block with every late entry, formed of two with a batch each");
    assert!(!l1.rollup.operatorIsLate().call().await?);
    node.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reserve_that_is_too_small_is_told_and_not_tried_against() -> TestResult<()> {
    let (l1, dir) = (LocalL1::start().await?, tempfile::tempdir()?);
    let node = start(dir.path(), &l1, l1.config(), 0)?;
    l1.deposit(1, 5_000).await?;
    l1.mine(3).await?;
    funded(&node, 1).await?;
    // The rollup loses its tokens, but for 999 base units, and a block pays out 1,000.
    let thief = address!("0x00000000000000000000000000000000000000aa");
    let taken = l1.token.transfer(thief, U256::from(4_001)).calldata().clone();
    take(&l1, taken).await?;
    let withdraw = Withdraw::new(Amount::new(1_000_000)?, Bytes32([2; 32]))?;
    let withdraw = sign_in(&l1.genesis.domain.digest(), 1, 1, Operation::Withdraw(withdraw))?;
    let id = node.submit(vec![withdraw]).await?.remove(0)?.id;
    node.seal().await?.ok_or("a batch")?;
    // A block of one batch is full and formed at once.
    becomes_closed(&node, Some(Closed::ReserveTooSmall { needed: 1_000 })).await?;
    assert!(!node.readiness().is_ready());
    let view = *node.l1().borrow();
    assert_eq!((view.reserve_needed, view.settles()), (Some(1_000), false));
    let errors = node.metrics().l1_errors;
    let ticks = tokio::spawn(l1.ticks());
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(node.metrics().l1_errors, errors, "it is not tried again");
    assert_eq!(node.readiness().closed, Some(Closed::ReserveTooSmall { needed: 1_000 }));
    assert_eq!(l1.rollup.nextBatch().call().await?, 0);

    l1.token.mint(*l1.rollup.address(), U256::from(1)).send().await?.get_receipt().await?;
    let view = node.wait(id, Stage::Finalized, TIMEOUT).await?.ok_or("known")?;
    ticks.abort();
    assert_eq!(view.stage, Stage::Finalized);
    becomes_closed(&node, None).await?;
    node.stop().await;
    Ok(())
}

/// Sends a call to the token in the rollup's name.
async fn take(l1: &LocalL1, call: Bytes) -> TestResult<()> {
    let rollup = *l1.rollup.address();
    let ether = U256::from(1_000_000_000_000_000_000_u64);
    l1.provider.raw_request::<_, ()>("anvil_setBalance".into(), (rollup, ether)).await?;
    l1.provider.raw_request::<_, ()>("anvil_impersonateAccount".into(), [rollup]).await?;
    let request =
        TransactionRequest::default().from(rollup).to(*l1.token.address()).input(call.into());
    l1.provider
        .raw_request::<_, alloy::primitives::B256>("eth_sendTransaction".into(), [request])
        .await?;
    let taken = async {
        while l1.token.balanceOf(rollup).call().await? != U256::from(999) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        TestResult::Ok(())
    };
    tokio::time::timeout(TIMEOUT, taken).await?
}
