//! The handle that everything above talks to.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use farthing_ledger::{Admission, Durability, Ledger, LedgerError, OpenAccountError};
use farthing_protocol::{
    AccountId, AccountIdentity, Address, BatchClass, BatchNumber, Digest, Domain, IntentId,
    LicenseId, OpenedAccount, PROTOCOL_VERSION, QueueEntry, QueueIndex, SignedIntent, Uses,
};
use tokio::sync::{oneshot, watch};

use crate::block::{Block, BlockNumber};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::error::{ConsumeQueueError, QueryError, QuoteError, StartError};
use crate::latency::{SequencerStep, StepTimes};
use crate::metrics::{Metrics, MetricsSnapshot};
use crate::pipeline::{
    Cancel, PipelineCommand, PipelineWorker, ProverSource, Proving, ProvingBoard, spawn_pipeline,
};
use crate::progress::{Progress, ProgressBoard, Rung};
use crate::query::{
    AccountView, BatchView, IntentView, LicenseStatementPage, LicenseView, PAGE_MAX, PayoutView,
    Quote, Receipt, Sources,
};
use crate::sequencer::{
    Rejection, SUBMIT_MAX, Sequencer, SequencerError, Told, Worker, spawn_indexer, spawn_worker,
};
use crate::settler::{L1Board, L1Config, L1View, Settler, is_half_restored, spawn_settler};
use crate::store::{NodeStore, NodeStoreError};

/// What this deployment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// In every signature and statement.
    pub protocol_version: u32,
    /// The deployment.
    pub domain: Domain,
    /// Its digest, which signatures bind.
    pub domain_digest: Digest,
    /// Who receives the fees.
    pub operator: AccountIdentity,
    /// The class of the batches sealed.
    pub class: BatchClass,
    /// The most intents in one submission.
    pub submit_max: usize,
    /// The most lines of a page.
    pub page_max: usize,
}

/// Whether the node can do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// Intents are taken. `false` after a failure of the ledger, for good: start anew.
    pub sequencer: bool,
    /// Intents that could still wait.
    pub room: usize,
    /// L1 as the settler sees it; `None` without a settler. Payments go on while L1 is away.
    pub l1: Option<L1View>,
}

impl Readiness {
    /// Whether clients should be sent here.
    pub fn is_ready(&self) -> bool {
        self.sequencer && self.l1.is_none_or(|l1| !l1.diverged)
    }
}

/// What an aggregator is made with besides its configuration.
pub struct Parts {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Makes the prover; `None`: batches are sealed and blocks formed, and nothing is proven.
    pub prover: Option<ProverSource>,
    /// L1; `None`: nothing is settled. With it, start on a tokio runtime.
    pub l1: Option<L1Config>,
}

impl Default for Parts {
    /// The machine's clock, no prover, no L1.
    fn default() -> Self {
        Self { clock: Arc::new(SystemClock), prover: None, l1: None }
    }
}

/// Sequencer, prover pipeline and settler of one rollup. Clones are handles on the same one; it
/// stops when the last is dropped, or by [`Aggregator::stop`].
#[derive(Clone)]
pub struct Aggregator {
    shared: Arc<Shared>,
}

