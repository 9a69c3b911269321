//! Checks that an account's Merkle path leads to the state root that it names, with no server.
//!
//! **The root is the node's word.** The contract pays by a path only if the root is its own
//! `stateRoot`.

use farthing_protocol::{AccountId, Digest, compress};
use thiserror::Error;

use crate::dto::AccountProofBody;

/// Why an account's path shows nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AccountProofError {
    /// The path is of another account.
    #[error("the path is of account {got}, expected account {expected}")]
    Account {
        /// The account asked for.
        expected: AccountId,
        /// The account given.
        got: AccountId,
    },
    /// The path ends elsewhere.
    #[error("the account's path leads to state root {got}, the answer names {expected}")]
    Root {
        /// The state root named.
        expected: Digest,
        /// The root to which the path leads.
        got: Digest,
    },
}

/// Checks that the path of account `id` leads from its leaf to the state root named, as `escape` of the
/// contract does. Returns the root: compare it with `stateRoot` of a contract that is trusted.
///
/// # Errors
/// If the path is of another account, or leads elsewhere.
pub fn verify_account_proof(
    id: AccountId,
    proof: &AccountProofBody,
) -> Result<Digest, AccountProofError> {
    if proof.id != id {
        return Err(AccountProofError::Account { expected: id, got: proof.id });
    }
    let mut index = id.get();
    let accounts_root = proof.path().iter().fold(proof.account().leaf(), |node, sibling| {
        let parent = match index & 1 {
            0 => compress(&node, sibling),
            _ => compress(sibling, &node),
        };
        index >>= 1;
        parent
    });
    let got = compress(&accounts_root, &proof.licenses_root.0);
    match proof.state_root.0 {
        expected if expected == got => Ok(got),
        expected => Err(AccountProofError::Root { expected, got }),
    }
}
