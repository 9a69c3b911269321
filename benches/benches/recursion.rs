//! The steps from leaf proofs to the proof that the contract takes: a wrap with its lift, a join,
//! the last layers. Batches are of the tiny class: what these steps cost does not depend on what is in
//! a batch, and on its class only in the wrap.
//!
//! Circuits are built once, which takes minutes, and kept in the directory `FARTHING_CIRCUITS` names
//! (default: one below cargo's target directory). The circuits of wrap, lift and join stay in memory
//! between steps; the last layers load their two each time, as a prover of blocks does.

use std::env;
use std::hint::black_box;
use std::path::PathBuf;

use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use farthing_airs::{FriSettings, LeafClass, LeafKey, LeafProof, Profile, prove_leaf_under};
use farthing_benches::reference_ledger::Rounds;
use farthing_benches::workload::{Placement, Shape};
use farthing_protocol::BatchStatement;
use farthing_recursion::{BlockProver, Cancel};

const PROFILE: Profile = Profile::Proven;
const CLASS: &LeafClass = &LeafClass::TINY;
/// Payments of a batch, so few that one batch holds them.
const PAYMENTS: usize = 4;

fn circuits() -> PathBuf {
    let kept = concat!(env!("CARGO_TARGET_TMPDIR"), "/circuits");
    env::var_os("FARTHING_CIRCUITS").map_or_else(|| kept.into(), PathBuf::from)
}

/// The leaf proofs of two batches that follow each other.
fn leaves() -> [(BatchStatement, LeafProof); 2] {
    let shape = Shape::REFERENCE.with_accounts(0).placed(Placement::First);
    let population = Rounds::population(&shape);
    let mut rounds = Rounds::new(&shape, &population, CLASS.batch).expect("the ledger is built");
    let key =
        LeafKey::new(CLASS, FriSettings::of_class(CLASS, PROFILE)).expect("the class has a key");
    [(); 2].map(|()| {
        rounds.pay(PAYMENTS).expect("the payments fit");
        let witness = rounds.last_batch().expect("they were sealed");
        let leaf = prove_leaf_under(&key, CLASS, &witness).expect("the batch is proven");
        (witness.statement, leaf)
    })
}

fn recursion(criterion: &mut Criterion) {
    let prover =
        BlockProver::open(&circuits(), PROFILE, &[CLASS.batch]).expect("the pinned circuits");
    let cancel = Cancel::new();
    let leaves = leaves();
    let wrap = |(statement, leaf): &(BatchStatement, LeafProof)| {
        prover.wrap(leaf, statement, &cancel).expect("a node")
    };
    let [left, right] = leaves.each_ref().map(wrap);
    let join = || prover.join(&left, &right, &cancel).expect("the batches follow each other");
    let node = join();

    let mut group = criterion.benchmark_group("recursion");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.bench_function("wrap and lift", |bencher| bencher.iter(|| wrap(black_box(&leaves[0]))));
    group.bench_function("join", |bencher| bencher.iter(join));
    group.bench_function("last layers", |bencher| {
        bencher.iter(|| prover.finish(black_box(&node), &cancel).expect("a proof"));
    });
    group.finish();
}

criterion_group!(benches, recursion);
criterion_main!(benches);
