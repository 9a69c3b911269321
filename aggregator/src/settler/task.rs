//! The settler's task.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use alloy::providers::Provider;
use farthing_ledger::LedgerReader;
use tokio::task::JoinHandle;
use tracing::{error, warn};

use super::blocks::{BlockSettler, Heights};
use super::chain::Chain;
use super::config::L1Config;
use super::error::SettlerError;
use super::queue::follow_queue;
use super::sender::Sender;
use super::view::L1Board;
use crate::fault::Faults;
use crate::metrics::Metrics;
use crate::progress::ProgressBoard;
use crate::sequencer::Sequencer;
use crate::store::NodeStore;

/// What the task owns.
pub(crate) struct Settler {
    pub(crate) config: L1Config,
    pub(crate) store: NodeStore,
    pub(crate) reader: LedgerReader,
    pub(crate) sequencer: Sequencer,
    pub(crate) metrics: Metrics,
    pub(crate) board: ProgressBoard,
    pub(crate) view: L1Board,
    pub(crate) faults: Faults,
}

/// The longest pause after failures.
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// Starts the task on the current runtime. It may be aborted at any point.
pub(crate) fn spawn_settler(settler: Settler, stop: Arc<AtomicBool>) -> JoinHandle<()> {
    tokio::spawn(settler.run(stop))
}

impl Settler {
    async fn run(self, stop: Arc<AtomicBool>) {
        let chain = match Chain::connect(&self.config) {
            Ok(chain) => chain,
            Err(failure) => {
                error!(%failure, "the settler cannot start");
                return;
            }
        };
        let blocks = self.block_settler(&chain);
        let poll = self.config.poll;
        let mut pause = poll;
        while !stop.load(Ordering::SeqCst) {
            match self.turn(&chain, &blocks).await {
                Ok(true) => continue,
                Ok(false) => pause = poll,
                Err(failure) if failure.is_divergence() => {
                    error!(%failure, "L1 and this node have parted: the settler stops");
                    self.view.change(|view| {
                        view.diverged = true;
                        view.stopped = true;
                    });
                    return;
                }
                Err(failure) => {
                    warn!(%failure, "the settler tries again");
                    self.metrics.l1_errors(1);
                    self.view.change(|view| view.reachable = false);
                    pause = (pause * 2).min(PAUSE_MAX);
                }
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// Looks at L1 once. Whether there may be more to do at once.
    async fn turn(&self, chain: &Chain, blocks: &BlockSettler) -> Result<bool, SettlerError> {
        let head = chain.head().await?;
        self.view.change(|view| {
            view.head = head;
            view.reachable = true;
        });
        let Some(confirmed) = head.checked_sub(self.config.confirmations) else {
            return Ok(false);
        };
        if confirmed < self.config.deployed_at {
            return Ok(false);
        }
        let consumed = follow_queue(chain, &self.store, &self.sequencer, confirmed).await?;
        let settled = blocks.settle(Heights { head, confirmed }).await?;
        Ok(consumed || settled)
    }

    fn block_settler(&self, chain: &Chain) -> BlockSettler {
        let sender = self.config.operator.as_ref().map(|key| Sender {
            provider: chain.provider.clone().erased(),
            from: key.address(),
            poll: self.config.poll,
            resend_after: self.config.resend_after,
            gas_price_wei_max: self.config.gas_price_wei_max,
            metrics: self.metrics.clone(),
            faults: self.faults.clone(),
        });
        BlockSettler {
            chain: chain.clone(),
            store: self.store.clone(),
            reader: self.reader.clone(),
            sender,
            metrics: self.metrics.clone(),
            board: self.board.clone(),
        }
    }
}
