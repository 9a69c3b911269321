//! One run of the node: its threads and channels, from a start or a rebase to the next rebase. The
//! stores on which a run works outlive it.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use farthing_ledger::{Durability, Ledger, LedgerReader, Rebased};
use farthing_protocol::BatchNumber;
use tokio::sync::watch;
use tracing::{info, warn};

use crate::clock::Clock;
use crate::config::{Config, LEDGER_FOLDER, NODE_FOLDER};
use crate::error::StartError;
use crate::fault::{FaultPoint, Faults};
use crate::indexer::spawn_indexer;
use crate::l1_view::L1ViewWatch;
use crate::metrics::Metrics;
use crate::pipeline::{
    Cancel, PipelineCommand, PipelineWorker, ProverFleet, ProverSource, ProvingWatch,
    spawn_pipeline,
};
use crate::progress::{Progress, ProgressWatch};
use crate::query::QueryService;
use crate::sequencer::{AdmissionControl, Openings, SealListener, Sequencer, Worker, spawn_worker};
use crate::settler::{L1Config, Settler, is_half_restored};
use crate::store::{NodeStore, NodeStoreError, RebasePlan};

/// Everything that outlives a run.
pub(crate) struct Engine {
    pub(crate) config: Config,
    pub(crate) clock: Arc<dyn Clock>,
    /// Makes a prover for each run.
    pub(crate) prover: Option<Arc<Mutex<ProverSource>>>,
    /// Provers on other machines.
    pub(crate) fleet: Option<Arc<dyn ProverFleet>>,
    pub(crate) l1: Option<L1Config>,
    pub(crate) reader: LedgerReader,
    pub(crate) store: NodeStore,
    pub(crate) metrics: Metrics,
    pub(crate) progress: ProgressWatch,
    pub(crate) proving: ProvingWatch,
    pub(crate) view: L1ViewWatch,
    pub(crate) admission: AdmissionControl,
    /// A run that follows goes on with it: a rebase must not refill it.
    pub(crate) openings: Arc<Mutex<Openings>>,
}

/// The threads at work.
pub(crate) struct Run {
    pub(crate) queries: Arc<QueryService>,
    pub(crate) stopped: watch::Receiver<bool>,
    pub(crate) pipeline: Sender<PipelineCommand>,
    cancel: Cancel,
    pub(crate) end_settler: Arc<AtomicBool>,
    pub(crate) settler: Mutex<Option<tokio::task::JoinHandle<()>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// True if the run ends for a rebase, after which another run begins.
    pub(crate) hands_over: AtomicBool,
}

impl Run {
    /// Tells every thread to end.
    pub(crate) fn stop(&self) {
        self.queries.sequencer.stop();
        self.cancel.cancel();
        self.end_settler.store(true, Ordering::SeqCst);
        // A pipeline that is gone has stopped.
        let _ = self.pipeline.send(PipelineCommand::Stop);
    }

    /// Waits until every thread is at rest.
    pub(crate) fn join(&self) {
        let threads = {
            let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *threads)
        };
        for thread in threads {
            // A thread that panicked is at rest too.
            let _ = thread.join();
        }
    }
}

/// Opens both stores, and ends a rebase that was begun.
pub(crate) fn open(
    config: &Config,
    clock: &dyn Clock,
    metrics: &Metrics,
) -> Result<(Ledger, NodeStore), StartError> {
    if is_half_restored(&config.data) {
        return Err(StartError::HalfRestored);
    }
    let path: PathBuf = config.data.join(LEDGER_FOLDER);
    std::fs::create_dir_all(&path).map_err(StartError::Folder)?;
    let mut ledger = match Ledger::open(&path, config.class, Durability::Synced) {
        Err(farthing_ledger::LedgerError::NoLedger) => {
            Ledger::create(&path, config.genesis, config.class, Durability::Synced)?
        }
        opened => opened?,
    };
    if ledger.genesis() != config.genesis {
        return Err(StartError::OtherGenesis);
    }
    let store = NodeStore::open(&config.data.join(NODE_FOLDER))?;
    match store.rebase_plan()? {
        Some(plan) => rebase(&mut ledger, &store, &plan, clock, (metrics, &config.faults))?,
        // The last step of a rebase.
        None if ledger.is_rebasing()? => ledger.forget_rebase()?,
        None => {}
    }
    Ok((ledger, store))
}

/// Does a rebase whose plan is on disk, or what is left of it.
pub(crate) fn rebase(
    ledger: &mut Ledger,
    store: &NodeStore,
    plan: &RebasePlan,
    clock: &dyn Clock,
    (metrics, faults): (&Metrics, &Faults),
) -> Result<(), StartError> {
    let first = plan.ledger.first.get();
    info!(
        first,
        theirs = plan.ledger.batches.len(),
        "the rebase begins: batches are remade on L1's state"
    );
    let report = ledger.rebase(&plan.ledger, clock.now())?;
    faults.reach(FaultPoint::LedgerRebased);
    store.follow_rebase(plan)?;
    ledger.forget_rebase()?;
    tell(&report, metrics);
    Ok(())
}

