//! The thread that writes records: what arrives together is synced together.

use std::thread::JoinHandle;

use tokio::sync::{mpsc, oneshot};

use super::log::{Change, IdempotencyError, Log};

/// Changes in one write; more wait for the next.
const WRITE_MAX: usize = 512;

/// A handle to the thread; when it is dropped, what was handed over is written first.
#[derive(Debug)]
pub(super) struct Writer {
    queue: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Job {
    change: Change,
    done: oneshot::Sender<()>,
}

impl Writer {
    pub(super) fn start(log: Log) -> Self {
        let (queue, jobs) = mpsc::channel(WRITE_MAX);
        let thread = std::thread::spawn(move || run(log, jobs));
        Self { queue: Some(queue), thread: Some(thread) }
    }

    /// Makes a change; it is on disk on return.
    pub(super) async fn write(&self, change: Change) -> Result<(), IdempotencyError> {
        let (done, written) = oneshot::channel();
        let queue = self.queue.as_ref().ok_or(IdempotencyError::Closed)?;
        queue.send(Job { change, done }).await.map_err(|_| IdempotencyError::Closed)?;
        written.await.map_err(|_| IdempotencyError::Closed)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the writer of idempotency keys had panicked");
        }
    }
}

fn run(mut log: Log, mut jobs: mpsc::Receiver<Job>) {
    let mut waiting = Vec::with_capacity(WRITE_MAX);
    while jobs.blocking_recv_many(&mut waiting, WRITE_MAX) > 0 {
        let (changes, done): (Vec<Change>, Vec<oneshot::Sender<()>>) =
            waiting.drain(..).map(|job| (job.change, job.done)).unzip();
        if let Err(error) = log.apply(changes) {
            // What is in the log's counters may not be on disk: nothing more is written.
            tracing::error!(%error, "idempotency keys could not be written");
            return;
        }
        for sender in done {
            // Who asked may have gone.
            let _ = sender.send(());
        }
    }
}
