//! Reasons why a proof has no parts.

use p3_batch_stark::{BatchTranscriptFailure, BatchVerificationError, PcsError};
use p3_fri::{PcsTranscriptFailure, TranscriptFailure};
use p3_merkle_tree::MerkleTreeError;
use thiserror::Error;

use farthing_airs::LeafConfig;

type InputError = p3_fri::verifier::FriError<MerkleTreeError, MerkleTreeError>;

/// Reason why a proof has no parts.
#[derive(Debug, Error)]
pub enum ReplayError {
    /// The heights are not the circuit's.
    #[error("the proof is of another shape")]
    Shape,
    /// The transcript's own checks fail.
    #[error("a proof of work is missing or wrong")]
    Transcript(#[source] BatchTranscriptFailure),
    /// Those of the opening argument fail.
    #[error("the openings' transcript is refused")]
    OpeningTranscript(#[source] PcsTranscriptFailure),
    /// Those of the folding fail.
    #[error("the folding's transcript is refused")]
    FoldingTranscript(#[source] TranscriptFailure),
    /// The opened values are not of the tables' shapes.
    #[error("the opened values are not those of the tables")]
    Openings(#[source] BatchVerificationError<PcsError<LeafConfig>>),
    /// The opened rows are not of the tables' shapes.
    #[error("the queries are malformed")]
    Queries(#[source] InputError),
    /// Merkle paths cannot be restored.
    #[error("the Merkle paths are malformed")]
    Paths(#[source] MerkleTreeError),
}
