//! The thread that proves on this machine, one step at a time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

use super::Cancel;
use super::backend::{ProverBackend, ProverError, ProverSource};
use super::command::PipelineCommand;
use super::job::ProofJob;

/// A task of the thread.
enum LocalTask {
    /// Make the prover.
    Setup,
    /// Make a proof.
    Prove(Arc<dyn ProverBackend>, Box<ProofJob>),
}

/// The thread, to its owner. It ends with this handle, which waits for it.
pub(super) struct LocalProver {
    tasks: Option<Sender<LocalTask>>,
    thread: Option<JoinHandle<()>>,
}

impl LocalProver {
    /// Starts the thread. It answers each task with one message to `answers`.
    pub(super) fn spawn(
        mut source: ProverSource,
        cancel: Cancel,
        answers: Sender<PipelineCommand>,
    ) -> std::io::Result<Self> {
        let (tasks, to_do) = channel();
        let work = move || {
            while let Ok(task) = to_do.recv() {
                let answer = match task {
                    LocalTask::Setup => {
                        let made = catch_unwind(AssertUnwindSafe(&mut source));
                        PipelineCommand::SetUp(made.unwrap_or_else(|_| Err(panicked())))
                    }
                    LocalTask::Prove(prover, job) => {
                        let made = catch_unwind(AssertUnwindSafe(|| prover.prove(&job, &cancel)));
                        PipelineCommand::Made(made.unwrap_or_else(|_| Err(panicked())))
                    }
                };
                if answers.send(answer).is_err() {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name("local prover".into()).spawn(work)?;
        Ok(Self { tasks: Some(tasks), thread: Some(thread) })
    }

    /// Makes the prover; the answer is [`PipelineCommand::SetUp`].
    pub(super) fn set_up(&self) {
        self.send(LocalTask::Setup);
    }

    /// Makes a proof; the answer is [`PipelineCommand::Made`].
    pub(super) fn prove(&self, prover: Arc<dyn ProverBackend>, job: ProofJob) {
        self.send(LocalTask::Prove(prover, Box::new(job)));
    }

    fn send(&self, task: LocalTask) {
        if let Some(tasks) = &self.tasks {
            // The thread ends after this handle.
            let _ = tasks.send(task);
        }
    }
}

impl Drop for LocalProver {
    fn drop(&mut self) {
        drop(self.tasks.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked is at rest too.
            let _ = thread.join();
        }
    }
}

/// A panic fails its step, and no more.
fn panicked() -> ProverError {
    ProverError::Prover("the prover panicked".into())
}
