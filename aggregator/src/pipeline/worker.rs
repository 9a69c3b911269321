//! The thread of the prover pipeline.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use farthing_ledger::{LedgerReader, StoreError};
use farthing_protocol::{BatchNumber, BlockNumber};
use thiserror::Error;
use tokio::sync::oneshot;
use tracing::{error, info, warn};

use super::Cancel;
use super::backend::{ProverBackend, ProverError, ProverSource};
use super::plan::{Work, after, ahead, plan_of};
use super::view::{Proving, ProvingWatch, StepKind};
use crate::block::Block;
use crate::config::BlockConfig;
use crate::fault::{FaultPoint, Faults};
use crate::metrics::{Metrics, millis};
use crate::progress::ProgressWatch;
use crate::store::{NodeStore, NodeStoreError, ProofStep};

/// Time for which the thread waits for news before it looks at the clock again.
const POLL: Duration = Duration::from_millis(200);
/// Time after a first failure until a step is tried again; twice as long after each further one.
const BACKOFF_MIN: Duration = Duration::from_secs(1);
/// No step waits longer.
const BACKOFF_MAX: Duration = Duration::from_secs(300);

/// Batches that one transaction on L1 can prove: each takes about 55,000 gas beside 3.5 million for
/// the proof, and L1's limit is 16,777,216. `tests/gas_of_blocks.rs` measures it.
pub(crate) const BLOCK_BATCHES_MAX: u32 = 200;
const _: () = assert!(BLOCK_BATCHES_MAX as usize <= farthing_recursion::BLOCK_BATCHES_MAX);

/// Messages to the thread.
pub(crate) enum PipelineCommand {
    /// More batches are in the index.
    Indexed,
    /// Form a block of what is there, at any age; `None` if nothing is.
    FormBlock(oneshot::Sender<Option<BlockNumber>>),
    /// End; the step at work is given up.
    Stop,
}

/// State that the thread owns.
pub(crate) struct PipelineWorker {
    pub(crate) store: NodeStore,
    pub(crate) reader: LedgerReader,
    pub(crate) config: BlockConfig,
    /// `None`: blocks are formed and not proven.
    pub(crate) prover: Option<ProverSource>,
    pub(crate) cancel: Cancel,
    pub(crate) faults: Faults,
    pub(crate) metrics: Metrics,
    pub(crate) progress: ProgressWatch,
    pub(crate) view: ProvingWatch,
}

