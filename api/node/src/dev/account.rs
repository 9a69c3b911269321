//! Accounts of a development rollup. Their keys are derived from their names, so anyone can compute
//! them.

use alloy::primitives::{Address, keccak256};
use alloy::signers::local::PrivateKeySigner;
use farthing_client::dto::WireAddress;
use farthing_protocol::{AccountId, AccountIdentity, SecretKey};
use serde::{Deserialize, Serialize};

use crate::error::CliError;
use crate::keyfile::Secret;

/// An account on L2, with the L1 wallet of its owner.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DevAccount {
    /// Its name.
    pub(crate) name: String,
    /// Its number, once opened.
    #[serde(rename = "account")]
    pub(crate) id: AccountId,
    /// The seed of the key that signs on L2.
    pub(crate) seed: Secret,
    /// The L1 address to which it withdraws.
    pub(crate) owner: WireAddress,
    /// That address's private key.
    pub(crate) owner_key: Secret,
}

impl DevAccount {
    /// The account of this name, not opened yet.
    pub(crate) fn named(name: String) -> Result<Self, CliError> {
        let secret = |what: &str| {
            Secret::new(keccak256(format!("farthing development only: {what} of {name}")).0)
        };
        let (seed, owner_key) = (secret("L2 seed"), secret("L1 key"));
        let wallet = PrivateKeySigner::from_slice(owner_key.bytes()).map_err(CliError::L1Key)?;
        let owner = farthing_protocol::Address(wallet.address().into_array());
        Ok(Self { id: AccountId::OPERATOR, seed, owner: owner.into(), owner_key, name })
    }

    /// The key that signs on L2.
    pub(crate) fn key(&self) -> SecretKey {
        self.seed.signing_key()
    }

    /// The identity that it is opened with.
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
    fn names_tell_accounts_apart() -> Result<(), CliError> {
        let [a, again, b] = [
            DevAccount::named("a".into())?,
            DevAccount::named("a".into())?,
            DevAccount::named("b".into())?,
        ];
        assert_eq!(a.identity(), again.identity());
        assert_ne!(a.identity().key, b.identity().key);
        assert_ne!(a.owner, b.owner);
        assert_eq!(a.wallet()?.address(), a.l1_address());
        Ok(())
    }
}
