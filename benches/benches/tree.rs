//! Sealing a batch that touches 1,000 of 2²⁰ accounts: deposits of one base unit to accounts
//! spread evenly, so that it is the tree's update and what goes with every batch (settlement,
//! public data, one synced write), and no intent.

use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use farthing_benches::reference_ledger::Rounds;
use farthing_benches::workload::Shape;
use farthing_protocol::BatchClass;

/// Accounts that a batch touches.
const LEAVES: u32 = 1_000;

fn tree(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tree");
    group.sample_size(10).throughput(Throughput::Elements(LEAVES.into()));
    let shape = Shape::REFERENCE;
    let population = Rounds::population(&shape);
    let mut rounds =
        Rounds::new(&shape, &population, BatchClass::LARGE).expect("the ledger is built");
    group.bench_function("1,000 of 2^20 accounts", |b| {
        b.iter_custom(|iterations| {
            let mut seal = || rounds.deposit(LEAVES).expect("fits one batch").seal.wall();
            (0..iterations).map(|_| seal()).sum::<Duration>()
        });
    });
    group.finish();
}

criterion_group!(benches, tree);
criterion_main!(benches);
