//! What every party of Farthing must agree on, bit for bit: types and limits, the Poseidon2 hash,
//! EcGFp5 Schnorr signatures, the messages of every operation, leaves, statements and the
//! public-data format. No I/O, no threads, no clock. `state/SPEC.md` is the same in words.

mod curve;
mod felt;
mod hash;
mod schnorr;

pub use curve::{
    AffinePoint, AffineSum, DecodedPoint, FP5_ELEMENTS, Fp5, Point, SCALAR_BYTES, SCALAR_LIMBS,
    Scalar, fp5_is_square, fp5_sqrt,
};
pub use felt::{
    FELT_BYTES, Felt, MODULUS, canonical, felt_from_canonical, felts_from_bytes, felts_to_bytes,
};
pub use hash::{
    DIGEST_BYTES, DIGEST_ELEMENTS, Digest, RATE, Tag, WIDTH, capacity_of, compress, hash, hash_in,
    hash_wide, permute,
};
pub use schnorr::{
    BatchError, BatchItem, CHALLENGE_BITS, Challenge, KeyEncodingError, KeyError, MESSAGE_ELEMENTS,
    MessageElements, PUBLIC_KEY_BYTES, PublicKey, SEED_BYTES, SIGNATURE_BYTES, SecretKey,
    Signature, SignatureEncodingError, SignatureError, VerifyingKey, WEIGHT_BITS, challenge,
    find_invalid, sign, verify, verify_batch,
};
