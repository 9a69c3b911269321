//! A batch of the reference workload is as full as its class allows.

use farthing_benches::reference_ledger::Rounds;
use farthing_benches::workload::{Placement, Shape};
use farthing_protocol::BatchClass;

#[test]
fn a_small_class_is_filled() {
    let shape = Shape::REFERENCE.with_accounts(0).placed(Placement::First);
    let population = Rounds::population(&shape);
    let mut rounds = Rounds::new(&shape, &population, BatchClass::TINY).expect("the ledger builds");
    let most = BatchClass::TINY.capacity.intents as usize;
    // Sixteen payers of sixteen licenses of three holders would touch more accounts than it holds.
    let filled = rounds.fill(most).expect("the payments fit").payments;
    assert!(filled > most / 2 && filled < most, "{filled}");
    assert_eq!(rounds.fill(3).expect("the payments fit").payments, 3);
}
