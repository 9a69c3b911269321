//! The golden vectors in `vectors/*.json`: what every implementation must compute, bit for bit.
//! Each file is compared with what this crate computes, then read back and checked field by field.
//!
//! `FARTHING_REGENERATE=1 cargo test --release -p farthing-protocol --test golden` regenerates them.

mod json;
mod leaves;
mod messages;
mod poseidon2;
mod public_data;
mod queue;
mod spec;
mod statement;
