//! Constraints of the queue table.

use p3_air::{AirBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use farthing_protocol::{AMOUNT_BITS, DEPOSIT_BALANCE_LIMIT, Felt, position};

use crate::buses::{
    FLOW, FlowKind, Section, StateLink, check_ranges, receive_link, send_limb, send_link,
};
use crate::gadgets::columns::Row;
use crate::gadgets::gate::OnRows;

use super::columns::QueueColumns;
use super::{DEPOSIT_BITS, DEPOSIT_LIMBS, EXIT_LIMBS, HALF_BITS, OPENED_LIMBS};

/// Record kinds.
const DEPOSIT: u64 = 1;
const FORCED_EXIT: u64 = 2;
const OPENED: u64 = 3;
/// Outcome codes; 0 is a deposit too large and an exit denied.
const EFFECT: u64 = 1;
const REFUSED_BY_BALANCE: u64 = 2;

struct Queue<'a, E> {
    c: &'a QueueColumns,
    row: &'a Row<E>,
    next: &'a Row<E>,
    public: Vec<E>,
}

pub(crate) fn eval<AB: AirBuilder<F = Felt> + InteractionBuilder>(
    columns: &QueueColumns,
    builder: &mut AB,
) {
    let main = builder.main();
    let table = &Queue {
        c: columns,
        row: &Row::<AB::Expr>::new(main.current_slice()),
        next: &Row::<AB::Expr>::new(main.next_slice()),
        public: builder.public_values().iter().map(|v| (*v).into()).collect(),
    };
    assert_flags(table, builder);
    assert_order(table, builder);
    assert_entries_are_the_statements(table, builder);
    assert_positions(table, builder);
    assert_amount_decides(table, builder);
    assert_old_balance_decides(table, builder);
    assert_owner_decides(table, builder);
    assert_opened_key_is_canonical(table, builder);
    assert_head(table, builder);
    check_ranges(builder, table.row, &columns.numbers());
    ask_accounts(table, builder);
    receive_opening(table, builder);
    send_exit(table, builder);
    send_credit(table, builder);
    send_record(table, builder);
    start_sections(table, builder);
}

fn assert_flags<AB: AirBuilder>(table: &Queue<'_, AB::Expr>, builder: &mut AB) {
    let (c, row) = (table.c, table.row);
    let kinds = [c.credited, c.refused_by_balance, c.too_large, c.exits, c.denied, c.opened];
    builder.assert_bools(kinds.map(|flag| row.at(flag)));
    builder.assert_bools([c.active(row), row.at(c.sweeps)]);
    builder.assert_zero(row.at(c.sweeps) * (AB::Expr::ONE - row.at(c.exits)));
}

/// Entries, then opened accounts by ascending ids, then padding.
fn assert_order<AB: AirBuilder>(table: &Queue<'_, AB::Expr>, builder: &mut AB) {
    let (c, row, next) = (table.c, table.row, table.next);
    c.ends.assert(builder, [row, next], [c.active(row), c.active(next)]);
    let mut transition = builder.on_transition();
    transition.assert_zero(row.at(c.opened) * c.entry(next));
}

fn assert_entries_are_the_statements<AB: AirBuilder>(
    table: &Queue<'_, AB::Expr>,
    builder: &mut AB,
) {
    let (c, row, next) = (table.c, table.row, table.next);
    let number = row.at(c.number);
    let [from, to] = [position::QUEUE_FROM, position::QUEUE_TO].map(|i| table.public[i].clone());
    builder.on_first_row().assert_eq(number.clone(), from);
    builder.on_transition().assert_eq(next.at(c.number), number.clone() + c.entry(row));
    builder.on_last_row().assert_eq(number, to);
}

