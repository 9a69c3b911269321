//! The leaf proof of a batch: tables, the buses that join them, trace generation, proving and
//! verifying with p3-batch-stark.
//!
//! Reading order: [`LeafClass`] says how tall the tables are, `buses` what they say to each other,
//! each table's module what its rows mean, `trace` how they are filled, [`LeafKey`] how they are
//! proven.

mod accounts;
mod bucket_reduction;
mod buckets;
mod buses;
mod carries;
#[cfg(test)]
mod check;
mod class;
mod columns;
mod combine;
mod config;
mod decomposition;
mod fp5;
mod gate;
mod group_law;
mod intents;
mod leaf;
mod licenses;
mod merkle;
mod poseidon2;
mod prove;
mod proximity;
mod public_data;
mod queue;
mod range;
mod receipts;
mod registrations;
mod royalty_split;
#[cfg(test)]
mod rules;
mod schedule;
mod security;
mod signers;
mod state;
mod table;
#[cfg(test)]
mod tests;
mod trace;
mod weights;
mod withdrawals;
mod witness;

pub use class::{LeafClass, StateHeights};
pub use config::{
    CAP_HEIGHT, Challenge, ChallengeMmcs, Challenger, FriSettings, LOG_ARITY, LOG_FINAL_POLY_LEN,
    LeafConfig, MAX_DEGREE, Profile, TraceMmcs, trace_mmcs,
};
pub use leaf::{LeafError, fill_tables, leaf_traces, prove_leaf, prove_leaf_under, verify_leaf};
pub use poseidon2::SBox;
pub use prove::{LeafKey, LeafProof, ProveError, SetupError, Statement, VerifyError};
pub use proximity::{PROXIMITY_MAX, PROXIMITY_MIN, ProximityTheorem};
pub use schedule::Schedule;
pub use security::{ErrorSource, Security, best_regime, least_bits};
pub use table::Table;
pub use trace::{SignatureTraces, TraceError, close, signature_traces};
pub use witness::{Kind, SignedBatch, SignedRow};
