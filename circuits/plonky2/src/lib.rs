//! plonky2 with the protocol's hashes, and a faster prover of its proofs.
//!
//! Reading order: `field` translates between p3's and plonky2's types of one field; `poseidon2` is the
//! protocol's permutation as a gate, with the hash and the configuration made of it; `keccak` is the
//! hash and transcript of proofs that a contract verifies; `prover` makes plonky2's proofs, element by
//! element the same, by SIMD hashing and p3's transforms. Nothing here is about payments.

mod field;
mod keccak;
mod poseidon2;
mod prover;
mod selectors;
mod settings;

pub use field::{
    Builder, Challenge, D, Ext, ExtTarget, F, coset_shift, from_challenge, from_felt, to_challenge,
    to_felt, two_adic,
};
pub use keccak::{
    KECCAK_COLLISION_BITS, KECCAK_DIGEST_BYTES, KeccakChain, KeccakConfig, KeccakDigest,
    KeccakHash, TRANSCRIPT_RATE,
};
pub use poseidon2::{
    Permute, Poseidon2Config, Poseidon2Gate, Poseidon2Generator, Poseidon2Hash, Poseidon2State,
};
pub use prover::{LaneHash, prove};
pub use selectors::GateSelectors;
pub use settings::ProofSettings;
