//! Events: steps of batches and blocks, as streams and webhooks tell them.

use farthing_protocol::{LicenseId, UnixTime};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{
    L1Location, LicenseVersionBody, PartBody, PayoutReasonName, WireAddress, WireBaseUnits,
    WireBatchNumber, WireBlockNumber, WireBytes32, WireDigest, WireNano,
};

macro_rules! event_types {
    ($($(#[doc = $about:literal])* $variant:ident = $name:tt,)*) => {
        /// The type of an event.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum EventType {
            $($(#[doc = $about])* #[serde(rename = $name)] $variant,)*
        }

        impl EventType {
            /// Every type.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in JSON.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

event_types! {
    /// A batch is sealed.
    BatchSealed = "batch.sealed",
    /// A batch paid a license.
    LicensePaid = "license.paid",
    /// A batch updated a license.
    LicenseUpdated = "license.updated",
    /// The proof of a block is made.
    BlockProven = "block.proven",
    /// A block is final on L1.
    BlockFinalized = "block.finalized",
    /// A payout can be claimed on L1.
    PayoutClaimable = "payout.claimable",
}

/// A text names no type of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected {}", names())]
pub struct NotAnEventType;

fn names() -> String {
    EventType::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ")
}

impl std::str::FromStr for EventType {
    type Err = NotAnEventType;
    fn from_str(text: &str) -> Result<Self, NotAnEventType> {
        let mut all = Self::ALL.iter();
        all.find(|kind| kind.as_str() == text).copied().ok_or(NotAnEventType)
    }
}

/// An event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventBody {
    /// The event's id, derived from the statement of the batch or block. An event that is sent
    /// again, also after a restart or a restore, has the same id.
    pub id: WireBytes32,
    /// Its type and its data.
    #[serde(flatten)]
    pub event: EventData,
}

/// The type of an event and its data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", content = "data")]
pub enum EventData {
    /// A batch is sealed.
    #[serde(rename = "batch.sealed")]
    BatchSealed(BatchSealedBody),
    /// A batch paid a license.
    #[serde(rename = "license.paid")]
    LicensePaid(LicensePaidBody),
    /// A batch updated a license.
    #[serde(rename = "license.updated")]
    LicenseUpdated(LicenseUpdatedBody),
    /// The proof of a block is made.
    #[serde(rename = "block.proven")]
    BlockProven(BlockProvenBody),
    /// A block is final on L1.
    #[serde(rename = "block.finalized")]
    BlockFinalized(BlockFinalizedBody),
    /// A payout can be claimed on L1.
    #[serde(rename = "payout.claimable")]
    PayoutClaimable(PayoutClaimableBody),
}

impl EventData {
    /// The type.
    pub const fn kind(&self) -> EventType {
        match self {
            Self::BatchSealed(_) => EventType::BatchSealed,
            Self::LicensePaid(_) => EventType::LicensePaid,
            Self::LicenseUpdated(_) => EventType::LicenseUpdated,
            Self::BlockProven(_) => EventType::BlockProven,
            Self::BlockFinalized(_) => EventType::BlockFinalized,
            Self::PayoutClaimable(_) => EventType::PayoutClaimable,
        }
    }
}

/// A batch that is sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BatchSealedBody {
    /// The batch.
    pub batch: WireBatchNumber,
    /// The digest of its statement.
    pub digest: WireDigest,
    /// Unix seconds.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub timestamp: UnixTime,
    /// Intents settled.
    pub intents: u32,
    /// Accounts touched.
    pub accounts: u32,
    /// Licenses touched.
    pub licenses: u32,
    /// Withdrawals made.
    pub withdrawals: u32,
}

/// The amount that a batch paid to a license.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LicensePaidBody {
    /// The license.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, example = 3))]
    pub license: LicenseId,
    /// The batch.
    pub batch: WireBatchNumber,
    /// Received in the batch, from payments and from derivatives.
    pub received: WireNano,
    /// The part of each holder.
    pub parts: Vec<PartBody>,
}

/// The change of a license by a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LicenseUpdatedBody {
    /// The license.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, example = 3))]
    pub license: LicenseId,
    /// The batch. Its payments are at the old price.
    pub batch: WireBatchNumber,
    /// The version before.
    pub old: LicenseVersionBody,
    /// The version from the next batch on.
    pub new: LicenseVersionBody,
}

/// A block whose proof is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlockProvenBody {
    /// The block.
    pub block: WireBlockNumber,
    /// The digest of its statement.
    pub digest: WireDigest,
    /// Its first batch.
    pub first_batch: WireBatchNumber,
    /// Its last batch.
    pub last_batch: WireBatchNumber,
}

/// A block that is final on L1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlockFinalizedBody {
    /// The block.
    pub block: WireBlockNumber,
    /// The digest of its statement.
    pub digest: WireDigest,
    /// Its first batch.
    pub first_batch: WireBatchNumber,
    /// Its last batch.
    pub last_batch: WireBatchNumber,
    /// The place on L1 where it was verified.
    pub l1: L1Location,
}

/// A withdrawal or a refused deposit that can be claimed. `/v1/owners/{address}/payouts` has the
/// arguments of the claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PayoutClaimableBody {
    /// The L1 address that is paid.
    pub owner: WireAddress,
    /// The batch that made it.
    pub batch: WireBatchNumber,
    /// Its index among the payouts of the batch.
    pub index: u32,
    /// The block that holds the batch.
    pub block: WireBlockNumber,
    /// Base units of the token.
    pub base_units: WireBaseUnits,
    /// The reason of the payout.
    pub reason: PayoutReasonName,
}
