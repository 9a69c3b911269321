//! Somebody else proves our batches on L1, cut otherwise than ours: he has our data, not our plans.

mod support;

use std::path::Path;
use std::time::Duration;

use farthing_aggregator::{
    Aggregator, BlockProofView, BlockState, Components, L1Config, Progress, SequencerError,
};
use farthing_protocol::{
    AccountId, Amount, BatchClass, BatchNumber, BlockNumber, Bytes32, Operation, SignedIntent,
    Transfer,
};
use support::l1::LocalL1;
use support::prover::Asked;
use support::*;

const TIMEOUT: Duration = Duration::from_secs(60);

/// A node on `path` whose blocks have at most `batches` batches; it sends if it has `operator`'s key.
fn start(path: &Path, l1: &LocalL1, batches: u32, sends: bool) -> TestResult<Aggregator> {
    let mut config = config(path, BatchClass::TINY);
    config.genesis = l1.genesis;
    config.blocks.age = Duration::from_secs(3600);
    config.blocks.batches_max = batches;
    let chain = l1.config();
    let operator = chain.operator.clone().filter(|_| sends);
    let l1 = Some(L1Config { operator, ..chain });
    let prover = Some(Asked::default().source(Duration::ZERO));
    Ok(Aggregator::start(config, Components { prover, l1, ..Components::default() })?)
}

fn send(l1: &LocalL1, nonce: u64) -> TestResult<SignedIntent> {
    let (to, amount) = (AccountId::from(2), Amount::new(1)?);
    let transfer =
        Transfer { to, amount, recipient: identity(to.get()).recipient(), memo: Bytes32([1; 32]) };
    sign_in(&l1.genesis.domain.digest(), 1, nonce, Operation::Transfer(transfer))
}

/// Seals a batch for each nonce.
async fn seal(node: &Aggregator, l1: &LocalL1, nonces: std::ops::Range<u64>) -> TestResult<()> {
    for nonce in nonces {
        node.submit(vec![send(l1, nonce)?]).await?.remove(0)?;
        node.seal().await?.ok_or("a batch")?;
    }
    Ok(())
}

async fn reaches(node: &Aggregator, come: impl Fn(&Progress) -> bool) -> TestResult<()> {
    let mut progress = node.progress();
    let reached = async { progress.wait_for(|progress| come(progress)).await.map(|_| ()) };
    Ok(tokio::time::timeout(TIMEOUT, reached).await??)
}

/// Waits until a block is so.
async fn block_becomes(
    node: &Aggregator,
    number: u64,
    so: impl Fn(u32, BlockState) -> bool,
) -> TestResult<()> {
    let seen = async {
        loop {
            let block = node.block(BlockNumber::new(number)?).await?;
            if block.is_some_and(|block| so(block.statement.batches, block.state)) {
                return TestResult::Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(TIMEOUT, seen).await?
}

async fn form_all(node: &Aggregator) -> Result<(), SequencerError> {
    while node.form_block().await?.is_some() {}
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> TestResult<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy_folder(&entry.path(), &target)?,
            false => {
                std::fs::copy(entry.path(), target)?;
            }
        }
    }
    Ok(())
}

/// Our node, whose blocks have at most `own` batches, watches; somebody with the same first two
/// batches proves them as one block. Five batches in all.
async fn two_cuts(l1: &LocalL1, dir: &Path, own: u32) -> TestResult<Aggregator> {
    let (ours, theirs) = (dir.join("ours"), dir.join("theirs"));
    l1.deposit(1, 5_000).await?;
    l1.deposit(2, 1).await?;
    l1.mine(3).await?;
    // No block is formed yet: the folder that is copied has batches alone.
    let node = start(&ours, l1, 64, false)?;
    opened(&node, 2).await?;
    seal(&node, l1, 1..3).await?;
    node.stop().await;
    drop(node);
    copy_folder(&ours, &theirs)?;

    let node = start(&ours, l1, own, false)?;
    seal(&node, l1, 3..6).await?;
    form_all(&node).await?;
    let all = BatchNumber::new(5)?;
    reaches(&node, |progress| progress.proven == all).await?;

    let other = start(&theirs, l1, 2, true)?;
    form_all(&other).await?;
    block_becomes(&other, 1, |_, state| matches!(state, BlockState::Included(_))).await?;
    other.stop().await;
    assert_eq!(l1.rollup.nextBatch().call().await?, 2);
    Ok(node)
}

/// Our node gets the operator's key: what L1 lacks is proven and sent, and all becomes final.
async fn settles(node: Aggregator, l1: &LocalL1, dir: &Path, own: u32) -> TestResult<()> {
    assert!(!node.readiness().l1.ok_or("settler")?.diverged);
    node.stop().await;
    drop(node);
    let node = start(&dir.join("ours"), l1, own, true)?;
    form_all(&node).await?;
    let mine = tokio::spawn(l1.ticks());
    let all = BatchNumber::new(5)?;
    reaches(&node, |progress| progress.finalized == all).await?;
    mine.abort();
    assert_eq!(l1.rollup.nextBatch().call().await?, 5);
    let mut next = BatchNumber::MIN;
    for block in node.blocks(BlockNumber::FIRST, 10).await? {
        assert!(block.state.finalized().is_some());
        assert_eq!(block.first_batch(), next);
        next = block.end();
    }
    assert_eq!(next, all);
    let receipt = node.receipt(send(l1, 4)?.intent.id(&l1.genesis.domain.digest())).await?;
    assert!(receipt.ok_or("receipt")?.block.ok_or("block")?.inclusion.is_some());
    node.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_our_block_is_proven_by_somebody_else() -> TestResult<()> {
    let (l1, dir) = (LocalL1::start().await?, tempfile::tempdir()?);
    let node = two_cuts(&l1, dir.path(), 3).await?;
    block_becomes(&node, 1, |n, state| n == 2 && matches!(state, BlockState::Included(_))).await?;
    form_all(&node).await?;
    // The rest of the block, and the block behind it, are cut again.
    let second = node.block(BlockNumber::new(2)?).await?.ok_or("block")?;
    assert_eq!((second.first_batch().get(), second.statement.batches), (2, 3));
    settles(node, &l1, dir.path(), 3).await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_of_our_blocks_are_one_of_somebody_else() -> TestResult<()> {
    let (l1, dir) = (LocalL1::start().await?, tempfile::tempdir()?);
    let node = two_cuts(&l1, dir.path(), 1).await?;
    block_becomes(&node, 1, |n, state| n == 2 && matches!(state, BlockState::Included(_))).await?;
    settles(node, &l1, dir.path(), 1).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_proof_that_l1_takes_back_is_made_here() -> TestResult<()> {
    let (l1, dir) = (LocalL1::start().await?, tempfile::tempdir()?);
    let node = two_cuts(&l1, dir.path(), 3).await?;
    block_becomes(&node, 1, |n, state| n == 2 && matches!(state, BlockState::Included(_))).await?;
    let proof = node.block_proof(BlockNumber::FIRST).await?;
    assert!(matches!(proof, BlockProofView::OnL1(_)), "the proof is not ours");
    l1.reorg(1).await?;
    assert_eq!(l1.rollup.nextBatch().call().await?, 0);
    block_becomes(&node, 1, |n, state| n == 2 && state == BlockState::Proven).await?;
    assert!(node.block_proof(BlockNumber::FIRST).await?.here().is_some());
    settles(node, &l1, dir.path(), 3).await
}
