//! Batches with all there is in them.

use farthing_protocol::{BatchClass, BatchWitness, LicenseStatus, LicenseVersion, Licensee};

use super::test_ledger::{
    TestLedger, account_holder, deposit, exit, parent, pay, register, transfer, update, version,
    withdraw,
};

/// Account of person `i` in [`settled_world`], for i from 1 to 5: i itself.
pub(crate) const PEOPLE: u8 = 5;

/// Five people with money, license 0 at 100 nano of account 2, and license 1 at 1,000 nano that
/// leaves 300,000 shares to license 0.
pub(crate) fn settled_world() -> TestLedger {
    settled_world_in(BatchClass::TINY)
}

fn settled_world_in(class: BatchClass) -> TestLedger {
    let mut world = TestLedger::of_class(class);
    for i in 1..=PEOPLE {
        world.consume(deposit(i, 50_000_000));
    }
    let lines = [(account_holder(2), 333_333), (account_holder(3), 666_667)];
    world.admit(2, 2, 3, register(100, 300_000, 1, &lines));
    let lines = [(account_holder(4), 600_001), (account_holder(5), 99_999), (parent(0), 300_000)];
    world.admit(4, 4, 0, register(1_000, 200_000, 2, &lines));
    world.seal();
    world
}

/// One payment to the derived license.
pub(crate) fn one_payment() -> BatchWitness {
    let mut world = settled_world();
    world.admit(1, 1, 2, pay(1, 7, 1_000));
    world.seal()
}

/// Every operation and every outcome that a small ledger can have, in one batch.
pub(crate) fn everything() -> BatchWitness {
    everything_in(BatchClass::TINY)
}

/// The same in a batch of another class.
pub(crate) fn everything_in(class: BatchClass) -> BatchWitness {
    let mut world = settled_world_in(class);
    // Account 6 is opened by the operator, account 7 by the deposit.
    let opened = world.open(6);
    world.consume(deposit(7, 9_000_000));
    world.consume(deposit(1, 1 << 46));
    world.consume(deposit(1, (1 << 46) - 1));
    world.consume(exit(3, 3));
    world.consume(exit(1, 3));
    world.consume(exit(3, 3));
    world.consume(exit(9, 4_000_000_000));
    world.admit(1, 1, 2, pay(1, 7, 1_000));
    world.admit(1, 1, 2, pay(0, 13, 100));
    world.admit(2, 2, 1, pay(1, 1, 1_000));
    world.admit(2, 2, 1, withdraw(3_000));
    world.admit(3, 3, 1, withdraw(5_000));
    world.admit(5, 5, 9, transfer(opened, 1_234_567));
    world.admit(5, 5, 0, transfer(5, 17));
    // A derivative of both, then one of that one, paid at once; twelve holders.
    let mut lines: Vec<_> = (1..=7).map(|i| (account_holder(i), 10_000)).collect();
    lines.extend([(parent(0), 400_000), (parent(1), 530_000)]);
    world.admit(1, 1, 0, register(77, 1_000_000, 4, &lines));
    world.admit(1, 1, 0, register(1, 0, 5, &[(parent(2), 1_000_000)]));
    world.admit(4, 4, 0, pay(3, 1_000, 1));
    world.admit(4, 4, 0, transfer(0, 5));
    world.seal()
}

/// Licenses 2 and 3 of account 1, at 7 nano; account 4 alone may pay license 2, license 3 is paused.
pub(crate) fn updated_world() -> TestLedger {
    let mut world = settled_world();
    for _ in 0..2 {
        world.admit(1, 1, 0, register(7, 5, 1, &[(account_holder(3), 1_000_000)]));
    }
    world.seal();
    let licensee = Licensee::new(4).expect("an account");
    world.admit(1, 1, 0, update(2, LicenseVersion { licensee, ..version(9, 1_000) }));
    let status = LicenseStatus::Paused;
    world.admit(1, 1, 0, update(3, LicenseVersion { status, ..version(7, 5) }));
    world.seal();
    world
}

/// Updates to every status, payments and a derivative at the versions before, a payment by a licensee.
pub(crate) fn updates() -> BatchWitness {
    let mut world = updated_world();
    let licensee = Licensee::new((1 << 31) - 1).expect("an account");
    let greatest = LicenseVersion { licensee, ..version((1 << 40) - 1, 1_000_000) };
    world.admit(2, 2, 1, update(0, greatest));
    world.admit(5, 5, 0, pay(0, 3, 100));
    world.admit(4, 4, 0, pay(2, 5, 9));
    let status = LicenseStatus::Paused;
    world.admit(1, 1, 0, update(2, LicenseVersion { status, ..version(8, 77) }));
    let status = LicenseStatus::Retired;
    world.admit(1, 1, 2, update(3, LicenseVersion { status, ..version(0, 0) }));
    world.admit(3, 3, 0, register(1, 2, 2, &[(account_holder(3), 700_000), (parent(0), 300_000)]));
    world.seal()
}

/// As much as the tiny class holds of intents.
pub(crate) fn full() -> BatchWitness {
    let mut world = settled_world();
    for i in 0..16 {
        let who = 1 + i % PEOPLE;
        world.admit(
            who,
            who.into(),
            1,
            pay(u32::from(i) % 2, 1 + u64::from(i), [100, 1_000][usize::from(i) % 2]),
        );
    }
    assert!(!world.try_admit(1, 1, 0, transfer(2, 1)), "the batch is full");
    world.seal()
}
