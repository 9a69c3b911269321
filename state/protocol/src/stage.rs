//! The stages of an intent's life, and of the batch and block that hold it.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The stage that an intent, its batch or its block has reached. Each stage after `Dropped`
/// includes those before it. A batch or a block begins as `Sequenced`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The intent was accepted, and will never settle: another prover's batches on L1, or their
    /// time, made it impossible.
    Dropped,
    /// The intent is on disk; its batch is open.
    Accepted,
    /// The batch is sealed and can be read: its effect is fixed.
    Sequenced,
    /// A proof of the block is on disk.
    Proven,
    /// L1 has verified the block, and the transaction is final.
    Finalized,
}

impl Stage {
    /// Every stage that can be waited for, lowest first.
    pub const ALL: [Self; 4] = [Self::Accepted, Self::Sequenced, Self::Proven, Self::Finalized];

    /// The name, as it stands in JSON and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dropped => "dropped",
            Self::Accepted => "accepted",
            Self::Sequenced => "sequenced",
            Self::Proven => "proven",
            Self::Finalized => "finalized",
        }
    }

    /// The stage after this one; the first and the last have no other.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Dropped => Self::Dropped,
            Self::Accepted => Self::Sequenced,
            Self::Sequenced => Self::Proven,
            Self::Proven | Self::Finalized => Self::Finalized,
        }
    }
}

/// A text does not name a stage that can be waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected accepted, sequenced, proven or finalized")]
pub struct NotAStage;

impl FromStr for Stage {
    type Err = NotAStage;
    fn from_str(text: &str) -> Result<Self, NotAStage> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == text).ok_or(NotAStage)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_ordered_and_have_one_name_each() {
        assert!(Stage::Dropped < Stage::Accepted && Stage::ALL.is_sorted());
        for stage in Stage::ALL {
            assert_eq!(stage.to_string().parse(), Ok(stage));
            assert!(stage.next() > stage || stage == Stage::Finalized);
        }
        assert_eq!("dropped".parse::<Stage>(), Err(NotAStage), "it ends every wait");
        assert_eq!(Stage::Dropped.next(), Stage::Dropped);
    }
}
