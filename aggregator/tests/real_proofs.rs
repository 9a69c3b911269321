//! Two batches through the real prover to a proof that the contract would take.

mod support;

use std::path::{Path, PathBuf};
use std::time::Duration;

use farthing_aggregator::{Aggregator, Components, Profile, StartError, plonky2_backend};
use farthing_protocol::{BatchClass, BlockNumber, Stage};
use farthing_recursion::{BlockProof, BlockProver};
use support::*;

/// Circuits take minutes to build: they are kept beside the build's outputs.
fn cache() -> PathBuf {
    std::env::var_os("FARTHING_CIRCUITS")
        .map_or_else(|| Path::new(env!("CARGO_TARGET_TMPDIR")).join("circuits"), PathBuf::from)
}

fn start_proving(path: &Path) -> Result<Aggregator, StartError> {
    let mut config = config(path, BatchClass::TINY);
    config.blocks.batches_max = 2;
    let prover = plonky2_backend(cache(), Profile::Proven, vec![BatchClass::TINY]);
    Aggregator::start(config, Components { prover: Some(prover), ..Components::default() })
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sealed_batches_become_a_proof_that_verifies() -> TestResult<()> {
    let dir = tempfile::tempdir()?;
    let node = start_proving(dir.path())?;
    fund(&node, 2, 0).await?;
    let holders = [(holder(1), 400_000), (holder(2), 600_000)];
    let registration = address(&node, farthing_testkit::register(PRICE, 0, 1, &holders)?).await?;
    node.submit(vec![sign(1, 1, registration)?]).await?.remove(0)?;
    let paid = address(&node, farthing_testkit::pay(0, 5, PRICE)?).await?;
    node.submit(vec![sign(2, 1, paid)?]).await?.remove(0)?;
    node.seal().await?;
    let last = node.submit(vec![withdraw(1, 2, 5_000)?]).await?.remove(0)?;
    node.seal().await?;
    // It stops between two steps and goes on.
    let mut proving = node.proving();
    proving.wait_for(|now| now.done >= 2).await?;
    node.stop().await;
    drop(node);
    let node = start_proving(dir.path())?;
    let view = node.wait(last.id, Stage::Proven, Duration::from_secs(3_600)).await?;
    assert_eq!(view.ok_or("known")?.stage, Stage::Proven);
    let block = node.block(BlockNumber::FIRST).await?.ok_or("block")?;
    let proof = node.block_proof(BlockNumber::FIRST).await?.here().ok_or("proof")?;
    let verifier = BlockProver::open(&cache(), Profile::Proven, &[BatchClass::TINY])?;
    verifier.verify(&block.statement, &BlockProof::from_bytes(proof))?;
    node.stop().await;
    Ok(())
}