/// Names what a rebase made impossible.
fn tell(report: &Rebased, metrics: &Metrics) {
    metrics.rebases(1);
    metrics.intents_dropped(report.dropped.len() as u64);
    for dropped in &report.dropped {
        let (id, account, nonce) = (dropped.id, dropped.account.get(), dropped.nonce.get());
        let reason = dropped.reason;
        warn!(%id, account, nonce, %reason, "the acknowledged intent cannot settle: it is dropped");
    }
    for moved in &report.moved {
        let (from, to) = (moved.from.get(), moved.to.map(|id| id.get()));
        warn!(from, ?to, owner = ?moved.identity.owner, "the account has another number on L1");
    }
    let (taken_back, applied) = (report.taken_back, report.applied);
    let (readmitted, dropped) = (report.readmitted, report.dropped.len());
    info!(taken_back, applied, readmitted, dropped, "the rebase is done");
}

impl Engine {
    /// Starts the threads on `ledger`; the settler is started by its owner.
    pub(crate) fn run(&self, ledger: Ledger) -> Result<Run, StartError> {
        self.publish(ledger.next_batch())?;
        let (stop_watched, stopped) = watch::channel(false);
        let (commands, to_do) = channel();
        let (sealed, to_index) = channel();
        let (pipeline, to_prove) = channel();
        let cancel = Cancel::default();
        let faults = &self.config.faults;
        let worker = Worker {
            ledger,
            clock: Arc::clone(&self.clock),
            seal_age: self.config.sequencer.seal_age,
            rules: self.config.sequencer.rules,
            admission: self.admission.clone(),
            openings: Arc::clone(&self.openings),
            faults: faults.clone(),
            metrics: self.metrics.clone(),
            stopped: stop_watched,
            opened_at: None,
        };
        let listener = SealListener {
            faults: faults.clone(),
            metrics: self.metrics.clone(),
            progress: self.progress.clone(),
            indexer: sealed,
        };
        let prover = PipelineWorker {
            store: self.store.clone(),
            reader: self.reader.clone(),
            config: self.config.blocks,
            prover: self.prover.as_ref().map(shared_source),
            fleet: self.fleet.clone(),
            commands: pipeline.clone(),
            cancel: cancel.clone(),
            faults: faults.clone(),
            metrics: self.metrics.clone(),
            progress: self.progress.clone(),
            view: self.proving.clone(),
        };
        let (reader, store, progress) =
            (self.reader.clone(), self.store.clone(), self.progress.clone());
        let threads = [
            spawn_worker(worker, listener, to_do),
            spawn_indexer(
                reader.clone(),
                store.clone(),
                progress.clone(),
                faults.clone(),
                to_index,
                pipeline.clone(),
            ),
            spawn_pipeline(prover, to_prove),
        ];
        let threads = threads.into_iter().collect::<Result<_, _>>().map_err(StartError::Thread)?;
        let waiting_max = self.config.sequencer.waiting_max;
        let sequencer = Sequencer::new(commands, waiting_max, self.metrics.clone());
        Ok(Run {
            queries: Arc::new(QueryService::new(sequencer, reader, store, progress)),
            stopped,
            pipeline,
            cancel,
            end_settler: Arc::new(AtomicBool::new(false)),
            settler: Mutex::new(None),
            threads: Mutex::new(threads),
            hands_over: AtomicBool::new(false),
        })
    }

    /// The settler of a run.
    pub(crate) fn settler(&self, run: &Run) -> Option<Settler> {
        let config = self.l1.clone()?;
        Some(Settler {
            config,
            genesis: self.config.genesis,
            store: self.store.clone(),
            reader: self.reader.clone(),
            sequencer: run.queries.sequencer.clone(),
            metrics: self.metrics.clone(),
            progress: self.progress.clone(),
            view: self.view.clone(),
            faults: self.config.faults.clone(),
            deployed: AtomicBool::new(false),
        })
    }

    /// Says how far the batches on disk are, before any question is answered. A rebase takes some back.
    fn publish(&self, sequenced: BatchNumber) -> Result<(), NodeStoreError> {
        let store = &self.store;
        self.progress.reset(Progress {
            sequenced,
            indexed: store.indexed()?,
            proven: store.end_before(store.first_unproven()?)?,
            finalized: store.end_before(store.first_unfinal()?)?,
            runs: self.progress.now().runs,
        });
        Ok(())
    }
}

/// Each run makes its own prover from the one source.
fn shared_source(source: &Arc<Mutex<ProverSource>>) -> ProverSource {
    let source = Arc::clone(source);
    Box::new(move || {
        let mut source = source.lock().unwrap_or_else(PoisonError::into_inner);
        source()
    })
}
