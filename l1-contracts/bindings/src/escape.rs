//! Leaves and paths as `escape` of a frozen rollup takes them.

use alloy::primitives::{Address, B256};
use farthing_protocol::{Account, AccountId, Digest, TREE_DEPTH};

use crate::abi::IRollup;
use crate::batch::digest_bytes;

/// An account's leaf with the siblings on its path, from the leaf's own up.
pub fn account_proof(
    id: AccountId,
    account: &Account,
    siblings: &[Digest; TREE_DEPTH],
) -> IRollup::AccountProof {
    IRollup::AccountProof {
        id: id.get(),
        key: account.identity.key.to_words(),
        owner: Address::from(account.identity.owner.0),
        balance: account.state.balance.get(),
        nonce: account.state.nonce.get(),
        siblings: siblings_bytes(siblings),
    }
}

fn siblings_bytes(siblings: &[Digest; TREE_DEPTH]) -> [B256; TREE_DEPTH] {
    siblings.each_ref().map(digest_bytes)
}
