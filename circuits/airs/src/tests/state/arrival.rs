//! Nonces of an account in any order of arrival: what the ledger seals of them is proven.

use super::honest::assert_proves;
use super::test_ledger::{TestLedger, account_holder, deposit, pay, register, transfer, withdraw};

#[test]
fn nonces_in_any_order_of_arrival() {
    let mut world = TestLedger::new();
    for person in 1..=3 {
        world.consume(deposit(person, 1_000_000));
    }
    world.admit(1, 1, 0, register(10, 0, 1, &[(account_holder(2), 1_000_000)]));
    world.seal();
    // Each nonce is less than the one before.
    world.scramble_nonces(63);
    for round in 0..3 {
        world.admit(1, 1, round, pay(0, 3 + round, 10));
        world.admit(2, 2, 1, transfer(3, 77));
        world.admit(1, 1, 0, withdraw(1_000 * (1 + round)));
        world.admit(1, 1, 2, register(5, 0, 1, &[(account_holder(3), 1_000_000)]));
    }
    let witness = world.seal();
    let own: Vec<u64> = witness
        .intents
        .iter()
        .filter(|intent| intent.signed.intent.account.get() == 1)
        .map(|intent| intent.signed.intent.nonce.get())
        .collect();
    assert_eq!(own.len(), 9);
    assert!(own.is_sorted());
    let registered: Vec<_> = witness.intents.iter().filter_map(|i| i.registers).collect();
    assert!(!registered.is_sorted(), "numbers are given in order of arrival");
    let change = witness.accounts.iter().find(|change| change.id.get() == 1).expect("touched");
    assert_eq!(change.new.map(|new| new.nonce.get()), own.last().copied());
    assert_proves(&witness);
}
