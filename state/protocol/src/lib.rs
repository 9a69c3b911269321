//! What every party of Farthing must agree on, bit for bit: types and limits, the Poseidon2 hash,
//! EcGFp5 Schnorr signatures, the messages of every operation, leaves, statements and the
//! public-data format. No I/O, no threads, no clock. `state/SPEC.md` is the same in words.

mod felt;
mod hash;

pub use felt::{
    FELT_BYTES, Felt, MODULUS, canonical, felt_from_canonical, felts_from_bytes, felts_to_bytes,
};
pub use hash::{
    DIGEST_BYTES, DIGEST_ELEMENTS, Digest, RATE, Tag, WIDTH, capacity_of, compress, hash, hash_in,
    hash_wide, permute,
};
