//! Tests of the verifier circuit on real proofs.

mod batch;
mod false_statements;
mod harness;
mod leaf;
mod table;
mod tampering;
mod toy;
