//! Poseidon2 table: one permutation of width 12 per row, shown on the hash bus at most once.
//!
//! | columns | meaning | bound by |
//! | --- | --- | --- |
//! | p3's AIR: 248 or 130 | the permutation, with or without a register per S-box ([`SBox`](crate::gadgets::sbox::SBox)) | its constraints |
//! | digest, absorb, squeeze | which outputs the row shows, at most one set | boolean constraints |
//!
//! A row with no flag set is padding and says nothing to anyone.

mod air;
mod trace;

pub(crate) use air::Poseidon2Table;
pub(crate) use trace::{HashRequests, traces};
