//! Sealing 16,384 payments of the reference workload, signatures checked and payments admitted
//! before: settlement, both trees, public data, receipts, one synced write.

use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use farthing_benches::reference_ledger::{PAYMENTS, Rounds};
use farthing_benches::workload::{Placement, Shape};
use farthing_protocol::BatchClass;

fn sealing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("sealing");
    group.sample_size(10).throughput(Throughput::Elements(PAYMENTS as u64));
    // Scattered, the accounts' paths have more nodes than class 16k has room for.
    for (name, placement, class) in [
        ("accounts anywhere among 2^20", Placement::Scattered, BatchClass::HUGE),
        ("accounts side by side", Placement::First, BatchClass::LARGE),
    ] {
        let shape = Shape::REFERENCE.placed(placement);
        let population = Rounds::population(&shape);
        let mut rounds = Rounds::new(&shape, &population, class).expect("the ledger is built");
        group.bench_function(name, |b| {
            b.iter_custom(|iterations| {
                let mut seal = || rounds.pay(PAYMENTS).expect("fits one batch").seal.wall();
                (0..iterations).map(|_| seal()).sum::<Duration>()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, sealing);
criterion_main!(benches);
