//! The domain: it separates one deployment from every other.

use p3_field::PrimeCharacteristicRing;
use serde::{Deserialize, Serialize};

use crate::bytes::Address;
use crate::felt::Felt;
use crate::hash::{Digest, Tag, hash};
use crate::limits::PROTOCOL_VERSION;

/// The chain and the contract that a message or a statement is meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    /// The chain id of L1 (EIP-155).
    pub chain_id: u64,
    /// The address of the rollup contract.
    pub contract: Address,
}

impl Domain {
    /// `hash(Domain; version, chain id high and low 32 bits, contract limbs)`: the capacity of
    /// every signature challenge, and an element of every statement.
    pub fn digest(&self) -> Digest {
        let [a, b, c] = self.contract.felts();
        hash(
            Tag::Domain,
            &[
                Felt::from_u32(PROTOCOL_VERSION),
                Felt::from_u64(self.chain_id >> 32),
                Felt::from_u64(self.chain_id & u64::from(u32::MAX)),
                a,
                b,
                c,
            ],
        )
    }
}
