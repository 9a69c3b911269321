//! Public data: the part of a batch that L1 keeps, enough to rebuild the whole state.
//!
//! A stream of records, each of whole 7-byte limbs, big-endian; a limb is always canonical in the
//! field. The first byte of a record is its kind; [`layout`](crate::layout) has all fields. Kinds come in this order: queue entries as L1
//! has them; opened accounts; withdrawals; accounts; new licenses; updated licenses; licenses. Ids ascend
//! strictly within opened accounts, accounts, new licenses, updated licenses and licenses.

mod reader;
mod record;

use p3_field::PrimeCharacteristicRing;
use serde::{Deserialize, Serialize};

pub use reader::PublicDataError;
pub use record::{
    AccountDiff, LicenseDiff, NewLicense, OpenedAccount, Record, UpdatedLicense, Withdrawal,
};

use crate::felt::Felt;
use crate::hash::{Digest, Tag, hash};
use crate::limits::{LIMB_BITS, LIMB_BYTES};
use crate::statement::limbs_keccak;

/// The public data of one batch, as limbs of less than 2⁵⁶.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct PublicData {
    limbs: Vec<u64>,
}

/// The limbs as serde formats carry them.
#[derive(Deserialize)]
struct Unchecked {
    limbs: Vec<u64>,
}

impl TryFrom<Unchecked> for PublicData {
    type Error = PublicDataError;
    fn try_from(Unchecked { limbs }: Unchecked) -> Result<Self, PublicDataError> {
        match limbs.iter().position(|limb| limb >> LIMB_BITS != 0) {
            None => Ok(Self { limbs }),
            Some(at) => Err(PublicDataError::Field { at, field: "limb" }),
        }
    }
}

impl PublicData {
    /// Writes records in the order given; it is the caller's to keep the format's order.
    pub fn from_records<'a>(records: impl IntoIterator<Item = &'a Record>) -> Self {
        let mut limbs = Vec::new();
        records.into_iter().for_each(|record| record.write(&mut limbs));
        Self { limbs }
    }

    /// The limbs, each less than 2⁵⁶.
    pub fn limbs(&self) -> &[u64] {
        &self.limbs
    }

    /// Seven big-endian bytes per limb.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.limbs.iter().flat_map(|limb| limb.to_be_bytes().into_iter().skip(1)).collect()
    }

    /// Cuts bytes into limbs; an error if their number is not a multiple of [`LIMB_BYTES`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PublicDataError> {
        let chunks = bytes.chunks_exact(LIMB_BYTES);
        if !chunks.remainder().is_empty() {
            return Err(PublicDataError::PartialLimb { bytes: bytes.len() });
        }
        let limbs = chunks
            .map(|chunk| chunk.iter().fold(0, |limb, byte| (limb << 8) | u64::from(*byte)))
            .collect();
        Ok(Self { limbs })
    }

    /// Reads the records; strict: one stream of records has one encoding and nothing else decodes.
    pub fn records(&self) -> Result<Vec<Record>, PublicDataError> {
        reader::read(&self.limbs)
    }

    /// `hash(PublicData; limbs)`: the circuit's commitment.
    pub fn commitment(&self) -> Digest {
        let limbs: Vec<Felt> = self.limbs.iter().map(|limb| Felt::from_u64(*limb)).collect();
        hash(Tag::PublicData, &limbs)
    }

    /// h, the keccak256 chain over the chunks of [`PublicData::to_bytes`]: the contract's commitment.
    pub fn keccak(&self) -> [u8; 32] {
        limbs_keccak(&self.limbs)
    }
}

#[cfg(test)]
mod tests;
