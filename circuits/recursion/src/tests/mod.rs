//! Tests of the verifier circuit on real proofs.

mod batch;
mod harness;
mod leaf;
mod table;
mod toy;
