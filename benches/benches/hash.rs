//! The permutation and what is made of it, one by one and many at a time, on one core.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use farthing_protocol::{
    Digest, Felt, RATE, Tag, WIDTH, compress, compress_all, hash, hash_all, permute,
};

/// Hashes of one batched operation.
const MANY: usize = 1_024;

fn hashes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hash");
    group.throughput(Throughput::Elements(1));
    let elements: [Felt; RATE] = std::array::from_fn(|i| Felt::new(i as u64));
    let digest = hash(Tag::AccountLeaf, &elements);
    group.bench_function("permute", |bencher| {
        let mut state = [Felt::default(); WIDTH];
        bencher.iter(|| permute(black_box(&mut state)));
    });
    group.bench_function("compress", |bencher| {
        bencher.iter(|| compress(black_box(&digest), black_box(&digest)));
    });
    group.bench_function("hash 8 elements", |bencher| {
        bencher.iter(|| hash(Tag::AccountLeaf, black_box(&elements)));
    });
    group.throughput(Throughput::Elements(MANY as u64));
    let pairs: Vec<[Digest; 2]> = vec![[digest; 2]; MANY];
    group.bench_function("compress 1,024", |bencher| {
        bencher.iter(|| compress_all(black_box(&pairs)));
    });
    let inputs = vec![elements; MANY];
    group.bench_function("hash 1,024 times 8 elements", |bencher| {
        bencher.iter(|| hash_all(Tag::AccountLeaf, black_box(&inputs)));
    });
    group.finish();
}

criterion_group!(benches, hashes);
criterion_main!(benches);
