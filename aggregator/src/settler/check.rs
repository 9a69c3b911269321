//! The comparison of L1 with this node, before anything else is done with either: a node on the
//! wrong rollup takes payments that can never settle.

use alloy::contract::Error as ContractError;
use alloy::primitives::{Address, B256, keccak256};
use farthing_ledger::{Genesis, LedgerReader};
use farthing_protocol::{BatchNumber, Digest, Domain};
use thiserror::Error;

use super::chain::Chain;
use super::config::L1Config;
use super::error::SettlerError;
use crate::store::NodeStore;

/// L1 is not the one that this node is for. No waiting mends it: the configuration names another
/// chain, contract, key or account, or the data folder is of another rollup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum L1CheckError {
    /// The endpoint is of another chain.
    #[error("chain id: expected {expected}, L1 is chain {got}: check the chain id and the L1 URL")]
    ChainId {
        /// Configured.
        expected: u64,
        /// The endpoint's.
        got: u64,
    },
    /// Nothing is deployed there.
    #[error("contract: there is no code at {contract} on L1: check the contract and the L1 URL")]
    NoContract {
        /// Configured.
        contract: Address,
    },
    /// Something else is deployed there.
    #[error("contract: {contract} on L1 is not a rollup: check the contract")]
    NotARollup {
        /// Configured.
        contract: Address,
    },
    /// The contract says that it is another rollup.
    #[error("domain: expected {expected}, the contract has {got}: it was made on another chain")]
    Domain {
        /// Of the configured chain id and contract.
        expected: B256,
        /// The contract's.
        got: B256,
    },
    /// The key that sends may not commit and prove.
    #[error("operator: the L1 key has address {expected}, the contract's operator is {got}")]
    Operator {
        /// Of the configured key.
        expected: Address,
        /// The contract's.
        got: Address,
    },
    /// The contract's verifier does not take this build's proofs.
    #[error(
        "verifier: expected code with hash {expected}, {verifier} has {got}: use the build that the \
         contract was deployed from, or name the hash in the settings ([l1] verifier_codehash)"
    )]
    Verifier {
        /// The contract's verifier.
        verifier: Address,
        /// Of this build's verifier, or configured.
        expected: B256,
        /// On L1.
        got: B256,
    },
    /// The block of the deployment is not there yet.
    #[error("block of the deployment: expected at most {head}, L1's newest block, got {got}")]
    DeployedAt {
        /// L1's newest block.
        head: u64,
        /// Configured.
        got: u64,
    },
    /// The contract was deployed with another account 0.
    #[error(
        "genesis: expected state root {expected}, the contract began with {got}: it was deployed \
         with another operator's account (key and owner of account 0)"
    )]
    Genesis {
        /// Of the configured account.
        expected: Digest,
        /// The contract's.
        got: B256,
    },
    /// The batches that this node saw final are not L1's.
    #[error(
        "history: expected state root {expected} before batch {batch}, L1 has {got}: the data \
         folder is of another rollup"
    )]
    History {
        /// The first batch that is not final here.
        batch: BatchNumber,
        /// This node's.
        expected: Digest,
        /// L1's.
        got: B256,
    },
    /// L1 lost batches that this node saw final.
    #[error("history: expected {expected} final batches, L1 has {got}: it is another chain")]
    FewerBatches {
        /// Final here.
        expected: u64,
        /// Final on L1.
        got: u64,
    },
    /// The logs that the configuration lets the node read do not hold what L1 made final.
    #[error(
        "block of the deployment: no log from block {got} on has the data of batch {batch}: give \
         the block that holds the deployment"
    )]
    NoLog {
        /// The batch.
        batch: BatchNumber,
        /// Configured.
        got: u64,
    },
    /// L1 has a history, and the data folder is empty.
    #[error(
        "data: L1 has {batches} final batches and the data folder none: run `farthing restore`"
    )]
    NoData {
        /// Final on L1.
        batches: u64,
    },
}

/// What is compared with L1.
pub(super) struct Own<'a> {
    pub(super) config: &'a L1Config,
    pub(super) genesis: Genesis,
    pub(super) store: &'a NodeStore,
    pub(super) reader: &'a LedgerReader,
}

