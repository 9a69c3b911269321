//! Merkle paths of accounts in earlier states. `escape` of a frozen rollup takes a path in the last
//! *final* state, and the ledger is ahead of it.

use farthing_protocol::{Account, AccountId, BatchNumber, Digest};

use crate::past_state::{PastStateError, put_back};
use crate::reader::LedgerReader;
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

impl LedgerReader {
    /// The account and its path in the state that batches below `end` left; `None` if the account
    /// was not open. An `end` above the next batch to seal counts as that batch.
    pub fn account_proof(
        &self,
        id: AccountId,
        end: BatchNumber,
    ) -> Result<Option<AccountProof>, PastStateError> {
        let (next, (mut account, mut path, mut licenses_root)) = self.of_one_state(|| {
            Ok((self.account(id)?, self.stored_account_path(id)?, self.stored_licenses_root()?))
        })?;
        for batch in self.batches_after(end, next) {
            let batch = batch?;
            if let Some(change) = batch.accounts.iter().find(|change| change.id == id) {
                let old = change.old.zip(change.identity);
                account = old.map(|(state, identity)| Account { identity, state });
            }
            put_back(&mut path, &batch.account_nodes);
            licenses_root = batch.old_roots[1];
        }
        Ok(account.map(|account| AccountProof { account, path, licenses_root }))
    }
}
