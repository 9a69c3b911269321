//! The comparison of L1 with this node, before the settler does anything else. A node of the wrong
//! rollup would take payments that can never settle.

use alloy::contract::Error as ContractError;
use alloy::primitives::{B256, keccak256};
use farthing_ledger::{Genesis, LedgerReader};
use farthing_protocol::{BatchNumber, Domain};

use super::config::L1Config;
use super::error::{L1CheckError, SettlerError};
use super::l1_client::L1Client;
use crate::store::NodeStore;

/// Facts that are compared with L1.
pub(super) struct Own<'a> {
    pub(super) config: &'a L1Config,
    pub(super) genesis: Genesis,
    pub(super) store: &'a NodeStore,
    pub(super) reader: &'a LedgerReader,
}

/// Compares who and what L1's contract is with the configuration.
pub(super) async fn check_contract(
    l1: &L1Client,
    config: &L1Config,
    domain: &Domain,
    head: u64,
) -> Result<(), SettlerError> {
    let (expected, got) = (domain.chain_id, l1.chain_id().await?);
    if expected != got {
        return Err(L1CheckError::ChainId { expected, got }.into());
    }
    let contract = *l1.rollup.address();
    if l1.code(contract).await?.is_empty() {
        return Err(L1CheckError::NoContract { contract }.into());
    }
    if config.deployed_at > head {
        return Err(L1CheckError::DeployedAt { head, got: config.deployed_at }.into());
    }
    let got = match l1.rollup.domain().call().await {
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
    let got = l1.rollup.operator().call().await?;
    // While the operator is late, anyone's key proves.
    if let Some(expected) = config.operator.as_ref().map(|key| key.address())
        && expected != got
        && !l1.rollup.operatorIsLate().call().await?
    {
        return Err(L1CheckError::Operator { expected, got }.into());
    }
    let verifier = l1.rollup.verifier().call().await?;
    let expected = B256::from(config.verifier_codehash().0);
    let got = keccak256(l1.code(verifier).await?);
    if expected != got {
        return Err(L1CheckError::Verifier { verifier, expected, got }.into());
    }
    Ok(())
}

/// Compares L1's contract, and what it made final up to block `at`, with this node.
pub(super) async fn check(
    l1: &L1Client,
    own: &Own<'_>,
    head: u64,
    at: u64,
) -> Result<(), SettlerError> {
    check_contract(l1, own.config, &own.genesis.domain, head).await?;
    let end = own.store.end_before(own.store.first_unfinal()?)?;
    let batches = l1.next_batch(at).await?;
    if batches < end.get() {
        // An endpoint that has not reached the block of the last batch proves no difference.
        let last = own.store.block_of(before(end))?.and_then(|block| block.state.finalized());
        return Err(match last {
            Some(inclusion) if inclusion.l1_block <= at => {
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
        true => B256::from(l1.state_root(at).await?.0),
        false => old_root(l1, own.config, end, at).await?,
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
    l1: &L1Client,
    config: &L1Config,
    number: BatchNumber,
    at: u64,
) -> Result<B256, SettlerError> {
    let id = l1.final_batch(number, at).await?;
    let committed = l1.committed_batch(id, at).await?;
    let missing = L1CheckError::NoLog { batch: number, got: config.deployed_at };
    Ok(committed.ok_or(missing)?.oldRoot)
}
