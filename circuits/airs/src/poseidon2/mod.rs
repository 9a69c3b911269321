//! Poseidon2 table: one permutation of width 12 per row, shown on the hash bus at most once.
//!
//! | columns | meaning | bound by |
//! | --- | --- | --- |
//! | 248 of p3's AIR | the permutation, one register per S-box | its constraints |
//! | digest, absorb, squeeze | which outputs the row shows, at most one set | boolean constraints |
//!
//! A row with no flag set is padding and says nothing to anyone.

mod air;
mod trace;

pub(crate) use air::{COLUMNS, Poseidon2Table};
pub(crate) use trace::{HashRequests, traces};
