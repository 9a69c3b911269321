//! `Idempotency-Key`: the same key and body replay the stored answer, another body is refused.
//!
//! A key belongs to a route and to the signers of the request's body, so no client can use up
//! another's key. A key stays bound to a body only if the effects that the body asks for have
//! happened; a refused request leaves the key free. `once` runs a request's work between two
//! writes, so that this holds after a crash, too.

mod locks;
mod log;
mod store;
mod writer;

use std::collections::BTreeSet;

use farthing_protocol::{AccountId, AccountIdentity, IntentId};
use serde::{Deserialize, Serialize};
use sha3::{Digest as _, Keccak256};

use crate::http::Key;

pub(crate) use locks::KeyLocks;
pub use log::IdempotencyError;
pub(crate) use log::StoredAnswer;
pub(crate) use store::{IdempotencyStore, Lookup};

/// The owner of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The accounts that sign the body's intents.
    Accounts(BTreeSet<AccountId>),
    /// The key and owner that the body asks an account for.
    Identity(AccountIdentity),
}

/// Something that a request asks for; it happens at most once, and can be looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Effect {
    /// The intent is accepted.
    Intent(IntentId),
    /// An account has this key and owner.
    Account(AccountIdentity),
}

/// The name of a key in the store: a hash of the route, the owner and the client's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct KeyHash(pub(crate) [u8; 32]);

/// A body, hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BodyHash(pub(crate) [u8; 32]);

impl Scope {
    fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Accounts(accounts) => {
                let ids = accounts.iter().flat_map(|account| account.get().to_be_bytes());
                [b'a'].into_iter().chain(ids).collect()
            }
            Self::Identity(AccountIdentity { key, owner }) => {
                [b"i".as_slice(), &key.to_bytes(), &owner.0].concat()
            }
        }
    }
}

impl KeyHash {
    pub(crate) fn of(route: &str, scope: &Scope, key: &Key) -> Self {
        let mut hash = Keccak256::new();
        for part in [route.as_bytes(), &scope.to_bytes(), key.as_bytes()] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }
}

impl BodyHash {
    pub(crate) fn of(body: &[u8]) -> Self {
        Self(Keccak256::digest(body).into())
    }
}

#[cfg(test)]
mod tests {
    use farthing_protocol::Address;

    use super::*;

    #[test]
    fn a_key_is_of_one_route_and_one_signer() {
        let key = Key::new(b"order-17");
        let accounts =
            |ids: &[u32]| Scope::Accounts(ids.iter().map(|id| AccountId::from(*id)).collect());
        let owner = |byte| {
            let identity = AccountIdentity { owner: Address([byte; 20]), ..Default::default() };
            Scope::Identity(identity)
        };
        let hashes = [
            KeyHash::of("/a", &accounts(&[1]), &key),
            KeyHash::of("/b", &accounts(&[1]), &key),
            KeyHash::of("/a", &accounts(&[2]), &key),
            KeyHash::of("/a", &accounts(&[1, 2]), &key),
            KeyHash::of("/a", &accounts(&[]), &key),
            KeyHash::of("/a", &owner(1), &key),
            KeyHash::of("/a", &owner(2), &key),
            KeyHash::of("/a", &accounts(&[1]), &Key::new(b"order-18")),
        ];
        for (index, hash) in hashes.iter().enumerate() {
            assert!(!hashes[..index].contains(hash), "{index}");
        }
        assert_eq!(
            KeyHash::of("/a", &accounts(&[2, 1, 2]), &key),
            hashes[3],
            "in whatever order a batch names its signers"
        );
    }
}
