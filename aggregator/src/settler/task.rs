//! The settler's task.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use alloy::providers::Provider;
use farthing_ledger::{Genesis, LedgerReader};
use tracing::{debug, error, info, warn};

use super::blocks::{BlockSettler, L1Heights};
use super::check::{Own, check};
use super::config::L1Config;
use super::error::{L1CheckError, SettlerError};
use super::l1_client::L1Client;
use super::observe::observe;
use super::queue::follow_queue;
use super::sender::Sender;
use crate::fault::{FaultPoint, Faults};
use crate::l1_view::L1ViewWatch;
use crate::metrics::Metrics;
use crate::progress::ProgressWatch;
use crate::sequencer::Sequencer;
use crate::store::NodeStore;

/// State that the task owns.
pub(crate) struct Settler {
    pub(crate) config: L1Config,
    pub(crate) genesis: Genesis,
    pub(crate) store: NodeStore,
    pub(crate) reader: LedgerReader,
    pub(crate) sequencer: Sequencer,
    pub(crate) metrics: Metrics,
    pub(crate) progress: ProgressWatch,
    pub(crate) view: L1ViewWatch,
    pub(crate) faults: Faults,
    /// True if the contract's deployment has the configured confirmations.
    pub(crate) deployed: AtomicBool,
}

/// Why the task ended.
pub(crate) enum SettlerEnd {
    /// It was told to, or cannot go on; the view says which.
    Stopped,
    /// L1 is not the one that this node is for.
    Refused(L1CheckError),
    /// The plan of a rebase is on disk: the run is to end for it.
    Rebase,
}

/// The result of a look at L1.
enum Turn {
    /// There may be more to do at once.
    More,
    /// All is done for now.
    Rest,
    /// The plan of a rebase is on disk.
    Rebase,
}

/// The longest pause after failures.
const PAUSE_MAX: Duration = Duration::from_secs(60);

impl Settler {
    /// Looks at L1 again and again. It may be aborted at any point.
    pub(crate) async fn run(self, stop: Arc<AtomicBool>) -> SettlerEnd {
        let l1 = match L1Client::connect(&self.config) {
            Ok(l1) => l1,
            Err(failure) => {
                error!(
                    error = &failure as &dyn std::error::Error,
                    "the settler cannot start: nothing is settled"
                );
                self.view.change(|view| view.stopped = true);
                return SettlerEnd::Stopped;
            }
        };
        let blocks = self.block_settler(&l1);
        let poll = self.config.poll;
        let mut pause = poll;
        while !stop.load(Ordering::SeqCst) {
            match self.turn(&l1, &blocks).await {
                Ok(Turn::More) => continue,
                Ok(Turn::Rest) => pause = poll,
                Ok(Turn::Rebase) => return SettlerEnd::Rebase,
                Err(SettlerError::Check(refusal)) => {
                    error!(
                        error = &refusal as &dyn std::error::Error,
                        "L1 does not match this node: the node stops"
                    );
                    self.view.change(|view| {
                        view.checked = false;
                        view.stopped = true;
                    });
                    return SettlerEnd::Refused(refusal);
                }
                Err(failure) if failure.is_divergence() => {
                    let error = &failure as &dyn std::error::Error;
                    error!(
                        error,
                        "L1 and this node have diverged: the settler stops; run `farthing restore`"
                    );
                    self.view.change(|view| {
                        view.diverged = true;
                        view.stopped = true;
                    });
                    return SettlerEnd::Stopped;
                }
                Err(SettlerError::CopyIncluded { nonce }) => {
                    debug!(nonce, "a copy of a transaction was included");
                }
                Err(failure) => {
                    warn!(
                        error = &failure as &dyn std::error::Error,
                        "the settler's round failed: it tries again"
                    );
                    self.metrics.l1_errors(1);
                    self.view.change(|view| view.reachable = failure.is_an_answer());
                    pause = (pause * 2).min(PAUSE_MAX);
                }
            }
            tokio::time::sleep(pause).await;
        }
        SettlerEnd::Stopped
    }

    /// Looks at L1 once.
    async fn turn(&self, l1: &L1Client, blocks: &BlockSettler) -> Result<Turn, SettlerError> {
        let head = l1.head().await?;
        let confirmed = head.checked_sub(self.config.confirmations);
        let confirmed = confirmed.filter(|confirmed| *confirmed >= self.config.deployed_at);
        let deployed = match confirmed {
            Some(confirmed) if !self.deployed.load(Ordering::SeqCst) => {
                let deployed = l1.is_deployed(confirmed).await?;
                self.deployed.store(deployed, Ordering::SeqCst);
                deployed
            }
            _ => true,
        };
        let confirmed = confirmed.filter(|_| deployed);
        let compared = self.view.now().compared;
        if !compared {
            let Self { config, genesis, store, reader, .. } = self;
            let own = Own { config, genesis: *genesis, store, reader };
            check(l1, &own, head, confirmed.unwrap_or(head)).await?;
            store.set_l1_checked(&config.checked())?;
            info!(head, contract = %l1.rollup.address(), "L1 and this node agree");
        }
        let time = observe(l1, &self.config, &self.view, head).await?;
        if !compared {
            self.view.change(|view| {
                view.checked = true;
                view.compared = true;
            });
        }
        let (Some(confirmed), Some(time)) = (confirmed, time) else { return Ok(Turn::Rest) };
        let heights = L1Heights { head, confirmed };
        if let Some(plan) = blocks.rebase_due(&self.genesis, heights, time).await? {
            self.store.set_rebase_plan(&plan)?;
            self.faults.reach(FaultPoint::RebasePlanned);
            return Ok(Turn::Rebase);
        }
        let consumed = follow_queue(l1, &self.store, &self.sequencer, confirmed).await?;
        let committed = blocks.commit_ahead(head, time).await?;
        let settled = blocks.settle(heights).await?;
        Ok(if consumed || committed || settled { Turn::More } else { Turn::Rest })
    }

    fn block_settler(&self, l1: &L1Client) -> BlockSettler {
        let sender = self.config.operator.as_ref().map(|key| Sender {
            provider: l1.provider.clone().erased(),
            from: key.address(),
            poll: self.config.poll,
            resend_after: self.config.resend_after,
            gas_price_wei_max: self.config.gas_price_wei_max,
            gas_limit: self.config.gas_limit,
            next_nonce: AtomicU64::new(0),
            metrics: self.metrics.clone(),
            faults: self.faults.clone(),
        });
        BlockSettler {
            l1: l1.clone(),
            store: self.store.clone(),
            reader: self.reader.clone(),
            sender,
            metrics: self.metrics.clone(),
            progress: self.progress.clone(),
            view: self.view.clone(),
        }
    }
}
