//! The nonce of a signed deposit.

use alloy::primitives::{Address, B256, keccak256};
use alloy::sol_types::SolValue;
use farthing_protocol::AccountIdentity;

/// The nonce with which a payer signs an authorization (EIP-3009) for `depositWithAuthorization`: it
/// names the account to credit, so that the signature is good for that account alone. `salt` tells
/// apart two deposits for one account.
pub fn authorization_nonce(account: &AccountIdentity, salt: B256) -> B256 {
    let owner = Address::from(account.owner.0);
    keccak256((owner, account.key.to_words(), salt).abi_encode())
}
