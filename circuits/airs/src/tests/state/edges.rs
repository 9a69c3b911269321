//! The edges of the tiny class: every capacity that a batch can reach is reached and proven, and
//! every operation stands alone, all other tables empty.

use farthing_ledger::SealedBatch;
use farthing_protocol::{BatchClass, BatchCounts, BatchWitness, Holder, Operation, QueueEntry};

use super::batches::settled_world;
use super::honest::assert_proves;
use super::test_ledger::{
    TestLedger, account_holder, deposit, exit, parent, pay, register, transfer, withdraw,
};

const CAPACITY: BatchCounts = BatchClass::TINY.capacity;
/// Persons with an account and money, in [`crowded_world`]: person i has account i.
const PEOPLE: u8 = 30;
const STRANGERS: u8 = 100;

fn crowded_world() -> TestLedger {
    let mut world = TestLedger::new();
    for i in 1..=PEOPLE {
        world.consume(deposit(i, 50_000_000));
    }
    world.seal();
    world
}

/// Proves what the world seals; its counts.
fn assert_sealed_proves(world: &mut TestLedger) -> BatchCounts {
    let SealedBatch { witness, counts } = world.seal_counted();
    assert_proves(&witness);
    counts
}

/// All 1,000,000 shares of these holders, the first of whom takes what the others leave.
fn shared(holders: impl Iterator<Item = Holder>, others: u32) -> Vec<(Holder, u32)> {
    let mut lines: Vec<_> = holders.map(|holder| (holder, others)).collect();
    lines[0].1 += 1_000_000 - others * lines.len() as u32;
    lines
}

/// Queue and openings together fill their table; the accounts that they touch fill theirs, the
/// registrations' records the public data: none has a row left.
pub(crate) fn full_public_data() -> TestLedger {
    let mut world = crowded_world();
    for i in 0..CAPACITY.opened as u8 {
        world.open(STRANGERS + i);
    }
    for i in 0..CAPACITY.queue_entries as u8 {
        world.consume(deposit(1 + i % PEOPLE, 1_000));
    }
    // 86 lines fill the last limb.
    for i in 0..CAPACITY.registrations {
        let lines = if i < 11 { 6 } else { 5 };
        let holders = shared((1..=lines).map(account_holder), 1_000);
        world.admit(1, 1, 0, register(10, 0, 1, &holders));
    }
    world
}

#[test]
fn queue_accounts_and_public_data_are_full() {
    let mut world = full_public_data();
    assert!(!world.try_admit(2, 2, 0, register(1, 0, 1, &[(account_holder(1), 1_000_000)])));
    let counts = assert_sealed_proves(&mut world);
    let expected = BatchCounts {
        queue_entries: CAPACITY.queue_entries,
        opened: CAPACITY.opened,
        accounts: CAPACITY.accounts,
        registrations: CAPACITY.registrations,
        limbs: CAPACITY.limbs,
        ..counts
    };
    assert_eq!(counts, expected);
}

/// As many withdrawals as queue entries and intents can ask for; as many intents and signers.
#[test]
fn intents_signers_and_forced_exits_are_full() {
    let mut world = crowded_world();
    world.consume(deposit(PEOPLE + 1, 5_000));
    world.seal();
    for i in 1..=CAPACITY.queue_entries as u8 {
        world.consume(exit(i, i.into()));
    }
    for i in 1..=CAPACITY.intents as u8 {
        world.admit(i, i.into(), 3, withdraw(2_000));
    }
    assert!(!world.try_admit(20, 20, 0, transfer(1, 1)));
    assert!(!world.try_consume(exit(1, 1)));
    let counts = assert_sealed_proves(&mut world);
    let expected = BatchCounts {
        queue_entries: CAPACITY.queue_entries,
        intents: CAPACITY.intents,
        signers: CAPACITY.signers,
        withdrawals: CAPACITY.queue_entries + CAPACITY.intents,
        ..counts
    };
    assert_eq!(counts, expected);
}

