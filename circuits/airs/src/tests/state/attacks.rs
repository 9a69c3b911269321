//! Attacks by name. Each prover lies about one thing and makes all else follow from it; what it
//! breaks is named exactly, and no proof of it is valid.

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::{AccountId, AccountIdentity, BatchWitness, Felt, Nano, Nonce, PublicData};

use super::batches::{everything, one_payment, settled_world};
use super::changes::{account, add, lie, lie_about_the_past};
use super::forgery::{Forgery, publish, records, replace_intent, reseal};
use super::test_ledger::{identity, pay, withdraw};
use crate::tables::state::accounts::AccountColumns;
use crate::tables::state::licenses::LicenseColumns;
use crate::tables::state::queue::QueueColumns;
use crate::tables::state::royalty_split::SplitColumns;

#[test]
fn truth_is_accepted() {
    lie(|_| ()).assert_accepted();
}

#[test]
fn create_money() {
    lie(|witness| add(witness, 2, 1)).assert_refused(&["flow"]);
}

#[test]
fn destroy_money() {
    lie(|witness| add(witness, 5, -1)).assert_refused(&["flow"]);
}

/// A balance of minus one nano is p − 1 and no balance.
#[test]
fn overdraw() {
    let mut witness = one_payment();
    let new = account(&mut witness, 1).new.as_mut().expect("open");
    let spent = new.balance.get() + 1;
    new.balance = Nano::ZERO;
    let old = account(&mut witness, 1).old.as_mut().expect("open");
    old.balance = Nano::new(old.balance.get() - spent).expect("a balance");
    reseal(&mut witness, false);
    // Without the last nano the account can only say that it holds nothing.
    Forgery::of(&witness).assert_refused(&["flow"]);
}

#[test]
fn pay_below_price() {
    let mut world = settled_world();
    world.admit(1, 1, 2, pay(1, 7, 1_000));
    let cheap = world.signed(1, 1, 2, pay(1, 7, 999));
    let mut witness = world.seal();
    account(&mut witness, 1).new.as_mut().expect("open").nonce = cheap.intent.nonce;
    replace_intent(&mut witness, 0, cheap);
    add(&mut witness, 1, 7);
    reseal(&mut witness, false);
    Forgery::of(&witness).assert_refused(&["intents"]);
    let forgery = Forgery::with_intents(&witness, |batch| batch.rows[0].price = 999);
    forgery.assert_refused(&["flow"]);
}

#[test]
fn omit_an_account_that_pays() {
    lie(|witness| witness.accounts.retain(|change| change.id != AccountId::from(6)))
        .assert_refused(&["flow", "link", "registration"]);
}

#[test]
fn touch_an_account_twice() {
    let place = |witness: &BatchWitness| {
        let place = witness.accounts.iter().position(|change| change.id == AccountId::from(2));
        place.expect("touched")
    };
    let mut twice = 0;
    let mut forgery = lie(|witness| {
        twice = place(witness);
        let mut again = witness.accounts[twice];
        again.signed = false;
        again.new = again.old;
        witness.accounts.insert(twice, again);
    });
    // Only one of the two answers what others ask; the gap between the two is −1.
    let c = AccountColumns::new();
    let row = forgery.row("accounts", twice);
    for column in [c.owner_lookups, c.identity_lookups, c.holder_lookups] {
        row[column] = Felt::ZERO;
    }
    let row = forgery.row("accounts", twice + 1);
    row[c.gap.columns.clone()].fill(Felt::ZERO);
    row[c.gap.columns.start] = -Felt::ONE;
    // The leaf's parent takes one of the two changes.
    forgery.assert_refused(&["node", "range"]);
}

#[test]
fn leaf_that_is_not_in_the_old_tree() {
    lie_about_the_past(|witness| {
        let old = account(witness, 2).old.as_mut().expect("open");
        old.balance = Nano::new(old.balance.get() + 1_000).expect("a balance");
        add(witness, 2, 1_000);
    })
    .assert_refused(&["merkle"]);
}

