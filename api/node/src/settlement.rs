//! The check of a receipt or a statement against L1: the contract has verified its batches, and every
//! field of a receipt's block is as on L1. The SDK checks the document itself before.

use alloy::consensus::Transaction as _;
use alloy::primitives::{Address, B256, U256};
use alloy::providers::{DynProvider, Provider as _};
use alloy::rpc::types::{Filter, Log};
use alloy::sol_types::{SolCall as _, SolEvent as _};
use farthing_client::VerifiedReceipt;
use farthing_client::dto::{BlockStatementBody, ReceiptBlock, ReceiptBody};
use farthing_l1::abi::{IRollup, Rollup};
use farthing_l1::{batch_header, batch_id};
use farthing_protocol::{
    BatchHeader, BatchNumber, BatchStatement, BlockStatement, Digest, Domain, PROTOCOL_VERSION,
    batches_root,
};

use crate::error::{CliError, SettlementError};

/// A rollup on L1, as the holder of a receipt or a statement reads it.
pub(crate) struct SettledRollup {
    provider: DynProvider,
    rollup: Rollup::RollupInstance<DynProvider>,
    domain: Digest,
    deployed_at: u64,
}

/// The proof of a block on L1.
struct Proof {
    event: Rollup::BlockProven,
    transaction: B256,
    block: u64,
    log: u64,
}

impl SettledRollup {
    /// The rollup of `domain`, whose code and domain are looked at.
    pub(crate) async fn open(
        provider: DynProvider,
        domain: Domain,
        deployed_at: u64,
    ) -> Result<Self, CliError> {
        let contract = Address::from(domain.contract.0);
        if provider.get_code_at(contract).await?.is_empty() {
            return Err(SettlementError::NoContract { contract }.into());
        }
        let rollup = Rollup::new(contract, provider.clone());
        let domain = domain.digest();
        match rollup.domain().call().await {
            Ok(got) if got.0 == domain.to_bytes() => {}
            // A contract that does not answer this is none of ours; a silent L1 is another error.
            Ok(_) => return Err(SettlementError::Domain { contract }.into()),
            Err(alloy::contract::Error::TransportError(error)) if !error.is_error_resp() => {
                return Err(error.into());
            }
            Err(_) => return Err(SettlementError::Domain { contract }.into()),
        }
        Ok(Self { provider, rollup, domain, deployed_at })
    }

    /// Checks batch and block of a receipt; the L1 block at which that was seen.
    pub(crate) async fn check(
        &self,
        receipt: &ReceiptBody,
        verified: &VerifiedReceipt,
    ) -> Result<u64, CliError> {
        let at = self.check_batches([&verified.batch].into_iter()).await?;
        if let Some(block) = &receipt.block {
            self.check_block(block, at).await?;
        }
        Ok(at)
    }

