//! A whole block from its leaves.

use thiserror::Error;
use tracing::instrument;

use farthing_airs::LeafProof;
use farthing_protocol::{BatchNumber, BatchStatement, BlockStatement, JoinError};

use super::{
    BlockProof, BlockProver, Cancel, FinishError, JoinNodesError, NodeProofBytes, WrapLeafError,
};
use crate::aggregate::LOG_BATCHES_MAX;

/// Most batches of a block.
pub const BLOCK_BATCHES_MAX: usize = 1 << LOG_BATCHES_MAX;

/// A batch's leaf proof with what it says.
#[derive(Clone, Copy)]
pub struct BlockLeaf<'a> {
    /// Statement of the batch.
    pub statement: &'a BatchStatement,
    /// The proof.
    pub proof: &'a LeafProof,
}

/// A step done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockStep {
    /// A leaf became a node.
    Wrapped(BatchNumber),
    /// Two nodes became one, of this number of batches from this one on.
    Joined {
        /// The first.
        first: BatchNumber,
        /// Number of batches.
        batches: usize,
    },
    /// The block is proven.
    Finished,
}

/// Reason why leaves are not proven as a block.
#[derive(Debug, Error)]
pub enum BlockError {
    /// There are more than [`BLOCK_BATCHES_MAX`].
    #[error("the block has {got} batches, at most {BLOCK_BATCHES_MAX} are possible")]
    TooMany {
        /// Number of them.
        got: usize,
    },
    /// A batch is there twice.
    #[error("batch {number} is given twice")]
    Repeated {
        /// Its number.
        number: BatchNumber,
    },
    /// In the order of their numbers, the batches do not join; one may be missing.
    #[error(transparent)]
    Join(#[from] JoinError),
    /// A leaf does not become a node.
    #[error("batch {number} does not become a node")]
    Wrap {
        /// Its number.
        number: BatchNumber,
        /// Reason.
        #[source]
        source: WrapLeafError,
    },
    /// Two nodes do not become one.
    #[error(transparent)]
    Nodes(#[from] JoinNodesError),
    /// The last node does not become the block's proof.
    #[error(transparent)]
    Finish(#[from] FinishError),
}

impl BlockProver {
    /// Proves the block of these leaves, given in any order; says each step when it is done. That
    /// they join is checked before anything is proven.
    #[instrument(name = "whole block", skip_all, fields(batches = leaves.len()))]
    pub fn prove_block(
        &self,
        leaves: &[BlockLeaf<'_>],
        cancel: &Cancel,
        progress: &mut dyn FnMut(BlockStep),
    ) -> Result<(BlockStatement, BlockProof), BlockError> {
        let (leaves, statement) = in_order(leaves)?;
        let mut nodes = vec![None; leaves.len()];
        for index in by_class(&leaves) {
            let BlockLeaf { statement, proof } = leaves[index];
            let number = statement.header.number;
            let node = self.wrap(proof, statement, cancel);
            nodes[index] = Some(node.map_err(|source| BlockError::Wrap { number, source })?);
            progress(BlockStep::Wrapped(number));
        }
        let nodes: Vec<NodeProofBytes> = nodes.into_iter().flatten().collect();
        let node = self.fold(&nodes, statement.first_batch, cancel, progress)?;
        let proof = self.finish(&node, cancel)?;
        progress(BlockStep::Finished);
        Ok((statement, proof))
    }

    /// Folds nodes that follow each other: the left child of each join is a full tree.
    pub(super) fn fold(
        &self,
        nodes: &[NodeProofBytes],
        first: BatchNumber,
        cancel: &Cancel,
        progress: &mut dyn FnMut(BlockStep),
    ) -> Result<NodeProofBytes, BlockError> {
        if let [node] = nodes {
            return Ok(node.clone());
        }
        let (left, right) = nodes.split_at(nodes.len().next_power_of_two() / 2);
        let middle = (0..left.len()).fold(first, |number, _| number.next());
        let left = self.fold(left, first, cancel, progress)?;
        let right = self.fold(right, middle, cancel, progress)?;
        let node = self.join(&left, &right, cancel)?;
        progress(BlockStep::Joined { first, batches: nodes.len() });
        Ok(node)
    }
}

/// The leaves by number, and what they say together.
fn in_order<'a>(
    leaves: &[BlockLeaf<'a>],
) -> Result<(Vec<BlockLeaf<'a>>, BlockStatement), BlockError> {
    if leaves.len() > BLOCK_BATCHES_MAX {
        return Err(BlockError::TooMany { got: leaves.len() });
    }
    let number = |leaf: &BlockLeaf<'_>| leaf.statement.header.number;
    let mut leaves = leaves.to_vec();
    leaves.sort_by_key(number);
    if let Some(pair) = leaves.windows(2).find(|pair| number(&pair[0]) == number(&pair[1])) {
        return Err(BlockError::Repeated { number: number(&pair[0]) });
    }
    let statements: Vec<BatchStatement> = leaves.iter().map(|leaf| *leaf.statement).collect();
    let statement = BlockStatement::join(&statements)?;
    Ok((leaves, statement))
}

/// Places class by class: the circuits of each are loaded once.
fn by_class(leaves: &[BlockLeaf<'_>]) -> Vec<usize> {
    let mut indices: Vec<usize> = (0..leaves.len()).collect();
    indices.sort_by_key(|index| leaves[*index].statement.header.class);
    indices
}
