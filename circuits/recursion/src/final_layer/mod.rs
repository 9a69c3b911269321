//! From the last node of a block to the proof that the contract verifies.
//!
//! [`ShrinkCircuit`] verifies a node under one of the keys that nodes have and says the block
//! statement; [`FinalCircuit`] verifies that, hashed with keccak256, with few queries at a low
//! rate. [`FinalKey`] is what the contract has of it.

mod final_circuit;
mod proof;
mod settings;
mod shrink;
#[cfg(test)]
pub(crate) mod tests;

use thiserror::Error;

pub use final_circuit::{FinalCircuit, FinalKey};
pub use proof::{
    ELEMENT_BYTES, EXTENSION_BYTES, FinalProof, ORACLES, ProofBytesError, ProofLayout,
};
pub use settings::FinalSettings;
pub use shrink::{ShrinkCircuit, ShrinkProof};
#[cfg(test)]
pub(crate) use tests::forgery::{ProverFault, forge};

/// Reason why there is no final proof, or it is refused.
#[derive(Debug, Error)]
pub enum FinalError {
    /// A circuit came out higher than the ones above it are made for.
    #[error("the circuit has 2^{got} rows, expected 2^{expected}")]
    Rows {
        /// log₂ of the rows that it has to have.
        expected: usize,
        /// log₂ of the rows that it has.
        got: usize,
    },
    /// No class has the node's index.
    #[error("the node's class is not in the key set")]
    Class,
    /// The circuit cannot be satisfied.
    #[error("the circuit refuses the proof")]
    Circuit(#[source] anyhow::Error),
    /// The bytes are not a proof.
    #[error("the bytes are not a final proof")]
    Bytes(#[from] ProofBytesError),
    /// The proof is not valid for the statement.
    #[error("the final proof is not valid")]
    Invalid(#[source] anyhow::Error),
}