/// Why the pipeline pauses.
#[derive(Debug, Error)]
enum PipelineError {
    #[error(transparent)]
    Store(#[from] NodeStoreError),
    #[error(transparent)]
    Ledger(#[from] StoreError),
    #[error("{0:?} is not on disk")]
    MissingProof(ProofStep),
    #[error("batch {0} is not on disk")]
    MissingBatch(BatchNumber),
    #[error("{0}")]
    Prover(#[from] ProverError),
}

/// State that lasts as long as the thread.
struct State {
    prover: Option<Box<dyn ProverBackend>>,
    /// The first batch that no block holds, and when it was first seen.
    waiting: Option<(BatchNumber, Instant)>,
    /// When the next step may be tried.
    not_before: Instant,
    form_now: Vec<oneshot::Sender<Option<BlockNumber>>>,
}

/// Starts the thread.
pub(crate) fn spawn_pipeline(
    worker: PipelineWorker,
    commands: Receiver<PipelineCommand>,
) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name("prover".into()).spawn(move || worker.run(&commands))
}

impl PipelineWorker {
    fn run(mut self, commands: &Receiver<PipelineCommand>) {
        let mut state =
            State { prover: None, waiting: None, not_before: Instant::now(), form_now: Vec::new() };
        loop {
            let worked = self.turn(&mut state).unwrap_or_else(|failure| {
                error!(error = &failure as &dyn std::error::Error, "the prover pipeline pauses");
                state.not_before = Instant::now() + BACKOFF_MAX.min(BACKOFF_MIN * 8);
                false
            });
            let timeout = if worked { Duration::ZERO } else { POLL };
            if !listen(commands, timeout, &mut state) || self.cancel.is_cancelled() {
                return;
            }
        }
    }

    /// Forms a block if one is due, then does one step if there is one. Returns true if a step was
    /// done.
    fn turn(&mut self, state: &mut State) -> Result<bool, PipelineError> {
        self.form_block(state)?;
        if self.prover.is_none() || Instant::now() < state.not_before {
            return Ok(false);
        }
        let Some((work, proving)) = self.next_work()? else {
            self.view.show(Proving::default());
            return Ok(false);
        };
        let mut proving = proving;
        let start = Instant::now();
        match self.step(state, work, &mut proving) {
            Ok(()) => {
                // Counted before it is told: who hears of a proof finds it counted.
                self.count(work, start.elapsed());
                if let Work::Final(_) = work {
                    self.publish_proven()?;
                }
                self.faults.reach(FaultPoint::StepStored);
                Ok(true)
            }
            Err(PipelineError::Prover(ProverError::Cancelled)) => Ok(false),
            Err(failure) => {
                self.failed(state, work, &failure, proving)?;
                Ok(false)
            }
        }
    }

    /// The next step: of the oldest block that is not proven, or of a batch that waits for one.
    fn next_work(&self) -> Result<Option<(Work, Proving)>, PipelineError> {
        let mut number = self.first_unproven()?;
        while let Some(block) = self.store.block(number)? {
            let plan = plan_of(&self.store, &block)?;
            if let Some(work) = plan.next {
                let block = Some(number);
                let (done, steps) = (plan.done, plan.steps);
                return Ok(Some((work, Proving { block, done, steps, ..Proving::default() })));
            }
            number = number.next();
        }
        let mut batch = self.first_waiting()?;
        let end = self.store.indexed()?;
        while batch < end {
            if let Some(work) = ahead(&self.store, batch)? {
                return Ok(Some((work, Proving::default())));
            }
            batch = batch.next();
        }
        Ok(None)
    }

    fn step(
        &mut self,
        state: &mut State,
        work: Work,
        proving: &mut Proving,
    ) -> Result<(), PipelineError> {
        let (kind, batch) = match work {
            Work::Leaf(batch) => (StepKind::Leaf, Some(batch)),
            Work::Wrap(batch) => (StepKind::Wrap, Some(batch)),
            Work::Join { first, .. } => (StepKind::Join, Some(first)),
            Work::Final(_) => (StepKind::Final, None),
        };
        if state.prover.is_none() {
            self.view.show(Proving { step: Some(StepKind::Setup), ..*proving });
            state.prover = self.prover.as_mut().map(|make| make()).transpose()?;
        }
        *proving = Proving { step: Some(kind), batch, ..*proving };
        self.view.show(*proving);
        let Some(prover) = state.prover.as_deref_mut() else { return Ok(()) };
        match work {
            Work::Leaf(batch) => self.leaf(prover, batch),
            Work::Wrap(batch) => self.wrap(prover, batch),
            Work::Join { first, left, right } => self.join(prover, first, left, right),
            Work::Final(block) => self.finish(prover, block),
        }
    }

    fn leaf(
        &self,
        prover: &mut dyn ProverBackend,
        batch: BatchNumber,
    ) -> Result<(), PipelineError> {
        let witness = self.reader.batch(batch)?.ok_or(PipelineError::MissingBatch(batch))?;
        let proof = prover.leaf(&witness, &self.cancel)?;
        self.store_step(ProofStep::Leaf(batch), &proof, &[])
    }

    fn wrap(
        &self,
        prover: &mut dyn ProverBackend,
        batch: BatchNumber,
    ) -> Result<(), PipelineError> {
        let used = ProofStep::Leaf(batch);
        let leaf = self.proof(used)?;
        let summary = self.store.batch(batch)?.ok_or(PipelineError::MissingBatch(batch))?;
        let node =
            self.check_input(&[used], prover.wrap(&leaf, &summary.statement, &self.cancel))?;
        self.store_step(ProofStep::Node { first: batch, batches: 1 }, &node, &[used])
    }

    fn join(
        &self,
        prover: &mut dyn ProverBackend,
        first: BatchNumber,
        left: u32,
        right: u32,
    ) -> Result<(), PipelineError> {
        let used = [
            ProofStep::Node { first, batches: left },
            ProofStep::Node { first: after(first, left), batches: right },
        ];
        let (a, b) = (self.proof(used[0])?, self.proof(used[1])?);
        let node = self.check_input(&used, prover.join(&a, &b, &self.cancel))?;
        self.store_step(ProofStep::Node { first, batches: left + right }, &node, &used)
    }

    fn finish(
        &self,
        prover: &mut dyn ProverBackend,
        number: BlockNumber,
    ) -> Result<(), PipelineError> {
        let refused = NodeStoreError::Transition { step: "proving", block: number };
        let block = self.store.block(number)?.ok_or(refused)?;
        let (first, batches) = (block.first_batch(), block.statement.batches);
        let used = ProofStep::Node { first, batches };
        let node = self.proof(used)?;
        let proof =
            self.check_input(&[used], prover.finish(&node, &block.statement, &self.cancel))?;
        self.faults.reach(FaultPoint::StepComputed);
        self.store.block_proven(number, &block.statement, &proof)?;
        info!(block = number.get(), bytes = proof.len(), "the block is proven");
        Ok(())
    }

    fn store_step(
        &self,
        step: ProofStep,
        proof: &[u8],
        used: &[ProofStep],
    ) -> Result<(), PipelineError> {
        self.faults.reach(FaultPoint::StepComputed);
        Ok(self.store.proof_made(step, proof, used)?)
    }

    fn proof(&self, step: ProofStep) -> Result<Vec<u8>, PipelineError> {
        self.store.proof(step)?.ok_or(PipelineError::MissingProof(step))
    }

    /// Proofs from disk that the prover refuses are made again.
    fn check_input<T>(
        &self,
        used: &[ProofStep],
        made: Result<T, ProverError>,
    ) -> Result<T, PipelineError> {
        if let Err(ProverError::Input(_)) = &made {
            for step in used {
                self.store.proof_refused(*step)?;
            }
        }
        Ok(made?)
    }

    fn failed(
        &self,
        state: &mut State,
        work: Work,
        failure: &PipelineError,
        proving: Proving,
    ) -> Result<(), PipelineError> {
        let failures = self.store.step_failed(work.result())?.attempts;
        let backoff = BACKOFF_MIN.saturating_mul(1 << failures.saturating_sub(1).min(16));
        let backoff = backoff.min(BACKOFF_MAX);
        warn!(
            ?work,
            failures,
            error = failure as &dyn std::error::Error,
            "the proof step failed: it is tried again"
        );
        self.metrics.proof_retries(1);
        self.view.show(Proving { failures, ..proving });
        state.not_before = Instant::now() + backoff;
        Ok(())
    }

    fn count(&self, work: Work, took: Duration) {
        let took = millis(took);
        match work {
            Work::Leaf(_) => {
                self.metrics.leaves_proven(1);
                self.metrics.leaf_millis(took);
            }
            Work::Wrap(_) => {
                self.metrics.wraps_proven(1);
                self.metrics.wrap_millis(took);
            }
            Work::Join { .. } => {
                self.metrics.joins_proven(1);
                self.metrics.join_millis(took);
            }
            Work::Final(_) => {
                self.metrics.blocks_proven(1);
                self.metrics.final_millis(took);
            }
        }
    }

    /// Forms blocks as long as one is due: full, old enough, or asked for.
    fn form_block(&self, state: &mut State) -> Result<(), PipelineError> {
        loop {
            let first = self.first_waiting()?;
            let waiting = self.store.indexed()?.get().saturating_sub(first.get());
            if waiting == 0 {
                state.waiting = None;
                answer(state, None);
                return Ok(());
            }
            let since = match state.waiting {
                Some((batch, since)) if batch == first => since,
                _ => Instant::now(),
            };
            state.waiting = Some((first, since));
            let refused = self.store.block_batches_max()?.unwrap_or(u32::MAX);
            let batches_max = self.config.batches_max.min(refused);
            let batches_max = u64::from(batches_max).clamp(1, u64::from(BLOCK_BATCHES_MAX));
            let full = waiting >= batches_max;
            let due = full || since.elapsed() >= self.config.age || !state.form_now.is_empty();
            if !due {
                return Ok(());
            }
            let batches = waiting.min(batches_max);
            let last = batches == waiting;
            let block = self.form(first, u32::try_from(batches).unwrap_or(u32::MAX))?;
            if last {
                answer(state, Some(block.number));
            }
        }
    }

    fn form(&self, first: BatchNumber, batches: u32) -> Result<Block, PipelineError> {
        let mut statements = Vec::new();
        for index in 0..batches {
            let number = after(first, index);
            let batch = self.store.batch(number)?.ok_or(PipelineError::MissingBatch(number))?;
            statements.push(batch.statement);
        }
        let block = self.store.form_block(&statements)?;
        info!(block = block.number.get(), first = first.get(), batches, "the block is formed");
        self.faults.reach(FaultPoint::BlockFormed);
        Ok(block)
    }

    /// The first batch that no block holds.
    fn first_waiting(&self) -> Result<BatchNumber, PipelineError> {
        Ok(self.store.last_block()?.map_or(BatchNumber::MIN, |block| block.end()))
    }

    /// The first block that is not proven, or the next one to form.
    fn first_unproven(&self) -> Result<BlockNumber, PipelineError> {
        Ok(self.store.first_unproven()?)
    }

    /// Tells up to where blocks are proven.
    fn publish_proven(&self) -> Result<(), PipelineError> {
        let end = self.store.end_before(self.store.first_unproven()?)?;
        self.progress.proven(end);
        Ok(())
    }
}

fn answer(state: &mut State, formed: Option<BlockNumber>) {
    for asked in state.form_now.drain(..) {
        // Who asked may have gone.
        let _ = asked.send(formed);
    }
}

/// Takes what the thread is told; `false` if it is to end.
fn listen(commands: &Receiver<PipelineCommand>, timeout: Duration, state: &mut State) -> bool {
    let mut next = commands.recv_timeout(timeout);
    loop {
        match next {
            Ok(PipelineCommand::Indexed) => {}
            Ok(PipelineCommand::FormBlock(asked)) => state.form_now.push(asked),
            Ok(PipelineCommand::Stop) | Err(RecvTimeoutError::Disconnected) => return false,
            Err(RecvTimeoutError::Timeout) => return true,
        }
        next = commands.recv_timeout(Duration::ZERO);
    }
}
