//! Recursion: plonky2 circuits that fold the leaf proofs of a block into one proof.
//!
//! [`WrapCircuit`] verifies the leaf proof of a class, [`Aggregation`] folds wrapped leaves of any
//! classes two by two; each proof says what its batches say together, a [`BatchRange`]. Reading order:
//! `shape` is what a circuit fixes about leaf proofs, `proof` what it takes as witness, `stark` the
//! verifier, made of `transcript`, `fri`, `merkle` and `air`. Of plonky2's types only those
//! in a [`FinalKey`] leave this crate: the contract's constants are written from them.

mod aggregate;
mod air;
mod batch_range;
mod block;
mod canonical_split;
mod circuit;
mod enforced_checks;
mod final_layer;
mod fri;
mod hash_gadget;
mod merkle;
mod proof;
mod security;
mod serializers;
mod settings;
mod shape;
mod stark;
#[cfg(test)]
mod tests;
mod transcript;
mod wrap;

pub use aggregate::{
    AggregateError, Aggregation, LOG_BATCHES_MAX, NodeKeys, NodeKind, NodeProof, Rows,
};
pub use batch_range::BatchRange;
pub use block::{
    BLOCK_BATCHES_MAX, BlockError, BlockKeys, BlockLeaf, BlockProof, BlockProver, BlockStep,
    Cancel, Cancelled, CircuitInfo, FinalKeyDigest, FinishError, JoinNodesError, KeyDigest,
    NodeProofBytes, OpenError, StoreError, WrapLeafError, profile_name,
};
pub use final_layer::{
    ELEMENT_BYTES, EXTENSION_BYTES, FinalCircuit, FinalError, FinalKey, FinalProof, FinalSettings,
    ORACLES, ProofBytesError, ProofLayout, ShrinkCircuit, ShrinkProof,
};
pub use proof::{ElementCount, ReplayError};
pub use settings::CircuitSettings;
pub use shape::ShapeError;
pub use wrap::{WrapCircuit, WrapError, WrapProof};
