//! Forgeries of the tables of the state that only a bus refuses: messages that nothing matches.

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::{Felt, canonical};

use super::Forged;
use super::accounts::{balance_of, set_balance};
use super::edits::BATCHES;
use super::forged_leaf::ForgedLeaf;
use super::messages::clear;
use super::sealed::{empty, everything, sealed};
use crate::tables::state::accounts::AccountColumns;
use crate::tables::state::licenses::LicenseColumns;
use crate::tables::state::queue::QueueColumns;
use crate::tables::state::royalty_split::SplitColumns;
use crate::tables::state::withdrawals::WithdrawalColumns;
use crate::tests::state::test_ledger::{account_holder, parent, pay, register, transfer, withdraw};

/// Forgeries of this page.
pub(super) const ALL: &[Forged] = &[
    ("money that no flow brings", balance_without_flow),
    ("a credit under a name that is not signed", named_without_intent),
    ("a nonce without a signer", account_signs_alone),
    ("a withdrawal dropped", withdrawal_dropped),
    ("a withdrawal that nobody signed", withdrawal_made_up),
    ("an opened account that L1 does not hear of", opening_dropped),
    ("an exit that pays nobody", sweep_dropped),
    ("a license that is not split", split_dropped),
    ("a split of no license", split_made_up),
    ("a deposit that is not credited", deposit_not_credited),
    ("a record of an account that is not opened", opening_made_up),
    ("an exit that no entry asks for", sweep_made_up),
    ("uses that nobody pays for", || license_paid_by_nobody(true)),
    ("royalties that no derivative leaves", || license_paid_by_nobody(false)),
    ("an account's identity that nobody asks for", || asked_by_nobody(Asked::Identity)),
    ("an account's owner whom nobody asks for", || asked_by_nobody(Asked::Owner)),
    ("an account that nobody asks for", || asked_by_nobody(Asked::Account)),
    ("a license that nobody asks for", || asked_by_nobody(Asked::License)),
    ("a license's standing that nobody asks for", || asked_by_nobody(Asked::Standing)),
];

fn balance_without_flow() -> ForgedLeaf {
    let mut lie = empty();
    lie.row("accounts", 0)[AccountColumns::new().old_balance] += Felt::from_u8(5);
    lie.hash_leaves();
    lie.rebuild_trees();
    lie.permute();
    lie
}

/// The rest of the account's money is what its flows bring.
fn named_without_intent() -> ForgedLeaf {
    let mut lie = empty();
    let (c, row) = (AccountColumns::new(), lie.row("accounts", 0));
    row[c.named] += Felt::from_u8(5);
    row[c.old_balance] -= Felt::from_u8(5);
    lie.hash_leaves();
    lie.rebuild_trees();
    lie.permute();
    lie
}

fn account_signs_alone() -> ForgedLeaf {
    let mut lie = empty();
    let c = AccountColumns::new();
    let row = lie.row("accounts", 0);
    (row[c.signer], row[c.identity_opened]) = (Felt::ONE, Felt::ONE);
    c.nonce.write(row, &[77]);
    set_balance(row, 0);
    lie.follow();
    lie
}

fn withdrawal_dropped() -> ForgedLeaf {
    let mut lie = sealed(|world| world.admit(1, 1, 0, withdraw(2_000)));
    let c = WithdrawalColumns::new();
    clear(&mut lie, "withdrawals", 0..1, &[c.ends.first]);
    lie.follow();
    lie
}

/// To the operator's owner.
fn withdrawal_made_up() -> ForgedLeaf {
    let mut lie = empty();
    let (c, a) = (WithdrawalColumns::new(), AccountColumns::new());
    lie.row("accounts", 0)[a.identity_opened] = Felt::ONE;
    let row = lie.row("withdrawals", 0);
    (row[c.intent], row[c.amount]) = (Felt::ONE, Felt::from_u32(1_000));
    lie.follow();
    lie
}

fn opening_dropped() -> ForgedLeaf {
    let mut lie = sealed(|world| {
        world.open(9);
    });
    let c = QueueColumns::new();
    let at = lie.find("queue", c.opened);
    clear(&mut lie, "queue", at..at + 1, &[c.ends.first, c.number]);
    lie.follow();
    lie
}

/// The account is swept and nothing is withdrawn.
fn sweep_dropped() -> ForgedLeaf {
    let mut lie = everything();
    let (q, w) = (QueueColumns::new(), WithdrawalColumns::new());
    for row in lie.rows("queue") {
        row[q.sweeps] = Felt::ZERO;
    }
    let exit = lie.find("withdrawals", w.exit);
    clear(&mut lie, "withdrawals", exit..exit + 1, &[]);
    lie.follow();
    lie
}

