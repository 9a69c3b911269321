//! Recursion: plonky2 circuits that fold the leaf proofs of a block into one proof.
//!
//! [`WrapCircuit`] verifies the leaf proof of a class, [`Aggregation`] folds wrapped leaves of any
//! classes two by two; each proof says what its batches say together, a [`Span`]. Reading order:
//! `shape` is what a circuit fixes about leaf proofs, `proof` what it takes as witness, `stark` the
//! verifier, made of `transcript`, `fri`, `merkle` and `air`. No type of plonky2 leaves this crate.

mod aggregate;
mod air;
mod bits;
mod block;
mod checks;
mod circuit;
mod digest;
mod final_layer;
mod fri;
mod merkle;
mod proof;
mod security;
mod serializers;
mod settings;
mod shape;
mod span;
mod stark;
#[cfg(test)]
mod tests;
mod transcript;
mod wrap;

pub use aggregate::{
    AggregateError, Aggregation, LOG_BATCHES_MAX, NodeKeys, NodeKind, NodeProof, Rows,
};
pub use block::{
    BLOCK_BATCHES_MAX, BlockError, BlockKeys, BlockLeaf, BlockProof, BlockProver, BlockStep,
    Cancel, Cancelled, CircuitInfo, FinishError, JoinNodesError, KeyDigest, LastKey, NodeBytes,
    OpenError, StoreError, WrapLeafError, profile_name,
};
pub use final_layer::{
    FinalCircuit, FinalError, FinalKey, FinalProof, FinalSettings, ProofBytesError, ShrinkCircuit,
    ShrinkProof, SolidityError,
};
pub use proof::{ElementCount, ReplayError};
pub use settings::CircuitSettings;
pub use shape::ShapeError;
pub use span::Span;
pub use wrap::{WrapCircuit, WrapError, WrapProof};
