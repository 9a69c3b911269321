//! Attacks by name. Each prover lies about one thing and makes all else follow from it; what it
//! breaks is named exactly. Attacks on money are also proven, and the proofs are refused.

use p3_field::PrimeCharacteristicRing;

use farthing_ledger::{AccountChange, BatchWitness, LicenseChange};
use farthing_protocol::{
    AccountId, AccountIdentity, Felt, Holder, HolderShares, LicenseId, Nano, Operation, QueueIndex,
    QueueOutcome, ShareTable, Shares,
};

use super::batches::{everything, one_payment, settled_world};
use super::forge::{Forgery, records, replace_intent, reseal};
use super::world::{identity, pay};
use crate::accounts::AccountColumns;
use crate::licenses::LicenseColumns;
use crate::queue::QueueColumns;
use crate::royalty_split::SplitColumns;
use crate::withdrawals::WithdrawalColumns;

fn account(witness: &mut BatchWitness, id: u32) -> &mut AccountChange {
    let found = witness.accounts.iter_mut().find(|change| change.id == AccountId::from(id));
    found.expect("touched")
}

fn license(witness: &mut BatchWitness, id: u32) -> &mut LicenseChange {
    let found = witness.licenses.iter_mut().find(|change| change.id == LicenseId::from(id));
    found.expect("touched")
}

/// Adds to what an account holds after the batch.
fn add(witness: &mut BatchWitness, id: u32, nano: i64) {
    let new = account(witness, id).new.as_mut().expect("open");
    new.balance = Nano::new(new.balance.get().wrapping_add_signed(nano)).expect("a balance");
}

/// `change`s a batch of everything, and the whole proof follows.
fn lie(change: impl FnOnce(&mut BatchWitness)) -> Forgery {
    let mut witness = everything();
    change(&mut witness);
    reseal(&mut witness, false);
    Forgery::of(&witness)
}

/// The same about the state before the batch, whose root stands.
fn lie_about_the_past(change: impl FnOnce(&mut BatchWitness)) -> Forgery {
    let mut witness = everything();
    change(&mut witness);
    reseal(&mut witness, true);
    Forgery::of(&witness)
}

#[test]
fn truth_is_accepted() {
    lie(|_| ()).assert_refused(&[]);
}

