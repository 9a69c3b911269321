//! Forgeries of the queue table.

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::{Felt, canonical, position};

use super::Forged;
use super::accounts::{balance_of, set_balance};
use super::forged_leaf::ForgedLeaf;
use super::sealed::{everything, sealed};
use crate::tables::state::accounts::AccountColumns;
use crate::tables::state::queue::QueueColumns;
use crate::tables::state::withdrawals::WithdrawalColumns;

/// Forgeries of this page.
pub(super) const ALL: &[Forged] = &[
    ("an exit swept by two and minus one", half_sweeps),
    ("an exit swept by a refusal", sweep_of_a_refusal),
    ("an opened account before the entries", opened_first),
    ("a deposit of 2⁴⁶ credited", too_large_credited),
    ("a deposit too large for an account", too_large_for_somebody),
    ("a deposit refused to the poor", refused_by_balance),
    ("an exit without effect", exit_without_effect),
    ("an opened account without a head", record_without_a_head),
];

/// Entries 3 and 5 of a batch of everything exit from account 3, entry 4 is a stranger's.
fn half_sweeps() -> ForgedLeaf {
    let mut lie = everything();
    let c = QueueColumns::new();
    lie.row("queue", 3)[c.sweeps] = Felt::TWO;
    lie.row("queue", 5)[c.sweeps] = -Felt::ONE;
    lie
}

fn sweep_of_a_refusal() -> ForgedLeaf {
    let mut lie = everything();
    let c = QueueColumns::new();
    assert_eq!(lie.row("queue", 4)[c.denied], Felt::ONE);
    lie.row("queue", 3)[c.sweeps] = Felt::ZERO;
    lie.row("queue", 4)[c.sweeps] = Felt::ONE;
    lie
}

fn opened_first() -> ForgedLeaf {
    let mut lie = everything();
    let c = QueueColumns::new();
    let at = lie.find("queue", c.opened);
    let opened = lie.row("queue", at).to_vec();
    let first = lie.row("queue", 0)[c.number];
    for row in (0..at).rev() {
        let moved = lie.row("queue", row).to_vec();
        lie.row("queue", row + 1).copy_from_slice(&moved);
    }
    let row = lie.row("queue", 0);
    row.copy_from_slice(&opened);
    row[c.number] = first;
    lie.row("queue", 1)[c.ends.first] = Felt::ZERO;
    lie.row("queue", 0)[c.ends.first] = Felt::ONE;
    lie.follow();
    lie
}

/// Entry 1 of a batch of everything, 2⁴⁶ for account 1, whose row has its number.
fn too_large_credited() -> ForgedLeaf {
    let mut lie = everything();
    let c = QueueColumns::new();
    let like = lie.row("queue", 2).to_vec();
    assert_eq!(like[c.credited], Felt::ONE);
    let row = lie.row("queue", 1);
    (row[c.too_large], row[c.credited]) = (Felt::ZERO, Felt::ONE);
    (row[c.account], row[c.old_balance]) = (Felt::ONE, like[c.old_balance]);
    row[c.slack.columns.clone()].copy_from_slice(&like[c.slack.columns.clone()]);
    row[c.head] = like[c.head];
    let balance = balance_of(&mut lie, 1);
    set_balance(lie.row("accounts", 1), balance + (1 << 46));
    lie.follow();
    lie
}

fn too_large_for_somebody() -> ForgedLeaf {
    let mut lie = everything();
    let c = QueueColumns::new();
    let row = lie.row("queue", 1);
    row[c.account] = Felt::from_u8(5);
    row[c.head] += Felt::from_u64(5 << 8);
    lie.follow();
    lie
}

