//! Recursion: plonky2 circuits that fold the leaf proofs of a block into one proof.

mod field;
mod gate;
