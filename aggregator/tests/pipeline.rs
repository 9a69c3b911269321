//! Sealed batches become proven blocks, each step once, across restarts.

mod support;

use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

use farthing_aggregator::{Aggregator, BlockState, Components, StepKind};
use farthing_protocol::{BatchClass, BlockNumber, Stage, compress};
use support::prover::Asked;
use support::*;

const TIMEOUT: Duration = Duration::from_secs(30);
/// Of two blocks of four batches: leaves, wraps, joins, finals.
const ALL_STEPS: u32 = 8 + 8 + 6 + 2;

/// A node that proves; blocks are formed by hand, or when they hold `batches_max`.
fn start_proving(
    path: &Path,
    asked: &Asked,
    pace: Duration,
    batches_max: u32,
) -> Result<Aggregator, farthing_aggregator::StartError> {
    let mut config = config(path, BatchClass::TINY);
    config.blocks.batches_max = batches_max;
    config.blocks.age = Duration::from_secs(3600);
    Aggregator::start(
        config,
        Components { prover: Some(asked.source(pace)), ..Components::default() },
    )
}

/// Seals `count` batches of one transfer each; returns the last intent's name.
async fn seal_batches(
    node: &Aggregator,
    from: u64,
    count: u64,
) -> TestResult<farthing_protocol::IntentId> {
    let mut last = None;
    for nonce in from..from + count {
        let admission = node.submit(vec![transfer(1, nonce, 2, 1)?]).await?.remove(0)?;
        node.seal().await?;
        last = Some(admission.id);
    }
    Ok(last.ok_or("no batch")?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_is_proven_step_by_step() -> TestResult<()> {
    let dir = tempfile::tempdir()?;
    let asked = Asked::default();
    let node = start_proving(dir.path(), &asked, Duration::ZERO, 5)?;
    fund(&node, 2, 0).await?;
    let last = seal_batches(&node, 1, 5).await?;
    let view = node.wait(last, Stage::Proven, TIMEOUT).await?.ok_or("known")?;
    assert_eq!((view.stage, view.block), (Stage::Proven, Some(BlockNumber::FIRST)));
    assert_eq!(view.inclusion, None);
    let proof = node.block_proof(BlockNumber::FIRST).await?.here().ok_or("proof")?;
    assert_eq!(String::from_utf8(proof)?, "5: (((0 1) (2 3)) 4)");
    assert_eq!(asked.counts(), [5, 5, 4, 1]);
    assert_eq!(node.metrics().blocks_proven, 1);

    // The receipt goes up to the block now.
    let receipt = node.receipt(last).await?.ok_or("receipt")?;
    let block = receipt.block.ok_or("block")?;
    assert_eq!(block.path.root(&receipt.statement.digest()), block.statement.batches_root);
    assert_eq!(block.path.index, 4);
    assert_ne!(
        compress(&block.statement.old_root, &block.statement.new_root),
        block.statement.old_root
    );
    node.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_is_formed_by_hand_and_batches_are_proven_ahead() -> TestResult<()> {
    let dir = tempfile::tempdir()?;
    let asked = Asked::default();
    let node = start_proving(dir.path(), &asked, Duration::ZERO, 100)?;
    assert_eq!(node.form_block().await?, None);
    fund(&node, 2, 0).await?;
    let last = seal_batches(&node, 1, 3).await?;
    let mut proving = node.proving();
    // No block yet, and both steps of each batch are done.
    while asked.counts() != [3, 3, 0, 0] {
        tokio::time::timeout(TIMEOUT, proving.changed()).await??;
    }
    assert!(node.blocks(BlockNumber::FIRST, 10).await?.is_empty());
    assert_eq!(node.form_block().await?, Some(BlockNumber::FIRST));
    node.wait(last, Stage::Proven, TIMEOUT).await?;
    assert_eq!(asked.counts(), [3, 3, 2, 1]);
    let block = node.block(BlockNumber::FIRST).await?.ok_or("block")?;
    assert_eq!((block.state, block.statement.batches), (BlockState::Proven, 3));
    assert_eq!(node.form_block().await?, None);
    node.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_step_is_tried_again_and_a_bad_proof_is_made_anew() -> TestResult<()> {
    let dir = tempfile::tempdir()?;
    let asked = Asked::default();
    asked.fail.store(1, Ordering::SeqCst);
    asked.refuse.store(1, Ordering::SeqCst);
    let node = start_proving(dir.path(), &asked, Duration::ZERO, 1)?;
    fund(&node, 2, 0).await?;
    let mut proving = node.proving();
    let last = seal_batches(&node, 1, 1).await?;
    let failing = proving.wait_for(|now| now.failures == 1);
    assert_eq!(tokio::time::timeout(TIMEOUT, failing).await??.step, Some(StepKind::Leaf));
    let view = node.wait(last, Stage::Proven, TIMEOUT).await?.ok_or("known")?;
    assert_eq!(view.stage, Stage::Proven);
    // The leaf that the wrap refused was made a second time.
    assert_eq!(asked.counts(), [2, 1, 0, 1]);
    assert_eq!(node.metrics().proof_retries, 2);
    node.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_gives_the_step_up_and_a_start_goes_on() -> TestResult<()> {
    let dir = tempfile::tempdir()?;
    let asked = Asked::default();
    let pace = Duration::from_millis(30);
    let mut node = start_proving(dir.path(), &asked, pace, 4)?;
    fund(&node, 2, 0).await?;
    let last = seal_batches(&node, 1, 8).await?;
    let steps = |asked: &Asked| asked.counts().iter().sum::<u32>();
    let mut lives = 1;
    loop {
        // Some steps are done, and the next one is under way.
        let before = steps(&asked);
        while steps(&asked) < (before + 2).min(ALL_STEPS) {
            tokio::time::sleep(pace / 10).await;
        }
        if steps(&asked) == ALL_STEPS {
            break;
        }
        tokio::time::sleep(pace / 3).await;
        node.stop().await;
        drop(node);
        node = start_proving(dir.path(), &asked, pace, 4)?;
        lives += 1;
    }
    assert!(lives > 1, "the test should stop it on the way");
    let view = node.wait(last, Stage::Proven, TIMEOUT).await?.ok_or("known")?;
    assert_eq!(view.stage, Stage::Proven);
    // No step twice: what was given up was not counted.
    assert_eq!(asked.counts(), [8, 8, 6, 2]);
    assert_eq!(node.blocks(BlockNumber::FIRST, 10).await?.len(), 2);
    node.stop().await;
    Ok(())
}
