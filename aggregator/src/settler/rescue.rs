//! Answers to L1's refusal of a block's proof. A block that is proven in the operator's place and
//! leaves an overdue queue entry is made wider. Nothing is sent while the rollup holds too little.

use alloy::primitives::U256;
use farthing_l1::abi::DevToken;
use farthing_l1::abi::Rollup::RollupErrors;
use farthing_protocol::QueueIndex;
use tracing::{debug, error, info, warn};

use super::blocks::BlockSettler;
use super::error::SettlerError;
use super::l1_client::L1Client;
use crate::block::Block;
use crate::pipeline::BLOCK_BATCHES_MAX;
use crate::store::NodeStoreError;

impl BlockSettler {
    /// Handles a revert of the contract. Returns true if anything changed.
    pub(super) fn refused(
        &self,
        block: &Block,
        revert: RollupErrors,
    ) -> Result<bool, SettlerError> {
        match revert {
            RollupErrors::StillLate(late) => self.widen(block, late.index),
            RollupErrors::ReserveTooSmall(short) => {
                let needed = u64::try_from(short.needed).unwrap_or(u64::MAX);
                error!(
                    block = block.number.get(),
                    needed,
                    held = %short.held,
                    "the rollup holds fewer base units than it owes to final payouts, this \
                     block's among them, and to deposits that no batch consumed: nothing is \
                     proven on L1 until it holds them"
                );
                self.view.change(|view| view.reserve_needed = Some(needed));
                Ok(false)
            }
            other => Err(SettlerError::Reverted(Box::new(other))),
        }
    }

    /// Forms the block again so that it consumes all queue entries which batches of this node consume:
    /// without the operator's key, L1 takes no block that leaves entry `late`.
    fn widen(&self, block: &Block, late: u64) -> Result<bool, SettlerError> {
        let refused = self.store.block_batches_max()?.unwrap_or(u32::MAX);
        let batches_max = refused.min(BLOCK_BATCHES_MAX);
        let end = self.store.indexed()?;
        let mut statements = Vec::new();
        let mut number = block.first_batch();
        while number < end && statements.len() < batches_max as usize {
            let batch = self.store.batch(number)?.ok_or(NodeStoreError::NotIndexed(number))?;
            statements.push(batch.statement);
            number = number.next();
        }
        let consumed = statements.iter().map(|batch| &batch.header);
        let consumed = consumed.map(|header| (header.queue_from, header.queue_to));
        let has = block.statement.batches as usize;
        match widening(late, has, consumed, number == end) {
            Widening::NotYet => {
                debug!(late, "no batch consumes the queue entry yet");
                return Ok(false);
            }
            Widening::TooLarge => {
                return Err(SettlerError::RescueTooLarge { late, batches: batches_max });
            }
            Widening::To(batches) => statements.truncate(batches),
        }
        let wider = self.store.widen_block(block.number, &statements)?;
        let (block, batches) = (wider.number.get(), wider.statement.batches);
        warn!(block, late, batches, "a block in the operator's place grows to hold late entries");
        Ok(true)
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Widening {
    /// The block takes this many batches.
    To(usize),
    /// No batch consumes the entry yet.
    NotYet,
    /// Batches behind those of the largest block may consume it.
    TooLarge,
}

/// The batches that a block of `has` batches must take so as not to leave queue entry `late`, from the
/// entries that each batch of the largest block consumes. `all_seen`: no batch follows these.
fn widening(
    late: u64,
    has: usize,
    consumed: impl Iterator<Item = (QueueIndex, QueueIndex)>,
    all_seen: bool,
) -> Widening {
    let last = consumed.enumerate().filter(|(_, (from, to))| from < to && to.get() > late).last();
    match last {
        Some((index, _)) if index >= has => Widening::To(index + 1),
        _ if all_seen => Widening::NotYet,
        _ => Widening::TooLarge,
    }
}

/// The base units that the rollup must hold, if L1 asked for them `before` and it still holds
/// fewer.
pub(super) async fn reserve_needed(
    l1: &L1Client,
    before: Option<u64>,
) -> Result<Option<u64>, SettlerError> {
    let Some(needed) = before else { return Ok(None) };
    let token = l1.rollup.token().call().await?;
    // Every token has this call of the development token.
    let token = DevToken::new(token, l1.provider.clone());
    let held = token.balanceOf(*l1.rollup.address()).call().await?;
    if held < U256::from(needed) {
        return Ok(Some(needed));
    }
    info!(needed, %held, "the rollup holds enough base units again");
    Ok(None)
}

#[cfg(test)]
mod tests {
    use farthing_protocol::OutOfRange;

    use super::*;

    /// The widening of a block of one batch that leaves entry 3, if its batches consume entries up to `ends`.
    fn of(ends: &[u64], all_seen: bool) -> Result<Widening, OutOfRange> {
        let mut consumed = Vec::new();
        let mut from = QueueIndex::new(0)?;
        for &end in ends {
            let to = QueueIndex::new(end)?;
            consumed.push((from, to));
            from = to;
        }
        Ok(widening(3, 1, consumed.into_iter(), all_seen))
    }

    #[test]
    fn a_block_reaches_the_last_batch_that_consumes_late_entries() -> Result<(), OutOfRange> {
        assert_eq!(of(&[3, 3, 4], true)?, Widening::To(3));
        assert_eq!(of(&[3, 4, 4, 5, 5], false)?, Widening::To(4), "empty ones are left out");
        assert_eq!(of(&[3, 3], true)?, Widening::NotYet);
        assert_eq!(of(&[3], true)?, Widening::NotYet);
        assert_eq!(of(&[4], true)?, Widening::NotYet, "the block itself consumes it");
        Ok(())
    }

    #[test]
    fn a_block_that_would_be_too_large_is_told_from_one_that_waits() -> Result<(), OutOfRange> {
        assert_eq!(of(&[3, 3], false)?, Widening::TooLarge);
        assert_eq!(of(&[3, 3], true)?, Widening::NotYet);
        Ok(())
    }
}
