//! Blocks: consecutive batches that one L1 proof covers, and how far each has come.

use core::fmt;

use farthing_protocol::{Address, BatchNumber, BlockStatement, Bytes32};
use serde::{Deserialize, Serialize};

/// The number of a block, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BlockNumber(u64);

impl BlockNumber {
    /// The first block.
    pub const FIRST: Self = Self(1);

    /// Any number; there need not be a block with it.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The number of the block after this one.
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for BlockNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The hash of an L1 transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TxHash(pub Bytes32);

/// Where a block stands on L1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// The contract.
    pub contract: Address,
    /// The transaction that proved the block.
    pub transaction: TxHash,
    /// The L1 block that holds it.
    pub l1_block: u64,
}

/// How far a block has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BlockState {
    /// Its batches are fixed; its proof is being made.
    Proving,
    /// Its proof is on disk.
    Proven,
    /// L1 has accepted it in a block that a reorganisation could still remove.
    Included(Settled),
    /// L1 has accepted it for good.
    Finalized(Settled),
}

impl BlockState {
    /// Where the block stands on L1, once it is there for good.
    pub const fn finalized(&self) -> Option<Settled> {
        match self {
            Self::Finalized(settled) => Some(*settled),
            _ => None,
        }
    }

    /// Whether its proof is on disk.
    pub const fn is_proven(&self) -> bool {
        !matches!(self, Self::Proving)
    }
}

/// Consecutive batches that one L1 proof covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Its number.
    pub number: BlockNumber,
    /// What its proof says.
    pub statement: BlockStatement,
    /// How far it has come.
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

    /// Whether it holds the batch.
    pub fn holds(&self, batch: BatchNumber) -> bool {
        self.first_batch() <= batch && batch < self.end()
    }
}
