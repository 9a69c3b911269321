//! The process dies with a transaction on its way to L1, mined or not: the next life finds it, or
//! sends a copy with its nonce, and L1 never has two of one block.

mod support;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use alloy::primitives::{Address, B256};
use alloy::providers::{DynProvider, Provider};
use alloy::rpc::types::Filter;
use alloy::signers::local::PrivateKeySigner;
use alloy::sol_types::SolEvent;
use farthing_aggregator::{Aggregator, Components, Config, L1Config};
use farthing_l1::abi::Rollup;
use farthing_ledger::Genesis;
use farthing_protocol::{
    AccountId, Amount, BatchClass, Bytes32, Domain, Operation, SignedIntent, Stage, Transfer,
};
use support::l1::LocalL1;
use support::prover::Asked;
use support::*;

const TIMEOUT: Duration = Duration::from_secs(60);
/// No child lives longer.
const LIFE_MAX: Duration = Duration::from_secs(60);

const FOLDER: &str = "FARTHING_FLIGHT_FOLDER";
const FAULT: &str = "FARTHING_FLIGHT_FAULT";
const URL: &str = "FARTHING_FLIGHT_URL";
const CONTRACT: &str = "FARTHING_FLIGHT_CONTRACT";
const OPERATOR: &str = "FARTHING_FLIGHT_OPERATOR";

fn node_config(path: &Path, genesis: Genesis) -> Config {
    let mut config = config(path, BatchClass::TINY);
    config.genesis = genesis;
    config.blocks.age = Duration::from_secs(3600);
    config
}

fn parts(mut l1: L1Config) -> Components {
    l1.resend_after = Duration::from_millis(500);
    let prover = Some(Asked::default().source(Duration::ZERO));
    Components { prover, l1: Some(l1), ..Components::default() }
}

/// The child: not a test of its own, it returns at once unless a parent gave it a folder.
#[tokio::test(flavor = "multi_thread")]
async fn child() -> TestResult<()> {
    let Ok(folder) = std::env::var(FOLDER) else { return Ok(()) };
    let contract: Address = std::env::var(CONTRACT)?.parse()?;
    let contract = farthing_protocol::Address(contract.into_array());
    let genesis = Genesis { domain: Domain { chain_id: 31_337, contract }, operator: identity(0) };
    let mut config = node_config(Path::new(&folder), genesis);
    config.faults = std::env::var(FAULT)?.parse()?;
    let mut l1 = L1Config::local(std::env::var(URL)?.parse()?, contract, 0);
    let key: B256 = std::env::var(OPERATOR)?.parse()?;
    l1.operator = Some(PrivateKeySigner::from_bytes(&key)?);
    l1.verifier = Some(support::l1::yes_codehash());
    l1.poll = Duration::from_millis(50);
    let node = Aggregator::start(config, parts(l1))?;
    tokio::time::sleep(LIFE_MAX).await;
    node.stop().await;
    Ok(())
}

