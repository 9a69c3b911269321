//! Attacks on intents in whole leaves: replayed, changed, sent to an absent account.

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::{BatchWitness, Bytes32, Felt, Nano, Operation, SignedIntent, position};

use super::batches::settled_world;
use super::changes::{account, add};
use super::forgery::{Forgery, replace_intent, reseal};
use super::test_ledger::{TestLedger, exit, transfer};
use crate::tables::state::accounts::AccountColumns;

/// Accounts 1 and 3 pay account 2.
fn two_transfers() -> BatchWitness {
    let mut world = settled_world();
    world.admit(1, 1, 0, transfer(2, 700));
    world.admit(3, 3, 0, transfer(2, 30));
    world.seal()
}

/// Account 1's intent is settled again in a group of its own: its nonce is above the old one there
/// as well.
#[test]
fn replay_an_intent_in_a_second_group() {
    let mut witness = two_transfers();
    let again = witness.intents[0].clone();
    witness.intents.push(again);
    add(&mut witness, 1, -700);
    add(&mut witness, 2, 700);
    reseal(&mut witness, false);
    // The account takes one message of a signer.
    Forgery::of(&witness).assert_refused(&["signer"]);
}

/// Two groups of an account, the second one going on from the first one's nonce.
#[test]
fn two_groups_of_one_account() {
    let mut world = settled_world();
    world.admit(1, 1, 0, transfer(2, 700));
    world.admit(1, 1, 0, transfer(2, 7));
    world.admit(3, 3, 0, transfer(2, 30));
    let mut witness = world.seal();
    witness.intents.swap(1, 2);
    reseal(&mut witness, false);
    let forgery = Forgery::with_intents(&witness, |batch| {
        batch.rows[2].old_nonce = batch.rows[0].nonce;
    });
    forgery.assert_refused(&["signer"]);
}

/// An intent of a batch before this one.
#[test]
fn replay_an_intent_of_an_earlier_batch() {
    let mut world = settled_world();
    world.admit(1, 1, 0, transfer(2, 700));
    let before = world.seal().intents[0].signed.clone();
    world.admit(1, 1, 0, transfer(2, 7));
    let mut witness = world.seal();
    account(&mut witness, 1).new.as_mut().expect("open").nonce = before.intent.nonce;
    replace_intent(&mut witness, 0, before);
    add(&mut witness, 1, 7 - 700);
    add(&mut witness, 2, 700 - 7);
    reseal(&mut witness, false);
    // Its nonce is the account's: it is not above it.
    Forgery::of(&witness).assert_refused(&["range"]);
}

fn with_another_memo(signed: &SignedIntent) -> SignedIntent {
    let mut signed = signed.clone();
    let Operation::Transfer(transfer) = &mut signed.intent.operation else { panic!("transfers") };
    transfer.memo = Bytes32([8; 32]);
    signed
}

#[test]
fn change_a_memo() {
    let honest = two_transfers();
    let mut witness = honest.clone();
    let signed = with_another_memo(&witness.intents[0].signed);
    replace_intent(&mut witness, 0, signed);
    reseal(&mut witness, false);
    Forgery::of(&witness).assert_refused(&["combine"]);
    // The memo that was signed, and the receipts root of another one.
    let root = position::RECEIPTS_ROOT;
    let mut forgery = Forgery::of(&honest);
    forgery.statement[root.clone()].copy_from_slice(&witness.statement.elements()[root]);
    forgery.assert_refused(&["hash", "receipts"]);
}

/// One nano at a time, account 1 pays an account that is not open.
fn to_an_absent_account(world: &mut TestLedger, nano: u64) -> BatchWitness {
    let absent = 4_000_000_000;
    world.admit(1, 1, 0, transfer(2, 0));
    let signed = world.signed(1, 1, 0, transfer(absent, nano));
    let mut witness = world.seal();
    let payer = account(&mut witness, 1).new.as_mut().expect("open");
    payer.nonce = signed.intent.nonce;
    payer.balance = Nano::new(payer.balance.get() - nano).expect("a balance");
    replace_intent(&mut witness, 0, signed);
    reseal(&mut witness, false);
    witness
}

/// Nothing moves, so no lookup shows whether the account is open: a freedom that the ledger does
/// not take. Anything else would be lost, and is refused.
#[test]
fn transfer_to_an_absent_account() {
    Forgery::of(&to_an_absent_account(&mut settled_world(), 0)).assert_accepted();
    Forgery::of(&to_an_absent_account(&mut settled_world(), 1)).assert_refused(&["flow"]);
    // With a row of its own, which says that it is absent, it would have to hold the nano.
    let mut world = settled_world();
    world.consume(exit(1, 4_000_000_000));
    let mut forgery = Forgery::of(&to_an_absent_account(&mut world, 1));
    let c = AccountColumns::new();
    let mut rows = forgery.rows("accounts").into_iter();
    let absent = rows.find(|row| row[c.absent] == Felt::ONE).expect("a row");
    c.balance.write(absent, &[1]);
    absent[c.second] = Felt::ONE;
    forgery.assert_refused(&["accounts"]);
}
