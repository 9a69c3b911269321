//! Poseidon2 in plonky2: the protocol's permutation as a gate, and the hash made of it.
//!
//! | wires | what |
//! | --- | --- |
//! | 0..12 | input |
//! | 12..24 | output |
//! | 24 | swap: a bit that exchanges the input's first two digests, for Merkle paths |
//! | 25..29 | deltas of the swap |
//! | 29..135 | inputs of the S-boxes that are not linear in the wires before |
//!
//! Leaves and nodes hash exactly as those of a leaf proof's Merkle trees; a node is exactly the
//! protocol's [`farthing_protocol::compress`].

mod gate;
mod hash;
mod rounds;
#[cfg(test)]
mod tests;

pub use gate::{Poseidon2Gate, Poseidon2Generator};
pub use hash::{Permute, Poseidon2Config, Poseidon2Hash, Poseidon2State};
