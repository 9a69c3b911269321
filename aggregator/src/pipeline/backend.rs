//! The interface between pipeline and prover. Proofs are bytes here, because they are kept on disk.

use farthing_protocol::{BatchStatement, BatchWitness, BlockStatement};
use thiserror::Error;

use super::Cancel;

/// Reasons why a step has no proof.
#[derive(Debug, Error)]
pub enum ProverError {
    /// The step was cancelled by request.
    #[error("cancelled")]
    Cancelled,
    /// The proofs that the step takes do not verify and must be made again.
    #[error("a proof from disk is refused")]
    Input(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The prover failed, by lack of memory for example. A retry may succeed.
    #[error("the prover failed")]
    Prover(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Makes the proofs of a block, step by step. Each call takes seconds to minutes and may use all
/// threads of its pool.
pub trait ProverBackend {
    /// The leaf proof of a sealed batch.
    fn leaf(&mut self, witness: &BatchWitness, cancel: &Cancel) -> Result<Vec<u8>, ProverError>;

    /// A leaf wrapped and lifted: a node over one batch.
    fn wrap(
        &mut self,
        leaf: &[u8],
        statement: &BatchStatement,
        cancel: &Cancel,
    ) -> Result<Vec<u8>, ProverError>;

    /// Two nodes as one, `right` following `left`.
    fn join(&mut self, left: &[u8], right: &[u8], cancel: &Cancel) -> Result<Vec<u8>, ProverError>;

    /// The final proof of a node, as the contract takes it, checked against what it must say.
    fn finish(
        &mut self,
        node: &[u8],
        statement: &BlockStatement,
        cancel: &Cancel,
    ) -> Result<Vec<u8>, ProverError>;
}

/// Makes the prover on the pipeline's thread. Building the circuits takes minutes the first time.
pub type ProverSource = Box<dyn FnMut() -> Result<Box<dyn ProverBackend>, ProverError> + Send>;
