//! Rescue after L1 refuses the proof of a block: one in the operator's place that leaves an
//! entry waiting is made wider, and nothing is sent while the rollup holds too little.

use alloy::primitives::U256;
use farthing_l1::abi::DevToken;
use farthing_l1::abi::Rollup::RollupErrors;
use tracing::{debug, error, info, warn};

use super::blocks::BlockSettler;
use super::error::SettlerError;
use super::l1_client::L1Client;
use crate::block::Block;
use crate::pipeline::BLOCK_BATCHES_MAX;
use crate::store::NodeStoreError;

impl BlockSettler {
    /// Answers a refusal of the contract. Whether anything changed.
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
        let (mut statements, mut reach) = (Vec::new(), 0);
        let mut number = block.first_batch();
        while number < end && statements.len() < batches_max as usize {
            let batch = self.store.batch(number)?.ok_or(NodeStoreError::NotIndexed(number))?;
            statements.push(batch.statement);
            let header = &batch.statement.header;
            if header.queue_from < header.queue_to && header.queue_to.get() > late {
                reach = statements.len();
            }
            number = number.next();
        }
        if reach <= block.statement.batches as usize {
            if number < end {
                return Err(SettlerError::RescueTooLarge { late, batches: batches_max });
            }
            debug!(late, "no batch consumes the queue entry yet");
            return Ok(false);
        }
        statements.truncate(reach);
        let wider = self.store.widen_block(block.number, &statements)?;
        let (block, batches) = (wider.number.get(), wider.statement.batches);
        warn!(block, late, batches, "a block in the operator's place consumes late entries: wider");
        Ok(true)
    }
}

/// True if the rollup holds too little still, if it did when L1 was asked last.
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
    info!(needed, %held, "the rollup holds enough again");
    Ok(None)
}