#[test]
fn create_money() {
    lie(|witness| add(witness, 2, 1)).assert_not_proven(&["flow"]);
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
fn round_a_share_up() {
    let mut witness = everything();
    // License 1 keeps a nano less, its first holder gets it.
    let kept = license(&mut witness, 1).new.vault.get();
    assert!(kept > 0, "there is a remainder to steal");
    license(&mut witness, 1).new.vault = Nano::from(kept as u8 - 1);
    add(&mut witness, 4, 1);
    reseal(&mut witness, false);
    let mut forgery = Forgery::of(&witness);
    let c = SplitColumns::new();
    let rows = forgery.rows("royalty_split").into_iter();
    let mut first_lines = rows.filter(|row| row[c.license] == Felt::ONE && row[c.end] == Felt::ONE);
    let row = first_lines.next().expect("a line");
    row[c.spent] += Felt::ONE;
    row[c.quotient_low.columns.start] += Felt::ONE;
    row[c.remainder.columns.start] -= Felt::from_u32(1_000_000);
    row[c.remainder_slack.columns.start] += Felt::from_u32(1_000_000);
    forgery.assert_not_proven(&["range"]);
}

/// The holder and the license agree on less, the operator keeps the rest.
#[test]
fn withhold_a_share() {
    lie(|witness| {
        add(witness, 4, -1);
        add(witness, 0, 1);
    })
    .assert_refused(&["flow"]);
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
    forgery.assert_not_proven(&["flow"]);
}

#[test]
fn omit_an_account_that_pays() {
    lie(|witness| witness.accounts.retain(|change| change.id != AccountId::from(6)))
        .assert_not_proven(&["flow", "link"]);
}

/// Account 7 holds shares; with nothing paid out it must still be touched.
#[test]
fn omit_a_holder() {
    let mut world = settled_world();
    world.admit(1, 1, 2, pay(1, 7, 1_000));
    let mut witness = world.seal();
    let gone = AccountId::from(3);
    let (old, new) = {
        let change = account(&mut witness, 3);
        (change.old.expect("open").balance.get(), change.new.expect("open").balance.get())
    };
    witness.accounts.retain(|change| change.id != gone);
    add(&mut witness, 0, (new - old) as i64);
    reseal(&mut witness, false);
    Forgery::of(&witness).assert_refused(&["flow", "link"]);
}

#[test]
fn touch_an_account_twice() {
    let forgery = lie(|witness| {
        let place = witness.accounts.iter().position(|change| change.id == AccountId::from(2));
        let place = place.expect("touched");
        let mut twice = witness.accounts[place];
        twice.signed = false;
        twice.new = twice.old;
        witness.accounts.insert(place, twice);
    });
    // The leaf's parent takes one of the two changes, and the gap between the two is −1.
    let mut forgery = forgery;
    let culprits = forgery.culprits();
    assert!(culprits.contains(&"range".to_owned()), "{culprits:?}");
    assert!(culprits.contains(&"node".to_owned()), "{culprits:?}");
}

#[test]
fn leaf_that_is_not_in_the_old_tree() {
    lie_about_the_past(|witness| {
        let old = account(witness, 2).old.as_mut().expect("open");
        old.balance = Nano::new(old.balance.get() + 1_000).expect("a balance");
        add(witness, 2, 1_000);
    })
    .assert_not_proven(&["merkle"]);
}

#[test]
fn open_over_an_account() {
    lie_about_the_past(|witness| {
        let change = account(witness, 3);
        let thief = AccountIdentity { owner: identity(1).owner, ..identity(3) };
        change.identity = Some(thief);
    })
    .assert_refused(&["link", "merkle", "queue"]);
}

#[test]
fn sign_for_another_account() {
    lie_about_the_past(|witness| {
        // The leaf says that account 5 has the key of account 4.
        account(witness, 5).identity =
            Some(AccountIdentity { key: identity(4).key, ..identity(5) });
    })
    .assert_refused(&["merkle", "signer"]);
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
fn register_with_a_parents_share_cut() {
    let mut witness = everything();
    let place = witness.intents.iter().position(|intent| intent.registers.is_some());
    let place = place.expect("registers");
    let mut signed = witness.intents[place].signed.clone();
    let Operation::RegisterLicense(register) = &mut signed.intent.operation else {
        panic!("registers")
    };
    // License 0 asks for 300,000; the signer takes what it is not left.
    let lines = register.shares.holders().iter().map(|line| match line.holder {
        Holder::License(id) if id == LicenseId::from(0) => shares(line.holder, 299_999),
        Holder::Account(id) if id == AccountId::from(1) => shares(line.holder, 110_001),
        _ => *line,
    });
    register.shares = ShareTable::new(lines.collect()).expect("a table");
    let terms = register.terms(AccountId::from(1));
    let domain = witness.statement.header.domain;
    let signed = signed.intent.sign(&super::world::secret(1), &domain);
    replace_intent(&mut witness, place, signed);
    license(&mut witness, 2).terms = terms;
    // Nobody pays in this lie, so the split moves nothing.
    witness.intents.retain(|intent| !matches!(intent.signed.intent.operation, Operation::Pay(_)));
    reseal(&mut witness, false);
    let culprits = Forgery::of(&witness).culprits();
    assert!(culprits.contains(&"range".to_owned()), "{culprits:?}");
}

fn shares(holder: Holder, shares: u64) -> HolderShares {
    HolderShares { holder, shares: Shares::new(shares).expect("shares") }
}

#[test]
fn drop_a_withdrawal_from_public_data() {
    let mut witness = everything();
    let dropped = witness.withdrawals.remove(0);
    assert_eq!(dropped.base_units, 3);
    reseal(&mut witness, false);
    // The rows zip with what is left, so the first one claims the second's owner and amount.
    let culprits = Forgery::of(&witness).culprits();
    assert!(culprits.contains(&"withdrawal".to_owned()), "{culprits:?}");
}

/// The limbs of a record are left out of the committed data while every table still has it.
#[test]
fn drop_a_record_from_public_data() {
    let mut witness = everything();
    let honest = records(&witness);
    for gone in 0..honest.len() {
        let mut left = honest.clone();
        left.remove(gone);
        witness.public_data = farthing_protocol::PublicData::from_records(&left);
        let mut header = witness.statement.header;
        header.public_data = witness.public_data.commitment();
        header.public_data_limbs = witness.public_data.limbs().len() as u32;
        let limbs = witness.public_data.limbs();
        witness.statement = farthing_protocol::BatchStatement::new(header, limbs);
        Forgery::of(&witness).assert_refused(&["limb", "link"]);
    }
}

#[test]
fn pay_a_withdrawal_to_another_owner() {
    lie(|witness| witness.withdrawals[0].owner = identity(1).owner).assert_not_proven(&["link"]);
}

#[test]
fn withdraw_more_than_was_signed() {
    lie(|witness| witness.withdrawals[0].base_units += 1).assert_not_proven(&["withdrawal"]);
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
    forgery.assert_not_proven(&["accounts"]);

    let c = SplitColumns::new();
    let mut forgery = Forgery::of(&witness);
    let row = forgery.row("royalty_split", 100);
    c.id.write(row, &[2]);
    c.quotient_low.write(row, &[5]);
    forgery.assert_not_proven(&["royalty_split"]);

    let c = QueueColumns::new();
    let mut forgery = Forgery::of(&witness);
    let row = forgery.row("queue", 40);
    row[c.account] = Felt::TWO;
    c.amount.write(row, &[5]);
    row[c.head] = Felt::from_u16(2 << 8);
    // Without a flag the amount is no credit.
    forgery.assert_not_proven(&["flow"]);

    let c = LicenseColumns::new();
    let mut forgery = Forgery::of(&witness);
    let row = forgery.row("licenses", 40);
    row[c.derived] = -Felt::from_u8(5);
    forgery.assert_refused(&["flow", "licenses"]);
}

#[test]
fn replay_a_queue_entry() {
    lie(|witness| {
        let again = witness.queue[0];
        witness.queue.insert(1, again);
        add(witness, 7, 9_000_000);
    })
    .assert_not_proven(&["queue"]);
}

#[test]
fn skip_a_queue_entry() {
    lie(|witness| {
        witness.queue.remove(0);
        add(witness, 7, -9_000_000);
    })
    .assert_refused(&["queue"]);
}

/// It may call itself part of a longer queue; then the statement says so, and L1 does not.
#[test]
fn replay_a_queue_entry_honestly_counted() {
    lie(|witness| {
        let again = witness.queue[0];
        witness.queue.insert(1, again);
        add(witness, 7, 9_000_000);
        let to = witness.statement.header.queue_to.get();
        witness.statement.header.queue_to = QueueIndex::new(to + 1).expect("an index");
    })
    .assert_refused(&[]);
}

#[test]
fn refuse_a_deposit_without_reason() {
    let refuse = |outcome| {
        lie(|witness| {
            witness.queue[0].1 = outcome;
            add(witness, 7, -9_000_000);
        })
    };
    refuse(QueueOutcome::RefusedByAmount).assert_not_proven(&["queue"]);
    refuse(QueueOutcome::RefusedByBalance(AccountId::from(7))).assert_refused(&["queue"]);
    let forgery = refuse(QueueOutcome::RefusedByBalance(AccountId::from(7)));
    let c = QueueColumns::new();
    let mut forgery = forgery;
    let row = forgery.row("queue", 0);
    row[c.slack.columns.start] = row[c.old_balance] - Felt::from_u64(1 << 61);
    forgery.assert_refused(&["range"]);
}

#[test]
fn credit_a_deposit_to_another() {
    lie(|witness| {
        witness.queue[0].1 = QueueOutcome::Credited(AccountId::from(2));
        add(witness, 7, -9_000_000);
        add(witness, 2, 9_000_000);
    })
    .assert_not_proven(&["link"]);
}

#[test]
fn credit_a_deposit_that_is_too_large() {
    lie(|witness| {
        witness.queue[1].1 = QueueOutcome::Credited(AccountId::from(1));
        add(witness, 1, 1 << 46);
    })
    .assert_refused(&["queue"]);
}

#[test]
fn deny_an_owners_exit() {
    // The other entry of the owner keeps its effect, so the account exits all the same.
    lie(|witness| witness.queue[5].1 = QueueOutcome::NoEffect).assert_not_proven(&["queue"]);
}

#[test]
fn grant_a_strangers_exit() {
    lie(|witness| witness.queue[4].1 = QueueOutcome::Exits).assert_not_proven(&["queue"]);
}

#[test]
fn say_that_an_account_is_absent() {
    let mut forgery = lie(|witness| witness.queue[5].1 = QueueOutcome::NoEffect);
    let c = QueueColumns::new();
    forgery.row("queue", 5)[c.absent] = Felt::ONE;
    forgery.assert_refused(&["link"]);
}

#[test]
fn exit_with_less_than_there_is() {
    let forgery = |units: u64| {
        lie(|witness| {
            let last = witness.withdrawals.len() - 1;
            witness.withdrawals[last].base_units -= units;
            add(witness, 3, 1_000 * units as i64);
        })
    };
    forgery(1).assert_not_proven(&["range", "withdrawals"]);
    // Sweeping more leaves a balance below zero.
    let mut more = lie(|witness| witness.withdrawals.last_mut().expect("one").base_units += 1);
    let kept = AccountColumns::new();
    let row = more.row("accounts", 3);
    assert_eq!(row[kept.id], Felt::from_u8(3));
    more.assert_refused(&["flow"]);
}

#[test]
fn forget_the_exit() {
    // The account keeps its money although the queue says that it exits.
    lie(|witness| {
        let last = witness.withdrawals.len() - 1;
        let swept = witness.withdrawals.remove(last).base_units * 1_000;
        add(witness, 3, swept as i64);
    })
    .assert_refused(&["link"]);
}

#[test]
fn withdrawal_of_no_whole_units() {
    let mut forgery = lie(|witness| add(witness, 3, 0));
    let c = WithdrawalColumns::new();
    let rows = forgery.rows("withdrawals");
    let exit = rows.into_iter().find(|row| row[c.exit] == Felt::ONE).expect("an exit");
    exit[c.amount] -= Felt::ONE;
    let mut culprits = forgery.culprits();
    culprits.retain(|name| name != "limb");
    assert_eq!(culprits, ["link", "withdrawals"]);
}
