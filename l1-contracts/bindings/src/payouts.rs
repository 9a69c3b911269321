//! What a batch pays out on L1, and the Merkle paths with which it is claimed.

use alloy::primitives::{Address, B256, U256, keccak256};
use alloy::sol_types::SolValue;
use farthing_protocol::{
    CHUNK_LIMBS, NANO_PER_BASE_UNIT, PublicData, PublicDataError, QueueEntry, QueueOutcome, Record,
};

/// A withdrawal, or a deposit that the batch refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payout {
    /// Its number within the batch.
    pub index: u32,
    /// The chunk of public data in which its record ends.
    pub chunk: u32,
    /// Who is paid.
    pub owner: Address,
    /// Base units.
    pub units: u64,
}

/// A payout with the arguments of its `claim`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimProof {
    /// The payout.
    pub payout: Payout,
    /// Siblings in the tree of its chunk, from the leaf's own up.
    pub path: Vec<B256>,
}

/// All payouts of a batch, in order, each ready to be claimed.
pub fn payouts(data: &PublicData) -> Result<Vec<ClaimProof>, PublicDataError> {
    let found = find(data)?;
    Ok(found
        .chunk_by(|a, b| a.chunk == b.chunk)
        .flat_map(|chunk| {
            let paths = paths(chunk.iter().map(Payout::leaf).collect());
            chunk.iter().zip(paths).map(|(payout, path)| ClaimProof { payout: *payout, path })
        })
        .collect())
}

impl Payout {
    /// The leaf in the tree of its chunk: hashed twice, so that no node is a leaf.
    pub fn leaf(&self) -> B256 {
        let payout = (U256::from(self.index), self.owner, U256::from(self.units));
        keccak256(keccak256(payout.abi_encode()))
    }
}

fn find(data: &PublicData) -> Result<Vec<Payout>, PublicDataError> {
    let mut end = 0;
    let mut found = Vec::new();
    for record in data.records()? {
        end += record.limbs();
        let Some((owner, units)) = paid_by(&record) else { continue };
        let (index, chunk) = (found.len() as u32, ((end - 1) / CHUNK_LIMBS) as u32);
        found.push(Payout { index, chunk, owner, units });
    }
    Ok(found)
}

fn paid_by(record: &Record) -> Option<(Address, u64)> {
    use QueueOutcome::{RefusedByAmount, RefusedByBalance};
    match record {
        Record::Queue(QueueEntry::Deposit(deposit), RefusedByAmount | RefusedByBalance(_)) => {
            Some((Address::from(deposit.owner.0), deposit.raw_amount() / NANO_PER_BASE_UNIT))
        }
        Record::Withdrawal(withdrawal) => {
            Some((Address::from(withdrawal.owner.0), withdrawal.base_units))
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
