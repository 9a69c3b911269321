//! Calls to L1.

use alloy::eips::BlockId;
use alloy::network::EthereumWallet;
use alloy::primitives::{Address, B256, Bytes};
use alloy::providers::{DynProvider, Provider, ProviderBuilder};
use alloy::rpc::types::{Filter, Log};
use alloy::sol_types::SolEvent;
use alloy::transports::http::reqwest;
use farthing_l1::abi::IRollup;
use farthing_l1::abi::Rollup::{self, RollupInstance};
use farthing_protocol::{BatchNumber, Bytes32, QueueIndex, UnixTime};

use super::config::L1Config;
use super::error::SettlerError;

/// The rollup's contract behind an L1 node.
#[derive(Clone)]
pub(crate) struct L1Client {
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

impl L1Client {
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

    /// The chain's id.
    pub(super) async fn chain_id(&self) -> Result<u64, SettlerError> {
        Ok(self.provider.get_chain_id().await?)
    }

    /// Returns true if the contract had code at a block.
    pub(super) async fn is_deployed(&self, at: u64) -> Result<bool, SettlerError> {
        let code = self.provider.get_code_at(*self.rollup.address()).block_id(BlockId::number(at));
        Ok(!code.await?.is_empty())
    }

    /// The code at an address, now.
    pub(super) async fn code(&self, address: Address) -> Result<Bytes, SettlerError> {
        Ok(self.provider.get_code_at(address).await?)
    }

    /// The time of a block; `None` if the endpoint does not have it.
    pub(super) async fn time_of(&self, number: u64) -> Result<Option<UnixTime>, SettlerError> {
        let block = self.provider.get_block_by_number(number.into()).await?;
        Ok(block.and_then(|block| UnixTime::new(block.header.timestamp).ok()))
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

    /// The number of entries in the queue, as of an L1 block.
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

    /// The id of a final batch, as of an L1 block; zero if it is not final there.
    pub(super) async fn final_batch(
        &self,
        number: BatchNumber,
        at: u64,
    ) -> Result<B256, SettlerError> {
        Ok(self.rollup.finalBatch(number.get()).block(BlockId::number(at)).call().await?)
    }

    /// The batch that was committed under an id up to an L1 block.
    pub(super) async fn committed_batch(
        &self,
        id: B256,
        at: u64,
    ) -> Result<Option<IRollup::Batch>, SettlerError> {
        let filter =
            Filter::new().event_signature(Rollup::BatchCommitted::SIGNATURE_HASH).topic1(id);
        let logs = self.logs(filter, 0, at).await?;
        let Some(log) = logs.first() else { return Ok(None) };
        Ok(Some(log.log_decode::<Rollup::BatchCommitted>()?.inner.data.batch))
    }

    /// The logs with the data of committed batches.
    pub(super) async fn data_of(&self, ids: &[B256], to: u64) -> Result<Vec<Log>, SettlerError> {
        let events =
            vec![Rollup::PublicData::SIGNATURE_HASH, Rollup::BatchCommitted::SIGNATURE_HASH];
        let filter = Filter::new().event_signature(events).topic1(ids.to_vec());
        self.logs(filter, 0, to).await
    }

    /// The logs that make batches from `first` on final, in L1 blocks `from` to `to`.
    pub(super) async fn finalized(
        &self,
        first: BatchNumber,
        from: u64,
        to: u64,
    ) -> Result<Vec<Log>, SettlerError> {
        let filter = Filter::new().event_signature(Rollup::BatchFinalized::SIGNATURE_HASH);
        let mut found = Vec::new();
        for log in self.logs(filter, from, to).await? {
            if log.log_decode::<Rollup::BatchFinalized>()?.inner.data.number >= first.get() {
                found.push(log);
            }
        }
        Ok(found)
    }

    /// Returns true if all public data of a batch is committed.
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
        let holds = |proven: &ProvenOnL1| {
            let end = proven.first.saturating_add(u64::from(proven.batches));
            (proven.first..end).contains(&batch.get())
        };
        Ok(self.proofs(from, to).await?.into_iter().rev().find(holds))
    }

    /// The blocks that L1 proved in its blocks `from` to `to`, in order.
    pub(super) async fn proofs(&self, from: u64, to: u64) -> Result<Vec<ProvenOnL1>, SettlerError> {
        let filter = Filter::new().event_signature(Rollup::BlockProven::SIGNATURE_HASH);
        let mut found = Vec::new();
        for log in self.logs(filter, from, to).await? {
            let proven = log.log_decode::<Rollup::BlockProven>()?.inner.data;
            let (first, batches) = (proven.firstBatch, proven.batches);
            let location = log.transaction_hash.zip(log.block_number);
            found.extend(location.map(|(transaction, l1_block)| ProvenOnL1 {
                first,
                batches,
                transaction,
                l1_block,
            }));
        }
        Ok(found)
    }
}