fn split_dropped() -> ForgedLeaf {
    let mut lie = BATCHES["payment"].clone();
    let height = lie.rows("royalty_split").len();
    clear(&mut lie, "royalty_split", 0..height - 2, &[]);
    lie.follow();
    lie
}

/// One line for the operator, of a license that is nowhere.
fn split_made_up() -> ForgedLeaf {
    let mut lie = empty();
    let (c, l) = (SplitColumns::new(), LicenseColumns::new());
    let row = lie.row("royalty_split", 0);
    (row[c.active], row[c.end], row[c.license]) = (Felt::ONE, Felt::ONE, Felt::from_u8(77));
    c.shares.write(row, &[999_999]);
    row[c.total] = Felt::from_u32(1_000_000);
    let tag = farthing_protocol::capacity_of(farthing_protocol::Tag::ShareTable, 1);
    row[c.capacity.clone()].copy_from_slice(&tag);
    assert_eq!(lie.row("licenses", 0)[l.existed], Felt::ZERO);
    lie.resplit(false);
    lie.follow();
    lie
}

fn deposit_not_credited() -> ForgedLeaf {
    let mut lie = BATCHES["deposit"].clone();
    let (q, a) = (QueueColumns::new(), AccountColumns::new());
    let entry = lie.find("queue", q.credited);
    let entry = lie.row("queue", entry).to_vec();
    let amount = canonical(q.amount.read(&entry).value::<Felt>());
    let at = lie.rows("accounts").iter().position(|row| row[a.id] == entry[q.account]);
    let at = at.expect("its account");
    let balance = balance_of(&mut lie, at);
    set_balance(lie.row("accounts", at), balance - amount);
    lie.hash_leaves();
    lie.rebuild_trees();
    lie.publish();
    lie.permute();
    lie
}

/// The account itself is not touched.
fn opening_made_up() -> ForgedLeaf {
    let mut lie = sealed(|world| {
        world.open(9);
    });
    let at = lie.find("accounts", AccountColumns::new().opened);
    clear(&mut lie, "accounts", at..at + 1, &[]);
    lie.follow();
    lie
}

fn sweep_made_up() -> ForgedLeaf {
    let mut lie = everything();
    let c = QueueColumns::new();
    for row in lie.rows("queue") {
        row[c.sweeps] = Felt::ZERO;
    }
    lie
}

/// Its vault and what it ever received were less before the batch.
fn license_paid_by_nobody(uses: bool) -> ForgedLeaf {
    // A derivative is registered, and the license that it is of is touched for nothing.
    let lines = [(account_holder(1), 700_000), (parent(0), 300_000)];
    let mut lie = sealed(|world| world.admit(1, 1, 0, register(1, 0, 2, &lines)));
    let c = LicenseColumns::new();
    let row = lie.row("licenses", 0);
    assert_eq!((row[c.uses], row[c.derived]), (Felt::ZERO, Felt::ZERO));
    let income = if uses { row[c.price] } else { Felt::from_u8(5) };
    row[if uses { c.uses } else { c.derived }] += if uses { Felt::ONE } else { income };
    row[c.vault] -= income;
    row[c.old_received] -= income;
    lie.hash_leaves();
    lie.rebuild_trees();
    lie.permute();
    lie
}

/// Answers of a row.
#[derive(Clone, Copy)]
enum Asked {
    Identity,
    Owner,
    Account,
    License,
    Standing,
}

fn asked_by_nobody(what: Asked) -> ForgedLeaf {
    let (a, l) = (AccountColumns::new(), LicenseColumns::new());
    // The license holds no shares of a license that is touched.
    let mut lie = match what {
        Asked::License | Asked::Standing => sealed(|world| world.admit(1, 1, 0, pay(0, 1, 100))),
        Asked::Identity | Asked::Owner | Asked::Account => {
            sealed(|world| world.admit(1, 1, 0, transfer(2, 5)))
        }
    };
    let (table, column) = match what {
        Asked::Identity => ("accounts", a.identity_lookups),
        Asked::Owner => ("accounts", a.owner_lookups),
        Asked::Account => ("accounts", a.holder_lookups),
        Asked::License => ("licenses", l.holder_lookups),
        Asked::Standing => ("licenses", l.standing_lookups),
    };
    let shown = lie.find("accounts", a.identity_opened);
    let row = if table == "accounts" { shown } else { 0 };
    let asked = &mut lie.row(table, row)[column];
    assert_eq!(*asked, Felt::ZERO);
    *asked = Felt::ONE;
    lie
}