#[test]
fn open_over_an_account() {
    lie_about_the_past(|witness| {
        let change = account(witness, 3);
        let thief = AccountIdentity { owner: identity(1).owner, ..identity(3) };
        change.identity = Some(thief);
    })
    .assert_refused(&["link", "merkle", "queue", "registration"]);
}

#[test]
fn sign_for_another_account() {
    lie_about_the_past(|witness| {
        // The leaf says that account 5 has the key of account 4.
        account(witness, 5).identity =
            Some(AccountIdentity { key: identity(4).key, ..identity(5) });
    })
    // Those who pay account 5, or give it shares, meant another key too.
    .assert_refused(&["flow", "link", "merkle", "registration", "signer"]);
}

/// The record of an account that does not sign has no nonce: L1 would know another leaf.
#[test]
fn move_a_nonce_without_a_signature() {
    let mut witness = one_payment();
    let change = account(&mut witness, 3);
    assert!(!change.signed);
    let new = change.new.as_mut().expect("open");
    new.nonce = Nonce::new(new.nonce.get() + 1).expect("a nonce");
    reseal(&mut witness, false);
    Forgery::of(&witness).assert_refused(&["accounts"]);
}

#[test]
fn reuse_a_nonce() {
    lie_about_the_past(|witness| {
        let change = account(witness, 4);
        let new = change.new.expect("open").nonce;
        change.old.as_mut().expect("open").nonce = new;
    })
    .assert_refused(&["merkle", "range"]);
}

#[test]
fn drop_a_withdrawal() {
    let mut world = settled_world();
    world.admit(1, 1, 0, withdraw(2_000));
    let mut witness = world.seal();
    witness.withdrawals.clear();
    reseal(&mut witness, false);
    Forgery::of(&witness).assert_refused(&["withdrawal"]);
}

/// The limbs of a record are left out of the committed data while every table still has it.
#[test]
fn drop_a_record_from_public_data() {
    let mut witness = everything();
    let honest = records(&witness);
    for gone in 0..honest.len() {
        let mut left = honest.clone();
        left.remove(gone);
        publish(&mut witness, PublicData::from_records(&left));
        let mut forgery = Forgery::of(&witness);
        assert_eq!(forgery.culprits(), ["limb", "link"]);
        // One of each kind is proven.
        let kind = core::mem::discriminant(&honest[gone]);
        if gone == 0 || kind != core::mem::discriminant(&honest[gone - 1]) {
            assert!(!forgery.is_proven());
        }
    }
}

#[test]
fn pay_a_withdrawal_to_another_owner() {
    lie(|witness| witness.withdrawals[0].owner = identity(1).owner).assert_refused(&["link"]);
}

#[test]
fn withdraw_more_than_was_signed() {
    lie(|witness| witness.withdrawals[0].base_units += 1).assert_refused(&["withdrawal"]);
}

#[test]
fn padding_that_carries_money() {
    let mut witness = everything();
    add(&mut witness, 2, 5);
    reseal(&mut witness, false);
    let c = AccountColumns::new();
    let mut forgery = Forgery::of(&witness);
    let row = forgery.row("accounts", 40);
    row[c.id] = Felt::TWO;
    row[c.old_balance] = Felt::from_u8(5);
    forgery.assert_refused(&["accounts"]);

    let c = SplitColumns::new();
    let mut forgery = Forgery::of(&witness);
    let row = forgery.row("royalty_split", 100);
    c.id.write(row, &[2]);
    c.quotient_low.write(row, &[5]);
    forgery.assert_refused(&["royalty_split"]);

    let c = QueueColumns::new();
    let mut forgery = Forgery::of(&witness);
    let row = forgery.row("queue", 40);
    row[c.account] = Felt::TWO;
    c.amount.write(row, &[5]);
    row[c.head] = Felt::from_u16(2 << 8);
    // Without a flag the amount is not a credit.
    forgery.assert_refused(&["flow"]);

    let c = LicenseColumns::new();
    let mut forgery = Forgery::of(&witness);
    let row = forgery.row("licenses", 40);
    row[c.derived] = -Felt::from_u8(5);
    forgery.assert_refused(&["flow", "licenses"]);
}
