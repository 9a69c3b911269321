//! One signature, and 1,024 together, on one core.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use farthing_benches::signatures::{BATCH, SIGNERS, Signatures};
use farthing_protocol::{sign, verify, verify_batch};

fn signatures(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("signatures");
    group.throughput(Throughput::Elements(1));
    let all = Signatures::new(BATCH, 1);
    let (items, key) = (all.items(), &all.public_keys[0]);
    group.bench_function("sign", |b| {
        b.iter(|| sign(&all.secrets[0], &all.domain, &all.messages[0]));
    });
    group.bench_function("verify", |b| {
        b.iter(|| {
            items[0].key.verify(&all.domain, items[0].message, items[0].signature).expect("valid")
        });
    });
    group.bench_function("verify, key to decode", |b| {
        b.iter(|| verify(key, &all.domain, items[0].message, items[0].signature).expect("valid"));
    });
    group.throughput(Throughput::Elements(BATCH as u64));
    for signers in SIGNERS {
        let all = Signatures::new(BATCH, signers);
        let items = all.items();
        group.bench_function(format!("verify {BATCH}, {signers} signers"), |b| {
            b.iter(|| verify_batch(&all.domain, &items).expect("valid"));
        });
    }
    group.finish();
}

criterion_group!(benches, signatures);
criterion_main!(benches);
