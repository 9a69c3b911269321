//! Receipts, which prove without this node that an intent was settled.

use std::sync::Arc;

use farthing_ledger::{MerklePath, ReceiptsTree};
use farthing_protocol::{
    BatchNumber, BatchStatement, BlockNumber, BlockStatement, Digest, IntentId, IntentWitness,
    PublicKey, SignedIntent, compress,
};

use super::QueryService;
use crate::block::{Block, L1Inclusion};
use crate::error::QueryError;
use crate::store::NodeStoreError;

/// The chain of evidence from an intent to L1, as far as its batch has come. Each link is checked
/// with hashes alone: the challenge of the signature is leaf `path.index` of the receipts tree,
/// whose root is in the batch statement; the statement's digest is a leaf of the block's batches
/// root; L1 has a proof of the block statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The intent and its signature.
    pub signed: SignedIntent,
    /// The key of its account.
    pub key: PublicKey,
    /// The path of its challenge in the receipts tree.
    pub path: MerklePath,
    /// The statement of its batch's proof.
    pub statement: BatchStatement,
    /// The block; `None` before one is formed.
    pub block: Option<ReceiptBlock>,
}

/// The upper half of a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptBlock {
    /// Its number.
    pub number: BlockNumber,
    /// The statement of its proof.
    pub statement: BlockStatement,
    /// The path of the batch statement's digest to the batches root.
    pub path: MerklePath,
    /// The inclusion of the block on L1, once it is final.
    pub inclusion: Option<L1Inclusion>,
}

/// The intents of a batch, and the tree over them.
pub(crate) struct BatchReceipts {
    intents: Vec<IntentWitness>,
    statement: BatchStatement,
    tree: ReceiptsTree,
}

impl QueryService {
    /// The receipt of an intent; `None` if its batch is not sealed, or there is no such intent, or
    /// the batch was rebuilt from L1, where intents do not stand.
    pub(crate) fn receipt(&self, id: &IntentId) -> Result<Option<Receipt>, QueryError> {
        let Some(stored) = self.reader.intent(id)? else { return Ok(None) };
        let batch = stored.admission.batch;
        let Some(receipts) = self.receipts_of(batch)? else { return Ok(None) };
        let key = (stored.account, stored.nonce);
        let position = receipts
            .intents
            .binary_search_by_key(&key, |one| (one.signed.intent.account, one.signed.intent.nonce));
        let Some(index) = position.ok().and_then(|position| u32::try_from(position).ok()) else {
            return Ok(None);
        };
        let (Some(path), Some(witness)) =
            (receipts.tree.path(index), receipts.intents.get(index as usize))
        else {
            return Ok(None);
        };
        let block = match self.store.block_of(batch)? {
            None => None,
            Some(block) => Some(self.receipt_block(&block, batch)?),
        };
        Ok(Some(Receipt {
            signed: witness.signed.clone(),
            key: witness.key,
            path,
            statement: receipts.statement,
            block,
        }))
    }

    fn receipts_of(&self, batch: BatchNumber) -> Result<Option<Arc<BatchReceipts>>, QueryError> {
        if let Some(cached) = self.cached(batch) {
            return Ok(Some(cached));
        }
        let Some(witness) = self.reader.batch(batch)? else { return Ok(None) };
        let challenges = witness.intents.iter().map(|intent| intent.challenge).collect();
        let Some(tree) = ReceiptsTree::new(challenges) else { return Ok(None) };
        let receipts = Arc::new(BatchReceipts {
            intents: witness.intents,
            statement: witness.statement,
            tree,
        });
        self.cache(batch, &receipts);
        Ok(Some(receipts))
    }

    fn receipt_block(&self, block: &Block, batch: BatchNumber) -> Result<ReceiptBlock, QueryError> {
        let digests = self.batch_digests(block)?;
        let position = batch.get().saturating_sub(block.first_batch().get());
        let index = u32::try_from(position).unwrap_or(u32::MAX);
        Ok(ReceiptBlock {
            number: block.number,
            statement: block.statement,
            path: path_of(digests, index),
            inclusion: block.state.finalized(),
        })
    }

    fn batch_digests(&self, block: &Block) -> Result<Vec<Digest>, QueryError> {
        let mut digests = Vec::new();
        let mut number = block.first_batch();
        while number < block.end() {
            let batch = self.store.batch(number)?.ok_or(NodeStoreError::NotIndexed(number))?;
            digests.push(batch.statement.digest());
            number = number.next();
        }
        Ok(digests)
    }
}

/// The path of a leaf in the tree of [`farthing_protocol::batches_root`].
fn path_of(mut level: Vec<Digest>, index: u32) -> MerklePath {
    level.resize(level.len().next_power_of_two(), Digest::ZERO);
    let mut position = index as usize;
    let mut siblings = Vec::new();
    while level.len() > 1 {
        siblings.push(level.get(position ^ 1).copied().unwrap_or(Digest::ZERO));
        level = level.chunks(2).map(|pair| compress(&pair[0], &pair[1])).collect();
        position /= 2;
    }
    MerklePath { index, siblings }
}

#[cfg(test)]
mod tests {
    use farthing_protocol::{Felt, batches_root};

    use super::*;

    #[test]
    fn every_batch_has_a_path_to_the_batches_root() {
        for count in 1..=9u64 {
            let digests: Vec<Digest> =
                (1..=count).map(|i| Digest::new([Felt::new(i); 4])).collect();
            let root = batches_root(&digests);
            for (leaf, index) in digests.iter().zip(0..) {
                assert_eq!(path_of(digests.clone(), index).root(leaf), root);
            }
        }
    }
}
