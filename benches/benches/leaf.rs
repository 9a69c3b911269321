//! The leaf proof by class, of as many payments of the reference workload as a batch of the class
//! holds. The class of 65,536 takes about twenty seconds a proof and 6 GiB of memory, so it is measured
//! with `FARTHING_FULL=1` only.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use farthing_airs::{FriSettings, LeafClass, LeafKey, Profile, prove_leaf_under};
use farthing_benches::reference_ledger::Rounds;
use farthing_benches::workload::{Placement, Shape};
use farthing_testkit::full;

fn leaf(criterion: &mut Criterion) {
    let classes = LeafClass::ALL.into_iter().filter(|class| full() || **class != LeafClass::HUGE);
    let shape = Shape::REFERENCE.with_accounts(0).placed(Placement::First);
    let population = Rounds::population(&shape);
    let mut group = criterion.benchmark_group("leaf");
    group.sample_size(10);
    for class in classes {
        let mut rounds = Rounds::new(&shape, &population, class.batch).expect("the ledger builds");
        let witness = rounds.fill(class.intents()).expect("the payments fit").witness;
        let payments = witness.intents.len();
        // One key at a time is in memory.
        let key = LeafKey::new(class, FriSettings::of_class(class, Profile::Proven))
            .expect("the class has a key");
        group.throughput(Throughput::Elements(payments as u64));
        let name = format!("{}, {payments} payments", class.batch.name);
        group.bench_function(name, |bencher| {
            let prove = || prove_leaf_under(&key, class, black_box(&witness));
            bencher.iter(|| prove().expect("the batch is proven"));
        });
    }
    group.finish();
}

criterion_group!(benches, leaf);
criterion_main!(benches);
