//! The interface between pipeline and prover. Proofs are bytes here, because they are kept on disk.

use std::error::Error;
use std::sync::Arc;

use farthing_protocol::Bytes32;
use thiserror::Error;

use super::Cancel;
use super::job::{ProofClaim, ProofJob};

/// Reasons why a step has no proof.
#[derive(Debug, Error)]
pub enum ProverError {
    /// The step was cancelled by request.
    #[error("cancelled")]
    Cancelled,
    /// The proofs that the step takes do not verify and must be made again.
    #[error("a proof from disk is refused")]
    Input(#[source] Box<dyn Error + Send + Sync>),
    /// The prover failed, by lack of memory for example. A retry may succeed.
    #[error("the prover failed")]
    Prover(#[source] Box<dyn Error + Send + Sync>),
}

/// Reason why a proof does not count: it does not decode, is not valid, or shows something else.
#[derive(Debug, Error)]
#[error("the proof is refused")]
pub struct ProofRefused(#[source] pub Box<dyn Error + Send + Sync>);

/// Makes and verifies the proofs of a block, step by step.
pub trait ProverBackend: Send + Sync {
    /// The proof of a step. It takes seconds to minutes and may use all threads of the prover's pool.
    fn prove(&self, job: &ProofJob, cancel: &Cancel) -> Result<Vec<u8>, ProverError>;

    /// Accepts a proof that shows the claim. It takes milliseconds, also while another proof is made.
    fn verify(&self, claim: &ProofClaim, proof: &[u8]) -> Result<(), ProofRefused>;

    /// The hash of the keys of all circuits. Provers with the same hash make the same proofs.
    fn key_set(&self) -> Bytes32;
}

/// Makes the prover on a thread of the pipeline. Building the circuits takes minutes the first time.
pub type ProverSource = Box<dyn FnMut() -> Result<Arc<dyn ProverBackend>, ProverError> + Send>;
