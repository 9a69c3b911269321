//! Encodings of fixed length: keys, signatures, scalars, digests, packed shares, block statements. Each
//! has one encoding; decoding a key's point and verifying a signature do not panic.
#![no_main]

use std::sync::LazyLock;

use farthing_fuzz::{bytes_of, vectors};
use farthing_protocol::{
    BlockStatement, Digest, Felt, HolderShares, MESSAGE_ELEMENTS, PublicKey, Scalar, ShareTable,
    Signature, verify,
};
use libfuzzer_sys::fuzz_target;

const SCHNORR: &str = include_str!("../../state/protocol/vectors/schnorr.json");
const STATEMENT: &[u8] = include_bytes!("../../l1-contracts/test/data/final_statement.bin");

/// A key and a signature by it, and a block statement.
static HONEST: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let keys = vectors(SCHNORR, "public_key");
    let signatures = vectors(SCHNORR, "signature");
    let pairs = keys.iter().zip(&signatures).map(|(key, signature)| [&key[..], signature].concat());
    pairs.chain([STATEMENT.to_vec()]).take(usize::from(u8::MAX)).collect()
});

fuzz_target!(|input: &[u8]| {
    let bytes = bytes_of(input, &HONEST);
    let key = bytes.first_chunk().and_then(|bytes| {
        let key = PublicKey::from_bytes(bytes).ok()?;
        assert_eq!(key.to_bytes(), *bytes);
        Some(key)
    });
    let signature = bytes.get(40..).and_then(|rest| rest.first_chunk()).and_then(|bytes| {
        let signature = Signature::from_bytes(bytes).ok()?;
        assert_eq!(signature.to_bytes(), *bytes);
        Some(signature)
    });
    if let Some(key) = &key {
        let _ = key.decode();
        if let Some(signature) = &signature {
            let _ = verify(key, &Digest::ZERO, &[Felt::default(); MESSAGE_ELEMENTS], signature);
        }
    }
    if let Some(bytes) = bytes.first_chunk()
        && let Some(scalar) = Scalar::from_bytes(bytes)
    {
        assert_eq!(scalar.to_bytes(), *bytes);
    }
    if let Some(bytes) = bytes.first_chunk()
        && let Some(digest) = Digest::from_bytes(bytes)
    {
        assert_eq!(digest.to_bytes(), *bytes);
    }
    let lines =
        bytes.chunks_exact(8).map(|word| u64::from_be_bytes(word.try_into().expect("eight bytes")));
    let lines: Result<Vec<_>, _> = lines
        .map(|packed| {
            HolderShares::from_packed(packed).inspect(|line| assert_eq!(line.packed(), packed))
        })
        .collect();
    if let Ok(table) = lines.map_err(drop).and_then(|lines| ShareTable::new(lines).map_err(drop)) {
        let _ = table.digest();
    }
    if let Some(bytes) = bytes.first_chunk()
        && let Ok(statement) = BlockStatement::from_bytes(bytes)
    {
        assert_eq!(statement.to_bytes(), *bytes);
    }
});
