//! Recursion: plonky2 circuits that fold the leaf proofs of a block into one proof.
//!
//! [`WrapCircuit`] verifies the leaf proof of a class, [`Aggregation`] folds wrapped leaves of any
//! classes two by two; each proof says what its batches say together, a [`Span`]. Reading order:
//! `gate` is the protocol's hash as plonky2's, `shape` what a circuit fixes about leaf proofs,
//! `proof` what it takes as witness, `stark` the verifier, made of `transcript`, `fri`, `merkle`
//! and `air`. [`baseline`] is another design, to compare with. No type of plonky2 leaves this crate.

mod aggregate;
mod air;
pub mod baseline;
mod bits;
mod digest;
mod field;
mod fri;
mod gate;
mod merkle;
mod proof;
mod settings;
mod shape;
mod span;
mod stark;
#[cfg(test)]
mod tests;
mod transcript;
mod wrap;

pub use aggregate::{AggregateError, Aggregation, LOG_BATCHES_MAX, NodeKind, NodeProof, Rows};
pub use proof::{ElementCount, ReplayError};
pub use settings::CircuitSettings;
pub use shape::ShapeError;
pub use span::Span;
pub use wrap::{WrapCircuit, WrapError, WrapProof};
