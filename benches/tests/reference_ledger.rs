//! A batch of the reference workload is as full as its class allows.

use farthing_benches::reference_ledger::Rounds;
use farthing_benches::workload::{Placement, Shape};
use farthing_protocol::BatchClass;

#[test]
fn a_small_class_is_filled() {
    let class = BatchClass::SMALL;
    let intents = class.capacity.intents as usize;
    let shape = Shape::REFERENCE.with_accounts(0).placed(Placement::First);
    let population = Rounds::population(&shape);
    let mut rounds = Rounds::new(&shape, &population, class).expect("the ledger builds");
    // The 200 payers are more than the class has room for as signers: it is full before.
    let filled = rounds.fill(intents).expect("the payments fit").payments;
    assert!(filled >= class.capacity.signers as usize && filled < intents, "{filled}");
    assert!(rounds.fill(3).expect("the payments fit").payments >= 3);
}
