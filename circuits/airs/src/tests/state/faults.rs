//! Single-cell faults in whole leaves: no cell of an honest trace can be changed alone, but for
//! those that say nothing, and every constraint of the state's tables is violated by some fault.

use std::collections::BTreeSet;

use p3_field::PrimeCharacteristicRing;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use farthing_protocol::{BatchWitness, Felt};

use super::batches::{everything, everything_in, full, one_payment, updates};
use super::forgery::Forgery;
use super::honest::traces;
use super::random::random_batch;
use crate::check::Checker;
use crate::class::LeafClass;
use crate::tests::fault_injection::{Campaign, Constraints, in_both};

/// Random faults in all tables together.
const FAULTS: usize = 10_000;
/// The tables of the state, last in the list of tables.
const STATE_TABLES: usize = 8;

/// Every cell of the state's tables changed by one and by minus one; what no fault violates.
fn every_cell_of(witness: &BatchWitness) -> Constraints {
    let (tables, traces) = traces(witness);
    let checker = Checker::new(&tables, &witness.statement.elements());
    let mut campaign = Campaign::new(&LeafClass::TINY, &checker, &tables, traces);
    let state = tables.len() - STATE_TABLES..tables.len();
    campaign.every_cell(state.clone(), &[Felt::ONE, -Felt::ONE]);
    assert!(campaign.survivors.is_empty(), "{:?}", campaign.survivors);
    let names: Vec<_> = tables[state].iter().map(|table| table.name()).collect();
    campaign.unviolated.retain(|name, _| names.contains(name));
    campaign.unviolated
}

#[test]
fn every_cell_and_every_constraint_counts() {
    let unviolated = in_both(every_cell_of(&everything()), &every_cell_of(&one_payment()));
    let unviolated = in_both(unviolated, &every_cell_of(&updates()));
    assert!(unviolated.is_empty(), "no fault violates {unviolated:?}");
}

#[test]
fn no_random_fault_in_any_table_is_accepted() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    for witness in [everything(), full()] {
        let (tables, traces) = traces(&witness);
        let checker = Checker::new(&tables, &witness.statement.elements());
        let mut campaign = Campaign::new(&LeafClass::TINY, &checker, &tables, traces);
        campaign.random(&mut rng, FAULTS / 2);
        assert!(campaign.survivors.is_empty(), "{:?}", campaign.survivors);
    }
}

/// Faults in each class but the tiny and the largest one.
const FAULTS_OF_A_CLASS: usize = 5_000;
/// With `FARTHING_FULL`, in each class but the largest: a million in all.
const FAULTS_IN_FULL: usize = 250_000;
/// Random batches of each class, which share the faults with one of everything.
const RANDOM_BATCHES: usize = 4;

/// A batch of everything and random ones in tables of every class but the largest; the 16k class with `FARTHING_FULL`.
#[test]
fn no_random_fault_in_any_class_is_accepted() {
    let full = farthing_testkit::full();
    let classes = match full {
        true => vec![&LeafClass::TINY, &LeafClass::SMALL, &LeafClass::MEDIUM, &LeafClass::LARGE],
        false => vec![&LeafClass::SMALL, &LeafClass::MEDIUM],
    };
    let faults = if full { FAULTS_IN_FULL } else { FAULTS_OF_A_CLASS };
    for class in classes {
        let begin = std::time::Instant::now();
        let random = (0..RANDOM_BATCHES as u64).map(|seed| random_batch(class.batch, seed));
        for (batch, witness) in [everything_in(class.batch)].into_iter().chain(random).enumerate() {
            let survivors = survivors(class, &witness, faults / (1 + RANDOM_BATCHES));
            assert!(survivors.is_empty(), "{}, batch {batch}: {survivors:?}", class.batch.name);
        }
        println!("{}: {faults} faults in {:.0?}", class.batch.name, begin.elapsed());
    }
}

/// Random faults in the traces of a batch that are accepted, by table, row and column.
fn survivors(
    class: &LeafClass,
    witness: &BatchWitness,
    faults: usize,
) -> BTreeSet<(&'static str, usize, usize)> {
    let Forgery { tables, statement, traces } = Forgery::of_class(class, witness);
    let checker = Checker::new(&tables, &statement);
    let campaign = Campaign::new(class, &checker, &tables, traces);
    // Each worker has traces of its own to change.
    let workers = rayon::current_num_threads().min(4);
    (0..workers)
        .into_par_iter()
        .flat_map_iter(|worker| {
            let mut campaign = campaign.clone();
            let mut rng = ChaCha8Rng::seed_from_u64(worker as u64);
            campaign.random(&mut rng, faults.div_ceil(workers));
            campaign.survivors
        })
        .collect()
}

/// A batch of everything in the tables of the largest class, with `FARTHING_FULL`.
#[test]
fn the_largest_class_checks() {
    if !farthing_testkit::full() {
        return;
    }
    let class = &LeafClass::HUGE;
    let mut forgery = Forgery::of_class(class, &everything_in(class.batch));
    assert_eq!(forgery.culprits(), [""; 0]);
}
