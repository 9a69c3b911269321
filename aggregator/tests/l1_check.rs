//! A node on the wrong rollup: each difference is named, and the node stops before it does anything.

mod support;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use alloy::signers::local::PrivateKeySigner;
use farthing_aggregator::{Aggregator, Components, Config, L1CheckError, L1Config, StartError};
use farthing_ledger::Genesis;
use farthing_protocol::{
    AccountId, Address, Amount, BatchClass, Bytes32, Operation, Stage, Transfer,
};
use support::l1::LocalL1;
use support::prover::Asked;
use support::*;

const TIMEOUT: Duration = Duration::from_secs(60);

fn node_config(path: &Path, genesis: Genesis) -> Config {
    let mut config = config(path, BatchClass::TINY);
    config.genesis = genesis;
    config.blocks.age = Duration::from_secs(3600);
    config
}

fn start(path: &Path, genesis: Genesis, l1: L1Config) -> Result<Aggregator, StartError> {
    let prover = Some(Asked::default().source(Duration::ZERO));
    Aggregator::start(
        node_config(path, genesis),
        Components { prover, l1: Some(l1), ..Components::default() },
    )
}

/// Starts a node that must stop by itself, and says why it did.
async fn refused(path: &Path, genesis: Genesis, l1: L1Config) -> TestResult<Arc<L1CheckError>> {
    let node = start(path, genesis, l1)?;
    let refusal = match node.checked(TIMEOUT).await {
        Err(refusal) => refusal,
        Ok(checked) => return Err(format!("not refused: {checked}").into()),
    };
    tokio::time::timeout(TIMEOUT, node.stopped()).await?;
    assert_eq!(node.refusal().as_deref(), Some(&*refusal));
    assert!(!node.readiness().is_ready());
    let view = *node.l1().borrow();
    assert!(!view.checked && view.stopped);
    node.stop().await;
    Ok(refusal)
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_differs_is_named_at_the_start() -> TestResult<()> {
    let l1 = LocalL1::start().await?;
    let (genesis, right) = (l1.genesis, l1.config());
    let dir = tempfile::tempdir()?;
    let folder = |name: &str| dir.path().join(name);

    let mut wrong = genesis;
    wrong.domain.chain_id = 1;
    let refusal = refused(&folder("chain"), wrong, right.clone()).await?;
    assert_eq!(*refusal, L1CheckError::ChainId { expected: 1, got: 31_337 });
    assert_eq!(
        refusal.to_string(),
        "chain id: expected 1, L1 is chain 31337: check the chain id and the L1 URL"
    );

    let contract = |address: Address| {
        let mut genesis = genesis;
        genesis.domain.contract = address;
        (genesis, L1Config { contract: address, ..right.clone() })
    };
    let (other, config) = contract(Address([0x99; 20]));
    let refusal = refused(&folder("nothing"), other, config).await?;
    assert!(matches!(*refusal, L1CheckError::NoContract { .. }), "{refusal}");
    let (other, config) = contract(Address(l1.token.address().into_array()));
    let refusal = refused(&folder("token"), other, config).await?;
    assert!(matches!(*refusal, L1CheckError::NotARollup { .. }), "{refusal}");

    let account = Genesis { operator: identity(5), ..genesis };
    let refusal = refused(&folder("account"), account, right.clone()).await?;
    assert!(matches!(*refusal, L1CheckError::Genesis { .. }), "{refusal}");
    let mut owner = genesis;
    owner.operator.owner = Address([3; 20]);
    let refusal = refused(&folder("owner"), owner, right.clone()).await?;
    assert!(matches!(*refusal, L1CheckError::Genesis { .. }), "{refusal}");

    let stranger = PrivateKeySigner::from(l1.anvil.keys()[5].clone());
    let got = l1.operator.address();
    let expected = L1CheckError::Operator { expected: stranger.address(), got };
    let config = L1Config { operator: Some(stranger), ..right.clone() };
    assert_eq!(*refused(&folder("key"), genesis, config).await?, expected);

    // The code of this build's verifier is expected, unless another is named.
    let config = L1Config { verifier: None, ..right.clone() };
    let refusal = refused(&folder("verifier"), genesis, config).await?;
    assert!(matches!(*refusal, L1CheckError::Verifier { .. }), "{refusal}");

    let config = L1Config { deployed_at: 1_000_000, ..right.clone() };
    let refusal = refused(&folder("block"), genesis, config).await?;
    assert!(matches!(*refusal, L1CheckError::DeployedAt { got: 1_000_000, .. }), "{refusal}");

    let node = start(&folder("right"), genesis, right)?;
    assert!(node.checked(TIMEOUT).await?);
    assert!(node.readiness().is_ready());
    let view = *node.l1().borrow();
    assert!(view.checked && !view.stopped && view.time.is_some() && view.operator);
    node.stop().await;
    Ok(())
}

/// A node whose batch 0 is final, with a transfer of `amount` in it.
async fn settled(l1: &LocalL1, path: &Path, amount: u64) -> TestResult<()> {
    l1.deposit(1, 5_000).await?;
    l1.deposit(2, 1).await?;
    l1.mine(3).await?;
    let node = start(path, l1.genesis, l1.config())?;
    let funded = async {
        while node.account(AccountId::from(2)).await?.is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        TestResult::Ok(())
    };
    tokio::time::timeout(TIMEOUT, funded).await??;
    let (to, amount) = (AccountId::from(2), Amount::new(amount)?);
    let transfer = Operation::Transfer(Transfer {
        to,
        amount,
        recipient: identity(to.get()).recipient(),
        memo: Bytes32([1; 32]),
    });
    let signed = sign_in(&l1.genesis.domain.digest(), 1, 1, transfer)?;
    let id = node.submit(vec![signed]).await?.remove(0)?.id;
    node.seal().await?;
    node.form_block().await?.ok_or("a block")?;
    let ticks = tokio::spawn(l1.ticks());
    let view = node.wait(id, Stage::Finalized, TIMEOUT).await?.ok_or("known")?;
    ticks.abort();
    assert_eq!(view.stage, Stage::Finalized);
    node.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_of_another_history_is_refused() -> TestResult<()> {
    let dir = tempfile::tempdir()?;
    let (ours, theirs) = (dir.path().join("ours"), dir.path().join("theirs"));
    let l1 = LocalL1::start().await?;
    settled(&l1, &ours, 10).await?;
    let refusal = refused(&dir.path().join("empty"), l1.genesis, l1.config()).await?;
    assert_eq!(*refusal, L1CheckError::NoData { batches: 1 });
    let again = start(&ours, l1.genesis, l1.config())?;
    assert!(again.checked(TIMEOUT).await?, "its own history");
    again.stop().await;
    drop(again);

    // Another chain with the same id, on which the contract has the same address.
    let other = LocalL1::start().await?;
    assert_eq!(other.genesis, l1.genesis);
    let height = alloy::providers::Provider::get_block_number(&l1.provider).await?;
    other.mine(height + 10).await?;
    let refusal = refused(&ours, other.genesis, other.config()).await?;
    assert_eq!(*refusal, L1CheckError::FewerBatches { expected: 1, got: 0 });
    settled(&other, &theirs, 11).await?;
    other.mine(3).await?;
    let refusal = refused(&ours, other.genesis, other.config()).await?;
    assert!(matches!(*refusal, L1CheckError::History { .. }), "{refusal}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_compared_once_need_not_wait_for_l1() -> TestResult<()> {
    let (l1, dir) = (LocalL1::start().await?, tempfile::tempdir()?);
    let config = l1.config();
    let node = start(dir.path(), l1.genesis, config.clone())?;
    assert!(node.checked(TIMEOUT).await?);
    node.stop().await;
    drop(node);
    let genesis = l1.genesis;
    drop(l1);
    let node = start(dir.path(), genesis, config.clone())?;
    assert!(node.readiness().is_ready(), "L1 is away, and was the right one");
    assert!(!node.checked(Duration::from_millis(200)).await?, "it has not answered");
    node.stop().await;
    drop(node);
    // Another key was never compared.
    let config = L1Config { operator: None, ..config };
    let node = start(dir.path(), genesis, config)?;
    assert!(!node.readiness().is_ready());
    node.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_is_compared_with_l1_too() -> TestResult<()> {
    let (l1, dir) = (LocalL1::start().await?, tempfile::tempdir()?);
    l1.mine(4).await?;
    let mut genesis = l1.genesis;
    genesis.domain.chain_id = 1;
    let restore = async |genesis: Genesis, config: &L1Config, name: &str| {
        let folder = dir.path().join(name);
        let Genesis { domain, operator } = genesis;
        farthing_aggregator::restore(&folder, domain, Some(operator), BatchClass::TINY, config)
            .await
    };
    let refused = restore(genesis, &l1.config(), "chain").await.err().ok_or("refused")?;
    assert!(refused.to_string().starts_with("chain id: expected 1"), "{refused}");
    let config = L1Config { verifier: None, ..l1.config() };
    let refused = restore(l1.genesis, &config, "verifier").await.err().ok_or("refused")?;
    assert!(refused.to_string().starts_with("verifier: expected code"), "{refused}");
    restore(l1.genesis, &l1.config(), "right").await?;
    Ok(())
}

/// Two nodes on one folder: the second is told so.
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_in_use_is_named() -> TestResult<()> {
    let dir = tempfile::tempdir()?;
    let node = support::start(dir.path())?;
    let second = support::start(dir.path()).err().ok_or("refused")?;
    let told = second.to_string();
    assert!(told.contains("is in use by another process"), "{told}");
    node.stop().await;
    Ok(())
}
