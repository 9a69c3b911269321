//! Payouts of a batch on L1: refused deposits and withdrawals, each with the arguments of its claim.

use farthing_protocol::{
    Address, BaseUnits, BatchNumber, Bytes32, OutOfRange, PublicData, PublicDataError,
    QueueOutcome, Record,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

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
    /// Siblings in the chunk's tree, from the leaf's own up.
    pub path: Vec<Bytes32>,
}

/// The payouts of a sealed batch cannot be read: a defect of this program.
#[derive(Debug, Error)]
pub enum PayoutError {
    /// The public data do not decode.
    #[error("the public data do not decode: {0}")]
    PublicData(#[from] PublicDataError),
    /// More is paid than can be deposited.
    #[error("a payout is more than can be deposited: {0}")]
    Amount(#[from] OutOfRange),
}

/// The payouts in the public data of a batch, in order: refused deposits come first.
pub(crate) fn claims_of(batch: BatchNumber, data: &PublicData) -> Result<Vec<Claim>, PayoutError> {
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
            units: BaseUnits::new(proof.payout.units)?,
            reason,
        };
        Ok::<_, PayoutError>(Claim {
            payout,
            path: proof.path.iter().map(|node| Bytes32(node.0)).collect(),
        })
    });
    claims.collect()
}
