//! The L1 queue. Entries are consumed once they are confirmed and the queue's hash chain shows that
//! none is missing.

use alloy::rpc::types::{Filter, Log};
use alloy::sol_types::SolEvent;
use farthing_l1::abi::Rollup;
use farthing_l1::{QueuedEntry, queued_deposit, queued_forced_exit};
use tracing::info;

use super::error::SettlerError;
use super::l1_client::L1Client;
use crate::sequencer::Sequencer;
use crate::store::{NodeStore, QueueCursor};

/// Entries handed to the sequencer at once.
const ENTRIES_AT_ONCE: usize = 512;

/// Consumes entries that are confirmed at L1 block `confirmed` and not consumed yet. Returns true
/// if there were any.
pub(super) async fn follow_queue(
    l1: &L1Client,
    store: &NodeStore,
    sequencer: &Sequencer,
    confirmed: u64,
) -> Result<bool, SettlerError> {
    let cursor = store.queue_cursor()?.unwrap_or(QueueCursor::START);
    if confirmed < cursor.l1_block {
        // An endpoint of L1 may be behind the one asked before: it knows less, nothing else.
        return Ok(false);
    }
    let length = l1.queue_length(confirmed).await?;
    if length < cursor.next.get() || l1.queue_chain(cursor.next, confirmed).await? != cursor.chain {
        return Err(SettlerError::QueueDiverged { index: cursor.next });
    }
    if length == cursor.next.get() {
        return Ok(false);
    }
    let entries = read_entries(l1, cursor, length, confirmed).await?;
    let Some(last) = entries.last() else { return Ok(false) };
    let (next, behind) = (last.index.advance(1), last.chain);
    for part in entries.chunks(ENTRIES_AT_ONCE) {
        let Some(first) = part.first() else { continue };
        let end = first.index.advance(part.len() as u64);
        let part = part.iter().map(|queued| queued.entry).collect();
        let consumed = sequencer.consume(first.index, part).await?;
        if consumed < end {
            // It is the sequencer that says in its log why it did not go on.
            return Err(SettlerError::MissingEntry { index: consumed });
        }
    }
    info!(entries = entries.len(), next = next.get(), "queue entries are consumed");
    store.set_queue_cursor(&QueueCursor { next, chain: behind, l1_block: confirmed })?;
    Ok(true)
}

/// The entries behind the cursor, each checked against the hash chain.
async fn read_entries(
    l1: &L1Client,
    cursor: QueueCursor,
    length: u64,
    confirmed: u64,
) -> Result<Vec<QueuedEntry>, SettlerError> {
    let filter = Filter::new().event_signature(vec![
        Rollup::Deposited::SIGNATURE_HASH,
        Rollup::ForcedExitRequested::SIGNATURE_HASH,
    ]);
    let mut entries = Vec::new();
    let (mut next, mut behind) = (cursor.next, cursor.chain);
    for log in l1.logs(filter, cursor.l1_block, confirmed).await? {
        let queued = queued_entry(&log)?;
        if queued.index < next {
            continue;
        }
        if queued.index > next {
            return Err(SettlerError::MissingEntry { index: next });
        }
        behind = queued.entry.chain(&behind);
        if behind != queued.chain {
            return Err(SettlerError::QueueDiverged { index: queued.index });
        }
        entries.push(queued);
        next = next.advance(1);
    }
    match next.get() == length {
        true => Ok(entries),
        false => Err(SettlerError::MissingEntry { index: next }),
    }
}

/// The entry that a log of the queue records.
pub(super) fn queued_entry(log: &Log) -> Result<QueuedEntry, SettlerError> {
    if log.topic0() == Some(&Rollup::Deposited::SIGNATURE_HASH) {
        return Ok(queued_deposit(&log.log_decode::<Rollup::Deposited>()?.inner.data)?);
    }
    Ok(queued_forced_exit(&log.log_decode::<Rollup::ForcedExitRequested>()?.inner.data)?)
}
