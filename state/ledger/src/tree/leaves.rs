//! Leaves of many accounts, hashed side by side.

use farthing_protocol::{AccountIdentity, AccountState, Digest, Tag, hash_all};
use rayon::prelude::*;

/// Leaves hashed by one task: enough to fill SIMD lanes many times.
const LEAVES_PER_TASK: usize = 256;

/// The digest of every identity.
pub(crate) fn identity_digests(identities: &[AccountIdentity]) -> Vec<Digest> {
    identities
        .par_chunks(LEAVES_PER_TASK)
        .flat_map_iter(|chunk| {
            let elements: Vec<_> = chunk.iter().map(AccountIdentity::elements).collect();
            hash_all(Tag::AccountIdentity, &elements)
        })
        .collect()
}

/// The leaf of every account; zero for one that is not open.
pub(crate) fn account_leaves(
    identities: &[Digest],
    states: &[Option<AccountState>],
) -> Vec<Digest> {
    let accounts: Vec<_> = identities.iter().zip(states).collect();
    accounts
        .par_chunks(LEAVES_PER_TASK)
        .flat_map_iter(|chunk| {
            let elements: Vec<_> = chunk
                .iter()
                .map(|(identity, state)| state.unwrap_or(AccountState::NEW).leaf_elements(identity))
                .collect();
            let leaves = hash_all(Tag::AccountLeaf, &elements).into_iter().zip(chunk);
            leaves.map(|(leaf, (_, state))| if state.is_some() { leaf } else { Digest::ZERO })
        })
        .collect()
}
