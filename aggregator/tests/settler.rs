//! The rollup on a local chain: deposits, blocks, reorganisations of both, and a node rebuilt from
//! L1 alone. Proofs are lists and the verifier takes all: what is tested is who sends what when.

mod support;

use std::path::Path;
use std::time::Duration;

use alloy::providers::Provider as _;
use farthing_aggregator::{
    Aggregator, BlockState, Components, Config, ConsumeQueueError, L1Config, RestoreNodeError,
    StartError, restore,
};
use farthing_l1::abi::IRollup;
use farthing_protocol::{
    AccountId, Amount, BatchClass, BatchNumber, BlockNumber, Bytes32, Digest, IntentId,
    NANO_PER_BASE_UNIT, Operation, QueueIndex, SignedIntent, Stage, Transfer, Withdraw,
};
use support::l1::LocalL1;
use support::prover::Asked;
use support::*;

const TIMEOUT: Duration = Duration::from_secs(60);

fn node_config(path: &Path, l1: &LocalL1) -> Config {
    let mut config = config(path, BatchClass::TINY);
    config.genesis = l1.genesis;
    config.blocks.age = Duration::from_secs(3600);
    config
}

fn start(path: &Path, l1: &LocalL1) -> TestResult<Aggregator> {
    let prover = Some(Asked::default().source(Duration::ZERO));
    let parts = Components { prover, l1: Some(l1.config()), ..Components::default() };
    Ok(Aggregator::start(node_config(path, l1), parts)?)
}

