//! A step of a block's proof as a prover takes it, on this machine or on another.

use farthing_protocol::{BatchStatement, BatchWitness, BlockStatement};
use serde::{Deserialize, Serialize};

use super::view::StepKind;

/// A step of a block's proof with everything that it takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProofJob {
    /// The leaf proof of a sealed batch.
    Leaf(Box<BatchWitness>),
    /// A leaf wrapped and lifted: a node over one batch.
    Wrap {
        /// The leaf proof.
        leaf: Vec<u8>,
        /// The statement of the batch.
        statement: Box<BatchStatement>,
    },
    /// Two nodes as one.
    Join {
        /// The node over the first batches.
        left: Vec<u8>,
        /// The node over the batches after them.
        right: Vec<u8>,
        /// The statement of all these batches.
        statement: Box<BlockStatement>,
    },
    /// The final proof of a block, as the contract takes it.
    Final {
        /// The node over all batches of the block.
        node: Vec<u8>,
        /// The statement of the block.
        statement: Box<BlockStatement>,
    },
}

/// The statement that the proof of a step must show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProofClaim {
    /// A leaf proof of this batch.
    Leaf(BatchStatement),
    /// A node over this one batch.
    Wrap(BatchStatement),
    /// A node over these batches.
    Join(BlockStatement),
    /// The final proof of this block.
    Final(BlockStatement),
}

impl ProofJob {
    /// The statement that its proof must show.
    pub fn claim(&self) -> ProofClaim {
        match self {
            Self::Leaf(witness) => ProofClaim::Leaf(witness.statement),
            Self::Wrap { statement, .. } => ProofClaim::Wrap(**statement),
            Self::Join { statement, .. } => ProofClaim::Join(**statement),
            Self::Final { statement, .. } => ProofClaim::Final(**statement),
        }
    }
}

impl ProofClaim {
    /// The kind of the step.
    pub const fn kind(&self) -> StepKind {
        match self {
            Self::Leaf(_) => StepKind::Leaf,
            Self::Wrap(_) => StepKind::Wrap,
            Self::Join(_) => StepKind::Join,
            Self::Final(_) => StepKind::Final,
        }
    }

    /// The class of the batch, if the step's circuits depend on it.
    pub const fn class(&self) -> Option<u8> {
        match self {
            Self::Leaf(statement) | Self::Wrap(statement) => Some(statement.header.class),
            Self::Join(_) | Self::Final(_) => None,
        }
    }
}
