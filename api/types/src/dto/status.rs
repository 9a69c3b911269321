//! The status of a node and of its rollup on L1.

use farthing_protocol::UnixTime;
use serde::{Deserialize, Serialize};

use super::WireBatchNumber;

/// The status of a node: readiness, progress of its batches, L1 as it sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StatusBody {
    /// True if clients should send intents here.
    pub ready: bool,
    /// The reasons why it is not ready; empty if it is.
    pub not_ready: Vec<NotReadyReason>,
    /// Intents for which the sequencer's queue still has room.
    pub room: u64,
    /// The progress of the batches.
    pub batches: LagBody,
    /// L1; absent if the node has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub l1: Option<L1StatusBody>,
}

/// A reason why clients should not send intents to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NotReadyReason {
    /// The sequencer has stopped, or restarts on L1's state.
    Sequencer,
    /// L1 was not compared with the node yet: it does not answer.
    L1Unchecked,
    /// L1 is not the one that the node is for, or has diverged from it.
    L1Diverged,
    /// Nothing is settled any more.
    SettlerStopped,
    /// The rollup is frozen: owners leave by escape.
    Frozen,
    /// The rollup holds less of the token than it owes: L1 takes no block.
    ReserveTooSmall,
    /// The node's clock is ahead of L1's.
    ClockAhead,
    /// The rollup has not consumed the L1 queue in time.
    Late,
    /// Too many batches wait for a proof.
    ProofsBehind,
}

impl NotReadyReason {
    /// The name as it stands in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sequencer => "sequencer",
            Self::L1Unchecked => "l1_unchecked",
            Self::L1Diverged => "l1_diverged",
            Self::SettlerStopped => "settler_stopped",
            Self::Frozen => "frozen",
            Self::ReserveTooSmall => "reserve_too_small",
            Self::ClockAhead => "clock_ahead",
            Self::Late => "late",
            Self::ProofsBehind => "proofs_behind",
        }
    }
}

/// The progress of the batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LagBody {
    /// Batches sealed, in total.
    pub sequenced: WireBatchNumber,
    /// Batches proven, in total.
    pub proven: WireBatchNumber,
    /// Batches final on L1, in total.
    pub finalized: WireBatchNumber,
    /// The time of the oldest batch that is sealed and not proven.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u64>))]
    pub oldest_unproven: Option<UnixTime>,
    /// The time of the oldest batch that is sealed and not final on L1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u64>))]
    pub oldest_unfinal: Option<UnixTime>,
}

/// The rollup on L1, as the node saw it last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct L1StatusBody {
    /// The newest L1 block seen.
    pub head: u64,
    /// Its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u64>))]
    pub time: Option<UnixTime>,
    /// True if the last query of L1 succeeded.
    pub reachable: bool,
    /// True if L1's chain, contract, code, operator and history were checked, and agree with the node's.
    pub checked: bool,
    /// True if L1 and the node have diverged: restore the node from L1.
    pub diverged: bool,
    /// True if the node has stopped settling.
    pub stopped: bool,
    /// True if the rollup is frozen for good.
    pub frozen: bool,
    /// True if a queue entry waits long enough that anyone may prove.
    pub late: bool,
    /// True if deposits and proofs are paused.
    pub paused: bool,
    /// True if the rollup holds less of the token than it owes, so that L1 takes no block.
    #[serde(default)]
    pub reserve_too_small: bool,
    /// True if the key that sends is the contract's operator.
    pub operator: bool,
    /// Queue entries that no final batch consumed.
    pub queue_waiting: u64,
    /// The time at which the oldest of these entries was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u64>))]
    pub queue_oldest: Option<UnixTime>,
    /// The time from which anyone may freeze the rollup because of that entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u64>))]
    pub freeze_deadline: Option<UnixTime>,
}
