//! Accounts.

use farthing_protocol::{Account, AccountId, AccountIdentity, AccountState, Digest, TREE_DEPTH};
use serde::{Deserialize, Serialize};

use super::object::objects;
use super::{
    L1Location, WireAddress, WireBatchNumber, WireBlockNumber, WireDigest, WireNano, WireNonce,
    WirePublicKey, WireRecipient, WireSignature,
};

objects!(OpenAccountBody);

/// A request for an account, free of charge and without a deposit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct OpenAccountBody {
    /// The key that will sign its intents.
    pub key: WirePublicKey,
    /// The L1 address to which it withdraws; it cannot be changed.
    pub owner: WireAddress,
    /// Proof that the requester has the key: the key's signature of 14 zeros, for the domain
    /// `hash(AccountOpening; deployment's domain, key, owner)`.
    pub signature: WireSignature,
}

/// The account of a key and an owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountOpened {
    /// Its number.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, example = 7))]
    pub id: AccountId,
    /// True if it had been opened before.
    pub existed: bool,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountBody {
    /// Its number.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, example = 7))]
    pub id: AccountId,
    /// The key that signs its intents.
    pub key: WirePublicKey,
    /// The L1 address to which it withdraws.
    pub owner: WireAddress,
    /// The account's name in intents, from key and owner. A transfer to the account signs it.
    pub recipient: WireRecipient,
    /// The balance after the last sealed batch.
    pub balance: WireNano,
    /// The amount that an intent can spend now: the open batch's steps count, shares of licenses do not.
    pub spendable: WireNano,
    /// The largest nonce of its accepted intents. A greater nonce is never refused as too low.
    pub nonce: WireNonce,
    /// The largest nonce of its sealed batches: any unused nonce above it is accepted.
    pub settled_nonce: WireNonce,
    /// True if a block that holds the account is final on L1: its number can then never pass to another account.
    /// A transfer signs `recipient` too, so it cannot reach another account before that either.
    pub finalized: bool,
}

/// An account in the last state that is final on L1, with its Merkle path: the arguments of the
/// contract's `escape`, once the rollup is frozen. `id` to `siblings` are its `AccountProof`,
/// `licenses_root` is its other argument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountProofBody {
    /// The deployment's chain.
    pub chain_id: u64,
    /// The deployment's contract.
    pub contract: WireAddress,
    /// The account's number, which is the leaf's index. Its lowest bit is the direction at the lowest level.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, example = 7))]
    pub id: AccountId,
    /// The key that signs its intents: five field elements, which are the words of `key` on L1.
    pub key: WirePublicKey,
    /// The L1 address that is paid.
    pub owner: WireAddress,
    /// Its balance in that state. `escape` pays whole base units of it.
    pub balance: WireNano,
    /// The largest nonce settled in that state.
    pub nonce: WireNonce,
    /// The siblings on its path in the accounts tree, from the leaf's own sibling up.
    #[cfg_attr(feature = "openapi", schema(min_items = 32, max_items = 32))]
    pub siblings: [WireDigest; TREE_DEPTH],
    /// The root of the licenses tree: the last sibling.
    pub licenses_root: WireDigest,
    /// The state root of the path. It equals the contract's `stateRoot` until L1 verifies the
    /// next block; only L1 can confirm that.
    pub state_root: WireDigest,
    /// The last batch of that state; absent if no batch is final, and the state is that of genesis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<WireBatchNumber>,
    /// The block that holds the batch, final on L1; absent with `batch`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<WireBlockNumber>,
    /// The place on L1 where the block was verified; absent with `batch`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub l1: Option<L1Location>,
}

impl AccountProofBody {
    /// The account as the path's leaf commits to it.
    pub const fn account(&self) -> Account {
        Account {
            identity: AccountIdentity { key: self.key.0, owner: self.owner.0 },
            state: AccountState { balance: self.balance.0, nonce: self.nonce.0 },
        }
    }

    /// The digests on the path, from the leaf's own sibling up.
    pub fn path(&self) -> [Digest; TREE_DEPTH] {
        self.siblings.map(|sibling| sibling.0)
    }
}
