//! Attacks on the queue: entries replayed, skipped, refused or granted without reason.

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::{AccountId, DEPOSIT_BALANCE_LIMIT, Felt, Nano, QueueIndex, QueueOutcome};

use super::batches::everything;
use super::changes::{account, add, lie};
use super::forgery::{Forgery, reseal};
use crate::tables::state::accounts::AccountColumns;
use crate::tables::state::licenses::LicenseColumns;
use crate::tables::state::queue::QueueColumns;
use crate::tables::state::registrations::RegistrationColumns;
use crate::tables::state::royalty_split::SplitColumns;
use crate::tables::state::withdrawals::{RECORD_LIMBS, WithdrawalColumns};

#[test]
fn replay_a_queue_entry() {
    lie(|witness| {
        let again = witness.queue[0];
        witness.queue.insert(1, again);
        add(witness, 7, 9_000_000);
    })
    .assert_refused(&["queue"]);
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
    .assert_accepted();
}

#[test]
fn refuse_a_deposit_without_reason() {
    let refuse = |outcome| {
        lie(|witness| {
            witness.queue[0].1 = outcome;
            add(witness, 7, -9_000_000);
        })
    };
    refuse(QueueOutcome::RefusedByAmount).assert_refused(&["queue"]);
    refuse(QueueOutcome::RefusedByBalance(AccountId::from(7))).assert_refused(&["queue"]);
    let forgery = refuse(QueueOutcome::RefusedByBalance(AccountId::from(7)));
    let c = QueueColumns::new();
    let mut forgery = forgery;
    let row = forgery.row("queue", 0);
    row[c.slack.columns.start] = row[c.old_balance] - Felt::from_u64(1 << 61);
    forgery.assert_refused(&["range"]);
}

/// The largest deposit to account 1, which held `old` when the batch began.
fn deposit_to_the_rich(old: u64, credited: bool) -> Forgery {
    let mut witness = everything();
    let change = account(&mut witness, 1);
    let before = change.old.as_mut().expect("open");
    let richer = old - before.balance.get();
    before.balance = Nano::new(old).expect("a balance");
    add(&mut witness, 1, richer as i64);
    if !credited {
        witness.queue[2].1 = QueueOutcome::RefusedByBalance(AccountId::from(1));
        add(&mut witness, 1, 1 - (1 << 46));
    }
    reseal(&mut witness, false);
    Forgery::of(&witness)
}

#[test]
fn balance_decides_a_deposit() {
    deposit_to_the_rich(DEPOSIT_BALANCE_LIMIT - 1, true).assert_accepted();
    deposit_to_the_rich(DEPOSIT_BALANCE_LIMIT, false).assert_accepted();
    deposit_to_the_rich(DEPOSIT_BALANCE_LIMIT - 1, false).assert_refused(&["queue"]);
    deposit_to_the_rich(DEPOSIT_BALANCE_LIMIT, true).assert_refused(&["queue"]);
}

#[test]
fn credit_a_deposit_to_another() {
    lie(|witness| {
        witness.queue[0].1 = QueueOutcome::Credited(AccountId::from(2));
        add(witness, 7, -9_000_000);
        add(witness, 2, 9_000_000);
    })
    .assert_refused(&["link"]);
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
    lie(|witness| witness.queue[5].1 = QueueOutcome::NoEffect).assert_refused(&["queue"]);
}

#[test]
fn grant_a_strangers_exit() {
    lie(|witness| witness.queue[4].1 = QueueOutcome::Exits).assert_refused(&["queue"]);
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
    forgery(1).assert_refused(&["range", "withdrawals"]);
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
    forgery.assert_refused(&["limb", "link", "withdrawals"]);
}

/// Two entries with an effect empty an account once: a second withdrawal of the same money, with its
/// record in public data and all that stands behind it.
#[test]
fn two_sweeps_of_one_account() {
    let mut forgery = lie(|witness| {
        let again = *witness.withdrawals.last().expect("an exit");
        witness.withdrawals.push(again);
    });
    let c = QueueColumns::new();
    assert_eq!(forgery.row("queue", 5)[c.exits], Felt::ONE);
    forgery.row("queue", 5)[c.sweeps] = Felt::ONE;
    let c = WithdrawalColumns::new();
    let mut rows = forgery.rows("withdrawals");
    let exit = rows.iter().position(|row| row[c.exit] == Felt::ONE).expect("an exit");
    let again = rows[exit].to_vec();
    rows[exit + 1].copy_from_slice(&again);
    for row in &mut rows[exit + 1..] {
        row[c.position] += Felt::from_u64(RECORD_LIMBS);
    }
    move_records_behind_withdrawals(&mut forgery, RECORD_LIMBS);
    let c = AccountColumns::new();
    forgery.row("accounts", 3)[c.owner_lookups] += Felt::ONE;
    // The account says once that it is swept.
    forgery.assert_refused(&["link"]);
}

fn move_records_behind_withdrawals(forgery: &mut Forgery, limbs: u64) {
    let positions = [
        ("accounts", AccountColumns::new().position),
        ("registrations", RegistrationColumns::new().position),
        ("licenses", LicenseColumns::new().position),
    ];
    for (table, position) in positions {
        for row in forgery.rows(table) {
            row[position] += Felt::from_u64(limbs);
        }
    }
    let c = SplitColumns::new();
    for row in forgery.rows("royalty_split") {
        row[c.position] += row[c.new] * Felt::from_u64(limbs);
    }
}