/// Waits until the ledger has an account with this pending balance.
async fn balance_becomes(node: &Aggregator, account: u32, nano: u64) -> TestResult<()> {
    let seen = async {
        loop {
            let view = node.account(AccountId::from(account)).await?;
            if view.is_some_and(|view| view.pending.balance.get() == nano) {
                return Ok::<_, farthing_aggregator::QueryError>(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    Ok(tokio::time::timeout(TIMEOUT, seen).await??)
}

fn send(domain: &Digest, nonce: u64, amount: u64) -> TestResult<SignedIntent> {
    let (to, amount) = (AccountId::from(2), Amount::new(amount)?);
    let transfer =
        Transfer { to, amount, recipient: identity(to.get()).recipient(), memo: Bytes32([1; 32]) };
    sign_in(domain, 1, nonce, Operation::Transfer(transfer))
}

/// Submits, seals and asks for a block; returns the intent's name.
async fn settle(node: &Aggregator, intent: SignedIntent) -> TestResult<IntentId> {
    let admission = node.submit(vec![intent]).await?.remove(0)?;
    node.seal().await?;
    node.form_block().await?.ok_or("a block")?;
    Ok(admission.id)
}

#[tokio::test(flavor = "multi_thread")]
async fn deposits_come_in_blocks_go_out_and_a_withdrawal_is_claimed() -> TestResult<()> {
    let (l1, dir) = (LocalL1::start().await?, tempfile::tempdir()?);
    let domain = l1.genesis.domain.digest();
    let node = start(dir.path(), &l1)?;
    assert_eq!(node.restored().await?, None);
    let by_hand = node.consume_queue(QueueIndex::MIN, vec![deposit(1, 1)?]).await;
    assert_eq!(by_hand, Err(ConsumeQueueError::FromL1));
    l1.deposit(1, 5_000).await?;
    l1.deposit(2, 7).await?;
    l1.mine(3).await?;
    balance_becomes(&node, 1, 5_000_000).await?;
    balance_becomes(&node, 2, 7_000).await?;
    let final_numbers = async || -> TestResult<[bool; 2]> {
        let of = async |id: u32| node.account(AccountId::from(id)).await;
        let views = [of(0).await?, of(1).await?];
        let listed = node.accounts(AccountId::from(0), 2).await?;
        let views = views.map(|view| view.is_some_and(|view| view.finalized));
        assert!(listed.iter().zip(views).all(|(listed, view)| listed.finalized == view));
        Ok(views)
    };
    assert_eq!(final_numbers().await?, [true, false], "genesis is final, the open batch is not");

    let withdraw = Withdraw::new(Amount::new(2_000_000)?, Bytes32([2; 32]))?;
    let withdraw = sign_in(&domain, 1, 1, Operation::Withdraw(withdraw))?;
    let id = settle(&node, withdraw).await?;
    assert_eq!(final_numbers().await?, [true, false], "sealed is not final");
    let mine = tokio::spawn(l1.ticks());
    let view = node.wait(id, Stage::Finalized, TIMEOUT).await?.ok_or("known")?;
    mine.abort();
    assert_eq!(final_numbers().await?, [true, true]);
    assert_eq!(view.stage, Stage::Finalized);
    let inclusion = view.inclusion.ok_or("settled")?;
    assert_eq!(inclusion.contract, l1.genesis.domain.contract);
    assert_eq!(l1.rollup.nextBatch().call().await?, 1);
    assert_eq!(node.metrics().blocks_finalized, 1);

    let payout = node.payouts(owner(1), (BatchNumber::MIN, 0), 10).await?.remove(0);
    let claim = payout.claim.ok_or("final")?;
    assert_eq!(claim.payout.units.get(), 2_000_000 / NANO_PER_BASE_UNIT);
    let IRollup::Claim { batch, chunk, index, owner, units, path } = (&claim).into();
    let call = l1.rollup.claim(batch, chunk, index, owner, units, path);
    call.send().await?.get_receipt().await?;
    assert_eq!(l1.token.balanceOf(owner).call().await?, units);
    node.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deposit_that_l1_takes_back_was_never_consumed() -> TestResult<()> {
    let (l1, dir) = (LocalL1::start().await?, tempfile::tempdir()?);
    let node = start(dir.path(), &l1)?;
    l1.deposit(1, 111).await?;
    l1.mine(3).await?;
    balance_becomes(&node, 1, 111_000).await?;
    // An endpoint that is behind knows less, and nothing else follows from it.
    l1.provider.raw_request::<_, ()>("anvil_rollback".into(), [1]).await?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!node.readiness().l1.ok_or("settler")?.diverged);
    l1.mine(1).await?;
    // Two blocks on top: not deep enough.
    l1.deposit(2, 222).await?;
    l1.mine(2).await?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(node.account(AccountId::from(2)).await?.is_none());
    l1.reorg(3).await?;
    // Another deposit has its place in the queue now.
    l1.deposit(3, 333).await?;
    l1.mine(3).await?;
    balance_becomes(&node, 2, 333_000).await?;
    let account = node.account(AccountId::from(2)).await?.ok_or("opened")?;
    assert_eq!(account.identity, identity(3));
    assert!(node.account(AccountId::from(3)).await?.is_none());
    assert!(!node.readiness().l1.ok_or("settler")?.diverged);
    node.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_that_l1_takes_back_is_sent_again() -> TestResult<()> {
    let (l1, dir) = (LocalL1::start().await?, tempfile::tempdir()?);
    let domain = l1.genesis.domain.digest();
    let node = start(dir.path(), &l1)?;
    l1.deposit(1, 5_000).await?;
    l1.mine(3).await?;
    balance_becomes(&node, 1, 5_000_000).await?;
    let id = settle(&node, send(&domain, 1, 0)?).await;
    // Account 2 is not open: the transfer is refused, and says so.
    assert!(id.is_err());
    open(&node, 2).await??;
    let id = settle(&node, send(&domain, 1, 10)?).await?;
    let included = async {
        loop {
            let block = node.block(BlockNumber::FIRST).await?.ok_or("block")?;
            if matches!(block.state, BlockState::Included(_)) {
                return TestResult::Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(TIMEOUT, included).await??;
    // The proof, and the data before it, are taken back.
    l1.reorg(2).await?;
    let again = async {
        while node.metrics().l1_reorgs == 0 || l1.rollup.nextBatch().call().await? == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        TestResult::Ok(())
    };
    tokio::time::timeout(TIMEOUT, again).await??;
    assert_eq!(node.metrics().l1_reorgs, 1);
    assert_eq!(node.metrics().blocks_finalized, 0);
    l1.mine(4).await?;
    let view = node.wait(id, Stage::Finalized, TIMEOUT).await?.ok_or("known")?;
    assert_eq!(view.stage, Stage::Finalized);
    assert_eq!(l1.rollup.nextBatch().call().await?, 1);
    node.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_takes_long_is_sent_again_for_more() -> TestResult<()> {
    let (l1, dir) = (LocalL1::start().await?, tempfile::tempdir()?);
    let domain = l1.genesis.domain.digest();
    l1.deposit(1, 5_000).await?;
    l1.deposit(2, 1).await?;
    l1.mine(3).await?;
    let mut config = l1.config();
    config.resend_after = Duration::from_millis(300);
    let prover = Some(Asked::default().source(Duration::ZERO));
    let parts = Components { prover, l1: Some(config), ..Components::default() };
    let node = Aggregator::start(node_config(dir.path(), &l1), parts)?;
    balance_becomes(&node, 1, 5_000_000).await?;
    l1.set_automine(false).await?;
    settle(&node, send(&domain, 1, 10)?).await?;
    let bumped = async {
        while node.metrics().l1_fee_bumps < 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(TIMEOUT, bumped).await?;
    l1.set_automine(true).await?;
    l1.mine(1).await?;
    let proven = async {
        while l1.rollup.nextBatch().call().await? == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        TestResult::Ok(())
    };
    tokio::time::timeout(TIMEOUT, proven).await??;
    // Each nonce was used once: a commit and a proof.
    let nonce = l1.provider.get_transaction_count(l1.operator.address()).await?;
    assert_eq!(nonce, 2);
    node.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_is_rebuilt_from_l1_alone_and_goes_on() -> TestResult<()> {
    let (l1, dir) = (LocalL1::start().await?, tempfile::tempdir()?);
    let domain = l1.genesis.domain.digest();
    let node = start(dir.path(), &l1)?;
    l1.deposit(1, 5_000).await?;
    l1.deposit(2, 1).await?;
    l1.mine(3).await?;
    balance_becomes(&node, 2, 1_000).await?;
    let mut id = settle(&node, send(&domain, 1, 10)?).await?;
    let withdraw = Withdraw::new(Amount::new(1_000_000)?, Bytes32([2; 32]))?;
    let admission = node.submit(vec![sign_in(&domain, 1, 2, Operation::Withdraw(withdraw))?]);
    admission.await?.remove(0)?;
    node.seal().await?;
    for nonce in 3..5 {
        id = settle(&node, send(&domain, nonce, 1)?).await?;
    }
    let mine = tokio::spawn(l1.ticks());
    let view = node.wait(id, Stage::Finalized, TIMEOUT).await?.ok_or("known")?;
    assert_eq!(view.stage, Stage::Finalized);
    let accounts = node.accounts(AccountId::OPERATOR, 10).await?;
    let batches = node.batches(BatchNumber::MIN, 10).await?;
    let payouts = node.payouts(owner(1), (BatchNumber::MIN, 0), 10).await?;
    let blocks = node.blocks(BlockNumber::FIRST, 10).await?;
    node.stop().await;
    drop(node);
    mine.abort();
    l1.mine(3).await?;

    // What an interrupted restore has left: no node starts on it, and the next restore drops it.
    let fresh = tempfile::tempdir()?;
    let half = fresh.path().join("ledger");
    std::fs::create_dir(&half)?;
    std::fs::write(half.join("CURRENT"), "half")?;
    std::fs::write(fresh.path().join("restoring"), "")?;
    let refused = Aggregator::start(node_config(fresh.path(), &l1), Components::default());
    assert!(matches!(refused.err(), Some(StartError::HalfRestored)));
    let (domain_of_l1, operator) = (l1.genesis.domain, l1.genesis.operator);
    let rebuild = async |operator, config: &L1Config| {
        restore(fresh.path(), domain_of_l1, operator, BatchClass::TINY, config).await
    };
    let refused = rebuild(Some(identity(7)), &l1.config()).await;
    assert!(matches!(refused, Err(RestoreNodeError::Operator { .. })), "another account 0");
    let refused = Aggregator::start(node_config(fresh.path(), &l1), Components::default());
    assert!(matches!(refused.err(), Some(StartError::HalfRestored)));
    // Without the log of the deployment nothing is called rebuilt.
    let mut late = l1.config();
    late.deployed_at = l1.provider.get_block_number().await? - 3;
    assert!(rebuild(None, &late).await.is_err(), "logs are missing");
    // The log of the deployment tells account 0.
    let rebuilt = rebuild(None, &l1.config()).await?;
    assert_eq!((rebuilt.blocks, rebuilt.batches), (3, 4));
    let again = rebuild(Some(operator), &l1.config()).await;
    assert!(matches!(again, Err(RestoreNodeError::NotEmpty { .. })), "a folder in use");
    let node = start(fresh.path(), &l1)?;
    assert_eq!(node.restored().await?, Some(BatchNumber::new(4)?));
    assert!(node.receipt(id).await?.is_none() && node.intent(id).await?.is_none());
    assert_eq!(node.accounts(AccountId::OPERATOR, 10).await?, accounts);
    assert_eq!(node.batches(BatchNumber::MIN, 10).await?.len(), batches.len());
    assert_eq!(node.payouts(owner(1), (BatchNumber::MIN, 0), 10).await?, payouts);
    assert_eq!(node.blocks(BlockNumber::FIRST, 10).await?, blocks);
    // A copy of an old intent is refused by its nonce; a new one settles.
    assert!(node.submit(vec![send(&domain, 1, 10)?]).await?.remove(0).is_err());
    l1.deposit(2, 4).await?;
    l1.mine(3).await?;
    let id = settle(&node, send(&domain, 9, 5)?).await?;
    let mine = tokio::spawn(l1.ticks());
    let view = node.wait(id, Stage::Finalized, TIMEOUT).await?.ok_or("known")?;
    assert_eq!((view.stage, view.block), (Stage::Finalized, Some(BlockNumber::new(4)?)));
    mine.abort();
    node.stop().await;
    Ok(())
}
