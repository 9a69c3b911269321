//! The thread of the prover pipeline.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use farthing_ledger::{LedgerReader, StoreError};
use farthing_protocol::{BatchNumber, BatchStatement, BlockNumber, BlockStatement, JoinError};
use thiserror::Error;
use tokio::sync::oneshot;
use tracing::{error, info, warn};

use super::Cancel;
use super::backend::{ProverBackend, ProverError, ProverSource};
use super::command::PipelineCommand;
use super::fleet::{FleetEvent, JobId, ProverFleet};
use super::in_flight::{InFlight, Lease};
use super::job::{ProofClaim, ProofJob};
use super::local::LocalProver;
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

/// Steps leased to other machines at once: enough for 64 provers with a step in reserve each.
const LEASES_MAX: usize = 128;
/// A lease older than this is taken back: no step takes as long, so its messages are lost.
const LEASE_AGE_MAX: Duration = Duration::from_secs(1_800);

/// State that the thread owns.
pub(crate) struct PipelineWorker {
    pub(crate) store: NodeStore,
    pub(crate) reader: LedgerReader,
    pub(crate) config: BlockConfig,
    /// `None`: blocks are formed and not proven.
    pub(crate) prover: Option<ProverSource>,
    /// Provers on other machines.
    pub(crate) fleet: Option<Arc<dyn ProverFleet>>,
    /// Sender of messages to this thread.
    pub(crate) commands: Sender<PipelineCommand>,
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
    #[error("block {0} is not on disk")]
    MissingBlock(BlockNumber),
    #[error(transparent)]
    Join(#[from] JoinError),
    #[error("{0}")]
    Prover(#[from] ProverError),
    #[error(transparent)]
    Thread(std::io::Error),
}

/// State that lasts as long as the thread.
struct State {
    local: Option<LocalProver>,
    prover: Option<Arc<dyn ProverBackend>>,
    /// True while the prover is being made.
    setting_up: bool,
    in_flight: InFlight,
    /// The first batch that no block holds, and when it was first seen.
    waiting: Option<(BatchNumber, Instant)>,
    /// When the next step on this machine may be tried.
    not_before: Instant,
    form_now: Vec<oneshot::Sender<Option<BlockNumber>>>,
    inbox: VecDeque<PipelineCommand>,
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
        let mut state = State {
            local: None,
            prover: None,
            setting_up: false,
            in_flight: InFlight::default(),
            waiting: None,
            not_before: Instant::now(),
            form_now: Vec::new(),
            inbox: VecDeque::new(),
        };
        loop {
            if let Err(failure) = self.turn(&mut state) {
                error!(error = &failure as &dyn std::error::Error, "the prover pipeline pauses");
                state.not_before = Instant::now() + BACKOFF_MAX.min(BACKOFF_MIN * 8);
            }
            if !listen(commands, POLL, &mut state) || self.cancel.is_cancelled() {
                return;
            }
        }
    }

    /// Stores what was made, forms a block if one is due, and puts every step that can be made to work.
    fn turn(&mut self, state: &mut State) -> Result<(), PipelineError> {
        while let Some(news) = state.inbox.pop_front() {
            match news {
                PipelineCommand::SetUp(made) => self.set_up(state, made)?,
                PipelineCommand::Made(made) => self.made_here(state, made)?,
                PipelineCommand::Fleet(event) => self.heard(state, event)?,
                _ => {}
            }
        }
        self.form_block(state)?;
        if self.prover.is_none() && state.local.is_none() {
            return Ok(());
        }
        self.take_back_lost(state);
        self.assign(state)?;
        self.show(state)
    }

    /// The steps that can be made now: of the oldest block that is not proven first, of batches that
    /// wait for a block last; at most `max`.
    fn ready(&self, max: usize) -> Result<Vec<Work>, PipelineError> {
        let mut ready = Vec::new();
        let mut number = self.first_unproven()?;
        while ready.len() < max
            && let Some(block) = self.store.block(number)?
        {
            ready.extend(plan_of(&self.store, &block)?.ready);
            number = number.next();
        }
        let mut batch = self.first_waiting()?;
        let end = self.store.indexed()?;
        while batch < end && ready.len() < max {
            ready.extend(ahead(&self.store, batch)?);
            batch = batch.next();
        }
        Ok(ready)
    }

    /// Puts steps to work: on other machines those that they take, else one here.
    fn assign(&mut self, state: &mut State) -> Result<(), PipelineError> {
        let room = if self.fleet.is_some() { LEASES_MAX + 1 } else { 1 };
        for work in self.ready(room)? {
            if state.in_flight.contains(work) {
                continue;
            }
            let Some(prover) = state.prover.clone() else { return self.start_set_up(state) };
            if self.lease(state, work)? {
                continue;
            }
            if state.in_flight.local.is_none() && Instant::now() >= state.not_before {
                let Some(job) = self.load(state, work)? else { continue };
                state.in_flight.local = Some((work, Instant::now()));
                if let Some(local) = &state.local {
                    local.prove(prover, job);
                }
            }
            if self.fleet.is_none() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Begins to make the prover, on the thread that proves.
    fn start_set_up(&mut self, state: &mut State) -> Result<(), PipelineError> {
        if state.setting_up || Instant::now() < state.not_before {
            return Ok(());
        }
        if let Some(source) = self.prover.take() {
            let local = LocalProver::spawn(source, self.cancel.clone(), self.commands.clone());
            state.local = Some(local.map_err(PipelineError::Thread)?);
        }
        if let Some(local) = &state.local {
            state.setting_up = true;
            local.set_up();
        }
        Ok(())
    }

    fn set_up(
        &self,
        state: &mut State,
        made: Result<Arc<dyn ProverBackend>, ProverError>,
    ) -> Result<(), PipelineError> {
        state.setting_up = false;
        match made {
            Ok(prover) => {
                if let Some(fleet) = &self.fleet {
                    let commands = self.commands.clone();
                    // The pipeline may have ended.
                    let events = move |event| drop(commands.send(PipelineCommand::Fleet(event)));
                    fleet.begin(Arc::clone(&prover), Box::new(events));
                }
                state.prover = Some(prover);
                Ok(())
            }
            Err(failure) => match self.ready(1)?.first() {
                Some(work) => self.failed(state, *work, &failure.into()),
                None => Ok(()),
            },
        }
    }

    /// Leases a step out if provers on other machines take it. Returns true if it is leased, or waits
    /// until other steps are done.
    fn lease(&self, state: &mut State, work: Work) -> Result<bool, PipelineError> {
        let Some(fleet) = &self.fleet else { return Ok(false) };
        if state.in_flight.is_kept_here(work) {
            return Ok(false);
        }
        let claim = self.claim(work)?;
        if !fleet.serves(&claim) {
            return Ok(false);
        }
        if state.in_flight.leased() >= LEASES_MAX {
            return Ok(true);
        }
        let Some(job) = self.load(state, work)? else { return Ok(true) };
        match fleet.lease(&job) {
            Ok(job) => {
                state.in_flight.lease(work, Lease { job, claim, since: Instant::now() });
                Ok(true)
            }
            Err(failure) => {
                warn!(?work, error = &failure as &dyn std::error::Error, "the step stays here");
                Ok(false)
            }
        }
    }

    /// Takes back what no prover is there for any more, and what takes too long.
    fn take_back_lost(&self, state: &mut State) {
        let Some(fleet) = &self.fleet else { return };
        let lost = state.in_flight.leases_where(|_, lease| {
            lease.since.elapsed() > LEASE_AGE_MAX || !fleet.serves(&lease.claim)
        });
        for job in lost {
            if let Some((work, _)) = self.end_lease(state, job) {
                warn!(?work, "no other machine makes the step: it is made here");
            }
        }
    }

    /// The proof of the step on this machine.
    fn made_here(
        &self,
        state: &mut State,
        made: Result<Vec<u8>, ProverError>,
    ) -> Result<(), PipelineError> {
        let Some((work, start)) = state.in_flight.local.take() else { return Ok(()) };
        match made {
            Ok(proof) => self.store_step(state, work, &proof, start.elapsed()),
            Err(ProverError::Cancelled) => Ok(()),
            Err(failure) => {
                if let ProverError::Input(_) = &failure {
                    // Proofs from disk that the prover refuses are made again.
                    for step in self.inputs(work)? {
                        self.store.proof_refused(step)?;
                    }
                }
                self.failed(state, work, &failure.into())
            }
        }
    }

    /// News from other machines.
    fn heard(&self, state: &mut State, event: FleetEvent) -> Result<(), PipelineError> {
        match event {
            FleetEvent::Proven { job, proof } => {
                let Some((work, lease)) = self.end_lease(state, job) else { return Ok(()) };
                self.store_step(state, work, &proof, lease.since.elapsed())
            }
            FleetEvent::Returned { job } => {
                let Some((work, _)) = self.end_lease(state, job) else { return Ok(()) };
                warn!(?work, "the step failed too often on other machines: it is made here");
                self.store.step_failed(work.result())?;
                self.metrics.proof_retries(1);
                state.in_flight.keep_here(work);
                Ok(())
            }
            FleetEvent::Provers => Ok(()),
        }
    }

    /// Ends a lease, if there is one of this job; the fleet forgets it.
    fn end_lease(&self, state: &mut State, job: JobId) -> Option<(Work, Lease)> {
        if let Some(fleet) = &self.fleet {
            fleet.take_back(job);
        }
        state.in_flight.end_lease(job)
    }

    /// The statement that the proof of a step must show.
    fn claim(&self, work: Work) -> Result<ProofClaim, PipelineError> {
        Ok(match work {
            Work::Leaf(batch) => ProofClaim::Leaf(self.statement(batch)?),
            Work::Wrap(batch) => ProofClaim::Wrap(self.statement(batch)?),
            Work::Join { first, left, right } => {
                let batches = (0..left + right).map(|index| self.statement(after(first, index)));
                let batches = batches.collect::<Result<Vec<_>, _>>()?;
                ProofClaim::Join(BlockStatement::join(&batches)?)
            }
            Work::Final(number) => {
                let block = self.store.block(number)?;
                ProofClaim::Final(block.ok_or(PipelineError::MissingBlock(number))?.statement)
            }
        })
    }

    fn statement(&self, batch: BatchNumber) -> Result<BatchStatement, PipelineError> {
        let batch_there = self.store.batch(batch)?;
        Ok(batch_there.ok_or(PipelineError::MissingBatch(batch))?.statement)
    }

    /// The proofs that a step takes.
    fn inputs(&self, work: Work) -> Result<Vec<ProofStep>, PipelineError> {
        Ok(match work {
            Work::Leaf(_) => Vec::new(),
            Work::Wrap(batch) => vec![ProofStep::Leaf(batch)],
            Work::Join { first, left, right } => vec![
                ProofStep::Node { first, batches: left },
                ProofStep::Node { first: after(first, left), batches: right },
            ],
            Work::Final(number) => {
                let block = self.store.block(number)?;
                let block = block.ok_or(PipelineError::MissingBlock(number))?;
                let (first, batches) = (block.first_batch(), block.statement.batches);
                vec![ProofStep::Node { first, batches }]
            }
        })
    }

    /// The step with everything that it takes.
    fn job(&self, work: Work) -> Result<ProofJob, PipelineError> {
        let inputs = self.inputs(work)?;
        let mut proofs = inputs.into_iter().map(|step| self.proof(step));
        let mut next = || proofs.next().unwrap_or_else(|| Ok(Vec::new()));
        Ok(match self.claim(work)? {
            ProofClaim::Leaf(statement) => {
                let batch = statement.header.number;
                let witness = self.reader.batch(batch)?;
                ProofJob::Leaf(Box::new(witness.ok_or(PipelineError::MissingBatch(batch))?))
            }
            ProofClaim::Wrap(statement) => {
                ProofJob::Wrap { leaf: next()?, statement: Box::new(statement) }
            }
            ProofClaim::Join(statement) => {
                ProofJob::Join { left: next()?, right: next()?, statement: Box::new(statement) }
            }
            ProofClaim::Final(statement) => {
                ProofJob::Final { node: next()?, statement: Box::new(statement) }
            }
        })
    }

    /// The step with everything that it takes; `None` if it has failed, which is counted.
    fn load(&self, state: &mut State, work: Work) -> Result<Option<ProofJob>, PipelineError> {
        match self.job(work) {
            Ok(job) => Ok(Some(job)),
            Err(failure) => self.failed(state, work, &failure).map(|()| None),
        }
    }

    /// Stores the proof of a step, unless the plan has changed meanwhile: L1 may have proven its
    /// batches by somebody else's blocks.
    fn store_step(
        &self,
        state: &mut State,
        work: Work,
        proof: &[u8],
        took: Duration,
    ) -> Result<(), PipelineError> {
        state.in_flight.done(work);
        let used = self.inputs(work)?;
        for step in &used {
            if !self.store.has_proof(*step)? {
                return Ok(());
            }
        }
        self.faults.reach(FaultPoint::StepComputed);
        match work {
            Work::Final(number) => {
                let ProofClaim::Final(statement) = self.claim(work)? else { return Ok(()) };
                self.store.block_proven(number, &statement, proof)?;
                info!(block = number.get(), bytes = proof.len(), "the block is proven");
            }
            _ => self.store.proof_made(work.result(), proof, &used)?,
        }
        // Counted before it is told: who hears of a proof finds it counted.
        self.count(work, took);
        if let Work::Final(_) = work {
            self.publish_proven()?;
        }
        self.faults.reach(FaultPoint::StepStored);
        Ok(())
    }

    fn proof(&self, step: ProofStep) -> Result<Vec<u8>, PipelineError> {
        self.store.proof(step)?.ok_or(PipelineError::MissingProof(step))
    }

    fn failed(
        &self,
        state: &mut State,
        work: Work,
        failure: &PipelineError,
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
        state.not_before = Instant::now() + backoff;
        Ok(())
    }

    /// Shows the step at work.
    fn show(&self, state: &State) -> Result<(), PipelineError> {
        let waits = self.ready(1)?.first().copied();
        let at_work = state.in_flight.first();
        let Some(work) = at_work.or(waits) else {
            self.view.show(Proving::default());
            return Ok(());
        };
        let failures = self.store.failures(work.result())?.attempts;
        let step = match () {
            () if state.setting_up => Some(StepKind::Setup),
            () if at_work.is_some() || failures > 0 => Some(work.kind()),
            () => None,
        };
        let leased = u32::try_from(state.in_flight.leased()).unwrap_or(u32::MAX);
        let mut proving =
            Proving { step, batch: work.batch(), failures, leased, ..Proving::default() };
        if let Some(block) = self.store.block(self.first_unproven()?)? {
            let plan = plan_of(&self.store, &block)?;
            proving.block = Some(block.number);
            (proving.done, proving.steps) = (plan.done, plan.steps);
        }
        self.view.show(proving);
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
            Ok(news) => state.inbox.push_back(news),
            Err(RecvTimeoutError::Timeout) => return true,
        }
        next = commands.recv_timeout(Duration::ZERO);
    }
}
