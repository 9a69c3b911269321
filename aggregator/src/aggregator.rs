//! The handle on an aggregator, through which the REST server and the CLI use it.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use farthing_ledger::{Admission, Durability, Ledger};
use farthing_protocol::{
    AccountId, AccountIdentity, Address, BatchClass, BatchNumber, BlockNumber, Digest, Domain,
    IntentId, OpenedAccount, PROTOCOL_VERSION, QueueEntry, QueueIndex, Signature, SignedIntent,
    Stage, UnixTime,
};
use tokio::sync::{oneshot, watch};
use tracing::error;

use crate::block::Block;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::error::{ConsumeQueueError, QueryError, StartError};
use crate::l1_view::{L1View, L1ViewWatch};
use crate::latency::{SequencerStep, StepTimes};
use crate::metrics::{Metrics, MetricsSnapshot};
use crate::pipeline::{
    FleetSnapshot, PipelineCommand, ProverFleet, ProverSource, Proving, ProvingWatch,
};
use crate::progress::{Progress, ProgressWatch};
use crate::query::{
    AccountView, BatchView, BlockProofView, IntentView, PAGE_MAX, PayoutView, QueryService, Receipt,
};
use crate::run::{Engine, Run, open, rebase};
use crate::sequencer::{
    AdmissionControl, AdmissionRules, Closed, OpeningError, OpeningQuota, Openings, Preview,
    Rejection, SUBMIT_MAX, SequencerError, preview,
};
use crate::settler::{L1CheckError, L1Config, SettlerEnd};

/// The deployment and its rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// Version of the protocol, which every signature and statement has.
    pub protocol_version: u32,
    /// The deployment.
    pub domain: Domain,
    /// Its digest, which signatures bind.
    pub domain_digest: Digest,
    /// The account that receives the fees.
    pub operator: AccountIdentity,
    /// The class of the batches sealed.
    pub class: BatchClass,
    /// Maximum number of intents in one submission.
    pub submit_max: usize,
    /// Maximum number of lines of a page.
    pub page_max: usize,
    /// Rules for intents beyond the protocol.
    pub rules: AdmissionRules,
    /// Accounts opened by request.
    pub openings: OpeningQuota,
    /// Batches that may wait for a proof; `None` without a prover.
    pub unproven_batches_max: Option<u32>,
}

/// The readiness of the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// True if the sequencer takes intents. False after a failure of the ledger, until the node is
    /// restarted.
    pub sequencer: bool,
    /// Free places in the mempool, in intents.
    pub room: usize,
    /// L1 as the settler sees it; `None` without a settler. Payments continue while L1 is
    /// unreachable.
    pub l1: Option<L1View>,
    /// Reason why the node acknowledges nothing new; `None` while it does.
    pub closed: Option<Closed>,
}

impl Readiness {
    /// Returns true if clients should be sent to this node: it takes intents, and these can settle.
    pub fn is_ready(&self) -> bool {
        self.sequencer && self.closed.is_none() && self.l1.is_none_or(|l1| l1.settles())
    }
}

/// Times of the oldest batches that are not yet proven or final; `None` if there is no such batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lag {
    /// The time of the oldest batch that is sealed and not proven.
    pub oldest_unproven: Option<UnixTime>,
    /// The time of the oldest batch that is sealed and not final on L1.
    pub oldest_unfinal: Option<UnixTime>,
}

/// Components of an aggregator besides its configuration.
pub struct Components {
    /// The source of time.
    pub clock: Arc<dyn Clock>,
    /// Source of the prover. With `None`, batches are sealed and blocks are formed, but nothing is
    /// proven.
    pub prover: Option<ProverSource>,
    /// Provers on other machines. Steps that none of them takes are made by `prover`, which also
    /// verifies what they make.
    pub fleet: Option<Arc<dyn ProverFleet>>,
    /// Connection to L1. With `None`, nothing is settled; otherwise start on a tokio runtime.
    pub l1: Option<L1Config>,
}

impl Default for Components {
    /// The machine's clock, no prover, no L1.
    fn default() -> Self {
        Self { clock: Arc::new(SystemClock), prover: None, fleet: None, l1: None }
    }
}

/// Sequencer, prover pipeline and settler of one rollup. Clones are handles on the same aggregator.
/// It stops by [`Aggregator::stop`], or when the last clone is dropped, which waits for its
/// threads.
#[derive(Clone)]
pub struct Aggregator {
    shared: Arc<Shared>,
}

