//! More than the sequencer can take: refused at once, nothing lost, memory bounded, over when it is
//! over.

mod support;

use std::time::{Duration, Instant};

use farthing_aggregator::{Aggregator, Components, SequencerError};
use farthing_protocol::BatchClass;
use farthing_testkit::full;
use support::*;

/// Intents in one submission.
const TOGETHER: u64 = 32;

/// Resident memory of this process, in KiB.
fn resident() -> TestResult<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("VmRSS")?;
    Ok(line.split_whitespace().nth(1).ok_or("number")?.parse()?)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_refused_and_the_rest_is_kept() -> TestResult<()> {
    const CLIENTS: u32 = 64;
    const ROOM: u32 = 512;
    let dir = tempfile::tempdir()?;
    let mut config = config(dir.path(), BatchClass::SMALL);
    config.sequencer.waiting_max = ROOM;
    let node = Aggregator::start(config, Components::default())?;
    fund(&node, CLIENTS, 0).await?;
    let end = Instant::now() + Duration::from_secs(if full() { 20 } else { 3 });
    let before = resident()?;

    let (mut accepted, mut refused) = burst(&node, CLIENTS).await?;
    assert!(refused > 0, "all at once is more than there is room for");
    let mut clients = tokio::task::JoinSet::new();
    for client in 1..=CLIENTS {
        let node = node.clone();
        clients.spawn(async move { flood(&node, client, end).await });
    }
    while let Some(counts) = clients.join_next().await {
        let (a, r) = counts??;
        accepted += a;
        refused += r;
    }
    assert!(accepted > 0);
    let grown = resident()?.saturating_sub(before);
    // RocksDB's memtables and the open batch; the queue itself is under 1 MiB.
    assert!(grown < 512 << 10, "{grown} KiB more");
    let metrics = node.metrics();
    assert_eq!(metrics.intents_accepted, accepted);
    assert_eq!(metrics.intents_overloaded, refused);
    assert_eq!(node.readiness().room, ROOM as usize);
    // It is over: the next one is taken.
    node.submit(vec![transfer(1, u32::MAX.into(), 2, 1)?]).await?.remove(0)?;
    node.stop().await;
    Ok(())
}

/// Every client sends at the same moment what was signed before: several times what fits.
async fn burst(node: &Aggregator, clients: u32) -> TestResult<(u64, u64)> {
    let mut waiting = Vec::new();
    for client in 1..=clients {
        waiting.push((signed(client, 1, TOGETHER)?, node.clone()));
    }
    let sent = waiting.into_iter().map(|(intents, node)| async move { node.submit(intents).await });
    let (mut accepted, mut refused) = (0, 0);
    for answer in futures_util::future::join_all(sent).await {
        match answer {
            Ok(answers) => accepted += answers.into_iter().filter(Result::is_ok).count() as u64,
            Err(SequencerError::Overloaded { .. }) => refused += TOGETHER,
            Err(other) => return Err(other.into()),
        }
    }
    Ok((accepted, refused))
}

/// Sends as fast as it goes; what is refused is sent again later, as a client would.
async fn flood(node: &Aggregator, client: u32, end: Instant) -> TestResult<(u64, u64)> {
    let (mut accepted, mut refused) = (0, 0);
    let mut nonce = 1 + TOGETHER;
    let mut intents = signed(client, nonce, TOGETHER)?;
    while Instant::now() < end {
        match node.submit(intents.clone()).await {
            Ok(answers) => {
                for answer in answers {
                    assert!(!answer?.repeated);
                    accepted += 1;
                }
                nonce += TOGETHER;
                intents = signed(client, nonce, TOGETHER)?;
            }
            Err(SequencerError::Overloaded { retry_after }) => {
                assert!(retry_after > Duration::ZERO);
                refused += TOGETHER;
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Err(other) => return Err(other.into()),
        }
    }
    Ok((accepted, refused))
}

fn signed(client: u32, first: u64, count: u64) -> TestResult<Vec<farthing_protocol::SignedIntent>> {
    (first..first + count).map(|nonce| transfer(client, nonce, 1, 1)).collect()
}
