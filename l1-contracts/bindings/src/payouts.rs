//! Payouts of a batch on L1, and the Merkle paths with which they are claimed.

use alloy::primitives::{B256, U256, keccak256};
use alloy::sol_types::SolValue;
use farthing_protocol::{
    Address, BaseUnits, BatchNumber, Bytes32, CHUNK_LIMBS, NANO_PER_BASE_UNIT, OutOfRange,
    PublicData, PublicDataError, QueueEntry, QueueOutcome, Record,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::abi::IRollup;

/// The reason of a payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PayoutReason {
    /// A withdrawal or a forced exit.
    Withdrawal,
    /// A deposit that L2 refused.
    RefusedDeposit,
}

/// Something that L1 pays to an owner once its batch is final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payout {
    /// The L1 address that is paid.
    pub owner: Address,
    /// The batch.
    pub batch: BatchNumber,
    /// Its number within the batch.
    pub index: u32,
    /// The chunk of public data in which its record ends.
    pub chunk: u32,
    /// Base units of the token.
    pub units: BaseUnits,
    /// The reason.
    pub reason: PayoutReason,
}

/// All that a claim on L1 needs, once the batch is final.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The payout.
    pub payout: Payout,
    /// Siblings in the tree of its chunk, from the leaf's own up.
    pub path: Vec<Bytes32>,
}

/// The payouts of a batch cannot be read.
#[derive(Debug, Error)]
pub enum PayoutError {
    /// The public data do not decode.
    #[error(transparent)]
    PublicData(#[from] PublicDataError),
    /// More is paid than can be deposited.
    #[error("a payout is more than can be deposited: {0}")]
    Amount(#[from] OutOfRange),
}

/// All payouts of a batch, in order, each ready to be claimed: refused deposits come first.
pub fn payouts(batch: BatchNumber, data: &PublicData) -> Result<Vec<Claim>, PayoutError> {
    let found = find(batch, data)?;
    Ok(found
        .chunk_by(|a, b| a.chunk == b.chunk)
        .flat_map(|chunk| {
            let paths = paths(chunk.iter().map(Payout::leaf).collect());
            chunk.iter().zip(paths).map(|(payout, path)| Claim {
                payout: *payout,
                path: path.into_iter().map(|node| Bytes32(node.0)).collect(),
            })
        })
        .collect())
}

impl Payout {
    /// The leaf in the tree of its chunk: hashed twice, so that no node is a leaf.
    pub fn leaf(&self) -> B256 {
        let owner = alloy::primitives::Address::from(self.owner.0);
        let payout = (U256::from(self.index), owner, U256::from(self.units.get()));
        keccak256(keccak256(payout.abi_encode()))
    }
}

impl From<&Claim> for IRollup::Claim {
    fn from(Claim { payout, path }: &Claim) -> Self {
        Self {
            batch: payout.batch.get(),
            chunk: payout.chunk,
            index: payout.index,
            owner: payout.owner.0.into(),
            units: U256::from(payout.units.get()),
            path: path.iter().map(|node| B256::from(node.0)).collect(),
        }
    }
}

fn find(batch: BatchNumber, data: &PublicData) -> Result<Vec<Payout>, PayoutError> {
    let mut end = 0;
    let mut found = Vec::new();
    for record in data.records()? {
        end += record.limbs();
        let Some((owner, units, reason)) = paid_by(&record) else { continue };
        let (index, chunk) = (found.len() as u32, ((end - 1) / CHUNK_LIMBS) as u32);
        let units = BaseUnits::new(units)?;
        found.push(Payout { owner, batch, index, chunk, units, reason });
    }
    Ok(found)
}

fn paid_by(record: &Record) -> Option<(Address, u64, PayoutReason)> {
    use QueueOutcome::{RefusedByAmount, RefusedByBalance};
    match record {
        Record::Queue(QueueEntry::Deposit(deposit), RefusedByAmount | RefusedByBalance(_)) => {
            let units = deposit.raw_amount() / NANO_PER_BASE_UNIT;
            Some((deposit.owner, units, PayoutReason::RefusedDeposit))
        }
        Record::Withdrawal(withdrawal) => {
            Some((withdrawal.owner, withdrawal.base_units, PayoutReason::Withdrawal))
        }
        _ => None,
    }
}

/// The path of every leaf. Pairs are sorted; an odd last node moves up as it is.
fn paths(leaves: Vec<B256>) -> Vec<Vec<B256>> {
    let mut paths = vec![Vec::new(); leaves.len()];
    let mut level = leaves;
    let mut height = 0;
    while level.len() > 1 {
        for (leaf, path) in paths.iter_mut().enumerate() {
            if let Some(sibling) = level.get(leaf >> height ^ 1) {
                path.push(*sibling);
            }
        }
        level = level.chunks(2).map(parent).collect();
        height += 1;
    }
    paths
}

fn parent(pair: &[B256]) -> B256 {
    match pair {
        [a, b] => keccak256([*a.min(b), *a.max(b)].concat()),
        [single] => *single,
        _ => B256::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_leaf_has_a_path_to_the_root() {
        for count in 1..=33u8 {
            let leaves: Vec<B256> = (0..count).map(B256::repeat_byte).collect();
            let root_of = |leaf: B256, path: &[B256]| {
                path.iter().fold(leaf, |node, sibling| parent(&[node, *sibling]))
            };
            let paths = paths(leaves.clone());
            let roots: Vec<B256> =
                leaves.iter().zip(&paths).map(|(leaf, path)| root_of(*leaf, path)).collect();
            assert!(roots.iter().all(|root| *root == roots[0]), "{count} leaves");
        }
    }
}
