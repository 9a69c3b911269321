//! Recursion: plonky2 circuits that fold the leaf proofs of a block into one proof.

mod air;
mod bits;
mod field;
mod fri;
mod gate;
mod merkle;
mod proof;
mod shape;
mod stark;
#[cfg(test)]
mod tests;
mod transcript;