    /// Checks that the contract has verified these batches; the L1 block at which that was seen.
    pub(crate) async fn check_batches<'a>(
        &self,
        batches: impl Iterator<Item = &'a BatchStatement>,
    ) -> Result<u64, CliError> {
        let at = self.provider.get_block_number().await?;
        for statement in batches {
            let batch = statement.header.number.get();
            if self.digest(batch).await? != Some(statement.digest()) {
                return Err(SettlementError::NotFinal { batch }.into());
            }
        }
        Ok(at)
    }

    /// The digest of a final batch.
    async fn digest(&self, batch: u64) -> Result<Option<Digest>, CliError> {
        let id = self.rollup.finalBatch(batch).call().await?;
        if id == B256::ZERO {
            return Ok(None);
        }
        Ok(Digest::from_bytes(&self.rollup.committedDigest(id).call().await?.0))
    }

    async fn check_block(&self, block: &ReceiptBlock, head: u64) -> Result<(), CliError> {
        let proof = self.proof(block, head).await?;
        if let Some(l1) = &block.l1 {
            let transaction = B256::from(l1.transaction.0.0);
            same("the L1 transaction", transaction, proof.transaction)?;
            same("the L1 block", l1.block, proof.block)?;
        }
        let number = self.number(&proof).await?;
        same("the number", block.number.0.get(), number)?;
        let statement = self.statement(&proof).await?;
        check_statement(&block.statement, &statement)
    }

    /// The proof of the block on L1: in the L1 block that the receipt names, or anywhere.
    async fn proof(&self, block: &ReceiptBlock, head: u64) -> Result<Proof, CliError> {
        let (from, to) = match &block.l1 {
            Some(l1) => (l1.block, l1.block),
            None => (self.deployed_at, head),
        };
        let first = block.statement.first_batch.0.get();
        let filter = Filter::new()
            .event_signature(Rollup::BlockProven::SIGNATURE_HASH)
            .topic1(B256::from(U256::from(first)));
        let logs = self.logs(filter, from, to).await?;
        let log = logs.last().ok_or(SettlementError::NoBlock { first, from, to })?;
        let location = (log.transaction_hash, log.block_number, log.log_index);
        let (Some(transaction), Some(block), Some(index)) = location else {
            return Err(SettlementError::Log.into());
        };
        let event = log.log_decode::<Rollup::BlockProven>();
        let event = event.map_err(|_| SettlementError::Log)?.inner.data;
        Ok(Proof { event, transaction, block, log: index })
    }

    /// The number of a proven block: how many the contract had proven with it.
    async fn number(&self, proof: &Proof) -> Result<u64, CliError> {
        let filter = Filter::new().event_signature(Rollup::BlockProven::SIGNATURE_HASH);
        let logs = self.logs(filter, self.deployed_at, proof.block).await?;
        let until = (Some(proof.block), Some(proof.log));
        let before = logs.iter().filter(|log| (log.block_number, log.log_index) <= until);
        Ok(before.count() as u64)
    }

    /// The statement that the contract gave its verifier.
    async fn statement(&self, proof: &Proof) -> Result<BlockStatement, CliError> {
        let Rollup::BlockProven { firstBatch, batches, .. } = proof.event;
        let mut digests = Vec::new();
        for index in 0..u64::from(batches) {
            let batch = firstBatch.saturating_add(index);
            digests.push(self.digest(batch).await?.ok_or(SettlementError::NotFinal { batch })?);
        }
        let headers = self.headers(proof).await?;
        let ends = headers.first().zip(headers.last());
        let (first, last) = ends.ok_or(SettlementError::NoHeader { batch: firstBatch })?;
        Ok(BlockStatement {
            domain: self.domain,
            first_batch: BatchNumber::new(firstBatch)?,
            batches,
            timestamp: last.timestamp,
            old_root: first.old_root,
            new_root: last.new_root,
            queue_from: first.queue_from,
            queue_to: last.queue_to,
            batches_root: batches_root(&digests),
        })
    }

    /// The headers of a block's first and last batch, which have the ids that the contract keeps.
    async fn headers(&self, proof: &Proof) -> Result<Vec<BatchHeader>, CliError> {
        let first = proof.event.firstBatch;
        let last = first.saturating_add(u64::from(proof.event.batches).saturating_sub(1));
        let sent = self.sent_batches(proof.transaction).await?;
        let mut headers = Vec::new();
        for batch in [first, last] {
            let id = self.rollup.finalBatch(batch).call().await?;
            let found = match sent.iter().find(|sent| batch_id(sent) == id) {
                Some(sent) => sent.clone(),
                None => self.committed_batch(batch, id, proof.block).await?,
            };
            let header = batch_header(self.domain, &found);
            headers.push(header.map_err(|_| SettlementError::Header { batch })?);
        }
        Ok(headers)
    }

    /// The batches that a transaction gave to `prove`; none if it called another contract first.
    async fn sent_batches(&self, transaction: B256) -> Result<Vec<IRollup::Batch>, CliError> {
        let sent = self.provider.get_transaction_by_hash(transaction).await?;
        let call = sent.and_then(|sent| Rollup::proveCall::abi_decode(sent.input()).ok());
        Ok(call.map(|call| call.batches).unwrap_or_default())
    }

    /// The header of a batch from the log of its commitment.
    async fn committed_batch(
        &self,
        batch: u64,
        id: B256,
        to: u64,
    ) -> Result<IRollup::Batch, CliError> {
        let filter =
            Filter::new().event_signature(Rollup::BatchCommitted::SIGNATURE_HASH).topic1(id);
        let logs = self.logs(filter, self.deployed_at, to).await?;
        let log = logs.last().ok_or(SettlementError::NoHeader { batch })?;
        let event = log.log_decode::<Rollup::BatchCommitted>();
        let header = event.map_err(|_| SettlementError::Log)?.inner.data.batch;
        match batch_id(&header) == id {
            true => Ok(header),
            false => Err(SettlementError::Header { batch }.into()),
        }
    }

    /// The contract's logs of L1 blocks `from` to `to`, in order. What an endpoint refuses at once is
    /// asked for in halves, down to single blocks.
    async fn logs(&self, filter: Filter, from: u64, to: u64) -> Result<Vec<Log>, CliError> {
        let filter = filter.address(*self.rollup.address());
        let mut logs = Vec::new();
        let mut ranges = vec![(from, to)];
        while let Some((from, to)) = ranges.pop() {
            let page = filter.clone().from_block(from).to_block(to);
            match self.provider.get_logs(&page).await {
                Ok(found) => logs.extend(found),
                Err(_) if from < to => {
                    let middle = from + (to - from) / 2;
                    ranges.extend([(middle + 1, to), (from, middle)]);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(logs)
    }
}

/// Compares a block's statement field by field.
fn check_statement(receipt: &BlockStatementBody, l1: &BlockStatement) -> Result<(), CliError> {
    let l1 = BlockStatementBody::from(l1);
    same("the protocol version", receipt.version, PROTOCOL_VERSION)?;
    same("the domain", receipt.domain, l1.domain)?;
    same("the first batch", receipt.first_batch, l1.first_batch)?;
    same("the number of batches", receipt.batches, l1.batches)?;
    same("the time", receipt.timestamp.get(), l1.timestamp.get())?;
    same("the old root", receipt.old_root, l1.old_root)?;
    same("the new root", receipt.new_root, l1.new_root)?;
    same("the first queue entry", receipt.queue_from, l1.queue_from)?;
    same("the next queue entry", receipt.queue_to, l1.queue_to)?;
    same("the batches root", receipt.batches_root, l1.batches_root)
}

fn same<T: PartialEq + std::fmt::Display>(
    field: &'static str,
    receipt: T,
    l1: T,
) -> Result<(), CliError> {
    if receipt == l1 {
        return Ok(());
    }
    let (receipt, l1) = (receipt.to_string(), l1.to_string());
    Err(SettlementError::Field { field, receipt, l1 }.into())
}
