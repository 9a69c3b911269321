//! What L1 says.

use alloy::eips::BlockId;
use alloy::network::EthereumWallet;
use alloy::primitives::{Address, B256};
use alloy::providers::{DynProvider, Provider, ProviderBuilder};
use alloy::rpc::types::{Filter, Log};
use alloy::sol_types::SolEvent;
use alloy::transports::http::reqwest;
use farthing_l1::abi::Rollup::{self, RollupInstance};
use farthing_protocol::{BatchNumber, Bytes32, QueueIndex};

use super::config::L1Config;
use super::error::SettlerError;
use super::logs::LogPages;

/// The rollup's contract behind an L1 node.
#[derive(Clone)]
pub(crate) struct Chain {
    pub(super) provider: DynProvider,
    pub(super) rollup: RollupInstance<DynProvider>,
    pub(super) deployed_at: u64,
    /// The most blocks in a page of logs, at least 1.
    pub(super) log_range: u64,
}

/// A block as L1 proved it.
#[derive(Clone, Copy, Debug)]
pub(super) struct ProvenOnL1 {
    /// Its first batch.
    pub(super) first: u64,
    pub(super) batches: u32,
    pub(super) transaction: B256,
    /// The L1 block that holds the transaction.
    pub(super) l1_block: u64,
}

impl Chain {
    pub(super) fn connect(config: &L1Config) -> Result<Self, SettlerError> {
        let client = reqwest::Client::builder().timeout(config.request_timeout);
        let client = client.build().map_err(SettlerError::Client)?;
        let builder = ProviderBuilder::new().disable_recommended_fillers();
        let provider = match &config.operator {
            None => builder.connect_reqwest(client, config.url.clone()).erased(),
            Some(key) => {
                let wallet = EthereumWallet::from(key.clone());
                builder.wallet(wallet).connect_reqwest(client, config.url.clone()).erased()
            }
        };
        let contract = Address::from(config.contract.0);
        let rollup = Rollup::new(contract, provider.clone());
        let (deployed_at, log_range) = (config.deployed_at, config.log_range.max(1));
        Ok(Self { provider, rollup, deployed_at, log_range })
    }

    /// The number of the newest block.
    pub(super) async fn head(&self) -> Result<u64, SettlerError> {
        Ok(self.provider.get_block_number().await?)
    }

    /// The next batch to prove, as of an L1 block.
    pub(super) async fn next_batch(&self, at: u64) -> Result<u64, SettlerError> {
        Ok(self.rollup.nextBatch().block(BlockId::number(at)).call().await?)
    }

    /// The root of the state that L1 has proven, as of an L1 block.
    pub(super) async fn state_root(&self, at: u64) -> Result<Bytes32, SettlerError> {
        let root = self.rollup.stateRoot().block(BlockId::number(at)).call().await?;
        Ok(Bytes32(root.0))
    }

    /// How many entries the queue had, as of an L1 block.
    pub(super) async fn queue_length(&self, at: u64) -> Result<u64, SettlerError> {
        Ok(self.rollup.queueLength().block(BlockId::number(at)).call().await?)
    }

    /// The queue's hash chain behind its first `length` entries, as of an L1 block.
    pub(super) async fn queue_chain(
        &self,
        length: QueueIndex,
        at: u64,
    ) -> Result<Bytes32, SettlerError> {
        let call = self.rollup.queueChain(length.get());
        Ok(Bytes32(call.block(BlockId::number(at)).call().await?.0))
    }

    /// The id of a final batch.
    pub(super) async fn final_batch(&self, number: BatchNumber) -> Result<B256, SettlerError> {
        Ok(self.rollup.finalBatch(number.get()).call().await?)
    }

    /// Whether a batch is committed whole.
    pub(super) async fn is_committed(&self, id: B256) -> Result<bool, SettlerError> {
        Ok(self.rollup.committedDigest(id).call().await? != B256::ZERO)
    }

    /// The block that L1 proved with a batch in it, looked for in L1 blocks `from` to `to`.
    pub(super) async fn proof_of(
        &self,
        batch: BatchNumber,
        from: u64,
        to: u64,
    ) -> Result<Option<ProvenOnL1>, SettlerError> {
        let filter = Filter::new().event_signature(Rollup::BlockProven::SIGNATURE_HASH);
        for log in self.logs(filter, from, to).await?.iter().rev() {
            let proven = log.log_decode::<Rollup::BlockProven>()?.inner.data;
            let end = proven.firstBatch.saturating_add(u64::from(proven.batches));
            if (proven.firstBatch..end).contains(&batch.get()) {
                let place = log.transaction_hash.zip(log.block_number);
                return Ok(place.map(|(transaction, l1_block)| ProvenOnL1 {
                    first: proven.firstBatch,
                    batches: proven.batches,
                    transaction,
                    l1_block,
                }));
            }
        }
        Ok(None)
    }

    /// The contract's logs of L1 blocks `from` to `to` that pass the filter, in order.
    pub(super) async fn logs(
        &self,
        filter: Filter,
        from: u64,
        to: u64,
    ) -> Result<Vec<Log>, SettlerError> {
        let mut pages = LogPages::new(self, filter, from, to);
        let mut logs = Vec::new();
        while let Some(page) = pages.next().await? {
            logs.extend(page);
        }
        Ok(logs)
    }
}
