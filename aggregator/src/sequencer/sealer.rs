//! The thread that seals batches, one at a time, while the next one is filled.

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
use crate::progress::ProgressWatch;

/// The channel to a waiter for a sealed batch.
pub(super) type SealRequest = oneshot::Sender<Option<BatchNumber>>;

/// A batch to be sealed.
pub(super) struct SealTask {
    pub(super) job: SealJob,
    /// When it was settled.
    pub(super) since: Instant,
    /// SealListener when it is durable.
    pub(super) waiters: Vec<SealRequest>,
}

/// Listeners that learn of each sealed batch.
pub(crate) struct SealListener {
    pub(crate) faults: Faults,
    pub(crate) metrics: Metrics,
    pub(crate) progress: ProgressWatch,
    /// SealListener of every sealed batch.
    pub(crate) indexer: Sender<()>,
}

/// The result of a job.
pub(super) type SealResult = Result<StoredBatch, LedgerError>;

/// The sequencer's end of the thread, which ends when this is dropped.
pub(super) struct Sealer {
    tasks: Option<Sender<SealTask>>,
    results: Receiver<SealResult>,
    thread: Option<JoinHandle<()>>,
}

impl Sealer {
    pub(super) fn spawn(listener: SealListener) -> std::io::Result<Self> {
        let (tasks, to_do) = channel();
        let (done, results) = channel();
        // Half of the cores: in the pool that all share, signature checks would stand in line behind
        // the trees.
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        let pool = ThreadPoolBuilder::new()
            .num_threads((cores / 2).max(1))
            .thread_name(|index| format!("sealer {index}"))
            .build()
            .map_err(std::io::Error::other)?;
        let thread = std::thread::Builder::new()
            .name("sealer".into())
            .spawn(move || work(&listener, &pool, &to_do, &done))?;
        Ok(Self { tasks: Some(tasks), results, thread: Some(thread) })
    }

    /// Starts to seal. If the thread is gone, the result says so.
    pub(super) fn start(&self, task: SealTask) {
        if let Some(tasks) = &self.tasks {
            // A thread that is gone has dropped its end of the results too.
            let _ = tasks.send(task);
        }
    }

    /// The result of the batch being sealed, if it has come.
    pub(super) fn result(&self) -> Option<SealResult> {
        self.results.try_recv().ok()
    }

    /// Waits for the result of the batch being sealed; `None` if the thread has died.
    pub(super) fn wait(&self) -> Option<SealResult> {
        self.results.recv().ok()
    }
}

impl Drop for Sealer {
    /// A thread that still writes keeps the store open: it is waited for.
    fn drop(&mut self) {
        self.tasks = None;
        if let Some(thread) = self.thread.take() {
            // One that panicked is at rest too.
            let _ = thread.join();
        }
    }
}

fn work(
    listener: &SealListener,
    pool: &ThreadPool,
    tasks: &Receiver<SealTask>,
    done: &Sender<SealResult>,
) {
    while let Ok(SealTask { job, since, waiters }) = tasks.recv() {
        let number = job.number();
        listener.faults.reach(FaultPoint::Settled);
        let result = pool.install(|| job.run());
        let stored = result.is_ok();
        if let Ok(stored) = &result {
            listener.faults.reach(FaultPoint::Sealed);
            listener.metrics.latency().note(SequencerStep::Seal, since.elapsed());
            listener.metrics.batches_sealed(1);
            let intents = stored.batch().counts.intents;
            info!(batch = number.get(), intents, "the batch is sealed");
        }
        // The ledger's owner learns it before any other thread can ask it.
        if done.send(result).is_err() || !stored {
            return;
        }
        listener.progress.sequenced(number.next());
        if listener.indexer.send(()).is_err() {
            debug!("the indexer has stopped: it catches up at the next start");
        }
        for reply in waiters {
            // The waiter may have gone.
            let _ = reply.send(Some(number));
        }
    }
}
