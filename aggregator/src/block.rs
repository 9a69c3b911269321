//! Blocks: consecutive batches that one L1 proof covers, and the stage of each.

use farthing_protocol::{Address, BatchNumber, BlockNumber, BlockStatement, Bytes32, Stage};
use serde::{Deserialize, Serialize};

/// The hash of an L1 transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TxHash(pub Bytes32);

/// The inclusion of a block on L1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct L1Inclusion {
    /// The contract.
    pub contract: Address,
    /// The transaction that proved the block.
    pub transaction: TxHash,
    /// The L1 block that holds it.
    pub l1_block: u64,
}

/// The state of a block, from formed to final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BlockState {
    /// Its batches are fixed; its proof is being made.
    Proving,
    /// Its proof is on disk.
    Proven,
    /// L1 has accepted it in a block that a reorganisation could still remove.
    Included(L1Inclusion),
    /// L1 has accepted it for good.
    Finalized(L1Inclusion),
}

impl BlockState {
    /// The inclusion of the block on L1, once it is final.
    pub const fn finalized(&self) -> Option<L1Inclusion> {
        match self {
            Self::Finalized(inclusion) => Some(*inclusion),
            _ => None,
        }
    }

    /// The stage that the block has reached. L1 may still remove a block that is only included.
    pub const fn stage(&self) -> Stage {
        match self {
            Self::Proving => Stage::Sequenced,
            Self::Proven | Self::Included(_) => Stage::Proven,
            Self::Finalized(_) => Stage::Finalized,
        }
    }

    /// The L1 inclusion of the block, final or not.
    pub const fn inclusion(&self) -> Option<&L1Inclusion> {
        match self {
            Self::Included(inclusion) | Self::Finalized(inclusion) => Some(inclusion),
            Self::Proving | Self::Proven => None,
        }
    }

    /// Returns true if the block's proof is on disk.
    pub const fn is_proven(&self) -> bool {
        !matches!(self, Self::Proving)
    }
}

/// Consecutive batches that one L1 proof covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Its number.
    pub number: BlockNumber,
    /// The statement of its proof.
    pub statement: BlockStatement,
    /// The stage that it has reached.
    pub state: BlockState,
}

impl Block {
    /// The number of its first batch.
    pub const fn first_batch(&self) -> BatchNumber {
        self.statement.first_batch
    }

    /// The number of the batch after its last.
    pub fn end(&self) -> BatchNumber {
        (0..self.statement.batches).fold(self.first_batch(), |number, _| number.next())
    }

    /// The number of its last batch.
    pub fn last_batch(&self) -> BatchNumber {
        (1..self.statement.batches).fold(self.first_batch(), |number, _| number.next())
    }

    /// Returns true if the block holds the batch.
    pub fn holds(&self, batch: BatchNumber) -> bool {
        self.first_batch() <= batch && batch < self.end()
    }
}
