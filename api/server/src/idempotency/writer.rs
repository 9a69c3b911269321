//! The thread that writes answers: what arrives together is synced together.

use std::thread::JoinHandle;

use tokio::sync::{mpsc, oneshot};

use super::store::{IdempotencyError, Log, NewAnswer};

/// Answers in one write; more wait for the next.
const WRITE_MAX: usize = 512;

/// A handle to the thread; when it is dropped, what was handed over is written first.
#[derive(Debug)]
pub(super) struct Writer {
    queue: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Job {
    answer: NewAnswer,
    done: oneshot::Sender<()>,
}

impl Writer {
    pub(super) fn start(log: Log) -> Self {
        let (queue, jobs) = mpsc::channel(WRITE_MAX);
        let thread = std::thread::spawn(move || run(log, jobs));
        Self { queue: Some(queue), thread: Some(thread) }
    }

    /// Writes an answer; it is on disk on return.
    pub(super) async fn write(&self, answer: NewAnswer) -> Result<(), IdempotencyError> {
        let (done, written) = oneshot::channel();
        let queue = self.queue.as_ref().ok_or(IdempotencyError::Closed)?;
        queue.send(Job { answer, done }).await.map_err(|_| IdempotencyError::Closed)?;
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
        let (answers, done): (Vec<NewAnswer>, Vec<oneshot::Sender<()>>) =
            waiting.drain(..).map(|job| (job.answer, job.done)).unzip();
        if let Err(error) = log.append(&answers) {
            // What is in the log's counters may not be on disk: nothing more is written.
            tracing::error!(%error, "answers could not be stored");
            return;
        }
        for sender in done {
            // Who asked may have gone.
            let _ = sender.send(());
        }
    }
}
