//! The leaf proof of a batch: tables, the buses that join them, trace generation, proving and
//! verifying with p3-batch-stark.
//!
//! Reading order: [`LeafClass`] says how tall the tables are, `buses` what they say to each other,
//! `tables` which tables there are; each table's module explains its rows. `tables::signature` and
//! `tables::state` fill them in, [`LeafKey`] proves them.

mod buses;
#[cfg(test)]
mod check;
mod class;
mod config;
mod gadgets;
mod leaf;
mod prove;
mod proximity;
#[cfg(test)]
mod rules;
mod schedule;
mod security;
mod tables;
#[cfg(test)]
mod tests;
mod witness;

pub use class::{LeafClass, StateHeights};
pub use config::{
    CAP_HEIGHT, Challenge, ChallengeMmcs, Challenger, FriSettings, LOG_ARITY, LOG_FINAL_POLY_LEN,
    LeafConfig, MAX_DEGREE, Profile, TraceMmcs, trace_mmcs,
};
pub use gadgets::sbox::SBox;
pub use leaf::{LeafError, fill_tables, leaf_traces, prove_leaf, prove_leaf_under, verify_leaf};
pub use prove::{LeafKey, LeafProof, ProveError, SetupError, Statement, VerifyError};
pub use proximity::{PROXIMITY_MAX, PROXIMITY_MIN, ProximityTheorem};
pub use schedule::Schedule;
pub use security::{ErrorSource, Security, best_regime, least_bits};
pub use tables::signature::{SignatureTraces, signature_traces};
pub use tables::{Part, Table, TraceError, Traces, finish_traces};
pub use witness::{SignedBatch, SignedRow};
