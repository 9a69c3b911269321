//! Accounts and their leaves.

use p3_field::PrimeCharacteristicRing;
use serde::{Deserialize, Serialize};

use crate::bytes::Address;
use crate::felt::Felt;
use crate::hash::{Digest, RATE, ShortDigest, Tag, hash};
use crate::quantity::{Nano, Nonce};
use crate::schnorr::PublicKey;

/// The owner of an account: the key that signs its intents and the L1 address it withdraws to.
/// The key need not be a point: such an account cannot sign, its owner can still exit.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
pub struct AccountIdentity {
    /// The L2 key.
    pub key: PublicKey,
    /// The L1 owner.
    pub owner: Address,
}

impl AccountIdentity {
    /// The input of [`AccountIdentity::digest`]: key (5), owner (3).
    pub fn elements(&self) -> [Felt; RATE] {
        let [k0, k1, k2, k3, k4] = self.key.elements();
        let [o0, o1, o2] = self.owner.felts();
        [k0, k1, k2, k3, k4, o0, o1, o2]
    }

    /// `hash(AccountIdentity; key (5), owner (3))`: one permutation.
    pub fn digest(&self) -> Digest {
        hash(Tag::AccountIdentity, &self.elements())
    }

    /// The account as a recipient in signed messages.
    pub fn recipient(&self) -> ShortDigest {
        self.digest().into()
    }
}

/// The balance of an account, and the nonce of its last settled intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountState {
    /// Nano-units.
    pub balance: Nano,
    /// The largest nonce settled; 0 before the first.
    pub nonce: Nonce,
}

impl AccountState {
    /// A new account: no money, no nonce.
    pub const NEW: Self = Self { balance: Nano::MIN, nonce: Nonce::MIN };

    /// The input of [`AccountState::leaf`]: identity (4), balance, nonce, 0, 0. The last two
    /// elements are reserved for delegation.
    pub fn leaf_elements(&self, identity: &Digest) -> [Felt; RATE] {
        let [i0, i1, i2, i3] = identity.elements();
        [i0, i1, i2, i3, self.balance.felt(), self.nonce.felt(), Felt::ZERO, Felt::ZERO]
    }

    /// `hash(AccountLeaf; identity (4), balance, nonce, 0, 0)`: one permutation.
    pub fn leaf(&self, identity: &Digest) -> Digest {
        hash(Tag::AccountLeaf, &self.leaf_elements(identity))
    }
}

/// An account as the accounts tree commits to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Key and owner.
    pub identity: AccountIdentity,
    /// Balance and nonce.
    pub state: AccountState,
}

impl Account {
    /// The leaf in the accounts tree.
    pub fn leaf(&self) -> Digest {
        self.state.leaf(&self.identity.digest())
    }
}
