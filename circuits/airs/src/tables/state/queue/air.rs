//! Constraints of the queue table.

use p3_air::{AirBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use farthing_protocol::{AMOUNT_BITS, DEPOSIT_BALANCE_LIMIT, Felt, position};

use crate::buses::{
    FLOW, FlowKind, Section, StateLink, check_ranges, flow, receive_link, send_limb, send_link,
};
use crate::gadgets::gate::OnRows;

use super::columns::{QueueCells, QueueColumns};
use super::{DEPOSIT_BITS, DEPOSIT_LIMBS, EXIT_LIMBS, HALF_BITS, OPENED_LIMBS};

/// Record kinds.
const DEPOSIT: u64 = farthing_protocol::layout::deposit::KIND as u64;
const FORCED_EXIT: u64 = farthing_protocol::layout::forced_exit::KIND as u64;
const OPENED: u64 = farthing_protocol::layout::opened_account::KIND as u64;
/// Outcome codes; 0 is a deposit too large and an exit denied.
const EFFECT: u64 = farthing_protocol::layout::outcome::EFFECT;
const REFUSED_BY_BALANCE: u64 = farthing_protocol::layout::outcome::REFUSED_BY_BALANCE;

pub(crate) fn eval<AB: AirBuilder<F = Felt> + InteractionBuilder>(
    columns: &QueueColumns,
    builder: &mut AB,
) {
    let main = builder.main();
    let (row, next) = (&columns.row(main.current_slice()), &columns.row(main.next_slice()));
    assert_flags(builder, row);
    assert_order(builder, row, next);
    assert_entries_are_the_statements(builder, row, next);
    assert_positions(builder, row, next);
    assert_amount_decides(builder, row);
    assert_old_balance_decides(builder, row, next);
    assert_owner_decides(builder, row);
    assert_opened_key_is_canonical(builder, row);
    assert_head(builder, row);
    check_ranges(builder, main.current_slice(), &columns.lookups());
    ask_accounts(builder, row);
    receive_opening(builder, row);
    send_exit(builder, row);
    send_credit(builder, row);
    send_record(builder, row);
    start_sections(builder, row);
}

fn assert_flags<AB: AirBuilder>(builder: &mut AB, row: &QueueCells<AB::Var>) {
    builder.assert_bools([
        row.credited,
        row.refused_by_balance,
        row.too_large,
        row.exits,
        row.denied,
        row.opened,
    ]);
    builder.assert_bools([row.active::<AB::Expr>(), row.sweeps.into()]);
    builder.assert_zero(row.sweeps * (AB::Expr::ONE - row.exits));
}

/// Entries, then opened accounts by ascending ids, then padding.
fn assert_order<AB: AirBuilder>(
    builder: &mut AB,
    row: &QueueCells<AB::Var>,
    next: &QueueCells<AB::Var>,
) {
    row.ends.assert(builder, &next.ends, [row.active(), next.active()]);
    let mut transition = builder.on_transition();
    transition.assert_zero(row.opened * next.entry::<AB::Expr>());
}

fn assert_entries_are_the_statements<AB: AirBuilder>(
    builder: &mut AB,
    row: &QueueCells<AB::Var>,
    next: &QueueCells<AB::Var>,
) {
    let public = builder.public_values();
    let [from, to]: [AB::Expr; 2] =
        [position::QUEUE_FROM, position::QUEUE_TO].map(|i| public[i].into());
    builder.on_first_row().assert_eq(row.number, from);
    builder.on_transition().assert_eq(next.number, row.number + row.entry::<AB::Expr>());
    builder.on_last_row().assert_eq(row.number, to);
}

fn assert_positions<AB: AirBuilder>(
    builder: &mut AB,
    row: &QueueCells<AB::Var>,
    next: &QueueCells<AB::Var>,
) {
    let limbs = row.deposit::<AB::Expr>() * AB::Expr::from_u64(DEPOSIT_LIMBS)
        + row.exit::<AB::Expr>() * AB::Expr::from_u64(EXIT_LIMBS)
        + row.opened * AB::Expr::from_u64(OPENED_LIMBS);
    builder.on_first_row().assert_zero(row.position);
    builder.on_transition().assert_eq(next.position, row.position + limbs);
}

/// 2⁴⁶ or more is refused, less is not refused as too large.
fn assert_amount_decides<AB: AirBuilder>(builder: &mut AB, row: &QueueCells<AB::Var>) {
    let high: AB::Expr = row.amount.part(AMOUNT_BITS as usize..DEPOSIT_BITS);
    builder.assert_zero((row.credited + row.refused_by_balance) * high.clone());
    let [inverse, ..] = row.inverses;
    let not_zero = AB::Expr::ONE - high * inverse;
    builder.assert_zero(row.too_large * not_zero);
    builder.assert_zero(row.too_large * row.account);
}

/// Less than 2⁶¹ when the batch began: credited; from 2⁶¹ on: refused by the balance. Both
/// differences are below 2⁶¹ for one of the two only. Opened ids ascend by the same column.
fn assert_old_balance_decides<AB: AirBuilder>(
    builder: &mut AB,
    row: &QueueCells<AB::Var>,
    next: &QueueCells<AB::Var>,
) {
    let (old, slack): (AB::Expr, AB::Expr) = (row.old_balance.into(), row.slack.value());
    let limit = AB::Expr::from_u64(DEPOSIT_BALANCE_LIMIT);
    let below = limit.clone() - AB::Expr::ONE - old.clone();
    builder.assert_zero(row.credited * (below - slack.clone()));
    builder.assert_zero(row.refused_by_balance * (old - limit - slack));
    let gap = next.account - row.account - AB::Expr::ONE;
    let both = row.opened * next.opened;
    builder.on_transition().assert_zero(both * (gap - next.slack.value::<AB::Expr>()));
}

/// An exit has an effect if and only if the account is open and its owner is the requester.
fn assert_owner_decides<AB: AirBuilder>(builder: &mut AB, row: &QueueCells<AB::Var>) {
    builder.assert_zero(row.exits * (AB::Expr::ONE - row.exiting));
    builder.assert_zero(row.exits * row.absent);
    let mut differ = AB::Expr::ZERO;
    let owners = row.owner::<AB::Expr>().into_iter().zip(row.true_owner);
    for ((requester, owner), inverse) in owners.zip(row.inverses) {
        let difference = requester - owner;
        builder.assert_zero(row.exits * difference.clone());
        differ += difference * inverse;
    }
    builder.assert_zero(row.denied * (AB::Expr::ONE - row.absent - differ));
}

/// A word is below p = 2⁶⁴ − 2³² + 1: if its upper half is 2³² − 1 its lower half is 0. Another
/// word for the same element would be a record that no reader takes.
fn assert_opened_key_is_canonical<AB: AirBuilder>(builder: &mut AB, row: &QueueCells<AB::Var>) {
    for word in &row.words {
        let [low, high] = word.halves::<AB::Expr>();
        let below_max = high - AB::Expr::from_u64((1 << HALF_BITS) - 1);
        let max = row.opened - below_max * word.inverse;
        builder.assert_zero(low * max);
    }
}

/// Kind, outcome and account of an entry; kind and account, two bytes higher, of an opened one.
fn assert_head<AB: AirBuilder>(builder: &mut AB, row: &QueueCells<AB::Var>) {
    let word = |value: u64| AB::Expr::from_u64(value);
    let kind = row.deposit::<AB::Expr>() * word(DEPOSIT)
        + row.exit::<AB::Expr>() * word(FORCED_EXIT)
        + row.opened * word(OPENED);
    let outcome = (row.credited + row.exits) * word(EFFECT)
        + row.refused_by_balance * word(REFUSED_BY_BALANCE);
    let shift = word(1 << 8) + row.opened * word((1 << 16) - (1 << 8));
    let head = kind * word(1 << 48) + outcome * word(1 << 40) + row.account * shift;
    builder.assert_eq(row.head, head);
}

fn ask_accounts<AB: InteractionBuilder>(builder: &mut AB, row: &QueueCells<AB::Var>) {
    let mut identity: Vec<AB::Expr> = vec![row.account.into()];
    identity.extend(row.key::<AB::Expr>());
    identity.extend(row.owner::<AB::Expr>());
    identity.push(row.old_balance.into());
    send_link(builder, StateLink::Identity, identity, row.credited + row.refused_by_balance);
    let owner = [row.account, row.absent, row.exiting].into_iter().chain(row.true_owner);
    send_link(builder, StateLink::Owner, owner, row.exit::<AB::Expr>());
}

fn receive_opening<AB: InteractionBuilder>(builder: &mut AB, row: &QueueCells<AB::Var>) {
    let mut opening: Vec<AB::Expr> = vec![row.account.into()];
    opening.extend(row.key::<AB::Expr>());
    opening.extend(row.owner::<AB::Expr>());
    receive_link(builder, StateLink::Opening, opening, row.opened);
}

fn send_exit<AB: InteractionBuilder>(builder: &mut AB, row: &QueueCells<AB::Var>) {
    send_link(builder, StateLink::Exit, [row.account], row.sweeps);
}

fn send_credit<AB: InteractionBuilder>(builder: &mut AB, row: &QueueCells<AB::Var>) {
    let account = flow(AB::Expr::from_u64(FlowKind::Account as u64), row.account);
    let credit = row.credited * row.amount.value::<AB::Expr>();
    FLOW.send(builder, account, Count::provided(credit));
}

fn send_record<AB: InteractionBuilder>(builder: &mut AB, row: &QueueCells<AB::Var>) {
    let at = |offset: usize| row.position + AB::Expr::from_usize(offset);
    let (active, deposit): (AB::Expr, AB::Expr) = (row.active(), row.deposit());
    send_limb(builder, at(0), row.head, active.clone());
    for (i, limb) in row.owner::<AB::Expr>().into_iter().enumerate() {
        send_limb(builder, at(1 + i), limb, active.clone());
    }
    send_limb(builder, at(4), row.amount.value::<AB::Expr>(), deposit.clone());
    let high = row.words.iter().fold(AB::Expr::ZERO, |limb, word| {
        limb * AB::Expr::from_u64(1 << 8) + word.high.value::<AB::Expr>()
    });
    let low = row.words.iter().map(|word| word.low.value::<AB::Expr>());
    let keyed = deposit.clone() + row.opened;
    for (i, limb) in [high].into_iter().chain(low).enumerate() {
        send_limb(builder, at(4 + i) + deposit.clone(), limb, keyed.clone());
    }
}

/// Public data starts here, so there is no section before to take a position from.
fn start_sections<AB: InteractionBuilder>(builder: &mut AB, row: &QueueCells<AB::Var>) {
    let next = [AB::Expr::from_u64(Section::Withdrawals as u64), row.position.into()];
    send_link(builder, StateLink::Section, next, row.ends.last);
}
