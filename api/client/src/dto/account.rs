//! Accounts.

use farthing_protocol::AccountId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::object::objects;
use super::{WireAddress, WireNano, WireNonce, WirePublicKey, WireSignature};

objects!(OpenAccountBody);

/// Asks for an account: free of charge, and without a deposit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct OpenAccountBody {
    /// The key that will sign its intents.
    pub key: WirePublicKey,
    /// The L1 address to which it withdraws; it cannot be changed.
    pub owner: WireAddress,
    /// Shows that the key is there: the key's signature of 14 zeros, for the domain
    /// `hash(AccountOpening; deployment's domain, key, owner)`.
    pub signature: WireSignature,
}

/// The account of a key and an owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountOpened {
    /// Its number.
    #[schema(value_type = u32, example = 7)]
    pub id: AccountId,
    /// Whether it had been opened before.
    pub existed: bool,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountBody {
    /// Its number.
    #[schema(value_type = u32, example = 7)]
    pub id: AccountId,
    /// The key that signs its intents.
    pub key: WirePublicKey,
    /// The L1 address to which it withdraws.
    pub owner: WireAddress,
    /// What the last sealed batch left on it.
    pub balance: WireNano,
    /// What an intent can spend now: the open batch's steps counted, shares of licenses not.
    pub spendable: WireNano,
    /// The largest nonce of its accepted intents. One that is greater is never refused as too low.
    pub nonce: WireNonce,
    /// The largest nonce of its sealed batches: any unused nonce above it is accepted.
    pub settled_nonce: WireNonce,
    /// Whether L1 has verified, for good, a block that holds the account. Until then the operator
    /// could still give its number to another key and owner: pay it when it is final.
    pub finalized: bool,
}