fn assert_positions<AB: AirBuilder>(table: &Queue<'_, AB::Expr>, builder: &mut AB) {
    let (c, row) = (table.c, table.row);
    let limbs = c.deposit(row) * AB::Expr::from_u64(DEPOSIT_LIMBS)
        + c.exit(row) * AB::Expr::from_u64(EXIT_LIMBS)
        + row.at(c.opened) * AB::Expr::from_u64(OPENED_LIMBS);
    builder.on_first_row().assert_zero(row.at(c.position));
    builder.on_transition().assert_eq(table.next.at(c.position), row.at(c.position) + limbs);
}

/// 2⁴⁶ or more is refused, less is not refused as too large.
fn assert_amount_decides<AB: AirBuilder>(table: &Queue<'_, AB::Expr>, builder: &mut AB) {
    let (c, row) = (table.c, table.row);
    let high = c.amount.part(row, AMOUNT_BITS as usize..DEPOSIT_BITS);
    builder.assert_zero((row.at(c.credited) + row.at(c.refused_by_balance)) * high.clone());
    let not_zero = AB::Expr::ONE - high * row.at(c.inverses.start);
    builder.assert_zero(row.at(c.too_large) * not_zero);
    builder.assert_zero(row.at(c.too_large) * row.at(c.account));
}

/// Less than 2⁶¹ when the batch began: credited; from 2⁶¹ on: too rich. Both differences are below
/// 2⁶¹ for one of the two only. Opened ids ascend by the same column.
fn assert_old_balance_decides<AB: AirBuilder>(table: &Queue<'_, AB::Expr>, builder: &mut AB) {
    let (c, row, next) = (table.c, table.row, table.next);
    let (old, slack) = (row.at(c.old_balance), c.slack.value(row));
    let limit = AB::Expr::from_u64(DEPOSIT_BALANCE_LIMIT);
    let below = limit.clone() - AB::Expr::ONE - old.clone();
    builder.assert_zero(row.at(c.credited) * (below - slack.clone()));
    builder.assert_zero(row.at(c.refused_by_balance) * (old - limit - slack));
    let gap = next.at(c.account) - row.at(c.account) - AB::Expr::ONE;
    let both = row.at(c.opened) * next.at(c.opened);
    builder.on_transition().assert_zero(both * (gap - c.slack.value(next)));
}

/// An exit has an effect if and only if the account is open and its owner is the requester.
fn assert_owner_decides<AB: AirBuilder>(table: &Queue<'_, AB::Expr>, builder: &mut AB) {
    let (c, row) = (table.c, table.row);
    let exits = row.at(c.exits);
    builder.assert_zero(exits.clone() * (AB::Expr::ONE - row.at(c.exiting)));
    builder.assert_zero(exits.clone() * row.at(c.absent));
    let mut differ = AB::Expr::ZERO;
    let owners = c.owner(row).into_iter().zip(row.all(&c.true_owner));
    for ((requester, owner), inverse) in owners.zip(row.all(&c.inverses)) {
        let difference = requester - owner.clone();
        builder.assert_zero(exits.clone() * difference.clone());
        differ += difference * inverse.clone();
    }
    builder.assert_zero(row.at(c.denied) * (AB::Expr::ONE - row.at(c.absent) - differ));
}

/// A word is below p = 2⁶⁴ − 2³² + 1: if its upper half is 2³² − 1 its lower half is 0. Another
/// word for the same element would be a record that no reader takes.
fn assert_opened_key_is_canonical<AB: AirBuilder>(table: &Queue<'_, AB::Expr>, builder: &mut AB) {
    let (c, row) = (table.c, table.row);
    for word in &c.words {
        let [low, high] = word.halves(row);
        let below_max = high - AB::Expr::from_u64((1 << HALF_BITS) - 1);
        let shown = row.at(c.opened) - below_max * row.at(word.inverse);
        builder.assert_zero(low * shown);
    }
}

