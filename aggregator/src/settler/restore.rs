//! A node from L1 alone.

use std::path::{Path, PathBuf};

use alloy::rpc::types::{Filter, Log};
use alloy::sol_types::SolEvent;
use farthing_l1::abi::Rollup;
use farthing_l1::{FinalBatchData, History};
use farthing_ledger::{Genesis, Ledger, RestoreError};
use farthing_protocol::{
    Address, BatchClass, BatchNumber, BatchStatement, Bytes32, Digest, PublicData,
};
use thiserror::Error;

use super::chain::Chain;
use super::check::check_contract;
use super::config::L1Config;
use super::error::SettlerError;
use crate::block::{Settled, TxHash};
use crate::run::{LEDGER_FOLDER, NODE_FOLDER};
use crate::store::{NodeStore, NodeStoreError};

/// Why a node is not rebuilt.
#[derive(Debug, Error)]
#[non_exhaustive]
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
    /// L1 does not tell the history.
    #[error(transparent)]
    L1(#[from] SettlerError),
    /// The history does not rebuild the state.
    #[error(transparent)]
    Ledger(#[from] RestoreError),
    /// The aggregator's store failed.
    #[error(transparent)]
    Store(#[from] NodeStoreError),
    /// L1 proved batches of which it has no data.
    #[error("L1 proved {proven} batches and has data of {found}")]
    Missing {
        /// Batches proven.
        proven: u64,
        /// Batches with data.
        found: u64,
    },
    /// The rebuilt state is not the contract's.
    #[error(
        "the rebuilt state has root 0x{got}, the contract {expected}: \
         was the contract deployed with another operator's account?"
    )]
    Root {
        /// The contract's.
        expected: Bytes32,
        /// The rebuilt one.
        got: Digest,
    },
}

/// Lies in the data folder while it is rebuilt: what is there with it is not whole.
const RESTORING: &str = "restoring";

/// Whether a restore of this folder was interrupted.
pub(crate) fn is_half_restored(data: &Path) -> bool {
    data.join(RESTORING).exists()
}

/// What was rebuilt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Blocks.
    pub blocks: u64,
    /// Batches.
    pub batches: u64,
    /// The state root, which is the contract's.
    pub root: Digest,
}

/// Rebuilds a node's folder from L1's logs up to the confirmed block. Nothing else is read. What the
/// operator accepted and never settled is not on L1, and neither is what single intents said: a
/// copy of an old intent is refused by its nonce.
pub async fn restore(
    data: &Path,
    genesis: Genesis,
    class: BatchClass,
    config: &L1Config,
) -> Result<Restored, RestoreNodeError> {
    let (ledger_path, node_path) = prepare_folder(data)?;
    let chain = Chain::connect(config)?;
    let head = chain.head().await?;
    check_contract(&chain, config, &genesis, head).await?;
    let confirmed = head.saturating_sub(config.confirmations);
    let logs = chain.logs(Filter::new(), 0, confirmed).await?;
    let (history, blocks) = read_history(genesis.domain.digest(), config.contract, &logs)?;
    let batches: Vec<(BatchStatement, PublicData)> = history
        .into_batches()
        .into_iter()
        .map(|FinalBatchData { statement, public_data }| (statement, public_data))
        .collect();
    let expected = chain.state_root(confirmed).await?;
    let marker = begin(data)?;
    std::fs::create_dir_all(&ledger_path)?;
    let ledger = Ledger::restore(&ledger_path, genesis, class, batches.iter().cloned())?;
    let got = ledger.root();
    drop(ledger);
    if expected.0 != got.to_bytes() {
        return Err(RestoreNodeError::Root { expected, got });
    }
    restore_store(&node_path, &batches, &blocks)?;
    std::fs::remove_file(marker)?;
    let root = got;
    Ok(Restored { blocks: blocks.len() as u64, batches: batches.len() as u64, root })
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

/// A block as L1 proved it: how many batches, and where.
struct ProvenBlock {
    batches: u64,
    settled: Settled,
}

fn read_history(
    domain: Digest,
    contract: Address,
    logs: &[Log],
) -> Result<(History, Vec<ProvenBlock>), SettlerError> {
    let mut history = History::new(domain);
    let mut blocks = Vec::new();
    for log in logs {
        history.take(&log.inner)?;
        if log.topic0() != Some(&Rollup::BlockProven::SIGNATURE_HASH) {
            continue;
        }
        let proven = log.log_decode::<Rollup::BlockProven>()?.inner.data;
        let (Some(hash), Some(l1_block)) = (log.transaction_hash, log.block_number) else {
            continue;
        };
        let transaction = TxHash(Bytes32(hash.0));
        let settled = Settled { contract, transaction, l1_block };
        blocks.push(ProvenBlock { batches: u64::from(proven.batches), settled });
    }
    Ok((history, blocks))
}

fn restore_store(
    path: &Path,
    batches: &[(BatchStatement, PublicData)],
    blocks: &[ProvenBlock],
) -> Result<(), RestoreNodeError> {
    let proven: u64 = blocks.iter().map(|block| block.batches).sum();
    let found = batches.len() as u64;
    if proven != found {
        return Err(RestoreNodeError::Missing { proven, found });
    }
    let store = NodeStore::open(path)?;
    let mut rest = batches;
    for block in blocks {
        let count = usize::try_from(block.batches).unwrap_or(usize::MAX).min(rest.len());
        let (own, after) = rest.split_at(count);
        store.restore_block(own, block.settled)?;
        rest = after;
    }
    let end = store.last_block()?.map_or(BatchNumber::MIN, |block| block.end());
    Ok(store.set_restored(end)?)
}
