//! Figures on request: `FARTHING_TIMINGS=1 cargo test --release -p farthing-protocol timings --
//! --nocapture`.

use std::hint::black_box;
use std::time::Instant;

use p3_field::PrimeCharacteristicRing;

use crate::curve::{AffinePoint, Fp5, Scalar};
use crate::felt::Felt;
use crate::hash::Digest;

use super::super::item::challenges;
use super::super::weights::weights;
use super::super::*;

/// Best of `ROUNDS`, in microseconds for each of `count`.
fn time<T>(name: &str, count: usize, mut run: impl FnMut() -> T) {
    const ROUNDS: usize = 7;
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        black_box(run());
        best = best.min(start.elapsed().as_secs_f64());
    }
    println!("{name:<44} {:>9.2} µs", best * 1e6 / count as f64);
}

#[test]
fn timings() {
    if std::env::var_os("FARTHING_TIMINGS").is_none() {
        return;
    }
    let domain = Digest::ZERO;
    let secrets: Vec<_> = (0..1024_u16)
        .map(|i| {
            let mut seed = [0; SEED_BYTES];
            seed[..2].copy_from_slice(&i.to_be_bytes());
            SecretKey::from_seed(&seed)
        })
        .collect();
    let messages: Vec<MessageElements> =
        (0..4096).map(|i| core::array::from_fn(|j| Felt::from_u64(i * 100 + j as u64))).collect();
    time("sign", 1024, || {
        secrets
            .iter()
            .map(|secret| sign(secret, &domain, &messages[0]).s)
            .fold(Scalar::ZERO, |a, b| a + b)
    });
    time("key from seed", 100, || {
        (0..100).map(|i| SecretKey::from_seed(&[i; SEED_BYTES])).collect::<Vec<_>>()
    });
    for signers in [8, 64, 1024] {
        let keys: Vec<_> = secrets[..signers]
            .iter()
            .map(|secret| VerifyingKey::new(secret.public_key()).expect("a point"))
            .collect();
        let signatures: Vec<_> = messages
            .iter()
            .enumerate()
            .map(|(i, message)| sign(&secrets[i % signers], &domain, message))
            .collect();
        let items: Vec<_> = messages
            .iter()
            .zip(&signatures)
            .enumerate()
            .map(|(i, (message, signature))| BatchItem {
                key: &keys[i % signers],
                message,
                signature,
            })
            .collect();
        time("verify, key to decode", 256, || {
            items[..256].iter().for_each(|item| {
                verify(item.key.public_key(), &domain, item.message, item.signature)
                    .expect("valid");
            });
        });
        time("verify, decoded key", 256, || {
            items[..256].iter().for_each(|item| {
                item.key.verify(&domain, item.message, item.signature).expect("valid");
            });
        });
        for count in [16, 64, 256, 1024, 2048, 4096] {
            time(&format!("batch of {count}, {signers} signers"), count, || {
                verify_batch(&domain, &items[..count]).expect("valid");
            });
        }
        let mut one_bad = signatures[..1024].to_vec();
        one_bad[333].s += Scalar::ONE;
        let bad_items: Vec<_> = items
            .iter()
            .zip(&one_bad)
            .map(|(item, signature)| BatchItem { signature, ..*item })
            .collect();
        time("find one invalid of 1024", 1024, || find_invalid(&domain, &bad_items));
        one_bad.iter_mut().for_each(|signature| signature.s = Scalar::ZERO);
        let bad_items: Vec<_> = items
            .iter()
            .zip(&one_bad)
            .map(|(item, signature)| BatchItem { signature, ..*item })
            .collect();
        time("find 1024 invalid of 1024", 1024, || find_invalid(&domain, &bad_items));
        let encodings: Vec<_> = items.iter().map(|item| Fp5::new(item.signature.r)).collect();
        time("  decode in lanes", 4096, || AffinePoint::decode_all(&encodings));
        time("  decode", 4096, || encodings.iter().map(AffinePoint::decode).collect::<Vec<_>>());
        time("  challenges", 4096, || challenges(&domain, &items));
        let signed: Vec<_> = challenges(&domain, &items)
            .into_iter()
            .zip(signatures.iter().map(|signature| signature.s))
            .collect();
        time("  weights", 4096, || weights(&signed));
    }
}
