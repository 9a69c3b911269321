//! Constraints of the royalty split table.

use p3_air::{AirBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use farthing_protocol::{Felt, RATE, SHARES_TOTAL, Tag, WIDTH, capacity_of};

use crate::buses::{
    FLOW, FlowKind, StateLink, check_ranges, receive_link, send_absorb, send_digest, send_limb,
    send_link,
};
use crate::gadgets::columns::Row;
use crate::gadgets::gate::OnRows;
use crate::tables::state::licenses::HALF_BITS;

use super::columns::SplitColumns;

struct Split<'a, E> {
    c: &'a SplitColumns,
    row: &'a Row<E>,
    next: &'a Row<E>,
}

pub(crate) fn eval<AB: AirBuilder<F = Felt> + InteractionBuilder>(
    columns: &SplitColumns,
    builder: &mut AB,
) {
    let main = builder.main();
    let table = &Split {
        c: columns,
        row: &Row::<AB::Expr>::new(main.current_slice()),
        next: &Row::<AB::Expr>::new(main.next_slice()),
    };
    assert_flags(table, builder);
    assert_groups_are_closed(table, builder);
    assert_group_is_one_license(table, builder);
    assert_lines_ascend(table, builder);
    assert_blocks(table, builder);
    assert_window(table, builder);
    assert_floor(table, builder);
    assert_sums(table, builder);
    check_ranges(builder, table.row, &columns.numbers());
    hash_table(table, builder);
    receive_license(table, builder);
    send_credit(table, builder);
    ask_holder(table, builder);
    send_lines(table, builder);
}

fn assert_flags<AB: AirBuilder>(table: &Split<'_, AB::Expr>, builder: &mut AB) {
    let (c, row) = (table.c, table.row);
    let flags = [c.active, c.end, c.cut, c.late, c.new, c.kind];
    builder.assert_bools(flags.map(|flag| row.at(flag)));
    let padding = AB::Expr::ONE - row.at(c.active);
    for column in [c.end, c.cut, c.late, c.new, c.kind, c.low, c.high] {
        // With V = 0 and no shares the quotient of padding is 0 too.
        builder.assert_zero(padding.clone() * row.at(column));
    }
    builder.assert_zero(padding * c.shares.value(row));
}

fn assert_groups_are_closed<AB: AirBuilder>(table: &Split<'_, AB::Expr>, builder: &mut AB) {
    let (c, row, next) = (table.c, table.row, table.next);
    let next_padding = AB::Expr::ONE - next.at(c.active);
    // A group without an end would pay holders from no vault.
    builder.on_last_row().assert_zero(c.open(row));
    let mut transition = builder.on_transition();
    transition.assert_zero(c.open(row) * next_padding);
    transition.assert_zero((AB::Expr::ONE - row.at(c.active)) * next.at(c.active));
}

fn assert_group_is_one_license<AB: AirBuilder>(table: &Split<'_, AB::Expr>, builder: &mut AB) {
    let (c, row, next) = (table.c, table.row, table.next);
    let same = [c.new, c.license, c.low, c.high];
    let same = same.into_iter().chain(c.capacity.clone()).chain(c.digest.clone());
    let mut transition = builder.on_transition();
    for column in same {
        transition.assert_zero(c.open(row) * (next.at(column) - row.at(column)));
    }
    let below = row.at(c.position) - AB::Expr::ONE;
    transition.assert_zero(c.open(row) * (next.at(c.position) - below));
}

fn assert_lines_ascend<AB: AirBuilder>(table: &Split<'_, AB::Expr>, builder: &mut AB) {
    let (c, row, next) = (table.c, table.row, table.next);
    let gap = c.key(row) - c.key(next) - AB::Expr::ONE - c.gap.value(row);
    builder.on_transition().assert_zero(c.open(row) * gap);
}

/// One cut at most, exactly eight lines behind it, never more than eight in a block.
fn assert_blocks<AB: AirBuilder>(table: &Split<'_, AB::Expr>, builder: &mut AB) {
    let (c, row, next) = (table.c, table.row, table.next);
    let one = AB::Expr::ONE;
    builder.assert_zero(row.at(c.cut) * row.at(c.end));
    builder.assert_zero(row.at(c.cut) * row.at(c.late));
    let missing = AB::Expr::from_usize(RATE) - c.filled(row);
    builder.assert_zero(row.at(c.end) * row.at(c.late) * missing);
    let mut first = builder.on_first_row();
    first.assert_zero(row.at(c.late));
    first.assert_one(c.filled(row));
    first.assert_one(row.at(c.count));
    let same_block = c.open(row) - row.at(c.cut);
    let mut transition = builder.on_transition();
    transition.assert_eq(next.at(c.late), c.open(row) * row.at(c.late) + row.at(c.cut));
    transition.assert_eq(c.filled(next), same_block * c.filled(row) + one.clone());
    transition.assert_eq(next.at(c.count), c.open(row) * row.at(c.count) + one);
}

/// Each row shifts its line into the next row's window.
fn assert_window<AB: AirBuilder>(table: &Split<'_, AB::Expr>, builder: &mut AB) {
    let (c, row, next) = (table.c, table.row, table.next);
    let same_block = c.open(row) - row.at(c.cut);
    let lines = [c.packed(row)].into_iter().chain(row.all(&c.window).to_vec());
    for (column, line) in c.window.clone().zip(lines) {
        builder.on_first_row().assert_zero(row.at(column));
        builder.on_transition().assert_eq(next.at(column), same_block.clone() * line);
    }
}

