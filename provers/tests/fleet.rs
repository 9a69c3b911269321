//! A node and its provers on a NATS server: every step is made once, although provers die, lie or repeat themselves.

mod support;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use farthing_aggregator::{
    Cancel, ProofClaim, ProofJob, ProofRefused, ProverBackend, ProverError, ProverSource,
};
use farthing_protocol::Bytes32;
use farthing_testkit::TestResult;
use futures_util::StreamExt;
use support::prover::Asked;
use support::*;

/// Of a block of five batches: leaves, wraps, joins, finals.
const STEPS: [u32; 4] = [5, 5, 4, 1];
const PROOF: &str = "5: (((0 1) (2 3)) 4)";
/// Time of a step on a slow machine.
const SLOW: Duration = Duration::from_millis(300);

fn sum(a: &Asked, b: &Asked) -> [u32; 4] {
    let (a, b) = (a.counts(), b.counts());
    std::array::from_fn(|i| a[i] + b[i])
}

/// Answers every step with something else.
struct Liar;

impl ProverBackend for Liar {
    fn prove(&self, _: &ProofJob, _: &Cancel) -> Result<Vec<u8>, ProverError> {
        Ok(b"5: (((0 1) (2 3)) 5)".to_vec())
    }

    fn verify(&self, _: &ProofClaim, _: &[u8]) -> Result<(), ProofRefused> {
        Ok(())
    }

    fn key_set(&self) -> Bytes32 {
        Bytes32([7; 32])
    }
}

/// Has other circuits, and must not be asked.
struct OtherKeys;

impl ProverBackend for OtherKeys {
    fn prove(&self, _: &ProofJob, _: &Cancel) -> Result<Vec<u8>, ProverError> {
        panic!("a step of other circuits")
    }

    fn verify(&self, _: &ProofClaim, _: &[u8]) -> Result<(), ProofRefused> {
        Err(ProofRefused("other circuits".into()))
    }

