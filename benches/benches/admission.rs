//! Admission of the reference workload's payments, 1,024 a call, each call one synced write:
//! with signatures checked before, and with the check.

use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use farthing_benches::bench_ledger::Timings;
use farthing_benches::reference_ledger::{PAYMENTS, Rounds, check_and_admit};
use farthing_benches::workload::Shape;
use farthing_protocol::BatchClass;

fn admission(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("admission");
    group.sample_size(10).throughput(Throughput::Elements(PAYMENTS as u64));
    let shape = Shape::REFERENCE;
    let population = Rounds::population(&shape);
    let mut rounds =
        Rounds::new(&shape, &population, BatchClass::HUGE).expect("the ledger is built");
    let admit: fn(&Timings) -> Duration = |timings| timings.admit.wall();
    let steps = [("signatures checked before", admit), ("with signatures", check_and_admit)];
    for (name, step) in steps {
        group.bench_function(name, |b| {
            b.iter_custom(|iterations| {
                let mut round = || step(&rounds.pay(PAYMENTS).expect("fits one batch"));
                (0..iterations).map(|_| round()).sum()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, admission);
criterion_main!(benches);
