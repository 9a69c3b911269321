//! L2 keys from an L1 wallet: the wallet signs a fixed message (EIP-712), the signature's hash
//! seeds the key. The same wallet gets the same key back on any machine, for one deployment.

use farthing_protocol::{Domain, SEED_BYTES, SecretKey};
use serde_json::{Value, json};
use sha3::{Digest as _, Keccak256};
use thiserror::Error;

/// The message that the wallet shows before it signs.
const STATEMENT: &str = "This signature becomes the key that signs your Farthing payments. Whoever \
    gets it can spend your balance: sign only for software that you trust.";
const NAME: &str = "Farthing";
const VERSION: &str = "1";
const DOMAIN_TYPE: &str =
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
const MESSAGE_TYPE: &str = "FarthingKey(string statement)";

/// A wallet's signature: r and s, then a byte v that does not count.
pub const WALLET_SIGNATURE_BYTES: usize = 65;

/// A wallet's signature that cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WalletError {
    /// r or s is zero: no wallet signs so.
    #[error("not a signature: r or s is zero")]
    NoSignature,
    /// The larger of the two s that are right: the key would depend on which one a wallet gives.
    #[error("the signature's s is in the upper half of its range (EIP-2)")]
    HighS,
}

/// Half the order of secp256k1, rounded down: the largest s that wallets give (EIP-2).
const S_MAX: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0,
];

/// The message that a wallet signs, for `eth_signTypedData_v4`.
pub fn wallet_message(deployment: &Domain) -> Value {
    json!({
        "types": {
            "EIP712Domain": [
                { "name": "name", "type": "string" },
                { "name": "version", "type": "string" },
                { "name": "chainId", "type": "uint256" },
                { "name": "verifyingContract", "type": "address" },
            ],
            "FarthingKey": [{ "name": "statement", "type": "string" }],
        },
        "primaryType": "FarthingKey",
        "domain": {
            "name": NAME,
            "version": VERSION,
            "chainId": deployment.chain_id,
            "verifyingContract": deployment.contract.to_string(),
        },
        "message": { "statement": STATEMENT },
    })
}

/// The hash that a wallet signs: that of [`wallet_message`].
pub fn wallet_message_hash(deployment: &Domain) -> [u8; 32] {
    let mut chain_id = [0; 32];
    chain_id[24..].copy_from_slice(&deployment.chain_id.to_be_bytes());
    let mut contract = [0; 32];
    contract[12..].copy_from_slice(&deployment.contract.0);
    let domain = keccak(&[
        &keccak(&[DOMAIN_TYPE.as_bytes()]),
        &keccak(&[NAME.as_bytes()]),
        &keccak(&[VERSION.as_bytes()]),
        &chain_id,
        &contract,
    ]);
    let message = keccak(&[&keccak(&[MESSAGE_TYPE.as_bytes()]), &keccak(&[STATEMENT.as_bytes()])]);
    keccak(&[&[0x19, 0x01], &domain, &message])
}

/// The seed of the L2 key: keccak256 of r and s. Wallets sign deterministically (RFC 6979).
pub fn wallet_seed(
    signature: &[u8; WALLET_SIGNATURE_BYTES],
) -> Result<[u8; SEED_BYTES], WalletError> {
    let (r, rest) = signature.split_at(32);
    let (s, _) = rest.split_at(32);
    if [r, s].iter().any(|half| half.iter().all(|byte| *byte == 0)) {
        return Err(WalletError::NoSignature);
    }
    if s > S_MAX.as_slice() {
        return Err(WalletError::HighS);
    }
    Ok(keccak(&[r, s]))
}

/// The L2 key of a wallet's signature.
pub fn wallet_key(signature: &[u8; WALLET_SIGNATURE_BYTES]) -> Result<SecretKey, WalletError> {
    wallet_seed(signature).map(|seed| SecretKey::from_seed(&seed))
}

fn keccak(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Keccak256::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use farthing_protocol::Address;

    use super::*;

    #[test]
    fn the_recovery_byte_does_not_count_and_the_signature_must_be_low() {
        let mut signature = [1; WALLET_SIGNATURE_BYTES];
        let seed = wallet_seed(&signature);
        assert!(seed.is_ok());
        signature[64] = 28;
        assert_eq!(wallet_seed(&signature), seed);
        signature[0] = 2;
        assert_ne!(wallet_seed(&signature), seed);
        signature[32] = 0x80;
        assert_eq!(wallet_seed(&signature), Err(WalletError::HighS));
        assert_eq!(wallet_seed(&[0; WALLET_SIGNATURE_BYTES]), Err(WalletError::NoSignature));
    }

    #[test]
    fn the_message_depends_on_the_deployment() {
        let domain = Domain { chain_id: 1, contract: Address([7; 20]) };
        let chain = Domain { chain_id: 2, ..domain };
        let contract = Domain { contract: Address([8; 20]), ..domain };
        let hashes = [domain, chain, contract].map(|domain| wallet_message_hash(&domain));
        assert!(hashes[0] != hashes[1] && hashes[0] != hashes[2] && hashes[1] != hashes[2]);
    }
}