    fn key_set(&self) -> Bytes32 {
        Bytes32([8; 32])
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_provers_make_the_steps_of_a_block() -> TestResult<()> {
    let (nats, dir) = (Nats::start()?, tempfile::tempdir()?);
    let (here, there) = (Asked::default(), Asked::default());
    let provers =
        ["a", "b"].map(|name| start_prover(&nats.config(), name, backend(there.source(SLOW))));
    let node = start_node(dir.path(), &nats.config(), here.source(SLOW), 5).await?;
    provers_come(&node, 2).await?;
    seal_batches(&node, 1, 5).await?;
    assert_eq!(proof_of(&node, 1).await?, PROOF);
    assert_eq!(sum(&here, &there), STEPS, "each step is made once");
    assert!(there.counts()[3] == 1, "the last steps are made elsewhere");
    assert_eq!(node.metrics().blocks_proven, 1);

    // The next block begins while both are there: nothing is made here.
    let before = here.counts();
    seal_batches(&node, 6, 5).await?;
    assert_eq!(proof_of(&node, 2).await?, "5: (((5 6) (7 8)) 9)");
    assert_eq!(here.counts(), before);
    // Provers that leave are asked no more.
    for prover in provers {
        prover.stop.send(true)?;
        tokio::time::timeout(TIMEOUT, prover.task).await??;
    }
    seal_batches(&node, 11, 1).await?;
    node.form_block().await?;
    assert_eq!(proof_of(&node, 3).await?, "1: 10");
    assert_eq!(here.counts()[3], before[3] + 1);
    let fleet = node.fleet().ok_or("a fleet")?;
    assert!(fleet.connected);
    assert_eq!((fleet.leases, fleet.proofs_refused, fleet.steps_returned), (0, 0, 0));
    node.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_alone_makes_every_step() -> TestResult<()> {
    let dir = tempfile::tempdir()?;
    let here = Asked::default();
    // No server at all, then one that comes with a prover.
    let mut nats = Nats::start()?;
    nats.kill()?;
    let node = start_node(dir.path(), &nats.config(), here.source(Duration::ZERO), 5).await?;
    seal_batches(&node, 1, 5).await?;
    assert_eq!(proof_of(&node, 1).await?, PROOF);
    assert_eq!(here.counts(), STEPS);
    nats.begin()?;
    let there = Asked::default();
    let _prover = start_prover(&nats.config(), "late", backend(there.source(Duration::ZERO)));
    provers_come(&node, 1).await?;
    let mut account = 6;
    while there.counts()[0] == 0 {
        seal_batches(&node, account, 1).await?;
        account += 1;
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(account < 600, "the prover is asked");
    }
    node.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prover_that_dies_in_a_step_is_replaced() -> TestResult<()> {
    let (nats, dir) = (Nats::start()?, tempfile::tempdir()?);
    let (here, dead, alive) = (Asked::default(), Asked::default(), Asked::default());
    let never = Duration::from_secs(8);
    let dying = start_prover(&nats.config(), "dying", backend(dead.source(never)));
    let node = start_node(dir.path(), &nats.config(), here.source(never), 1).await?;
    provers_come(&node, 1).await?;
    seal_batches(&node, 1, 3).await?;
    // One step is made here, one there. A task that is aborted sends nothing more, as a killed process.
    tokio::time::sleep(Duration::from_secs(4)).await;
    dying.task.abort();
    let _alive = start_prover(&nats.config(), "alive", backend(alive.source(Duration::ZERO)));
    for (block, proof) in [(1, "1: 0"), (2, "1: 1"), (3, "1: 2")] {
        assert_eq!(proof_of(&node, block).await?, proof);
    }
    assert_eq!(sum(&here, &alive), [3, 3, 0, 3], "nothing of the dead prover counts");
    node.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_proofs_are_refused_and_their_steps_made_here() -> TestResult<()> {
    let (nats, dir) = (Nats::start()?, tempfile::tempdir()?);
    let here = Asked::default();
    let _liar = start_prover(&nats.config(), "liar", Arc::new(Liar));
    let node = start_node(dir.path(), &nats.config(), here.source(SLOW), 5).await?;
    provers_come(&node, 1).await?;
    seal_batches(&node, 1, 5).await?;
    assert_eq!(proof_of(&node, 1).await?, PROOF);
    assert_eq!(here.counts(), STEPS);
    let fleet = node.fleet().ok_or("a fleet")?;
    assert!(fleet.steps_returned > 0 && fleet.proofs_refused >= 5 * fleet.steps_returned);
    node.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_fails_five_times_goes_back_to_the_node() -> TestResult<()> {
    let (nats, dir) = (Nats::start()?, tempfile::tempdir()?);
    let (here, there) = (Asked::default(), Asked::default());
    there.fail.store(u32::MAX, Ordering::SeqCst);
    let _prover = start_prover(&nats.config(), "poor", backend(there.source(Duration::ZERO)));
    let node = start_node(dir.path(), &nats.config(), here.source(Duration::ZERO), 1).await?;
    provers_come(&node, 1).await?;
    for account in 1..=8 {
        seal_batches(&node, account, 1).await?;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    for block in 1..=8 {
        assert_eq!(proof_of(&node, block).await?, format!("1: {}", block - 1));
    }
    assert_eq!(there.counts(), [0; 4]);
    let fleet = node.fleet().ok_or("a fleet")?;
    assert!(fleet.steps_returned > 0, "{fleet:?}");
    node.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn provers_with_other_circuits_are_not_asked() -> TestResult<()> {
    let (nats, dir) = (Nats::start()?, tempfile::tempdir()?);
    let here = Asked::default();
    let _other = start_prover(&nats.config(), "other", Arc::new(OtherKeys));
    let node = start_node(dir.path(), &nats.config(), here.source(SLOW), 5).await?;
    provers_come(&node, 1).await?;
    seal_batches(&node, 1, 5).await?;
    assert_eq!(proof_of(&node, 1).await?, PROOF);
    assert_eq!(here.counts(), STEPS);
    node.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_messages_change_nothing() -> TestResult<()> {
    let (nats, dir) = (Nats::start()?, tempfile::tempdir()?);
    let (here, there) = (Asked::default(), Asked::default());
    let echo = async_nats::connect(&nats.url).await?;
    let mut done = echo.subscribe("farthing.done").await?;
    let repeats = tokio::spawn(async move {
        let mut seen = std::collections::HashSet::new();
        while let Some(message) = done.next().await {
            if seen.insert(message.payload.clone()) {
                for _ in 0..2 {
                    let _ = echo.publish("farthing.done", message.payload.clone()).await;
                }
                let _ = echo.publish("farthing.done", "not a message".into()).await;
                let _ = echo.publish("farthing.provers", "not a prover".into()).await;
            }
        }
    });
    let _prover = start_prover(&nats.config(), "echoed", backend(there.source(Duration::ZERO)));
    let node = start_node(dir.path(), &nats.config(), here.source(SLOW), 5).await?;
    provers_come(&node, 1).await?;
    seal_batches(&node, 1, 10).await?;
    assert_eq!(proof_of(&node, 1).await?, PROOF);
    assert_eq!(proof_of(&node, 2).await?, "5: (((5 6) (7 8)) 9)");
    assert_eq!(sum(&here, &there), STEPS.map(|steps| 2 * steps));
    assert!(there.counts()[0] > 0);
    repeats.abort();
    node.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_restarts_loses_no_step() -> TestResult<()> {
    let (mut nats, dir) = (Nats::start()?, tempfile::tempdir()?);
    let (here, there) = (Asked::default(), Asked::default());
    let _prover = start_prover(&nats.config(), "a", backend(there.source(SLOW)));
    let node = start_node(dir.path(), &nats.config(), here.source(SLOW), 5).await?;
    provers_come(&node, 1).await?;
    seal_batches(&node, 1, 5).await?;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    nats.kill()?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    nats.begin()?;
    assert_eq!(proof_of(&node, 1).await?, PROOF);
    // Without its disk it knows nothing any more: the streams are made again.
    seal_batches(&node, 6, 5).await?;
    assert_eq!(proof_of(&node, 2).await?, "5: (((5 6) (7 8)) 9)");
    node.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_disk_is_full_leaves_the_steps_to_the_node() -> TestResult<()> {
    let full = "jetstream { store_dir: \"STORE\", max_file_store: 1000, max_memory_store: 1000 }";
    let (nats, dir) = (Nats::start_with(full)?, tempfile::tempdir()?);
    let (here, there) = (Asked::default(), Asked::default());
    let _prover = start_prover(&nats.config(), "a", backend(there.source(Duration::ZERO)));
    let node = start_node(dir.path(), &nats.config(), here.source(SLOW), 5).await?;
    provers_come(&node, 1).await?;
    seal_batches(&node, 1, 5).await?;
    assert_eq!(proof_of(&node, 1).await?, PROOF);
    assert_eq!(here.counts()[0], STEPS[0]);
    node.stop().await;
    Ok(())
}

/// A source that never makes a prover would leave a node without one; this one makes it late.
fn late(asked: &Asked, pace: Duration) -> ProverSource {
    let mut source = asked.source(pace);
    Box::new(move || {
        std::thread::sleep(Duration::from_secs(1));
        source()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_made_while_the_node_was_away_counts() -> TestResult<()> {
    let (nats, dir) = (Nats::start()?, tempfile::tempdir()?);
    let (here, there) = (Asked::default(), Asked::default());
    let two_seconds = Duration::from_secs(2);
    let _prover = start_prover(&nats.config(), "a", backend(there.source(two_seconds)));
    let node = start_node(dir.path(), &nats.config(), here.source(two_seconds), 5).await?;
    provers_come(&node, 1).await?;
    seal_batches(&node, 1, 5).await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(node.fleet().ok_or("a fleet")?.leases > 0);
    node.stop().await;
    drop(node);
    let before = sum(&here, &there);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(there.counts()[0] > 1, "the prover goes on without the node");
    let node = start_node(dir.path(), &nats.config(), late(&here, two_seconds), 5).await?;
    assert_eq!(proof_of(&node, 1).await?, PROOF);
    let made = sum(&here, &there);
    // What stopped here was made again, and no more than what the node began before it heard.
    assert!(made[0] <= STEPS[0] + 2 && made[0] >= before[0], "{made:?}");
    node.stop().await;
    Ok(())
}
