//! Merkle paths of accounts in earlier states. `escape` of a frozen rollup takes a path in the last
//! *final* state, and the ledger is ahead of it.
//!
//! No copy of earlier trees is kept. The witness of a batch has the old children of every node that
//! the batch changed. A node of an earlier state is therefore found in the oldest later batch that
//! changed its parent. If no later batch did, the stored node is still the same.

use std::iter::successors;

use farthing_protocol::{Account, AccountId, BatchNumber, Digest, NodeChange, TREE_DEPTH};
use thiserror::Error;

use crate::reader::LedgerReader;
use crate::store::StoreError;
use crate::tree::{MerklePath, state_root};

/// An account's leaf and path under a state root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountProof {
    /// The account.
    pub account: Account,
    /// The path from its leaf to the root of the accounts tree.
    pub path: MerklePath,
    /// The root of the licenses tree: the last sibling.
    pub licenses_root: Digest,
}

impl AccountProof {
    /// The state root to which account and path lead.
    pub fn state_root(&self) -> Digest {
        state_root(&self.path.root(&self.account.leaf()), &self.licenses_root)
    }
}

/// Reasons why a path in an earlier state cannot be given.
#[derive(Debug, Error)]
pub enum PastStateError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The witness of a batch after the state asked for is not stored, because the ledger was
    /// rebuilt from L1 after that state.
    #[error("batch {batch} is not kept: paths of states before it cannot be given")]
    NotKept {
        /// The batch.
        batch: BatchNumber,
    },
}

impl LedgerReader {
    /// The account and its path in the state that batches below `end` left; `None` if the account
    /// was not open. An `end` above the next batch to seal counts as that batch.
    pub fn account_proof(
        &self,
        id: AccountId,
        end: BatchNumber,
    ) -> Result<Option<AccountProof>, PastStateError> {
        let Stored { next, mut account, mut path, mut licenses_root } = self.stored(id)?;
        // Batches that come from here on are after `next`, and change none below it.
        let after = successors(Some(end.min(next)), |number| Some(number.next()));
        let after: Vec<BatchNumber> = after.take_while(|number| *number < next).collect();
        // From the newest batch down: an older one overwrites what a newer one has put back.
        for number in after.into_iter().rev() {
            let batch = self.batch(number)?;
            let batch = batch.ok_or(PastStateError::NotKept { batch: number })?;
            if let Some(change) = batch.accounts.iter().find(|change| change.id == id) {
                let old = change.old.zip(change.identity);
                account = old.map(|(state, identity)| Account { identity, state });
            }
            put_back(&mut path, &batch.account_nodes);
            licenses_root = batch.old_roots[1];
        }
        Ok(account.map(|account| AccountProof { account, path, licenses_root }))
    }

    /// Account and path of one state. A batch may be stored between two reads; then everything is
    /// read again.
    fn stored(&self, id: AccountId) -> Result<Stored, StoreError> {
        loop {
            let next = self.next_batch()?;
            let account = self.account(id)?;
            let path = self.stored_account_path(id)?;
            let licenses_root = self.stored_licenses_root()?;
            if self.next_batch()? == next {
                return Ok(Stored { next, account, path, licenses_root });
            }
        }
    }
}

/// An account in the state that batches below `next` left.
struct Stored {
    next: BatchNumber,
    account: Option<Account>,
    path: MerklePath,
    licenses_root: Digest,
}

/// Puts back the siblings that a batch changed. The change of a node has both children before the
/// batch.
pub(crate) fn put_back(path: &mut MerklePath, nodes: &[NodeChange]) {
    let index = u64::from(path.index);
    let mut rest = nodes;
    for (level, sibling) in (1..=TREE_DEPTH as u8).zip(&mut path.siblings) {
        let end = rest.partition_point(|node| node.level <= level);
        let (here, above) = rest.split_at(end);
        let parent = index >> level;
        let found = here.binary_search_by_key(&parent, |node| u64::from(node.index));
        if let Some(node) = found.ok().and_then(|at| here.get(at)) {
            let [left, right] = node.old;
            *sibling = if index >> (level - 1) & 1 == 0 { right } else { left };
        }
        rest = above;
    }
}
