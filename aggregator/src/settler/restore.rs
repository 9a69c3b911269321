//! Rebuilding a node from L1 alone.

use std::path::{Path, PathBuf};

use farthing_ledger::{Genesis, LedgerRestore, RestoreError};
use farthing_protocol::{AccountIdentity, BatchClass, BatchNumber, Bytes32, Digest, Domain};
use thiserror::Error;
use tracing::info;

use super::check::check_contract;
use super::config::L1Config;
use super::error::SettlerError;
use super::history::{L1Event, L1History};
use super::l1_client::L1Client;
use crate::config::{LEDGER_FOLDER, NODE_FOLDER};
use crate::store::{NodeStore, NodeStoreError};

/// Reasons why a node is not rebuilt.
#[derive(Debug, Error)]
pub enum RestoreNodeError {
    /// The folder holds a node's data.
    #[error("{path} holds a node's data: name another folder, or delete `ledger` and `node` in it")]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// The folder cannot be made or read.
    #[error("the data folder cannot be made")]
    Folder(#[from] std::io::Error),
    /// The history cannot be read from L1.
    #[error(transparent)]
    L1(#[from] SettlerError),
    /// The history does not rebuild the state.
    #[error(transparent)]
    Ledger(#[from] RestoreError),
    /// The aggregator's store failed.
    #[error(transparent)]
    Store(#[from] NodeStoreError),
    /// L1 has no log of the deployment.
    #[error(
        "L1 has no log of the rollup's deployment from block {deployed_at} on: \
         name the block that holds it, or an earlier one"
    )]
    NoGenesis {
        /// The block from which logs were read.
        deployed_at: u64,
    },
    /// The rollup was deployed with another operator's account.
    #[error(
        "the rollup was deployed with key {} and owner {} of account 0, expected key {} and owner {}",
        got.key, got.owner, expected.key, expected.owner
    )]
    Operator {
        /// The account asked for.
        expected: Box<AccountIdentity>,
        /// The one in the log of the deployment.
        got: Box<AccountIdentity>,
    },
    /// The rebuilt state is not the contract's.
    #[error("the rebuilt state has root 0x{got}, the contract {expected}: L1's node left logs out")]
    Root {
        /// The contract's.
        expected: Bytes32,
        /// The rebuilt one.
        got: Digest,
    },
}

/// Lies in the data folder while it is rebuilt: what is there with it is not whole.
const RESTORING: &str = "restoring";

/// True if a restore of this folder was interrupted.
pub(crate) fn is_half_restored(data: &Path) -> bool {
    data.join(RESTORING).exists()
}

/// The result of a restore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Blocks.
    pub blocks: u64,
    /// Batches.
    pub batches: u64,
    /// The state root, which is the contract's.
    pub root: Digest,
}

/// Rebuilds a node's folder from L1's logs up to the confirmed block. Nothing else is read: the log
/// of the deployment gives the genesis state, and `operator`, if given, must be its account 0. L1
/// has neither the intents that the operator accepted and never settled, nor the contents of
/// settled intents: a copy of an old intent is refused by its nonce.
pub async fn restore(
    data: &Path,
    domain: Domain,
    operator: Option<AccountIdentity>,
    class: BatchClass,
    config: &L1Config,
) -> Result<Restored, RestoreNodeError> {
    let (ledger_path, node_path) = prepare_folder(data)?;
    let l1 = L1Client::connect(config)?;
    let head = l1.head().await?;
    check_contract(&l1, config, &domain, head).await?;
    let confirmed = head.saturating_sub(config.confirmations);
    let history = L1History::of(l1.clone(), config.contract, domain.digest(), confirmed);
    let expected = l1.state_root(confirmed).await?;
    let marker = begin(data)?;
    let restoring = Restoring { domain, operator, class, ledger_path, node_path };
    let restored = restoring.replay(history, config.deployed_at).await?;
    if expected.0 != restored.root.to_bytes() {
        return Err(RestoreNodeError::Root { expected, got: restored.root });
    }
    std::fs::remove_file(marker)?;
    Ok(restored)
}

/// A restore at work.
struct Restoring {
    domain: Domain,
    operator: Option<AccountIdentity>,
    class: BatchClass,
    ledger_path: PathBuf,
    node_path: PathBuf,
}

impl Restoring {
    /// Applies a history from its first event to its last, block by block.
    async fn replay(
        self,
        mut history: L1History,
        deployed_at: u64,
    ) -> Result<Restored, RestoreNodeError> {
        std::fs::create_dir_all(&self.ledger_path)?;
        let no_genesis = || RestoreNodeError::NoGenesis { deployed_at };
        let store = NodeStore::open(&self.node_path)?;
        let mut ledger = None::<LedgerRestore>;
        let (mut blocks, mut batches) = (0, 0);
        while let Some(event) = history.next().await? {
            match event {
                L1Event::Genesis(operator) => ledger = Some(self.begin(operator)?),
                L1Event::Entry(_) => {}
                L1Event::Block { batches: proven, inclusion } => {
                    let ledger = ledger.as_mut().ok_or_else(no_genesis)?;
                    for batch in &proven {
                        ledger.apply(&batch.statement, &batch.public_data)?;
                    }
                    (blocks, batches) = (blocks + 1, batches + proven.len() as u64);
                    let l1_block = inclusion.l1_block;
                    let proven = proven.into_iter().map(|b| (b.statement, b.public_data));
                    store.restore_block(&proven.collect::<Vec<_>>(), inclusion)?;
                    info!(blocks, batches, l1_block, "the node is restored up to this L1 block");
                }
            }
        }
        let ledger = ledger.ok_or_else(no_genesis)?.finish()?;
        let end = store.last_block()?.map_or(BatchNumber::MIN, |block| block.end());
        store.set_restored(end)?;
        Ok(Restored { blocks, batches, root: ledger.root() })
    }

    fn begin(&self, got: AccountIdentity) -> Result<LedgerRestore, RestoreNodeError> {
        if let Some(expected) = self.operator.filter(|expected| *expected != got) {
            let (expected, got) = (Box::new(expected), Box::new(got));
            return Err(RestoreNodeError::Operator { expected, got });
        }
        let genesis = Genesis { domain: self.domain, operator: got };
        Ok(LedgerRestore::begin(&self.ledger_path, genesis, self.class)?)
    }
}

/// The folders of both stores. What an interrupted restore has left is dropped.
fn prepare_folder(data: &Path) -> Result<(PathBuf, PathBuf), RestoreNodeError> {
    let paths = [LEDGER_FOLDER, NODE_FOLDER].map(|folder| data.join(folder));
    for path in paths.iter().filter(|path| path.exists()) {
        if !is_half_restored(data) {
            return Err(RestoreNodeError::NotEmpty { path: data.to_owned() });
        }
        std::fs::remove_dir_all(path)?;
    }
    let [ledger, node] = paths;
    Ok((ledger, node))
}

/// Marks the folder as not whole, on disk before anything else is.
fn begin(data: &Path) -> Result<PathBuf, std::io::Error> {
    std::fs::create_dir_all(data)?;
    let marker = data.join(RESTORING);
    std::fs::File::create(&marker)?.sync_all()?;
    std::fs::File::open(data)?.sync_all()?;
    Ok(marker)
}
