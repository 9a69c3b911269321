//! The transition alone: a full batch settled as a set, in memory.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use farthing_benches::baseline::native::Native;
use farthing_benches::leaf::{Options, seal};
use farthing_benches::workload::WorkloadName;
use farthing_protocol::BatchClass;

fn transition(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("transition");
    let class = Some(BatchClass::MEDIUM);
    for (name, workload) in [
        ("reference", WorkloadName::Reference),
        ("worst", WorkloadName::Worst),
        ("best", WorkloadName::Best),
    ] {
        let options = Options { workload, class, ..Options::default() };
        let (_, filled) = seal(&options).expect("the payments fit");
        let native = Native::before(&filled.witness);
        group.throughput(Throughput::Elements(filled.payments as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| native.execute().expect("it executes"))
        });
    }
    group.finish();
}

criterion_group!(benches, transition);
criterion_main!(benches);
