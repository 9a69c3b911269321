//! Single-cell faults in whole leaves: no cell of an honest trace can be changed alone, but for
//! those that say nothing, and every constraint of the state's tables is violated by some fault.

use p3_field::PrimeCharacteristicRing;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use farthing_protocol::{BatchWitness, Felt};

use super::batches::{everything, full, one_payment};
use super::honest::traces;
use crate::check::Checker;
use crate::tests::campaign::{Campaign, Constraints, in_both};

/// Random faults in all tables together.
const FAULTS: usize = 10_000;
/// The tables of the state, last in the list of tables.
const STATE_TABLES: usize = 8;

/// Every cell of the state's tables changed by one and by minus one; what no fault violates.
fn every_cell_of(witness: &BatchWitness) -> Constraints {
    let (tables, traces) = traces(witness);
    let checker = Checker::new(&tables, &witness.statement.elements());
    let mut campaign = Campaign::new(&checker, &tables, traces);
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
    assert!(unviolated.is_empty(), "no fault violates {unviolated:?}");
}

#[test]
fn no_random_fault_in_any_table_is_accepted() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    for witness in [everything(), full()] {
        let (tables, traces) = traces(&witness);
        let checker = Checker::new(&tables, &witness.statement.elements());
        let mut campaign = Campaign::new(&checker, &tables, traces);
        let mut tried = 0;
        while tried < FAULTS / 2 {
            let table = rng.random_range(0..tables.len());
            let (height, width) = (campaign.height(table), campaign.width(table));
            // Half of them in rows that say something.
            let reach = if rng.random() { height } else { height.min(16) };
            let cell = (table, rng.random_range(0..reach), rng.random_range(0..width));
            let change = match rng.random_range(0..4) {
                0 => Felt::ONE,
                1 => -Felt::ONE,
                2 => Felt::TWO,
                _ => Felt::new(rng.random::<u64>() >> 1),
            };
            tried += usize::from(campaign.fault(cell, change));
        }
        assert!(campaign.survivors.is_empty(), "{:?}", campaign.survivors);
    }
}