struct Shared {
    engine: Engine,
    info: Info,
    runs: watch::Sender<Arc<Run>>,
    /// Lock held while a run begins or ends; true once no further run may begin.
    ended: Mutex<bool>,
    refusal: watch::Sender<Option<Arc<L1CheckError>>>,
}

impl Shared {
    /// The run at work.
    fn run(&self) -> Arc<Run> {
        Arc::clone(&self.runs.borrow())
    }

    /// Starts the run's settler; the runtime's threads drive it.
    fn start_settler(self: &Arc<Self>, run: &Run) {
        let Some(settler) = self.engine.settler(run) else { return };
        let (stop, shared) = (Arc::clone(&run.end_settler), Arc::downgrade(self));
        let task = tokio::spawn(async move {
            let outcome = settler.run(stop).await;
            let Some(shared) = shared.upgrade() else { return };
            match outcome {
                SettlerEnd::Stopped => {}
                SettlerEnd::Refused(refusal) => shared.refuse(refusal),
                SettlerEnd::Rebase => {
                    // Not awaited: it ends the run that this task belongs to.
                    drop(tokio::task::spawn_blocking(move || shared.hand_over()));
                }
            }
        });
        *run.settler.lock().unwrap_or_else(PoisonError::into_inner) = Some(task);
    }

    /// L1 is not the one that this node is for: nothing that it would do could count.
    fn refuse(&self, refusal: L1CheckError) {
        self.refusal.send_replace(Some(Arc::new(refusal)));
        self.run().stop();
    }

    /// Ends the run at work, does the rebase whose plan is on disk, and starts the next run. If it
    /// fails, the node has stopped, and its next start tries again.
    fn hand_over(self: &Arc<Self>) {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        if *ended {
            return;
        }
        let run = self.run();
        run.hands_over.store(true, Ordering::SeqCst);
        run.stop();
        run.join();
        match self.next_run() {
            Ok(next) => {
                let next = Arc::new(next);
                self.start_settler(&next);
                self.runs.send_replace(next);
                self.engine.progress.started();
            }
            Err(failure) => {
                error!(
                    error = &failure as &dyn std::error::Error,
                    "the rebase failed: restart the node"
                );
                self.engine.view.change(|view| view.stopped = true);
                run.hands_over.store(false, Ordering::SeqCst);
                self.runs.send_modify(|_| {});
            }
        }
    }

    fn next_run(&self) -> Result<Run, StartError> {
        let Engine { config, clock, reader, store, metrics, progress, .. } = &self.engine;
        let mut ledger = reader.reopen(config.class, Durability::Synced)?;
        if let Some(plan) = store.rebase_plan()? {
            // No stage is shown that a batch taken back has lost.
            progress.take_back(plan.ledger.first);
            rebase(&mut ledger, store, &plan, &**clock, (metrics, &config.faults))?;
        }
        self.engine.run(ledger)
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let run = self.run();
        run.stop();
        // A thread in a database while the process exits would abort it.
        run.join();
    }
}

impl Aggregator {
    /// Opens the data folder, or creates its content, and starts the threads. With an L1, the
    /// settler first compares it with this node; see [`Aggregator::checked`].
    pub fn start(config: Config, parts: Components) -> Result<Self, StartError> {
        let Components { clock, prover, fleet, l1 } = parts;
        if clock.now().get() == 0 {
            return Err(StartError::Clock);
        }
        let metrics = Metrics::default();
        let (ledger, store) = open(&config, &*clock, &metrics)?;
        let view = L1ViewWatch::new();
        if let Some(l1) = &l1 {
            // What was compared before, under the same configuration, need not wait for L1.
            let known = store.l1_checked()? == Some(l1.checked());
            view.change(|view| view.checked = known);
        }
        let info = info(&config, prover.is_some(), &ledger);
        let progress = ProgressWatch::new();
        let admission = AdmissionControl {
            clock: Arc::clone(&clock),
            progress: progress.clone(),
            l1: view.subscribe(),
            unproven_max: info.unproven_batches_max,
            clock_ahead_max: config.sequencer.clock_ahead_max,
            l1_time: Arc::default(),
        };
        let openings = Openings::new(config.sequencer.openings, Instant::now());
        let engine = Engine {
            config,
            clock,
            prover: prover.map(|source| Arc::new(Mutex::new(source))),
            fleet,
            l1,
            reader: ledger.reader(),
            store,
            metrics,
            progress,
            proving: ProvingWatch::new(),
            view,
            admission,
            openings: Arc::new(Mutex::new(openings)),
        };
        let run = Arc::new(engine.run(ledger)?);
        let shared = Arc::new(Shared {
            engine,
            info,
            runs: watch::Sender::new(Arc::clone(&run)),
            ended: Mutex::new(false),
            refusal: watch::Sender::new(None),
        });
        shared.engine.progress.started();
        shared.start_settler(&run);
        Ok(Self { shared })
    }

