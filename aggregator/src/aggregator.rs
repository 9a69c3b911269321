//! The handle that everything above talks to.

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use farthing_ledger::{Admission, Durability, Ledger, LedgerError, OpenAccountError};
use farthing_protocol::{
    AccountId, AccountIdentity, Address, BatchClass, BatchNumber, Digest, Domain, IntentId,
    LicenseId, OpenedAccount, PROTOCOL_VERSION, SignedIntent, Uses,
};
use tokio::sync::watch;

use crate::block::{Block, BlockNumber};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::error::{QueryError, QuoteError, StartError};
use crate::metrics::{Metrics, MetricsSnapshot};
use crate::progress::{Progress, ProgressBoard, Rung};
use crate::query::{
    AccountView, BatchView, IntentView, LicenseStatementPage, LicenseView, PAGE_MAX, PayoutView,
    Quote, Receipt, Sources,
};
use crate::sequencer::{
    Rejection, SUBMIT_MAX, Sequencer, SequencerError, Worker, spawn_indexer, spawn_worker,
};
use crate::store::NodeStore;

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
}

impl Readiness {
    /// Whether clients should be sent here.
    pub const fn is_ready(&self) -> bool {
        self.sequencer
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
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.sources.sequencer.stop();
    }
}

impl Aggregator {
    /// Opens what is on disk, or begins there, and starts to work.
    pub fn start(config: Config) -> Result<Self, StartError> {
        Self::start_at(config, Arc::new(SystemClock))
    }

    /// The same with another clock.
    pub fn start_at(config: Config, clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        let ledger = open_ledger(&config)?;
        let store = NodeStore::open(&config.data.join(NODE_FOLDER))?;
        let reader = ledger.reader();
        let info = Info {
            protocol_version: PROTOCOL_VERSION,
            domain: config.genesis.domain,
            domain_digest: ledger.domain_digest(),
            operator: config.genesis.operator,
            class: config.class,
            submit_max: SUBMIT_MAX,
            page_max: PAGE_MAX,
        };
        let metrics = Metrics::default();
        let board = ProgressBoard::new();
        board.sequenced(ledger.next_batch());
        let (stopped, watch_stopped) = watch::channel(false);
        let (sealed, to_index) = channel();
        let worker = Worker {
            ledger,
            clock,
            seal_age: config.sequencer.seal_age,
            faults: config.faults.clone(),
            metrics: metrics.clone(),
            board: board.clone(),
            indexer: sealed,
            stopped,
            opened_at: None,
        };
        let (commands, to_do) = channel();
        let sequencer = Sequencer::new(commands, config.sequencer.waiting_max, metrics.clone());
        let threads = vec![
            spawn_worker(worker, to_do).map_err(StartError::Thread)?,
            spawn_indexer(
                reader.clone(),
                store.clone(),
                board.clone(),
                config.faults.clone(),
                to_index,
            )
            .map_err(StartError::Thread)?,
        ];
        let sources = Arc::new(Sources::new(sequencer, reader, store, board));
        let threads = Mutex::new(threads);
        let shared = Shared { sources, info, metrics, stopped: watch_stopped, threads };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Stops taking requests, finishes those taken, and waits until all is at rest.
    pub async fn stop(&self) {
        self.shared.sources.sequencer.stop();
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

    /// Whether the node can do its work.
    pub fn readiness(&self) -> Readiness {
        Readiness {
            sequencer: !*self.shared.stopped.borrow(),
            room: self.shared.sources.sequencer.room(),
        }
    }

    /// Counters since the start.
    pub fn metrics(&self) -> MetricsSnapshot {
        self.shared.metrics.snapshot()
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
const LEDGER_FOLDER: &str = "ledger";
/// The aggregator's own.
const NODE_FOLDER: &str = "node";

fn open_ledger(config: &Config) -> Result<Ledger, StartError> {
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
