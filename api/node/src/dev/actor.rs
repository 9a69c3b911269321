//! People of a development chain. Their keys follow from their names: anybody can compute them.

use alloy::primitives::{Address, keccak256};
use alloy::signers::local::PrivateKeySigner;
use farthing_client::dto::WireAddress;
use farthing_protocol::{AccountId, AccountIdentity, SecretKey};
use serde::{Deserialize, Serialize};

use crate::error::CliError;
use crate::keyfile::Secret;

/// Somebody with an L1 wallet and an account on L2.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Actor {
    /// What it is called.
    pub(crate) name: String,
    /// Its account, once opened.
    pub(crate) account: AccountId,
    /// The seed of the key that signs on L2.
    pub(crate) seed: Secret,
    /// The L1 address to which it withdraws.
    pub(crate) owner: WireAddress,
    /// That address's private key.
    pub(crate) owner_key: Secret,
}

impl Actor {
    /// The actor of this name, without an account yet.
    pub(crate) fn named(name: String) -> Result<Self, CliError> {
        let secret = |what: &str| {
            Secret::new(keccak256(format!("farthing development only: {what} of {name}")).0)
        };
        let (seed, owner_key) = (secret("L2 seed"), secret("L1 key"));
        let wallet = PrivateKeySigner::from_slice(owner_key.bytes()).map_err(CliError::L1Key)?;
        let owner = farthing_protocol::Address(wallet.address().into_array());
        Ok(Self { account: AccountId::OPERATOR, seed, owner: owner.into(), owner_key, name })
    }

    /// The key that signs on L2.
    pub(crate) fn key(&self) -> SecretKey {
        self.seed.signing_key()
    }

    /// What its account is opened with.
    pub(crate) fn identity(&self) -> AccountIdentity {
        AccountIdentity { key: *self.key().public_key(), owner: self.owner.0 }
    }

    /// Its L1 wallet.
    pub(crate) fn wallet(&self) -> Result<PrivateKeySigner, CliError> {
        PrivateKeySigner::from_slice(self.owner_key.bytes()).map_err(CliError::L1Key)
    }

    /// Its L1 address.
    pub(crate) fn l1_address(&self) -> Address {
        Address::from(self.owner.0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_actors_apart() -> Result<(), CliError> {
        let [a, again, b] =
            [Actor::named("a".into())?, Actor::named("a".into())?, Actor::named("b".into())?];
        assert_eq!(a.identity(), again.identity());
        assert_ne!(a.identity().key, b.identity().key);
        assert_ne!(a.owner, b.owner);
        assert_eq!(a.wallet()?.address(), a.l1_address());
        Ok(())
    }
}
