//! Tests that a wrong clock dates no batch.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use farthing_ledger::{Durability, Genesis, Ledger};
use farthing_protocol::{
    AccountId, Address, Amount, BatchClass, Bytes32, Deposit, Domain, Fee, Intent, Nonce,
    Operation, QueueEntry, QueueIndex, Transfer, UnixTime,
};
use farthing_testkit::{identity, key};
use tokio::sync::watch;

use super::*;
use crate::clock::Clock;
use crate::fault::Faults;
use crate::l1_view::L1View;
use crate::progress::ProgressWatch;

type TestResult = Result<(), Box<dyn std::error::Error + Send + Sync>>;

const NOW: u64 = 1_800_000_000;
const DAY: u64 = 86_400;

struct Hands(AtomicU64);

impl Clock for Hands {
    fn now(&self) -> UnixTime {
        UnixTime::new(self.0.load(Ordering::Relaxed)).unwrap_or(UnixTime::MAX)
    }
}

#[tokio::test]
async fn a_clock_a_day_ahead_dates_no_batch() -> TestResult {
    let dir = tempfile::tempdir()?;
    let domain = Domain { chain_id: 1, contract: Address([1; 20]) };
    let genesis = Genesis { domain, operator: identity(1) };
    let ledger = Ledger::create(dir.path(), genesis, BatchClass::TINY, Durability::Buffered)?;
    let domain = ledger.domain_digest();
    let reader = ledger.reader();
    let clock = Arc::new(Hands(AtomicU64::new(NOW + DAY)));
    let (view, l1) = watch::channel(L1View::default());
    view.send_modify(|view| (view.time, view.reachable) = (UnixTime::new(NOW).ok(), true));
    let (progress, metrics) = (ProgressWatch::new(), Metrics::default());
    let (stop_watched, stopped) = watch::channel(false);
    let (commands, to_do) = channel();
    let (indexer, _sealed) = channel();
    let worker = Worker {
        ledger,
        clock: clock.clone(),
        seal_age: Duration::from_secs(3_600),
        rules: AdmissionRules::default(),
        admission: AdmissionControl {
            clock: clock.clone(),
            progress: progress.clone(),
            l1,
            unproven_max: None,
            clock_ahead_max: Duration::from_secs(600),
            l1_time: Arc::default(),
        },
        openings: Arc::new(Mutex::new(Openings::new(OpeningQuota::default(), Instant::now()))),
        faults: Faults::NONE,
        metrics: metrics.clone(),
        stopped: stop_watched,
        opened_at: None,
    };
    let listener =
        SealListener { faults: Faults::NONE, metrics: metrics.clone(), progress, indexer };
    let thread = spawn_worker(worker, listener, to_do)?;
    let sequencer = Sequencer::new(commands, 64, metrics);

    let transfer = Transfer {
        to: AccountId::OPERATOR,
        amount: Amount::MIN,
        recipient: identity(1).recipient(),
        memo: Bytes32::default(),
    };
    let intent = Intent {
        account: AccountId::OPERATOR,
        nonce: Nonce::new(1)?,
        fee: Fee::MIN,
        valid_until: UnixTime::new(NOW + DAY + 60)?,
        operation: Operation::Transfer(transfer),
    };
    let signed = intent.sign(&key(1), &domain);
    let deposit = Deposit::new(identity(2).owner, identity(2).key.to_words(), 5)?;
    let entries = vec![QueueEntry::Deposit(deposit)];

    let refused = sequencer.submit(vec![signed.clone()]).await?.remove(0);
    assert!(matches!(refused, Err(Rejection::Closed(Closed::ClockAhead { .. }))), "{refused:?}");
    let refused = sequencer.open_account(identity(3)).await?;
    assert!(matches!(refused, Err(OpeningError::Closed(_))), "{refused:?}");
    assert_eq!(sequencer.consume(QueueIndex::MIN, entries.clone()).await?, QueueIndex::MIN);
    assert_eq!(sequencer.seal().await?, None, "nothing is in a batch");

    // With the clock right again, all of it is taken, and the batch is dated by it.
    clock.0.store(NOW + 1, Ordering::Relaxed);
    assert_eq!(sequencer.consume(QueueIndex::MIN, entries).await?.get(), 1);
    assert!(!sequencer.submit(vec![signed]).await?.remove(0)?.repeated);
    let batch = sequencer.seal().await?.ok_or("a batch")?;
    let witness = reader.batch(batch)?.ok_or("sealed")?;
    assert_eq!(witness.statement.header.timestamp.get(), NOW + 1);
    sequencer.stop();
    thread.join().map_err(|_| "the thread failed")?;
    assert!(*stopped.borrow());
    Ok(())
}
