//! Events as wire types, with their names.

use farthing_aggregator::{Block, Event, EventKind};
use farthing_api_types::dto::{
    BatchSealedBody, BlockFinalizedBody, BlockProvenBody, EventBody, EventData, EventType,
    LicensePaidBody, LicenseUpdatedBody, PayoutClaimableBody, WireBytes32,
};
use farthing_protocol::{Bytes32, Digest};
use sha3::{Digest as _, Keccak256};

use super::views::{location, parts, payout_reason};

/// An event with its name: keccak256 of its type, the digest of the statement of its batch or block,
/// and its number in there.
pub(crate) fn event(event: &Event) -> EventBody {
    let data = data(event);
    let (digest, number) = match event {
        Event::BatchSealed(summary) => (summary.statement.digest(), 0),
        Event::LicensePaid { batch, license, .. }
        | Event::LicenseUpdated { batch, license, .. } => (*batch, license.get()),
        Event::BlockProven(block) | Event::BlockFinalized(block, _) => {
            (block.statement.digest(), 0)
        }
        Event::PayoutClaimable { batch, payout, .. } => (*batch, payout.index),
    };
    EventBody { id: name(data.kind(), &digest, number), event: data }
}

fn name(kind: EventType, digest: &Digest, number: u32) -> WireBytes32 {
    let mut hasher = Keccak256::new_with_prefix(b"farthing event ");
    hasher.update(kind.as_str());
    hasher.update(digest.to_bytes());
    hasher.update(number.to_be_bytes());
    Bytes32(hasher.finalize().into()).into()
}

fn data(event: &Event) -> EventData {
    match event {
        Event::BatchSealed(summary) => EventData::BatchSealed(BatchSealedBody {
            batch: summary.statement.header.number.into(),
            digest: summary.statement.digest().into(),
            timestamp: summary.statement.header.timestamp,
            intents: summary.statement.header.intents,
            accounts: summary.accounts,
            licenses: summary.licenses,
            withdrawals: summary.withdrawals,
        }),
        Event::LicensePaid { number, license, split, .. } => {
            EventData::LicensePaid(LicensePaidBody {
                license: *license,
                batch: (*number).into(),
                received: split.received.into(),
                parts: parts(&split.parts),
            })
        }
        Event::LicenseUpdated { number, license, old, new, .. } => {
            EventData::LicenseUpdated(LicenseUpdatedBody {
                license: *license,
                batch: (*number).into(),
                old: (*old).into(),
                new: (*new).into(),
            })
        }
        Event::BlockProven(block) => EventData::BlockProven(proven(block)),
        Event::BlockFinalized(block, inclusion) => {
            let BlockProvenBody { block, digest, first_batch, last_batch } = proven(block);
            let l1 = location(inclusion);
            EventData::BlockFinalized(BlockFinalizedBody {
                block,
                digest,
                first_batch,
                last_batch,
                l1,
            })
        }
        Event::PayoutClaimable { block, payout, .. } => {
            EventData::PayoutClaimable(PayoutClaimableBody {
                owner: payout.owner.into(),
                batch: payout.batch.into(),
                index: payout.index,
                block: (*block).into(),
                base_units: payout.units.into(),
                reason: payout_reason(payout.reason),
            })
        }
    }
}

fn proven(block: &Block) -> BlockProvenBody {
    BlockProvenBody {
        block: block.number.into(),
        digest: block.statement.digest().into(),
        first_batch: block.first_batch().into(),
        last_batch: block.last_batch().into(),
    }
}

/// The kind of events of a type.
pub(crate) const fn event_kind(kind: EventType) -> EventKind {
    match kind {
        EventType::BatchSealed => EventKind::BatchSealed,
        EventType::LicensePaid => EventKind::LicensePaid,
        EventType::LicenseUpdated => EventKind::LicenseUpdated,
        EventType::BlockProven => EventKind::BlockProven,
        EventType::BlockFinalized => EventKind::BlockFinalized,
        EventType::PayoutClaimable => EventKind::PayoutClaimable,
    }
}