/// Kind, outcome and account of an entry; kind and account, two bytes higher, of an opened one.
fn assert_head<AB: AirBuilder>(table: &Queue<'_, AB::Expr>, builder: &mut AB) {
    let (c, row) = (table.c, table.row);
    let word = |value: u64| AB::Expr::from_u64(value);
    let kind = c.deposit(row) * word(DEPOSIT)
        + c.exit(row) * word(FORCED_EXIT)
        + row.at(c.opened) * word(OPENED);
    let outcome = (row.at(c.credited) + row.at(c.exits)) * word(EFFECT)
        + row.at(c.refused_by_balance) * word(REFUSED_BY_BALANCE);
    let shift = word(1 << 8) + row.at(c.opened) * word((1 << 16) - (1 << 8));
    let head = kind * word(1 << 48) + outcome * word(1 << 40) + row.at(c.account) * shift;
    builder.assert_eq(row.at(c.head), head);
}

fn ask_accounts<AB: InteractionBuilder>(table: &Queue<'_, AB::Expr>, builder: &mut AB) {
    let (c, row) = (table.c, table.row);
    let account = row.at(c.account);
    let identity = [account.clone()].into_iter().chain(c.key(row)).chain(c.owner(row));
    let identity = identity.chain([row.at(c.old_balance)]);
    send_link(
        builder,
        StateLink::Identity,
        identity,
        row.at(c.credited) + row.at(c.refused_by_balance),
    );
    let owner = [account, row.at(c.absent), row.at(c.exiting)];
    let owner = owner.into_iter().chain(row.all(&c.true_owner).to_vec());
    send_link(builder, StateLink::Owner, owner, c.exit(row));
}

fn receive_opening<AB: InteractionBuilder>(table: &Queue<'_, AB::Expr>, builder: &mut AB) {
    let (c, row) = (table.c, table.row);
    let opening = [row.at(c.account)].into_iter().chain(c.key(row)).chain(c.owner(row));
    receive_link(builder, StateLink::Opening, opening, row.at(c.opened));
}

fn send_exit<AB: InteractionBuilder>(table: &Queue<'_, AB::Expr>, builder: &mut AB) {
    let (c, row) = (table.c, table.row);
    send_link(builder, StateLink::Exit, [row.at(c.account)], row.at(c.sweeps));
}

fn send_credit<AB: InteractionBuilder>(table: &Queue<'_, AB::Expr>, builder: &mut AB) {
    let (c, row) = (table.c, table.row);
    let account = [AB::Expr::from_u64(FlowKind::Account as u64), row.at(c.account), AB::Expr::ZERO];
    let credit = row.at(c.credited) * c.amount.value(row);
    FLOW.send(builder, account, Count::provided(credit));
}

fn send_record<AB: InteractionBuilder>(table: &Queue<'_, AB::Expr>, builder: &mut AB) {
    let (c, row) = (table.c, table.row);
    let at = |offset: usize| row.at(c.position) + AB::Expr::from_usize(offset);
    let (active, deposit) = (c.active(row), c.deposit(row));
    send_limb(builder, at(0), row.at(c.head), active.clone());
    for (i, limb) in c.owner(row).into_iter().enumerate() {
        send_limb(builder, at(1 + i), limb, active.clone());
    }
    send_limb(builder, at(4), c.amount.value(row), deposit.clone());
    let high = c.words.iter().fold(AB::Expr::ZERO, |limb, word| {
        limb * AB::Expr::from_u64(1 << 8) + word.high.value(row)
    });
    let low = c.words.iter().map(|word| word.low.value(row));
    let keyed = deposit.clone() + row.at(c.opened);
    for (i, limb) in [high].into_iter().chain(low).enumerate() {
        send_limb(builder, at(4 + i) + deposit.clone(), limb, keyed.clone());
    }
}

/// Public data starts here, so there is no section before to take a position from.
fn start_sections<AB: InteractionBuilder>(table: &Queue<'_, AB::Expr>, builder: &mut AB) {
    let (c, row) = (table.c, table.row);
    let next = AB::Expr::from_u64(Section::Withdrawals as u64);
    send_link(builder, StateLink::Section, [next, row.at(c.position)], row.at(c.ends.last));
}
