//! Filling in the tables of a leaf: from a full batch of the reference workload to all traces.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use farthing_airs::{FriSettings, LeafKey, Profile, fill_tables};
use farthing_benches::leaf::{Options, seal};
use farthing_protocol::BatchClass;
use farthing_testkit::full;

fn traces(criterion: &mut Criterion) {
    let mut classes = vec![BatchClass::SMALL, BatchClass::MEDIUM];
    if full() {
        classes.push(BatchClass::LARGE);
    }
    let mut group = criterion.benchmark_group("traces");
    group.sample_size(10);
    for batch in classes {
        let options = Options { class: Some(batch), ..Options::default() };
        let (class, filled) = seal(&options).expect("the payments fit");
        let key =
            LeafKey::new(class, FriSettings::of_class(class, Profile::Proven)).expect("a key");
        group.throughput(Throughput::Elements(filled.payments as u64));
        group.bench_function(batch.name, |bencher| {
            bencher.iter(|| fill_tables(&key, class, &filled.witness).expect("the batch fits"));
        });
    }
    group.finish();
}

criterion_group!(benches, traces);
criterion_main!(benches);
