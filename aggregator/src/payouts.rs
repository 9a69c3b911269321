//! What L1 pays out for a batch: refused deposits and withdrawals, in the order of the public data.
//! L1 keeps a Merkle root of them for every chunk of public data.

use alloy::primitives::{B256, U256, keccak256};
use alloy::sol_types::SolValue;
use farthing_ledger::BatchWitness;
use farthing_protocol::{
    Address, BatchNumber, Bytes32, NANO_PER_BASE_UNIT, QueueEntry, QueueOutcome,
};
use serde::{Deserialize, Serialize};

/// Limbs of a chunk of public data, as the contract cuts them.
const CHUNK_LIMBS: u64 = 4_096;
/// Limbs of a deposit in public data.
const DEPOSIT_LIMBS: u64 = 11;
/// Limbs of a forced exit.
const FORCED_EXIT_LIMBS: u64 = 4;
/// Limbs of an opened account.
const OPENED_LIMBS: u64 = 10;
/// Limbs of a withdrawal.
const WITHDRAWAL_LIMBS: u64 = 4;

/// Why L1 pays.
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
    /// Who is paid.
    pub owner: Address,
    /// The batch.
    pub batch: BatchNumber,
    /// Its number within the batch.
    pub index: u32,
    /// The chunk of public data in which its record ends.
    pub chunk: u32,
    /// Base units of the token.
    pub units: u64,
    /// Why.
    pub reason: PayoutReason,
}

/// All that a claim on L1 needs, once the batch is final.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// What is paid to whom.
    pub payout: Payout,
    /// Siblings in the chunk's tree, from the leaf's own up.
    pub path: Vec<Bytes32>,
}

impl Payout {
    /// `keccak256(keccak256(abi.encode(index, owner, units)))`.
    fn leaf(&self) -> B256 {
        let owner = alloy::primitives::Address::from(self.owner.0);
        let fields = (U256::from(self.index), owner, U256::from(self.units));
        keccak256(keccak256(fields.abi_encode()))
    }
}

/// The payouts of a batch, in order.
pub(crate) fn payouts(witness: &BatchWitness) -> Vec<Payout> {
    let batch = witness.statement.header.number;
    let mut end = 0;
    let mut found = Vec::new();
    let mut add = |owner, end: u64, units, reason| {
        let index = u32::try_from(found.len()).unwrap_or(u32::MAX);
        let chunk = u32::try_from((end - 1) / CHUNK_LIMBS).unwrap_or(u32::MAX);
        found.push(Payout { owner, batch, index, chunk, units, reason });
    };
    for (entry, outcome) in &witness.queue {
        match entry {
            QueueEntry::ForcedExit(_) => end += FORCED_EXIT_LIMBS,
            QueueEntry::Deposit(deposit) => {
                end += DEPOSIT_LIMBS;
                if !matches!(outcome, QueueOutcome::Credited(_)) {
                    let units = deposit.raw_amount() / NANO_PER_BASE_UNIT;
                    add(deposit.owner, end, units, PayoutReason::RefusedDeposit);
                }
            }
        }
    }
    end += OPENED_LIMBS * witness.opened.len() as u64;
    for withdrawal in &witness.withdrawals {
        end += WITHDRAWAL_LIMBS;
        add(withdrawal.owner, end, withdrawal.base_units, PayoutReason::Withdrawal);
    }
    found
}

/// The claim of one payout among all of its batch.
pub(crate) fn claim(payout: &Payout, batch: &[Payout]) -> Option<Claim> {
    let chunk: Vec<&Payout> = batch.iter().filter(|other| other.chunk == payout.chunk).collect();
    let mut place = chunk.iter().position(|other| other.index == payout.index)?;
    let mut level: Vec<B256> = chunk.iter().map(|other| other.leaf()).collect();
    let mut path = Vec::new();
    while level.len() > 1 {
        if let Some(sibling) = level.get(place ^ 1) {
            path.push(Bytes32(sibling.0));
        }
        level = level.chunks(2).map(parent).collect();
        place /= 2;
    }
    Some(Claim { payout: *payout, path })
}

/// The hash of a pair, the smaller first; an odd last node moves up as it is.
fn parent(pair: &[B256]) -> B256 {
    match pair {
        [a, b] if a <= b => keccak256([a.0, b.0].concat()),
        [a, b] => keccak256([b.0, a.0].concat()),
        [last] => *last,
        _ => B256::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch_of(count: u32) -> Vec<Payout> {
        let payout = |index: u32| Payout {
            owner: Address([index as u8; 20]),
            batch: BatchNumber::MIN,
            index,
            chunk: index / 5,
            units: 7 + u64::from(index),
            reason: PayoutReason::Withdrawal,
        };
        (0..count).map(payout).collect()
    }

    fn root(batch: &[Payout], chunk: u32) -> B256 {
        let chunk = batch.iter().filter(|payout| payout.chunk == chunk);
        let mut level: Vec<B256> = chunk.map(Payout::leaf).collect();
        while level.len() > 1 {
            level = level.chunks(2).map(parent).collect();
        }
        level[0]
    }

    #[test]
    fn every_payout_has_a_path_to_its_chunks_root() -> Result<(), &'static str> {
        for count in [1, 2, 3, 5, 7, 13] {
            let batch = batch_of(count);
            for payout in &batch {
                let claim = claim(payout, &batch).ok_or("no claim")?;
                let top = claim
                    .path
                    .iter()
                    .fold(payout.leaf(), |node, sibling| parent(&[node, B256::from(sibling.0)]));
                assert_eq!(top, root(&batch, payout.chunk));
            }
        }
        Ok(())
    }

    #[test]
    fn a_payout_of_another_batch_has_no_claim() {
        let batch = batch_of(3);
        let stranger = Payout { index: 9, chunk: 0, ..batch[0] };
        assert!(claim(&stranger, &batch).is_none());
    }
}