    /// Stops taking requests, finishes those taken, and waits until all threads have ended.
    pub async fn stop(&self) {
        let shared = Arc::clone(&self.shared);
        let stopped = tokio::task::spawn_blocking(move || {
            // A rebase at work is ended first.
            let mut ended = shared.ended.lock().unwrap_or_else(PoisonError::into_inner);
            *ended = true;
            let run = shared.run();
            run.stop();
            let settler = run.settler.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(settler) = &settler {
                // The next start looks at L1 again.
                settler.abort();
            }
            run.join();
            settler
        });
        if let Ok(Some(settler)) = stopped.await {
            let _ = settler.await;
        }
    }

    /// Returns when the sequencer has stopped for good: by [`Aggregator::stop`], by a failure, or
    /// because the configured L1 does not match this node. The process should then end. A rebase
    /// stops the sequencer only for a while.
    pub async fn stopped(&self) {
        let mut runs = self.shared.runs.subscribe();
        loop {
            let run = Arc::clone(&runs.borrow_and_update());
            let mut stopped = run.stopped.clone();
            // An error means that the thread is gone.
            let _ = stopped.wait_for(|stopped| *stopped).await;
            if !run.hands_over.load(Ordering::SeqCst) || runs.changed().await.is_err() {
                return;
            }
        }
    }

    /// Waits at most `timeout` until this node was compared with L1. Returns true if both agree or
    /// the node has no L1, false if L1 has not answered in time.
    pub async fn checked(&self, timeout: Duration) -> Result<bool, Arc<L1CheckError>> {
        if self.shared.engine.l1.is_none() {
            return Ok(true);
        }
        let mut view = self.shared.engine.view.subscribe();
        let mut refusal = self.shared.refusal.subscribe();
        let outcome = async {
            tokio::select! {
                // Neither sender ends before this handle does.
                _ = view.wait_for(|view| view.compared) => Ok(true),
                refused = refusal.wait_for(Option::is_some) => match refused.ok().and_then(|r| r.clone()) {
                    Some(refusal) => Err(refusal),
                    None => Ok(false),
                },
            }
        };
        tokio::time::timeout(timeout, outcome).await.unwrap_or(Ok(false))
    }

    /// Difference between the configured L1 and this node for which the node stopped, if any.
    pub fn refusal(&self) -> Option<Arc<L1CheckError>> {
        self.shared.refusal.borrow().clone()
    }

    // ------------------------------------------------------------------------------ what changes

    /// Checks and admits intents, in their order. Each answer has its intent's index; accepted
    /// intents are on disk. A repeated intent gets its first answer, with `repeated` set.
    pub async fn submit(
        &self,
        intents: Vec<SignedIntent>,
    ) -> Result<Vec<Result<Admission, Rejection>>, SequencerError> {
        self.queries().sequencer.submit(intents).await
    }

    /// Opens an account for which its key has signed ([`AccountIdentity::sign_opening`]). Durable
    /// on return.
    pub async fn open_account(
        &self,
        identity: AccountIdentity,
        signature: &Signature,
    ) -> Result<Result<OpenedAccount, OpeningError>, SequencerError> {
        let info = &self.shared.info;
        if let Err(refused) = identity.verify_opening(&info.domain_digest, signature) {
            return Ok(Err(refused.into()));
        }
        if let Err(refused) = info.rules.check_owner(&info.domain, identity.owner) {
            return Ok(Err(refused.into()));
        }
        self.queries().sequencer.open_account(identity).await
    }

    /// Seals the open batch now, at any age; `None` if it is empty.
    pub async fn seal(&self) -> Result<Option<BatchNumber>, SequencerError> {
        self.queries().sequencer.seal().await
    }

