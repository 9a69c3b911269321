//! The thread that seals batches while the next one is filled: one at a time.

use std::num::NonZero;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Instant;

use farthing_ledger::{LedgerError, SealJob, StoredBatch};
use farthing_protocol::BatchNumber;
use rayon::{ThreadPool, ThreadPoolBuilder};
use tokio::sync::oneshot;
use tracing::{debug, info};

use crate::fault::{FaultPoint, Faults};
use crate::latency::SequencerStep;
use crate::metrics::Metrics;
use crate::progress::ProgressBoard;

/// Who asked for a batch to be sealed.
pub(super) type SealRequest = oneshot::Sender<Option<BatchNumber>>;

/// A batch to be sealed.
pub(super) struct Order {
    pub(super) job: SealJob,
    /// When it was settled.
    pub(super) since: Instant,
    /// Told when it is durable.
    pub(super) asked: Vec<SealRequest>,
}

/// Whom the thread tells of a sealed batch.
pub(crate) struct Told {
    pub(crate) faults: Faults,
    pub(crate) metrics: Metrics,
    pub(crate) board: ProgressBoard,
    /// Told of every sealed batch.
    pub(crate) indexer: Sender<()>,
}

/// What a job came to.
pub(super) type Outcome = Result<StoredBatch, LedgerError>;

/// The sequencer's end of the thread, which ends when this is dropped.
pub(super) struct Sealer {
    orders: Option<Sender<Order>>,
    outcomes: Receiver<Outcome>,
    thread: Option<JoinHandle<()>>,
}

impl Sealer {
    pub(super) fn spawn(told: Told) -> std::io::Result<Self> {
        let (orders, to_do) = channel();
        let (done, outcomes) = channel();
        // Half of the cores: in the pool that all share, signature checks would stand in line behind
        // the trees.
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        let pool = ThreadPoolBuilder::new()
            .num_threads((cores / 2).max(1))
            .thread_name(|place| format!("sealer {place}"))
            .build()
            .map_err(std::io::Error::other)?;
        let thread = std::thread::Builder::new()
            .name("sealer".into())
            .spawn(move || work(&told, &pool, &to_do, &done))?;
        Ok(Self { orders: Some(orders), outcomes, thread: Some(thread) })
    }

    /// Starts to seal. If the thread is gone, the outcome says so.
    pub(super) fn start(&self, order: Order) {
        if let Some(orders) = &self.orders {
            // A thread that is gone has dropped its end of the outcomes too.
            let _ = orders.send(order);
        }
    }

    /// The outcome of the batch being sealed, if it has come.
    pub(super) fn outcome(&self) -> Option<Outcome> {
        self.outcomes.try_recv().ok()
    }

    /// Waits for the outcome of the batch being sealed; `None` if the thread has died.
    pub(super) fn wait(&self) -> Option<Outcome> {
        self.outcomes.recv().ok()
    }
}

impl Drop for Sealer {
    /// A thread that still writes keeps the store open: it is waited for.
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            // One that panicked is at rest too.
            let _ = thread.join();
        }
    }
}

fn work(told: &Told, pool: &ThreadPool, orders: &Receiver<Order>, done: &Sender<Outcome>) {
    while let Ok(Order { job, since, asked }) = orders.recv() {
        let number = job.number();
        told.faults.reach(FaultPoint::Settled);
        let outcome = pool.install(|| job.run());
        let stored = outcome.is_ok();
        if let Ok(stored) = &outcome {
            told.faults.reach(FaultPoint::Sealed);
            told.metrics.latency().note(SequencerStep::Seal, since.elapsed());
            told.metrics.batches_sealed(1);
            let intents = stored.batch().counts.intents;
            info!(batch = number.get(), intents, "sealed");
        }
        // The ledger's owner learns it before anybody else can ask it.
        if done.send(outcome).is_err() || !stored {
            return;
        }
        told.board.sequenced(number.next());
        if told.indexer.send(()).is_err() {
            debug!("the indexer has gone: a new start catches up");
        }
        for reply in asked {
            // Who asked may have gone.
            let _ = reply.send(Some(number));
        }
    }
}
