//! Changed, truncated and garbage proofs are refused without a panic.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::class::BatchClass;
use crate::prove::LeafProof;
use crate::tests::batches::{batch, leaf};
use crate::tests::forgeries::KEY;

/// Changed proofs tried.
const CHANGES: usize = 400;

#[test]
fn changed_proofs_are_refused() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let (_, statement, traces) = leaf(&BatchClass::TINY, &batch(2, 16, 4));
    let proof = KEY.prove(&statement, &traces).expect("proof");
    let bytes = postcard::to_stdvec(&proof).expect("bytes");
    let honest: LeafProof = postcard::from_bytes(&bytes).expect("proof");
    KEY.verify(&statement, &honest).expect("valid");
    let refused = |bytes: &[u8]| {
        postcard::from_bytes::<LeafProof>(bytes)
            .map_or(true, |proof| KEY.verify(&statement, &proof).is_err())
    };
    for change in 0..CHANGES {
        let mut changed = bytes.clone();
        // The first bytes hold the structure, the rest mostly Merkle rows: half of the changes each.
        let reach = if change % 2 == 0 { 2_000 } else { changed.len() };
        let at = rng.random_range(0..reach.min(changed.len()));
        changed[at] ^= 1 << rng.random_range(0..8);
        assert!(changed == bytes || refused(&changed), "byte {at}");
    }
    for _ in 0..20 {
        let length = rng.random_range(0..bytes.len());
        assert!(refused(&bytes[..length]));
    }
    let mut garbage = vec![0; 5_000];
    rng.fill_bytes(&mut garbage);
    assert!(refused(&garbage));
    assert!(refused(&[]));
}

#[test]
fn proof_of_another_statement() {
    let (_, statement, traces) = leaf(&BatchClass::TINY, &batch(2, 16, 4));
    let proof = KEY.prove(&statement, &traces).expect("proof");
    for position in [
        crate::public_values::DOMAIN,
        crate::public_values::TIMESTAMP,
        crate::public_values::RECEIPTS_ROOT,
        crate::public_values::INTENTS,
    ] {
        let mut other = statement;
        other[position] += <farthing_protocol::Felt as p3_field::PrimeCharacteristicRing>::ONE;
        assert!(KEY.verify(&other, &proof).is_err(), "{position}");
    }
}