/// Fifteen licenses are registered with 48 parents, all there are: registrations, licenses and the
/// royalty split have no row left.
#[test]
fn registrations_licenses_and_holders_are_full() {
    let mut world = crowded_world();
    let old = CAPACITY.licenses - CAPACITY.registrations;
    for i in 0..old {
        let holder = 1 + i % u32::from(PEOPLE);
        if !world.try_admit(1, 1, 0, register(10, 0, 1, &[(account_holder(holder), 1_000_000)])) {
            panic!("license {i} is refused");
        }
        if i % 12 == 11 {
            world.seal();
        }
    }
    // Two or three accounts, and three or four parents: 80 lines.
    let mut parents = 0..CAPACITY.parents;
    for i in 0..CAPACITY.registrations {
        let accounts = (1..=if i < 2 { 3 } else { 2 }).map(account_holder);
        let ancestors = if i < 3 { 4 } else { 3 };
        let ancestors: Vec<u32> = parents.by_ref().take(ancestors).collect();
        let holders = shared(accounts.chain(ancestors.iter().copied().map(parent)), 1_000);
        let lineage = 1 + ancestors.len() as u32;
        world.admit(2, 2, 0, register(7, 0, lineage, &holders));
    }
    world.admit(3, 3, 1, pay(old, 5, 7));
    let counts = assert_sealed_proves(&mut world);
    let expected = BatchCounts {
        intents: CAPACITY.intents,
        registrations: CAPACITY.registrations,
        parents: CAPACITY.parents,
        licenses: CAPACITY.licenses,
        holders: CAPACITY.holders,
        ..counts
    };
    assert_eq!(counts, expected);
}

/// Accounts that are not open, as far from each other as may be, fill the Merkle table: number 2^b
/// has b nodes that number 0 has not.
#[test]
fn nodes_are_full() {
    let mut world = TestLedger::new();
    for bit in (7..32).chain([4]) {
        world.consume(exit(1, 1 << bit));
    }
    assert!(!world.try_consume(exit(1, 1 << 3)));
    let counts = assert_sealed_proves(&mut world);
    assert_eq!(counts.nodes, CAPACITY.nodes);
}

/// Which tables of the state have a row: queue, openings, withdrawals, registrations, licenses. The
/// accounts' and the trees' always have.
fn filled(witness: &BatchWitness) -> [bool; 5] {
    let registers = witness.intents.iter().any(|intent| intent.registers.is_some());
    [
        !witness.queue.is_empty(),
        !witness.opened.is_empty(),
        !witness.withdrawals.is_empty(),
        registers,
        !witness.licenses.is_empty(),
    ]
}

#[test]
fn every_operation_stands_alone() {
    let alone = |step: &dyn Fn(&mut TestLedger)| {
        let mut world = settled_world();
        step(&mut world);
        let witness = world.seal();
        assert_proves(&witness);
        filled(&witness)
    };
    let intent = |operation: Operation| {
        alone(&move |world: &mut TestLedger| world.admit(1, 1, 0, operation.clone()))
    };
    let entry = |entry: QueueEntry| alone(&move |world: &mut TestLedger| world.consume(entry));
    assert_eq!(alone(&|_| ()), [false; 5]);
    assert_eq!(intent(transfer(2, 5)), [false; 5]);
    assert_eq!(entry(deposit(1, 5)), [true, false, false, false, false]);
    assert_eq!(entry(exit(1, 2)), [true, false, false, false, false]);
    assert_eq!(entry(exit(1, 1)), [true, false, true, false, false]);
    let opening = alone(&|world| {
        world.open(9);
    });
    assert_eq!(opening, [false, true, false, false, false]);
    assert_eq!(intent(withdraw(1_000)), [false, false, true, false, false]);
    let registration = register(1, 0, 1, &[(account_holder(1), 1_000_000)]);
    assert_eq!(intent(registration), [false, false, false, true, true]);
    assert_eq!(intent(pay(1, 1, 1_000)), [false, false, false, false, true]);
}
