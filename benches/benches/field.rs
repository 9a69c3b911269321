//! The field, its extension of degree 5, and the curve over it, on one core.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use farthing_protocol::{AffinePoint, Felt, Fp5, Point, Scalar, fp5_sqrt};

/// Points of one batched operation.
const POINTS: u128 = 1_024;

fn field(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("field");
    group.throughput(Throughput::Elements(1));
    let (a, b) = (Felt::new(0x0123_4567_89ab_cdef), Felt::new(0xfedc_ba98_7654_3210));
    group.bench_function("multiply", |bencher| bencher.iter(|| black_box(a) * black_box(b)));
    let point = Point::mul_generator(&Scalar::from_u128(7)).to_affine().expect("not neutral");
    let (x, y): (Fp5, Fp5) = (point.x(), point.y());
    group.bench_function("multiply, degree 5", |bencher| {
        bencher.iter(|| black_box(x) * black_box(y));
    });
    let square = x * x;
    group.bench_function("square root, degree 5", |bencher| {
        bencher.iter(|| fp5_sqrt(black_box(&square)).expect("a square"));
    });
    group.finish();
}

fn curve(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("curve");
    group.throughput(Throughput::Elements(1));
    let scalar = Scalar::from_wide([0x0123_4567_89ab_cdef; 8]);
    let point = Point::mul_generator(&scalar);
    let encoding = point.encode();
    group.bench_function("add", |bencher| bencher.iter(|| black_box(point) + black_box(point)));
    group.bench_function("double", |bencher| bencher.iter(|| black_box(point).double()));
    group.bench_function("multiply", |bencher| bencher.iter(|| black_box(point).mul(&scalar)));
    group.bench_function("multiply the generator", |bencher| {
        bencher.iter(|| Point::mul_generator(black_box(&scalar)));
    });
    group.bench_function("decode", |bencher| {
        bencher.iter(|| AffinePoint::decode(black_box(&encoding)).expect("a point"));
    });
    let encodings: Vec<Fp5> = (1..=POINTS)
        .map(|i| Point::mul_generator_vartime(&Scalar::from_u128(i)).encode())
        .collect();
    group.throughput(Throughput::Elements(POINTS as u64));
    group.bench_function("decode 1,024", |bencher| {
        bencher.iter(|| AffinePoint::decode_all(black_box(&encodings)).expect("points"));
    });
    group.finish();
}

criterion_group!(benches, field, curve);
criterion_main!(benches);
