//! The history of a rollup, read from its logs alone. It rebuilds the state without the operator.

use std::collections::HashMap;

use alloy::primitives::{Address, B256, Log};
use alloy::sol_types::SolEventInterface;
use farthing_protocol::{
    AccountIdentity, Address as Owner, BatchNumber, BatchStatement, Digest, KeyEncodingError,
    LIMB_BYTES, PublicData, PublicDataError, PublicKey,
};
use thiserror::Error;

use crate::abi::IRollup;
use crate::abi::Rollup::RollupEvents;
use crate::batch::{BatchError, batch_header};

/// Why logs do not tell a history.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum HistoryError {
    /// A log is none of a rollup.
    #[error("a log does not decode: {0}")]
    Log(#[source] alloy::sol_types::Error),
    /// A final batch without its data: logs are missing.
    #[error("no log has the data of final batch {number}")]
    NotCommitted {
        /// The batch.
        number: u64,
    },
    /// Final batches are not in order: logs are missing.
    #[error("batch {got} is final, expected {expected}")]
    Number {
        /// The next number.
        expected: u64,
        /// The number found.
        got: u64,
    },
    /// The bytes do not have the hash that the batch names: logs are missing.
    #[error("the public data of batch {number} do not have their hash")]
    DataHash {
        /// The batch.
        number: u64,
    },
    /// The key of account 0 is not canonical.
    #[error("the key of account 0 in the log of the deployment: {0}")]
    GenesisKey(#[source] KeyEncodingError),
    /// The deployment's log came twice, or after another: logs are missing or out of order.
    #[error("the log of the deployment came twice or late: {batches} final batches before it")]
    Genesis {
        /// Final batches before it.
        batches: u64,
    },
    /// A header does not decode.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// Public data do not decode.
    #[error(transparent)]
    PublicData(#[from] PublicDataError),
}

/// A final batch with all that L1 knows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinalBatchData {
    /// The batch's statement, which the block proof covers.
    pub statement: BatchStatement,
    /// Its public data.
    pub public_data: PublicData,
}

/// Collects a rollup's logs; feed them in their order, from the deployment on.
#[derive(Clone, Debug)]
pub struct History {
    domain: Digest,
    genesis: Option<AccountIdentity>,
    /// Data of batches that are on their way, by batch id and committer.
    parts: HashMap<(B256, Address), Vec<u8>>,
    committed: HashMap<B256, (IRollup::Batch, Vec<u8>)>,
    /// The number of the next final batch.
    next: u64,
    /// Final batches that were not taken out.
    batches: Vec<FinalBatchData>,
}

impl History {
    /// The history of the rollup with this domain digest, before its first log.
    pub fn new(domain: Digest) -> Self {
        Self::from_batch(domain, BatchNumber::MIN)
    }

    /// The history from a batch on: logs that make earlier ones final must not be fed.
    pub fn from_batch(domain: Digest, first: BatchNumber) -> Self {
        Self {
            domain,
            genesis: None,
            parts: HashMap::new(),
            committed: HashMap::new(),
            next: first.get(),
            batches: Vec::new(),
        }
    }

    /// Takes the next log of the rollup. Those that tell nothing of batches are passed over.
    pub fn take(&mut self, log: &Log) -> Result<(), HistoryError> {
        match RollupEvents::decode_log(log).map_err(HistoryError::Log)?.data {
            RollupEvents::Genesis(log) => {
                if self.genesis.is_some() || self.next > 0 {
                    return Err(HistoryError::Genesis { batches: self.next });
                }
                let key =
                    PublicKey::from_words(log.operatorKey).map_err(HistoryError::GenesisKey)?;
                let owner = Owner(log.operatorOwner.into_array());
                self.genesis = Some(AccountIdentity { key, owner });
            }
            RollupEvents::PublicData(part) => {
                let bytes = self.parts.entry((part.id, part.committer)).or_default();
                bytes.truncate(part.firstLimb as usize * LIMB_BYTES);
                bytes.extend(&part.part);
            }
            RollupEvents::BatchCommitted(done) => {
                let bytes = self.parts.remove(&(done.id, done.committer)).unwrap_or_default();
                self.committed.insert(done.id, (done.batch, bytes));
            }
            RollupEvents::BatchFinalized(batch) => self.finalize(batch.number, batch.id)?,
            _ => {}
        }
        Ok(())
    }

    fn finalize(&mut self, number: u64, id: B256) -> Result<(), HistoryError> {
        let expected = self.next;
        if number != expected {
            return Err(HistoryError::Number { expected, got: number });
        }
        let (batch, bytes) =
            self.committed.remove(&id).ok_or(HistoryError::NotCommitted { number })?;
        let public_data = PublicData::from_bytes(&bytes)?;
        if public_data.keccak() != batch.dataHash.0 {
            return Err(HistoryError::DataHash { number });
        }
        let header = batch_header(self.domain, &batch)?;
        let statement = BatchStatement::new(header, public_data.limbs());
        self.batches.push(FinalBatchData { statement, public_data });
        self.next += 1;
        // Another batch committed under this number never becomes final.
        self.committed.retain(|_, (batch, _)| batch.number > number);
        Ok(())
    }

    /// Key and owner of account 0, as the log of the deployment says: with the domain, all that the
    /// ledger's genesis is made of. `None` before that log.
    pub fn genesis(&self) -> Option<AccountIdentity> {
        self.genesis
    }

    /// Final batches that were not taken out, in order.
    pub fn batches(&self) -> &[FinalBatchData] {
        &self.batches
    }

    /// Takes out the batches that became final since the last call, in order. A caller that takes
    /// them out after every few logs can read a history of any length.
    pub fn take_batches(&mut self) -> Vec<FinalBatchData> {
        std::mem::take(&mut self.batches)
    }
}
