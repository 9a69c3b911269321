//! Accounts with known keys.

use farthing_protocol::{AccountIdentity, Address, Domain, SecretKey};

/// The seed of the key of test account `number`.
pub fn seed(number: u32) -> [u8; 32] {
    let mut seed = [7; 32];
    seed[..4].copy_from_slice(&number.to_be_bytes());
    seed
}

/// The secret key of test account `number`.
pub fn key(number: u32) -> SecretKey {
    SecretKey::from_seed(&seed(number))
}

/// The L1 address that owns test account `number`.
pub fn owner(number: u32) -> Address {
    let mut bytes = [0xaa; 20];
    bytes[16..].copy_from_slice(&number.to_be_bytes());
    Address(bytes)
}

/// Key and owner of test account `number`.
pub fn identity(number: u32) -> AccountIdentity {
    AccountIdentity { key: *key(number).public_key(), owner: owner(number) }
}

/// A deployment on the chain of a local L1.
pub fn domain() -> Domain {
    Domain { chain_id: 31_337, contract: Address([0x11; 20]) }
}
