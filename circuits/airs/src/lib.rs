//! The leaf proof of a batch: tables, the buses that join them, trace generation, proving and
//! verifying with p3-batch-stark.
//!
//! Reading order: [`LeafClass`] says how tall the tables are, `buses` what they say to each other,
//! each table's module what its rows mean, `trace` how they are filled, [`LeafKey`] how they are
//! proven.

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
mod group_law;
mod intents;
mod poseidon2;
mod prove;
mod range;
mod receipts;
mod schedule;
mod security;
mod signers;
mod table;
#[cfg(test)]
mod tests;
mod trace;
mod weights;
mod witness;

pub use class::LeafClass;
pub use config::{
    CAP_HEIGHT, Challenge, ChallengeMmcs, Challenger, FriSettings, LOG_ARITY, LOG_FINAL_POLY_LEN,
    LeafConfig, MAX_DEGREE, Profile, TraceMmcs, trace_mmcs,
};
pub use poseidon2::SBox;
pub use prove::{LeafKey, LeafProof, ProveError, SetupError, Statement, VerifyError};
pub use schedule::Schedule;
pub use security::{ErrorSource, Security};
pub use table::Table;
pub use trace::{SignatureTraces, TraceError, close, signature_traces};
pub use witness::{Kind, SignedBatch, SignedRow};
