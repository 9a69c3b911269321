//! Tests of the verifier circuit on real proofs, and what other tests take from them.

mod batch;
mod false_statements;
mod harness;
mod leaf;
mod table;
mod tampering;
mod test_ledger;
mod toy_air;

pub(crate) use batch::{BatchInfo, leaf};
pub(crate) use harness::{SETTINGS, Setup};
pub(crate) use table::{Honest, TestTable};
pub(crate) use tampering::{Part, parts_of};
pub(crate) use test_ledger::TestLedger;
pub(crate) use toy_air::{Toy, toys};