    /// Forms a block of the batches that wait for one, at any age, and returns the last
    /// one formed; `None` if no batch waits.
    pub async fn form_block(&self) -> Result<Option<BlockNumber>, SequencerError> {
        let mut progress = self.progress();
        let indexed = progress.wait_for(|progress| progress.indexed >= progress.sequenced).await;
        indexed.map_err(|_| SequencerError::Stopped)?;
        let (reply, answer) = oneshot::channel();
        let asked = self.shared.run().pipeline.send(PipelineCommand::FormBlock(reply));
        asked.map_err(|_| SequencerError::Stopped)?;
        answer.await.map_err(|_| SequencerError::Stopped)
    }

    /// Consumes entries of the L1 queue from number `from` on and skips those consumed before.
    /// Returns the next entry to consume; the consumption is durable. Refused if the node has a
    /// settler, which reads the queue from L1. Tests and benches without a settler use this in
    /// place of L1.
    pub async fn consume_queue(
        &self,
        from: QueueIndex,
        entries: Vec<QueueEntry>,
    ) -> Result<QueueIndex, ConsumeQueueError> {
        if self.shared.engine.l1.is_some() {
            return Err(ConsumeQueueError::FromL1);
        }
        Ok(self.queries().sequencer.consume(from, entries).await?)
    }

    // ------------------------------------------------------------------------------- what is asked

    /// Returns those of these intents that have not been acknowledged.
    pub async fn unknown_intents(&self, ids: Vec<IntentId>) -> Result<Vec<IntentId>, QueryError> {
        if ids.is_empty() {
            return Ok(ids);
        }
        self.ask(move |queries| queries.unknown_intents(ids)).await
    }

    /// Returns the answer that [`submit`](Self::submit) would give to an intent now. Nothing
    /// changes and nothing is reserved, so another intent may change the answer.
    pub async fn preview(
        &self,
        intent: SignedIntent,
    ) -> Result<Result<Preview, Rejection>, QueryError> {
        let (admission, rules) = (self.shared.engine.admission.clone(), self.shared.info.rules);
        let read = move |ledger: &Ledger| preview(ledger, &admission, &rules, intent);
        Ok(self.queries().sequencer.read(read).await??)
    }

    /// The stage of an intent and its place in batch and block; `None` if no intent with this id
    /// has been acknowledged.
    pub async fn intent(&self, id: IntentId) -> Result<Option<IntentView>, QueryError> {
        self.ask(move |queries| queries.intent(&id)).await
    }

    /// Returns the same as [`intent`](Self::intent) once the intent has reached `stage`, or once
    /// `timeout` is over.
    pub async fn wait(
        &self,
        id: IntentId,
        stage: Stage,
        timeout: Duration,
    ) -> Result<Option<IntentView>, QueryError> {
        self.queries().wait(&id, stage, timeout).await
    }