/// Compares who and what L1's contract is with the configuration.
pub(super) async fn check_contract(
    chain: &Chain,
    config: &L1Config,
    domain: &Domain,
    head: u64,
) -> Result<(), SettlerError> {
    let (expected, got) = (domain.chain_id, chain.chain_id().await?);
    if expected != got {
        return Err(L1CheckError::ChainId { expected, got }.into());
    }
    let contract = *chain.rollup.address();
    if chain.code(contract).await?.is_empty() {
        return Err(L1CheckError::NoContract { contract }.into());
    }
    if config.deployed_at > head {
        return Err(L1CheckError::DeployedAt { head, got: config.deployed_at }.into());
    }
    let got = match chain.rollup.domain().call().await {
        Ok(domain) => domain,
        Err(ContractError::TransportError(failure)) if !failure.is_error_resp() => {
            return Err(failure.into());
        }
        Err(_) => return Err(L1CheckError::NotARollup { contract }.into()),
    };
    let expected = B256::from(domain.digest().to_bytes());
    if expected != got {
        return Err(L1CheckError::Domain { expected, got }.into());
    }
    let got = chain.rollup.operator().call().await?;
    // While the operator is late, anybody's key proves.
    if let Some(expected) = config.operator.as_ref().map(|key| key.address())
        && expected != got
        && !chain.rollup.operatorIsLate().call().await?
    {
        return Err(L1CheckError::Operator { expected, got }.into());
    }
    let verifier = chain.rollup.verifier().call().await?;
    let expected = B256::from(config.verifier_codehash().0);
    let got = keccak256(chain.code(verifier).await?);
    if expected != got {
        return Err(L1CheckError::Verifier { verifier, expected, got }.into());
    }
    Ok(())
}

/// Compares L1's contract, and what it made final up to block `at`, with this node.
pub(super) async fn check(
    chain: &Chain,
    own: &Own<'_>,
    head: u64,
    at: u64,
) -> Result<(), SettlerError> {
    check_contract(chain, own.config, &own.genesis.domain, head).await?;
    let end = own.store.end_before(own.store.first_unfinal()?)?;
    let batches = chain.next_batch(at).await?;
    if batches < end.get() {
        // An endpoint that has not come so far knows less, and nothing follows.
        let last = own.store.block_of(before(end))?.and_then(|block| block.state.finalized());
        return Err(match last {
            Some(settled) if settled.l1_block <= at => {
                L1CheckError::FewerBatches { expected: end.get(), got: batches }.into()
            }
            _ => SettlerError::Behind { expected: end.get(), got: batches },
        });
    }
    let expected = match end > BatchNumber::MIN {
        false => own.genesis.root(),
        true => own
            .store
            .batch(before(end))?
            .map_or(own.genesis.root(), |batch| batch.statement.header.new_root),
    };
    let got = match batches == end.get() {
        true => B256::from(chain.state_root(at).await?.0),
        false => old_root(chain, own.config, end, at).await?,
    };
    if got.0 != expected.to_bytes() {
        return Err(match end > BatchNumber::MIN {
            true => L1CheckError::History { batch: end, expected, got }.into(),
            false => L1CheckError::Genesis { expected, got }.into(),
        });
    }
    if batches > 0 && own.reader.is_new()? {
        return Err(L1CheckError::NoData { batches }.into());
    }
    Ok(())
}

fn before(batch: BatchNumber) -> BatchNumber {
    BatchNumber::new(batch.get().saturating_sub(1)).unwrap_or(BatchNumber::MIN)
}

/// The state root from which L1's final batch `number` starts.
async fn old_root(
    chain: &Chain,
    config: &L1Config,
    number: BatchNumber,
    at: u64,
) -> Result<B256, SettlerError> {
    let id = chain.final_batch(number, at).await?;
    let committed = chain.committed_batch(id, at).await?;
    let missing = L1CheckError::NoLog { batch: number, got: config.deployed_at };
    Ok(committed.ok_or(missing)?.oldRoot)
}
