//! The leaf proof of a full batch of the reference workload, by class: 1,024 and 4,096 payments,
//! and with `FARTHING_FULL=1` 16,384 too.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use farthing_airs::{LeafClass, prove_leaf};
use farthing_benches::reference_ledger::Rounds;
use farthing_benches::workload::{Placement, Shape};

fn leaf(criterion: &mut Criterion) {
    let mut classes = vec![&LeafClass::SMALL, &LeafClass::MEDIUM];
    if std::env::var_os("FARTHING_FULL").is_some() {
        classes.push(&LeafClass::LARGE);
    }
    let mut group = criterion.benchmark_group("leaf");
    group.sample_size(10);
    for class in classes {
        let shape = Shape::REFERENCE.with_accounts(0).placed(Placement::First);
        let population = Rounds::population(&shape);
        // A small class holds fewer payments of the reference workload than intents.
        let payments = class.intents() / 4;
        let mut rounds = Rounds::new(&shape, &population, class.batch).expect("the ledger builds");
        rounds.pay(payments).expect("the payments fit");
        let witness = rounds.last_batch().expect("the batch is stored");
        group.throughput(Throughput::Elements(payments as u64));
        group.bench_function(class.batch.name, |bencher| {
            bencher.iter(|| prove_leaf(class, black_box(&witness)).expect("the batch is proven"));
        });
    }
    group.finish();
}

criterion_group!(benches, leaf);
criterion_main!(benches);