    /// Progress of the batches, as a channel whose changes can be awaited.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.shared.engine.progress.subscribe()
    }

    /// The step at which the prover pipeline works, as a channel whose changes can be awaited.
    pub fn proving(&self) -> watch::Receiver<Proving> {
        self.shared.engine.proving.subscribe()
    }

    /// An account; accounts of the open batch are included.
    pub async fn account(&self, id: AccountId) -> Result<Option<AccountView>, QueryError> {
        let account = self.queries().account(id).await?;
        self.account_with_finality(account).await
    }

    /// The account of a key and an owner.
    pub async fn account_of(
        &self,
        identity: AccountIdentity,
    ) -> Result<Option<AccountView>, QueryError> {
        let account = self.queries().account_of(identity).await?;
        self.account_with_finality(account).await
    }

    async fn account_with_finality(
        &self,
        account: Option<AccountView>,
    ) -> Result<Option<AccountView>, QueryError> {
        match account {
            Some(view) => self.ask(move |queries| queries.with_finality(view)).await.map(Some),
            None => Ok(None),
        }
    }

    /// Settled accounts from `from` on, ascending.
    pub async fn accounts(
        &self,
        from: AccountId,
        limit: usize,
    ) -> Result<Vec<AccountView>, QueryError> {
        self.ask(move |queries| queries.accounts(from, limit)).await
    }

    /// A sealed batch. It can be read once the index has it, shortly after sealing.
    pub async fn batch(&self, number: BatchNumber) -> Result<Option<BatchView>, QueryError> {
        self.ask(move |queries| queries.batch(number)).await
    }

    /// Sealed batches from `from` on, ascending.
    pub async fn batches(
        &self,
        from: BatchNumber,
        limit: usize,
    ) -> Result<Vec<BatchView>, QueryError> {
        self.ask(move |queries| queries.batches(from, limit)).await
    }

    /// A block.
    pub async fn block(&self, number: BlockNumber) -> Result<Option<Block>, QueryError> {
        self.ask(move |queries| queries.block(number)).await
    }

    /// Blocks from `from` on, ascending.
    pub async fn blocks(&self, from: BlockNumber, limit: usize) -> Result<Vec<Block>, QueryError> {
        self.ask(move |queries| queries.blocks(from, limit)).await
    }

    /// The final proof of a block in the contract's encoding, or the place where L1 has it.
    pub async fn block_proof(&self, number: BlockNumber) -> Result<BlockProofView, QueryError> {
        self.ask(move |queries| queries.block_proof(number)).await
    }

    /// The receipt of an intent, which proves without this node that the intent was settled; `None`
    /// before its batch is sealed.
    pub async fn receipt(&self, id: IntentId) -> Result<Option<Receipt>, QueryError> {
        self.ask(move |queries| queries.receipt(&id)).await
    }

    /// The first batch that was not rebuilt from L1; `None` if this node was never rebuilt. L1 has
    /// no intents, so this node has neither the intents of earlier batches nor their receipts.
    pub async fn restored(&self) -> Result<Option<BatchNumber>, QueryError> {
        self.ask(|queries| Ok(queries.store.restored()?)).await
    }

    /// The payouts of an owner on L1, ascending from payout `from.1` of batch `from.0` on. A final
    /// payout has the arguments of its claim.
    pub async fn payouts(
        &self,
        owner: Address,
        from: (BatchNumber, u32),
        limit: usize,
    ) -> Result<Vec<PayoutView>, QueryError> {
        self.ask(move |queries| queries.payouts(owner, from, limit)).await
    }

    /// L1 as the settler sees it, as a channel whose changes can be awaited.
    pub fn l1(&self) -> watch::Receiver<L1View> {
        self.shared.engine.view.subscribe()
    }

    /// The readiness of the node.
    pub fn readiness(&self) -> Readiness {
        Readiness {
            sequencer: !*self.shared.run().stopped.borrow(),
            room: self.queries().sequencer.room(),
            l1: self.shared.engine.l1.as_ref().map(|_| self.shared.engine.view.now()),
            closed: self.shared.engine.admission.closed(),
        }
    }

    /// Times of the oldest batches that are not proven or not final. Costs two small reads.
    pub fn lag(&self) -> Result<Lag, QueryError> {
        let Engine { store, progress, .. } = &self.shared.engine;
        let progress = progress.now();
        let time_of = |number: BatchNumber| -> Result<Option<UnixTime>, QueryError> {
            Ok(store.batch(number)?.map(|batch| batch.statement.header.timestamp))
        };
        Ok(Lag {
            oldest_unproven: time_of(progress.proven)?,
            oldest_unfinal: time_of(progress.finalized)?,
        })
    }

    /// Counters since the start.
    pub fn metrics(&self) -> MetricsSnapshot {
        self.shared.engine.metrics.snapshot()
    }

    /// Provers on other machines; `None` if none are configured.
    pub fn fleet(&self) -> Option<FleetSnapshot> {
        self.shared.engine.fleet.as_ref().map(|fleet| fleet.snapshot())
    }

    /// Times of the sequencer's steps since the start, in the order of [`SequencerStep::ALL`].
    pub fn latencies(&self) -> [StepTimes; SequencerStep::ALL.len()] {
        self.shared.engine.metrics.latency().snapshot()
    }

    /// The deployment and its rules.
    pub fn info(&self) -> Info {
        self.shared.info
    }

    pub(crate) fn queries(&self) -> Arc<QueryService> {
        Arc::clone(&self.shared.run().queries)
    }

    /// Reads the stores on a thread that may block.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&QueryService) -> Result<T, QueryError> + Send + 'static,
    ) -> Result<T, QueryError> {
        let queries = self.queries();
        let answer = tokio::task::spawn_blocking(move || question(&queries));
        answer.await.map_err(|_| QueryError::Stopped)?
    }
}

fn info(config: &Config, proves: bool, ledger: &Ledger) -> Info {
    Info {
        protocol_version: PROTOCOL_VERSION,
        domain: config.genesis.domain,
        domain_digest: ledger.domain_digest(),
        operator: config.genesis.operator,
        class: config.class,
        submit_max: SUBMIT_MAX,
        page_max: PAGE_MAX,
        rules: config.sequencer.rules,
        openings: config.sequencer.openings,
        unproven_batches_max: proves.then_some(config.sequencer.unproven_batches_max),
    }
}
