//! Honest batches that are lied about.

use farthing_protocol::Holder;

use super::edits::BATCHES;
use super::forged_leaf::ForgedLeaf;
use crate::tests::state::batches::settled_world;
use crate::tests::state::test_ledger::{TestLedger, account_holder, deposit, pay, register};

pub(super) fn everything() -> ForgedLeaf {
    BATCHES["everything"].clone()
}

pub(super) fn empty() -> ForgedLeaf {
    BATCHES["empty"].clone()
}

pub(super) fn sealed(step: impl FnOnce(&mut TestLedger)) -> ForgedLeaf {
    let mut world = settled_world();
    step(&mut world);
    let mut lie = ForgedLeaf::from(&world.seal());
    lie.follow();
    lie
}

/// `licenses` licenses of sixteen holders each, paid for `uses` uses at 1,000 nano.
pub(super) fn sixteen_holders(licenses: u32, uses: u64) -> ForgedLeaf {
    holders(&vec![16; licenses as usize], uses, 1_000)
}

/// Licenses with as many holders as said, all paid.
pub(super) fn holders(numbers: &[u32], uses: u64, price: u64) -> ForgedLeaf {
    let mut world = TestLedger::new();
    for i in 1..=17 {
        world.consume(deposit(i, 1 << 45));
    }
    world.seal();
    for number in numbers {
        let each = 1_000_000 / number;
        let lines: Vec<(Holder, u32)> = (1..=*number)
            .map(|i| (account_holder(i), each + u32::from(i == 1) * (1_000_000 - each * number)))
            .collect();
        world.admit(1, 1, 0, register(price, 0, 1, &lines));
    }
    world.seal();
    for license in 0..numbers.len() as u32 {
        world.admit(17, 17, 0, pay(license, uses, price));
    }
    let mut lie = ForgedLeaf::from(&world.seal());
    lie.follow();
    lie
}