fn assert_floor<AB: AirBuilder>(table: &Split<'_, AB::Expr>, builder: &mut AB) {
    let (c, row) = (table.c, table.row);
    let whole = AB::Expr::from_u32(SHARES_TOTAL);
    let (shares, carry, remainder) = (c.shares(row), c.carry(row), c.remainder.value(row));
    let low = c.quotient_low.value(row) * whole.clone()
        + remainder.clone()
        + carry.clone() * AB::Expr::from_u64(1 << HALF_BITS);
    builder.assert_eq(row.at(c.low) * shares.clone(), low);
    let high = c.quotient_high.value(row) * whole.clone();
    builder.assert_eq(row.at(c.high) * shares + carry, high);
    builder.assert_eq(remainder + c.remainder_slack.value(row), whole - AB::Expr::ONE);
}

fn assert_sums<AB: AirBuilder>(table: &Split<'_, AB::Expr>, builder: &mut AB) {
    let (c, row, next) = (table.c, table.row, table.next);
    let terms = |row: &Row<AB::Expr>| [(c.total, c.shares(row)), (c.spent, c.quotient(row))];
    for ((column, term), (_, next_term)) in terms(row).into_iter().zip(terms(next)) {
        builder.on_first_row().assert_eq(row.at(column), term);
        let sum = c.open(row) * row.at(column) + next_term;
        builder.on_transition().assert_eq(next.at(column), sum);
    }
    let whole = AB::Expr::from_u32(SHARES_TOTAL);
    builder.assert_zero(row.at(c.end) * (row.at(c.total) - whole));
}

/// The digest block's capacity is tag and length, or behind a cut what the first block leaves.
fn hash_table<AB: AirBuilder<F = Felt> + InteractionBuilder>(
    table: &Split<'_, AB::Expr>,
    builder: &mut AB,
) {
    let (c, row) = (table.c, table.row);
    let [tag, _, z0, z1] = capacity_of(Tag::ShareTable, 0).map(AB::Expr::from);
    let start = [tag, row.at(c.count), z0, z1];
    let capacity = row.array(&c.capacity);
    let single = row.at(c.end) * (AB::Expr::ONE - row.at(c.late));
    for (element, start) in capacity.iter().zip(&start) {
        builder.assert_zero(single.clone() * (element.clone() - start.clone()));
    }
    let lines: Vec<AB::Expr> =
        [c.packed(row)].into_iter().chain(row.all(&c.window).to_vec()).collect();
    let state = |capacity: &[AB::Expr]| -> [AB::Expr; WIDTH] {
        core::array::from_fn(
            |i| if i < RATE { lines[i].clone() } else { capacity[i - RATE].clone() },
        )
    };
    send_digest(builder, state(&capacity), row.array(&c.digest), single + row.at(c.cut));
    send_absorb(builder, state(&start), capacity, row.at(c.end) * row.at(c.late));
}

/// The end knows the whole license: V, what is left of it, the table's digest.
fn receive_license<AB: InteractionBuilder>(table: &Split<'_, AB::Expr>, builder: &mut AB) {
    let (c, row) = (table.c, table.row);
    let total = row.at(c.low) + row.at(c.high) * AB::Expr::from_u64(1 << HALF_BITS);
    let kept = total - row.at(c.spent);
    let split = [row.at(c.license), row.at(c.low), row.at(c.high), kept];
    let split = split.into_iter().chain(row.all(&c.digest).to_vec()).chain([row.at(c.new)]);
    receive_link(builder, StateLink::Split, split, row.at(c.end));
}

fn send_credit<AB: InteractionBuilder>(table: &Split<'_, AB::Expr>, builder: &mut AB) {
    let (c, row) = (table.c, table.row);
    // An account is space 0.
    let space = row.at(c.kind) * AB::Expr::from_u64(FlowKind::Parent as u64);
    let message = [space, c.id.value(row), AB::Expr::ZERO];
    FLOW.send(builder, message, Count::provided(c.quotient(row)));
}

/// Closure: who holds shares of a touched license is touched, also for nothing.
fn ask_holder<AB: InteractionBuilder>(table: &Split<'_, AB::Expr>, builder: &mut AB) {
    let (c, row) = (table.c, table.row);
    send_link(builder, StateLink::Holder, [row.at(c.kind), c.id.value(row)], row.at(c.active));
}

/// A new license's table goes to public data, its parents to the registration.
fn send_lines<AB: InteractionBuilder>(table: &Split<'_, AB::Expr>, builder: &mut AB) {
    let (c, row) = (table.c, table.row);
    let new = row.at(c.new);
    send_limb(builder, row.at(c.position), c.packed(row), new.clone());
    let lines = [row.at(c.license), row.at(c.count), row.at(c.position)];
    send_link(builder, StateLink::Lines, lines, new.clone() * row.at(c.end));
    let parent = [row.at(c.license), c.id.value(row), c.shares(row)];
    send_link(builder, StateLink::Parent, parent, new * row.at(c.kind));
}
