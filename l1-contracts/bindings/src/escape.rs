//! Leaves and paths as `escape` and `escapeMany` of a frozen rollup take them.

use std::collections::BTreeMap;

use alloy::primitives::{Address, B256};
use farthing_protocol::{Account, AccountId, Digest, TREE_DEPTH};

use crate::abi::IRollup;
use crate::batch::digest_bytes;

/// The siblings on the path of an account, from the leaf's own up.
pub type AccountSiblings = [Digest; TREE_DEPTH];

/// An account's leaf with the siblings on its path, from the leaf's own up.
pub fn account_proof(
    id: AccountId,
    account: &Account,
    siblings: &AccountSiblings,
) -> IRollup::AccountProof {
    let IRollup::AccountLeaf { id, key, owner, balance, nonce } = leaf(id, account);
    let siblings = siblings.each_ref().map(digest_bytes);
    IRollup::AccountProof { id, key, owner, balance, nonce, siblings }
}

/// Several accounts of one state under one multiproof: the first two arguments of `escapeMany`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountsProof {
    /// The leaves, in ascending order of their numbers.
    pub accounts: Vec<IRollup::AccountLeaf>,
    /// The siblings that the leaves alone do not give, from the lowest level up and from left to
    /// right.
    pub siblings: Vec<B256>,
}

/// Joins the paths of accounts of one state. They may come in any order; of several with one number
/// the last counts.
pub fn accounts_proof<'a>(
    accounts: impl IntoIterator<Item = (AccountId, &'a Account, &'a AccountSiblings)>,
) -> AccountsProof {
    let sorted: BTreeMap<u32, _> = accounts
        .into_iter()
        .map(|(id, account, path)| (id.get(), (leaf(id, account), path)))
        .collect();
    // A node's number on its level, and a path that leads through it.
    let mut nodes: Vec<_> = sorted.iter().map(|(id, (_, path))| (*id, *path)).collect();
    let mut siblings = Vec::new();
    for level in 0..TREE_DEPTH {
        let mut parents = Vec::new();
        let mut rest = nodes.into_iter().peekable();
        while let Some((index, path)) = rest.next() {
            // A node and its sibling are neighbours in the order.
            if rest.next_if(|(next, _)| *next == index ^ 1).is_none() {
                siblings.push(digest_bytes(&path[level]));
            }
            parents.push((index >> 1, path));
        }
        nodes = parents;
    }
    AccountsProof { accounts: sorted.into_values().map(|(leaf, _)| leaf).collect(), siblings }
}

fn leaf(id: AccountId, account: &Account) -> IRollup::AccountLeaf {
    IRollup::AccountLeaf {
        id: id.get(),
        key: account.identity.key.to_words(),
        owner: Address::from(account.identity.owner.0),
        balance: account.state.balance.get(),
        nonce: account.state.nonce.get(),
    }
}