/// The largest deposit, refused to account 1.
fn refused_by_balance() -> ForgedLeaf {
    let mut lie = everything();
    let c = QueueColumns::new();
    let row = lie.row("queue", 2);
    (row[c.credited], row[c.refused_by_balance]) = (Felt::ZERO, Felt::ONE);
    row[c.head] += Felt::from_u64(1 << 40);
    let balance = balance_of(&mut lie, 1);
    set_balance(lie.row("accounts", 1), balance - ((1 << 46) - 1));
    lie.follow();
    lie
}

/// Account 3 keeps its money although its owner's exits have an effect.
fn exit_without_effect() -> ForgedLeaf {
    let mut lie = everything();
    let (q, w, a) = (QueueColumns::new(), WithdrawalColumns::new(), AccountColumns::new());
    for row in lie.rows("queue") {
        row[q.sweeps] = Felt::ZERO;
        row[q.exiting] = Felt::ZERO;
    }
    let exit = lie.find("withdrawals", w.exit);
    let padding = lie.row("withdrawals", 40).to_vec();
    let below = lie.row("withdrawals", exit + 1).to_vec();
    assert_eq!(below[w.intent] + below[w.exit], Felt::ZERO);
    lie.row("withdrawals", exit).copy_from_slice(&padding);
    for row in lie.rows("withdrawals") {
        row[w.exiting] = Felt::ZERO;
    }
    let row = lie.find("accounts", a.exits);
    let balance = balance_of(&mut lie, row);
    let cells = lie.row("accounts", row);
    let swept = canonical(cells[a.swept]);
    (cells[a.exits], cells[a.swept]) = (Felt::ZERO, Felt::ZERO);
    set_balance(cells, balance + swept);
    lie.follow();
    lie
}

/// Halves of kinds behind the last record tell the key of an opened account, and take back all amounts
/// that they tell beside it: each row has an amount at its fourth position, this many times.
fn record_without_a_head() -> ForgedLeaf {
    let mut lie = sealed(|world| {
        world.open(9);
    });
    let c = QueueColumns::new();
    let opened = lie.row("queue", 0).to_vec();
    assert_eq!(opened[c.opened], Felt::ONE);
    let padding = lie.row("queue", 40).to_vec();
    let account = opened[c.account];
    let head = |kind: Felt, account: Felt| kind * Felt::from_u64(1 << 48) + account;
    // An exit of the account as if it were absent, which a half of one takes back.
    let mut exit = padding.clone();
    (exit[c.denied], exit[c.account], exit[c.absent]) = (Felt::ONE, account, Felt::ONE);
    exit[c.head] = head(Felt::TWO, account * Felt::from_u64(1 << 8));
    let mut key = opened.clone();
    (key[c.denied], key[c.absent]) = (-Felt::ONE, Felt::ONE);
    key[c.head] = head(Felt::ONE, account * Felt::from_u64(1 << 16));
    let amount = |times: i64| {
        let mut row = padding.clone();
        let times = if times < 0 { -Felt::new(-times as u64) } else { Felt::new(times as u64) };
        (row[c.too_large], row[c.opened]) = (times, -times);
        c.amount.write(&mut row, &[1 << 46]);
        row[c.inverses.start] = Felt::ONE;
        row[c.head] = head(-times.double(), Felt::ZERO);
        row
    };
    let amounts = [-2, 2, -2, 2, 4].map(amount);
    let behind = [amount(-4), key].into_iter().chain(amounts);
    // No entry stands behind an opened account, so a row of padding does.
    let behind = behind.flat_map(|row| [row, padding.clone()]);
    let mut number = lie.statement[position::QUEUE_FROM];
    for (i, mut row) in [exit].into_iter().chain(behind).enumerate() {
        row[c.number] = number;
        row[c.ends.first] = Felt::from_bool(i == 0);
        number += row[c.too_large] + row[c.denied];
        lie.row("queue", i).copy_from_slice(&row);
    }
    for row in lie.rows("queue").into_iter().skip(15) {
        row[c.number] = number;
    }
    lie.statement[position::QUEUE_TO] = number;
    lie.follow();
    lie
}