/// Runs a child until its `nth` transaction is sent; then it must have died.
fn die_with_a_transaction_in_flight(folder: &Path, l1: &LocalL1, nth: u32) -> TestResult<()> {
    let status = Command::new(std::env::current_exe()?)
        .args(["--exact", "child", "--nocapture", "--test-threads=1"])
        .env(FOLDER, folder)
        .env(FAULT, format!("transaction_sent:{nth}"))
        .env(URL, l1.anvil.endpoint())
        .env(CONTRACT, l1.rollup.address().to_string())
        .env(OPERATOR, l1.operator.to_bytes().to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    assert!(!status.success(), "transaction {nth} was not sent");
    Ok(())
}

fn send(l1: &LocalL1, nonce: u64) -> TestResult<SignedIntent> {
    let (to, amount) = (AccountId::from(2), Amount::new(1)?);
    let transfer =
        Transfer { to, amount, recipient: identity(to.get()).recipient(), memo: Bytes32([1; 32]) };
    sign_in(&l1.genesis.domain.digest(), 1, nonce, Operation::Transfer(transfer))
}

/// A folder with a block that is proven and not sent.
async fn prepare(folder: &Path, l1: &LocalL1) -> TestResult<SignedIntent> {
    l1.deposit(1, 5_000).await?;
    l1.deposit(2, 1).await?;
    l1.mine(3).await?;
    let mut watcher = l1.config();
    watcher.operator = None;
    let node = Aggregator::start(node_config(folder, l1.genesis), parts(watcher))?;
    opened(&node, 2).await?;
    let intent = send(l1, 1)?;
    let admission = node.submit(vec![intent.clone()]).await?.remove(0)?;
    node.seal().await?;
    node.form_block().await?.ok_or("a block")?;
    let proven = node.wait(admission.id, Stage::Proven, TIMEOUT).await?.ok_or("known")?;
    assert_eq!(proven.stage, Stage::Proven);
    node.stop().await;
    Ok(intent)
}

/// The number of events of a kind on L1.
async fn events(provider: &DynProvider, l1: &LocalL1, signature: B256) -> TestResult<usize> {
    let filter = Filter::new().address(*l1.rollup.address()).event_signature(signature);
    Ok(provider.get_logs(&filter.from_block(0)).await?.len())
}

/// A death after the `nth` transaction, which L1 has mined or keeps waiting.
async fn dies_and_settles(nth: u32, mined: bool) -> TestResult<()> {
    let (l1, dir) = (LocalL1::start().await?, tempfile::tempdir()?);
    let intent = prepare(dir.path(), &l1).await?;
    if nth > 1 && !mined {
        // The first transaction must be mined for the second to be sent.
        die_with_a_transaction_in_flight(dir.path(), &l1, 1)?;
        l1.set_automine(false).await?;
        die_with_a_transaction_in_flight(dir.path(), &l1, 1)?;
    } else {
        l1.set_automine(mined).await?;
        die_with_a_transaction_in_flight(dir.path(), &l1, nth)?;
    }
    let before = l1.provider.get_transaction_count(l1.operator.address()).await?;
    assert_eq!(before, if mined { u64::from(nth) } else { u64::from(nth) - 1 });
    let waiting = l1.provider.get_transaction_count(l1.operator.address()).pending().await?;
    assert_eq!(waiting, u64::from(nth), "a transaction waits or is mined");

    let node = Aggregator::start(node_config(dir.path(), l1.genesis), parts(l1.config()))?;
    // Time for copies and bumps of what waits.
    if !mined {
        let bumped = async {
            while node.metrics().l1_fee_bumps == 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(TIMEOUT, bumped).await?;
    }
    l1.set_automine(true).await?;
    let ticks = tokio::spawn(l1.ticks());
    let id = intent.intent.id(&l1.genesis.domain.digest());
    let view = node.wait(id, Stage::Finalized, TIMEOUT).await?.ok_or("known")?;
    assert_eq!(view.stage, Stage::Finalized);
    ticks.abort();
    node.stop().await;
    assert_eq!(events(&l1.provider, &l1, Rollup::BatchCommitted::SIGNATURE_HASH).await?, 1);
    assert_eq!(events(&l1.provider, &l1, Rollup::BlockProven::SIGNATURE_HASH).await?, 1);
    // Each nonce was used once, by the data and by the proof.
    assert_eq!(l1.provider.get_transaction_count(l1.operator.address()).await?, 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_death_after_the_data_were_mined() -> TestResult<()> {
    dies_and_settles(1, true).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_death_while_the_data_wait() -> TestResult<()> {
    dies_and_settles(1, false).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_death_after_the_proof_was_mined() -> TestResult<()> {
    dies_and_settles(2, true).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_death_while_the_proof_waits() -> TestResult<()> {
    dies_and_settles(2, false).await
}
