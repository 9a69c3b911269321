//! What L1 pays out for a batch: refused deposits and withdrawals, each with all that its claim
//! needs.

use farthing_protocol::{
    Address, BatchNumber, Bytes32, PublicData, PublicDataError, QueueOutcome, Record,
};
use serde::{Deserialize, Serialize};

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

/// The payouts that the public data of a batch say, in order: refused deposits come first.
pub(crate) fn claims_of(
    batch: BatchNumber,
    data: &PublicData,
) -> Result<Vec<Claim>, PublicDataError> {
    use QueueOutcome::{RefusedByAmount, RefusedByBalance};
    let refused = data
        .records()?
        .into_iter()
        .filter(|record| matches!(record, Record::Queue(_, RefusedByAmount | RefusedByBalance(_))));
    let refused = refused.count();
    let proofs = farthing_l1::payouts(data)?.into_iter().enumerate();
    let claims = proofs.map(|(place, proof)| {
        let reason = match place < refused {
            true => PayoutReason::RefusedDeposit,
            false => PayoutReason::Withdrawal,
        };
        let payout = Payout {
            owner: Address(proof.payout.owner.into_array()),
            batch,
            index: proof.payout.index,
            chunk: proof.payout.chunk,
            units: proof.payout.units,
            reason,
        };
        Claim { payout, path: proof.path.iter().map(|node| Bytes32(node.0)).collect() }
    });
    Ok(claims.collect())
}
