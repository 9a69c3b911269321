//! A rollup's history on L1, read event by event. Memory holds only the data of batches that are
//! not final and the current page, so a history of any length can be read.

use std::collections::VecDeque;

use alloy::rpc::types::{Filter, Log};
use alloy::sol_types::SolEvent;
use farthing_l1::abi::Rollup;
use farthing_l1::{FinalBatchData, History, QueuedEntry};
use farthing_protocol::{AccountIdentity, Address, Bytes32, Digest, QueueIndex};

use super::config::L1Config;
use super::error::SettlerError;
use super::l1_client::L1Client;
use super::logs::LogPages;
use super::queue::queued_entry;
use crate::block::{L1Inclusion, TxHash};

/// A step of a rollup's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum L1Event {
    /// The deployment, with key and owner of account 0.
    Genesis(AccountIdentity),
    /// An entry of the L1 queue.
    Entry(QueuedEntry),
    /// A block that L1 has verified: its batches are final.
    Block {
        /// Its batches, in order.
        batches: Vec<FinalBatchData>,
        /// The transaction that proved it.
        inclusion: L1Inclusion,
    },
}

/// Reads a rollup's history from the logs of its contract, from the deployment on.
pub struct L1History {
    l1: L1Client,
    contract: Address,
    pages: LogPages,
    history: History,
    ready: VecDeque<L1Event>,
    /// The last L1 block to read.
    to: u64,
    next_batch: u64,
    next_entry: QueueIndex,
    queue_chain: Bytes32,
}

impl L1History {
    /// The history of the rollup with this domain digest up to L1 block `to`, before its first
    /// event.
    pub fn open(config: &L1Config, domain: Digest, to: u64) -> Result<Self, SettlerError> {
        Ok(Self::of(L1Client::connect(config)?, config.contract, domain, to))
    }

    pub(super) fn of(l1: L1Client, contract: Address, domain: Digest, to: u64) -> Self {
        let pages = LogPages::new(&l1, Filter::new(), 0, to);
        Self {
            l1,
            contract,
            pages,
            history: History::new(domain),
            ready: VecDeque::new(),
            to,
            next_batch: 0,
            next_entry: QueueIndex::MIN,
            queue_chain: Bytes32([0; 32]),
        }
    }

    /// Reads on up to a later L1 block.
    pub fn extend(&mut self, to: u64) {
        self.pages.extend(to);
        self.to = self.to.max(to);
    }

    /// The next event; `None` after the last. Before `None`, the contract's numbers of batches and
    /// queue entries, and the queue's hash chain, have shown that no event is missing.
    pub async fn next(&mut self) -> Result<Option<L1Event>, SettlerError> {
        while self.ready.is_empty() {
            let Some(page) = self.pages.next().await? else {
                self.check_complete().await?;
                return Ok(None);
            };
            for log in &page {
                self.take(log)?;
            }
        }
        Ok(self.ready.pop_front())
    }

    fn take(&mut self, log: &Log) -> Result<(), SettlerError> {
        let before = self.history.genesis();
        self.history.take(&log.inner)?;
        match log.topic0() {
            Some(&Rollup::Genesis::SIGNATURE_HASH) if before.is_none() => {
                self.ready.extend(self.history.genesis().map(L1Event::Genesis));
            }
            Some(&Rollup::Deposited::SIGNATURE_HASH)
            | Some(&Rollup::ForcedExitRequested::SIGNATURE_HASH) => {
                let queued = queued_entry(log)?;
                if queued.index != self.next_entry {
                    return Err(SettlerError::MissingEntry { index: self.next_entry });
                }
                self.queue_chain = queued.entry.chain(&self.queue_chain);
                if self.queue_chain != queued.chain {
                    return Err(SettlerError::QueueDiverged { index: queued.index });
                }
                self.next_entry = self.next_entry.advance(1);
                self.ready.push_back(L1Event::Entry(queued));
            }
            Some(&Rollup::BlockProven::SIGNATURE_HASH) => self.take_block(log)?,
            _ => {}
        }
        Ok(())
    }

    fn take_block(&mut self, log: &Log) -> Result<(), SettlerError> {
        let proven = log.log_decode::<Rollup::BlockProven>()?.inner.data;
        let batches = self.history.take_batches();
        let (expected, got) = (u64::from(proven.batches), batches.len() as u64);
        if expected != got || proven.firstBatch != self.next_batch {
            return Err(SettlerError::LogsMissing { what: "batches of a block", expected, got });
        }
        self.next_batch += got;
        let (Some(hash), Some(l1_block)) = (log.transaction_hash, log.block_number) else {
            return Err(SettlerError::NotIncluded);
        };
        let transaction = TxHash(Bytes32(hash.0));
        let inclusion = L1Inclusion { contract: self.contract, transaction, l1_block };
        self.ready.push_back(L1Event::Block { batches, inclusion });
        Ok(())
    }

    async fn check_complete(&self) -> Result<(), SettlerError> {
        let counts = [
            ("final batches", self.l1.next_batch(self.to).await?, self.next_batch),
            ("queue entries", self.l1.queue_length(self.to).await?, self.next_entry.get()),
        ];
        for (what, expected, got) in counts {
            if expected != got {
                return Err(SettlerError::LogsMissing { what, expected, got });
            }
        }
        Ok(())
    }
}
