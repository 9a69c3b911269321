//! Decoding what strangers send: signed intents, and a batch's public data.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use farthing_benches::leaf::{Options, seal};
use farthing_protocol::{BatchClass, PublicData, SignedIntent};

fn decoding(criterion: &mut Criterion) {
    let options = Options { class: Some(BatchClass::MEDIUM), ..Options::default() };
    let (_, filled) = seal(&options).expect("the payments fit");
    let intents: Vec<Vec<u8>> =
        filled.witness.intents.iter().map(|intent| intent.signed.to_bytes()).collect();
    let public_data = filled.witness.public_data.to_bytes();

    let mut group = criterion.benchmark_group("decoding");
    group.throughput(Throughput::Elements(intents.len() as u64));
    group.bench_function("signed intents", |bencher| {
        bencher.iter(|| {
            for bytes in &intents {
                black_box(SignedIntent::from_bytes(black_box(bytes)).expect("an intent"));
            }
        });
    });
    group.throughput(Throughput::Bytes(public_data.len() as u64));
    group.bench_function("public data", |bencher| {
        bencher.iter(|| PublicData::from_bytes(black_box(&public_data)).expect("public data"));
    });
    group.finish();
}

criterion_group!(benches, decoding);
criterion_main!(benches);