struct Shared {
    sources: Arc<Sources>,
    info: Info,
    metrics: Metrics,
    stopped: watch::Receiver<bool>,
    pipeline: Sender<PipelineCommand>,
    cancel: Cancel,
    proving: ProvingBoard,
    l1: L1Board,
    settles: bool,
    end_settler: Arc<AtomicBool>,
    settler: Mutex<Option<tokio::task::JoinHandle<()>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Shared {
    /// Tells every thread to end.
    fn stop(&self) {
        self.sources.sequencer.stop();
        self.cancel.cancel();
        self.end_settler.store(true, Ordering::SeqCst);
        // A pipeline that is gone has stopped.
        let _ = self.pipeline.send(PipelineCommand::Stop);
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Aggregator {
    /// Opens what is on disk, or begins there, and starts to work.
    pub fn start(config: Config, parts: Parts) -> Result<Self, StartError> {
        let ledger = open_ledger(&config)?;
        let store = NodeStore::open(&config.data.join(NODE_FOLDER))?;
        let reader = ledger.reader();
        let info = info(&config, &ledger);
        let metrics = Metrics::default();
        let board = ProgressBoard::new();
        let l1 = L1Board::new();
        publish(&board, &ledger, &store)?;
        let (stop_watched, stopped) = watch::channel(false);
        let (commands, to_do) = channel();
        let (sealed, to_index) = channel();
        let (pipeline, to_prove) = channel();
        let cancel = Cancel::default();
        let proving = ProvingBoard::new();
        let worker = Worker {
            ledger,
            clock: parts.clock,
            seal_age: config.sequencer.seal_age,
            faults: config.faults.clone(),
            metrics: metrics.clone(),
            stopped: stop_watched,
            opened_at: None,
        };
        let told = Told {
            faults: config.faults.clone(),
            metrics: metrics.clone(),
            board: board.clone(),
            indexer: sealed,
        };
        let prover = PipelineWorker {
            store: store.clone(),
            reader: reader.clone(),
            config: config.blocks,
            prover: parts.prover,
            cancel: cancel.clone(),
            faults: config.faults.clone(),
            metrics: metrics.clone(),
            board: board.clone(),
            view: proving.clone(),
        };
        let (index, faults) = (store.clone(), config.faults.clone());
        let config_faults = config.faults.clone();
        let threads = [
            spawn_worker(worker, told, to_do),
            spawn_indexer(reader.clone(), index, board.clone(), faults, to_index, pipeline.clone()),
            spawn_pipeline(prover, to_prove),
        ];
        let threads = threads.into_iter().collect::<Result<_, _>>().map_err(StartError::Thread)?;
        let sequencer = Sequencer::new(commands, config.sequencer.waiting_max, metrics.clone());
        let end_settler = Arc::new(AtomicBool::new(false));
        let settler = parts.l1.map(|config| Settler {
            config,
            store: store.clone(),
            reader: reader.clone(),
            sequencer: sequencer.clone(),
            metrics: metrics.clone(),
            board: board.clone(),
            view: l1.clone(),
            faults: config_faults,
        });
        let settler = settler.map(|settler| spawn_settler(settler, Arc::clone(&end_settler)));
        let shared = Shared {
            sources: Arc::new(Sources::new(sequencer, reader, store, board)),
            info,
            metrics,
            stopped,
            pipeline,
            cancel,
            proving,
            l1,
            settles: settler.is_some(),
            end_settler,
            settler: Mutex::new(settler),
            threads: Mutex::new(threads),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Stops taking requests, finishes those taken, and waits until all is at rest.
    pub async fn stop(&self) {
        self.shared.stop();
        let settler = self.shared.settler.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(settler) = settler {
            // Whatever it is waiting for, the next start looks at L1 anew.
            settler.abort();
            let _ = settler.await;
        }
        let threads = {
            let mut threads = self.shared.threads.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *threads)
        };
        let joined = tokio::task::spawn_blocking(move || {
            for thread in threads {
                // A thread that panicked is at rest too.
                let _ = thread.join();
            }
        });
        let _ = joined.await;
    }

    /// Returns when the sequencer has stopped, by [`Aggregator::stop`] or by a failure: then the
    /// process should end and start anew.
    pub async fn stopped(&self) {
        let mut stopped = self.shared.stopped.clone();
        // An error means that the thread is gone.
        let _ = stopped.wait_for(|stopped| *stopped).await;
    }

    // ------------------------------------------------------------------------------ what changes

    /// Checks and admits intents, in their order. Each answer stands at its intent's place; what
    /// is accepted is on disk. A repeat is answered as the first time, with `repeated` set.
    pub async fn submit(
        &self,
        intents: Vec<SignedIntent>,
    ) -> Result<Vec<Result<Admission, Rejection>>, SequencerError> {
        self.shared.sources.sequencer.submit(intents).await
    }

    /// Opens an account. On disk on return.
    pub async fn open_account(
        &self,
        identity: AccountIdentity,
    ) -> Result<Result<OpenedAccount, OpenAccountError>, SequencerError> {
        self.shared.sources.sequencer.open_account(identity).await
    }

    /// Seals the open batch now, whatever its age; `None` if nothing is in it.
    pub async fn seal(&self) -> Result<Option<BatchNumber>, SequencerError> {
        self.shared.sources.sequencer.seal().await
    }

    /// Forms a block of the batches that wait for one, whatever their age, and returns the last
    /// one formed; `None` if no batch waits.
    pub async fn form_block(&self) -> Result<Option<BlockNumber>, SequencerError> {
        let mut progress = self.progress();
        let indexed = progress.wait_for(|progress| progress.indexed >= progress.sequenced).await;
        indexed.map_err(|_| SequencerError::Stopped)?;
        let (reply, answer) = oneshot::channel();
        let asked = self.shared.pipeline.send(PipelineCommand::FormBlock(reply));
        asked.map_err(|_| SequencerError::Stopped)?;
        answer.await.map_err(|_| SequencerError::Stopped)
    }

    /// Consumes entries of the L1 queue from number `from` on; those consumed before are passed
    /// over. Returns the next one to consume, which is durable. With a settler this is its work,
    /// and refused; without one, a test or a bench plays L1.
    pub async fn consume_queue(
        &self,
        from: QueueIndex,
        entries: Vec<QueueEntry>,
    ) -> Result<QueueIndex, ConsumeQueueError> {
        if self.shared.settles {
            return Err(ConsumeQueueError::FromL1);
        }
        Ok(self.shared.sources.sequencer.consume(from, entries).await?)
    }

    // ------------------------------------------------------------------------------- what is asked

    /// Where an intent is; `None` if none of this name has been acknowledged.
    pub async fn intent(&self, id: IntentId) -> Result<Option<IntentView>, QueryError> {
        self.ask(move |sources| sources.intent(&id)).await
    }

    /// The same, when the intent has come to `rung`, or when `patience` is over.
    pub async fn wait(
        &self,
        id: IntentId,
        rung: Rung,
        patience: Duration,
    ) -> Result<Option<IntentView>, QueryError> {
        self.shared.sources.wait(&id, rung, patience).await
    }

    /// How far the batches have come; changes can be waited for.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.shared.sources.board.subscribe()
    }

    /// What the prover pipeline is doing; changes can be waited for.
    pub fn proving(&self) -> watch::Receiver<Proving> {
        self.shared.proving.subscribe()
    }

    /// An account, one that the open batch opens included.
    pub async fn account(&self, id: AccountId) -> Result<Option<AccountView>, QueryError> {
        self.shared.sources.account(id).await
    }

    /// The account of a key and an owner.
    pub async fn account_of(
        &self,
        identity: AccountIdentity,
    ) -> Result<Option<AccountView>, QueryError> {
        self.shared.sources.account_of(identity).await
    }

    /// Settled accounts from `from` on, ascending.
    pub async fn accounts(
        &self,
        from: AccountId,
        limit: usize,
    ) -> Result<Vec<AccountView>, QueryError> {
        self.ask(move |sources| sources.accounts(from, limit)).await
    }

    /// A license, one that the open batch registers included.
    pub async fn license(&self, id: LicenseId) -> Result<Option<LicenseView>, QueryError> {
        self.shared.sources.license(id).await
    }

    /// Settled licenses from `from` on, ascending.
    pub async fn licenses(
        &self,
        from: LicenseId,
        limit: usize,
    ) -> Result<Vec<LicenseView>, QueryError> {
        self.ask(move |sources| sources.licenses(from, limit)).await
    }

    /// What a license received and what went to each holder, by batch, from batch `from` on.
    pub async fn license_statement(
        &self,
        license: LicenseId,
        from: BatchNumber,
        limit: usize,
    ) -> Result<LicenseStatementPage, QueryError> {
        self.ask(move |sources| sources.license_statement(license, from, limit)).await
    }

    /// What a payment would give to whom.
    pub async fn quote(&self, license: LicenseId, uses: Uses) -> Result<Quote, QuoteError> {
        self.shared.sources.quote(license, uses).await
    }

    /// A sealed batch; it may take a moment after sealing until it is here.
    pub async fn batch(&self, number: BatchNumber) -> Result<Option<BatchView>, QueryError> {
        self.ask(move |sources| sources.batch(number)).await
    }

    /// Sealed batches from `from` on, ascending.
    pub async fn batches(
        &self,
        from: BatchNumber,
        limit: usize,
    ) -> Result<Vec<BatchView>, QueryError> {
        self.ask(move |sources| sources.batches(from, limit)).await
    }

    /// A block.
    pub async fn block(&self, number: BlockNumber) -> Result<Option<Block>, QueryError> {
        self.ask(move |sources| sources.block(number)).await
    }

    /// Blocks from `from` on, ascending.
    pub async fn blocks(&self, from: BlockNumber, limit: usize) -> Result<Vec<Block>, QueryError> {
        self.ask(move |sources| sources.blocks(from, limit)).await
    }

    /// The final proof of a block, as the contract takes it; `None` while there is none.
    pub async fn block_proof(&self, number: BlockNumber) -> Result<Option<Vec<u8>>, QueryError> {
        self.ask(move |sources| sources.block_proof(number)).await
    }

    /// What shows, without this node, that an intent was settled; `None` before its batch is
    /// sealed.
    pub async fn receipt(&self, id: IntentId) -> Result<Option<Receipt>, QueryError> {
        self.ask(move |sources| sources.receipt(&id)).await
    }

    /// The first batch that was not rebuilt from L1; `None` if this node was never rebuilt. L1 has
    /// no intents: those of earlier batches are not known here, and have no receipts.
    pub async fn restored(&self) -> Result<Option<BatchNumber>, QueryError> {
        self.ask(|sources| Ok(sources.store.restored()?)).await
    }

    /// What L1 pays to an owner, from payout `from.1` of batch `from.0` on, ascending; with all
    /// that a claim needs once it is final.
    pub async fn payouts(
        &self,
        owner: Address,
        from: (BatchNumber, u32),
        limit: usize,
    ) -> Result<Vec<PayoutView>, QueryError> {
        self.ask(move |sources| sources.payouts(owner, from, limit)).await
    }

    /// What the settler sees of L1; changes can be waited for.
    pub fn l1(&self) -> watch::Receiver<L1View> {
        self.shared.l1.subscribe()
    }

    /// Whether the node can do its work.
    pub fn readiness(&self) -> Readiness {
        Readiness {
            sequencer: !*self.shared.stopped.borrow(),
            room: self.shared.sources.sequencer.room(),
            l1: self.shared.settles.then(|| self.shared.l1.now()),
        }
    }

    /// Counters since the start.
    pub fn metrics(&self) -> MetricsSnapshot {
        self.shared.metrics.snapshot()
    }

    /// How long the sequencer's steps took since the start, in the order of [`SequencerStep::ALL`].
    pub fn latencies(&self) -> [StepTimes; SequencerStep::ALL.len()] {
        self.shared.metrics.latency().snapshot()
    }

    /// What this deployment is.
    pub fn info(&self) -> Info {
        self.shared.info
    }

    /// Reads the stores on a thread that may block.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Sources) -> Result<T, QueryError> + Send + 'static,
    ) -> Result<T, QueryError> {
        let sources = Arc::clone(&self.shared.sources);
        let answer = tokio::task::spawn_blocking(move || question(&sources));
        answer.await.map_err(|_| QueryError::Stopped)?
    }
}

/// The ledger's folder under the data folder.
pub(crate) const LEDGER_FOLDER: &str = "ledger";
/// The aggregator's own.
pub(crate) const NODE_FOLDER: &str = "node";

/// Says how far the batches on disk are, before anybody can ask.
fn publish(
    board: &ProgressBoard,
    ledger: &Ledger,
    store: &NodeStore,
) -> Result<(), NodeStoreError> {
    board.sequenced(ledger.next_batch());
    board.indexed(store.indexed()?);
    board.proven(store.end_before(store.first_unproven()?)?);
    board.finalized(store.end_before(store.first_unfinal()?)?);
    Ok(())
}

fn info(config: &Config, ledger: &Ledger) -> Info {
    Info {
        protocol_version: PROTOCOL_VERSION,
        domain: config.genesis.domain,
        domain_digest: ledger.domain_digest(),
        operator: config.genesis.operator,
        class: config.class,
        submit_max: SUBMIT_MAX,
        page_max: PAGE_MAX,
    }
}

fn open_ledger(config: &Config) -> Result<Ledger, StartError> {
    if is_half_restored(&config.data) {
        return Err(StartError::HalfRestored);
    }
    let path = config.data.join(LEDGER_FOLDER);
    std::fs::create_dir_all(&path).map_err(StartError::Folder)?;
    let ledger = match Ledger::open(&path, config.class, Durability::Synced) {
        Err(LedgerError::NoLedger) => {
            Ledger::create(&path, config.genesis, config.class, Durability::Synced)?
        }
        opened => opened?,
    };
    if ledger.genesis() == config.genesis { Ok(ledger) } else { Err(StartError::OtherGenesis) }
}
