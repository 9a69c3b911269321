//! Single-cell faults in intents and signatures: no cell of an honest trace can be changed alone,
//! but for those that say nothing; and every constraint is violated by some fault, so that none is
//! vacuous. `state::faults` does the same for the tables of the state and for whole leaves.

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::Felt;

use super::fault_injection::Campaign;
use crate::check::Checker;
use crate::class::LeafClass;
use crate::tests::batches::{batch, leaf};

#[test]
fn every_cell_and_every_constraint_counts() {
    let (tables, statement, traces) = leaf(&LeafClass::TINY, &batch(1, 13, 4));
    let checker = Checker::new(&tables, &statement);
    let mut campaign = Campaign::new(&LeafClass::TINY, &checker, &tables, traces);
    // The last table is the stand-in for the state's.
    let tested = tables.len() - 1;
    campaign.every_cell(0..tested, &[Felt::ONE, Felt::TWO]);
    assert!(campaign.survivors.is_empty(), "{:?}", campaign.survivors);
    let mut unviolated = campaign.unviolated;
    unviolated.retain(|_, constraints| !constraints.is_empty());
    assert!(unviolated.is_empty(), "no fault violates {unviolated:?}");
}
