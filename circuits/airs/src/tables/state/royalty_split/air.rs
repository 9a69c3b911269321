//! Constraints of the royalty split table.

use p3_air::{AirBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use farthing_protocol::{Felt, RATE, SHARES_TOTAL, Tag, WIDTH, capacity_of};

use crate::buses::{
    FLOW, FlowKind, StateLink, check_ranges, flow, receive_link, send_absorb, send_digest,
    send_limb, send_link, send_tagged,
};
use crate::gadgets::gate::OnRows;
use crate::gadgets::layout::Layout;
use crate::tables::state::licenses::HALF_BITS;

use super::columns::{SplitCells, SplitColumns};

pub(crate) fn eval<AB: AirBuilder<F = Felt> + InteractionBuilder>(
    columns: &SplitColumns,
    builder: &mut AB,
) {
    let main = builder.main();
    let (row, next) = (&columns.row(main.current_slice()), &columns.row(main.next_slice()));
    assert_flags(builder, row);
    assert_groups_are_closed(builder, row, next);
    assert_group_is_one_license(builder, row, next);
    assert_lines_ascend(builder, row, next);
    assert_blocks(builder, row, next);
    assert_window(builder, row, next);
    assert_floor(builder, row);
    assert_sums(builder, row, next);
    check_ranges(builder, main.current_slice(), &columns.numbers());
    hash_table(builder, row);
    hash_holders(builder, row, next);
    receive_license(builder, row);
    send_credit(builder, row);
    ask_holder(builder, row);
    send_lines(builder, row);
}

fn assert_flags<AB: AirBuilder>(builder: &mut AB, row: &SplitCells<AB::Var>) {
    builder.assert_bools([row.active, row.end, row.cut, row.late, row.new, row.kind]);
    let padding = AB::Expr::ONE - row.active;
    for cell in [row.end, row.cut, row.late, row.new, row.kind, row.low, row.high] {
        // With V = 0 and no shares the quotient of padding is 0 too.
        builder.assert_zero(padding.clone() * cell);
    }
    builder.assert_zero(padding * row.shares.value::<AB::Expr>());
}

fn assert_groups_are_closed<AB: AirBuilder>(
    builder: &mut AB,
    row: &SplitCells<AB::Var>,
    next: &SplitCells<AB::Var>,
) {
    let open: AB::Expr = row.open();
    let next_padding = AB::Expr::ONE - next.active;
    // A group without an end would pay holders from no vault.
    builder.on_last_row().assert_zero(open.clone());
    let mut transition = builder.on_transition();
    transition.assert_zero(open * next_padding);
    transition.assert_zero((AB::Expr::ONE - row.active) * next.active);
}

fn assert_group_is_one_license<AB: AirBuilder>(
    builder: &mut AB,
    row: &SplitCells<AB::Var>,
    next: &SplitCells<AB::Var>,
) {
    let open: AB::Expr = row.open();
    let same = |row: &SplitCells<AB::Var>| {
        let license = [row.new, row.license, row.low, row.high];
        license.into_iter().chain(row.capacity).chain(row.digest)
    };
    let mut transition = builder.on_transition();
    for (cell, next_cell) in same(row).zip(same(next)) {
        transition.assert_zero(open.clone() * (next_cell - cell));
    }
    let below = row.position - AB::Expr::ONE;
    transition.assert_zero(open * (next.position - below));
}

fn assert_lines_ascend<AB: AirBuilder>(
    builder: &mut AB,
    row: &SplitCells<AB::Var>,
    next: &SplitCells<AB::Var>,
) {
    let keys = row.key::<AB::Expr>() - next.key::<AB::Expr>();
    let gap = keys - AB::Expr::ONE - row.gap.value::<AB::Expr>();
    builder.on_transition().assert_zero(row.open::<AB::Expr>() * gap);
}

/// One cut at most, exactly eight lines after it, never more than eight in a block.
fn assert_blocks<AB: AirBuilder>(
    builder: &mut AB,
    row: &SplitCells<AB::Var>,
    next: &SplitCells<AB::Var>,
) {
    let one = AB::Expr::ONE;
    let (open, filled): (AB::Expr, AB::Expr) = (row.open(), row.filled());
    builder.assert_zero(row.cut * row.end);
    builder.assert_zero(row.cut * row.late);
    let missing = AB::Expr::from_usize(RATE) - filled.clone();
    builder.assert_zero(row.end * row.late * missing);
    let mut first = builder.on_first_row();
    first.assert_zero(row.late);
    first.assert_one(filled.clone());
    first.assert_one(row.count);
    let same_block = open.clone() - row.cut;
    let mut transition = builder.on_transition();
    transition.assert_eq(next.late, open.clone() * row.late + row.cut);
    transition.assert_eq(next.filled::<AB::Expr>(), same_block * filled + one.clone());
    transition.assert_eq(next.count, open * row.count + one);
}

/// Each row shifts its line into the next row's window.
fn assert_window<AB: AirBuilder>(
    builder: &mut AB,
    row: &SplitCells<AB::Var>,
    next: &SplitCells<AB::Var>,
) {
    let same_block = row.open::<AB::Expr>() - row.cut;
    let lines = [row.packed::<AB::Expr>()].into_iter().chain(row.window.map(Into::into));
    for ((cell, next_cell), line) in row.window.into_iter().zip(next.window).zip(lines) {
        builder.on_first_row().assert_zero(cell);
        builder.on_transition().assert_eq(next_cell, same_block.clone() * line);
    }
}

fn assert_floor<AB: AirBuilder>(builder: &mut AB, row: &SplitCells<AB::Var>) {
    let whole = AB::Expr::from_u32(SHARES_TOTAL);
    let (shares, carry): (AB::Expr, AB::Expr) = (row.shares(), row.carry());
    let remainder: AB::Expr = row.remainder.value();
    let low = row.quotient_low.value::<AB::Expr>() * whole.clone()
        + remainder.clone()
        + carry.clone() * AB::Expr::from_u64(1 << HALF_BITS);
    builder.assert_eq(row.low * shares.clone(), low);
    let high = row.quotient_high.value::<AB::Expr>() * whole.clone();
    builder.assert_eq(row.high * shares + carry, high);
    let slack: AB::Expr = row.remainder_slack.value();
    builder.assert_eq(remainder + slack, whole - AB::Expr::ONE);
}

fn assert_sums<AB: AirBuilder>(
    builder: &mut AB,
    row: &SplitCells<AB::Var>,
    next: &SplitCells<AB::Var>,
) {
    let open: AB::Expr = row.open();
    let sums = |row: &SplitCells<AB::Var>| -> [(AB::Var, AB::Expr); 2] {
        [(row.total, row.shares()), (row.spent, row.quotient())]
    };
    for ((sum, term), (next_sum, next_term)) in sums(row).into_iter().zip(sums(next)) {
        builder.on_first_row().assert_eq(sum, term);
        builder.on_transition().assert_eq(next_sum, open.clone() * sum + next_term);
    }
    let whole = AB::Expr::from_u32(SHARES_TOTAL);
    builder.assert_zero(row.end * (row.total - whole));
}

/// The digest block's capacity is tag and length, or after a cut what the first block leaves.
fn hash_table<AB: AirBuilder<F = Felt> + InteractionBuilder>(
    builder: &mut AB,
    row: &SplitCells<AB::Var>,
) {
    let [tag, _, z0, z1] = capacity_of(Tag::ShareTable, 0).map(AB::Expr::from);
    let start = [tag, row.count.into(), z0, z1];
    let capacity: [AB::Expr; 4] = row.capacity.map(Into::into);
    let single = row.end * (AB::Expr::ONE - row.late);
    for (element, start) in capacity.iter().zip(&start) {
        builder.assert_zero(single.clone() * (element.clone() - start.clone()));
    }
    let mut lines: Vec<AB::Expr> = vec![row.packed()];
    lines.extend(row.window.map(Into::into));
    let state = |capacity: &[AB::Expr]| -> [AB::Expr; WIDTH] {
        core::array::from_fn(
            |i| if i < RATE { lines[i].clone() } else { capacity[i - RATE].clone() },
        )
    };
    send_digest(builder, state(&capacity), row.digest.map(Into::into), single + row.cut);
    send_absorb(builder, state(&start), capacity, row.end * row.late);
}

/// The holder chain of a new license, from the last line up: each row extends that of the row before,
/// or starts from zero. The last row of the table is not open, so the first row starts from zero too.
fn hash_holders<AB: AirBuilder<F = Felt> + InteractionBuilder>(
    builder: &mut AB,
    row: &SplitCells<AB::Var>,
    next: &SplitCells<AB::Var>,
) {
    let open: AB::Expr = row.open();
    let [c0, c1, c2, c3] = row.chain.map(|element| open.clone() * element);
    let [r0, r1, r2] = next.recipient.map(Into::into);
    let elements = [c0, c1, c2, c3, next.packed(), r0, r1, r2];
    send_tagged(builder, Tag::HolderChain, elements, next.chain, next.new);
}

/// The end knows the whole license: V, what is left of it, the table's digest.
fn receive_license<AB: InteractionBuilder>(builder: &mut AB, row: &SplitCells<AB::Var>) {
    let total = row.low + row.high * AB::Expr::from_u64(1 << HALF_BITS);
    let kept = total - row.spent;
    let mut split: Vec<AB::Expr> = vec![row.license.into(), row.low.into(), row.high.into(), kept];
    split.extend(row.digest.map(Into::into));
    split.push(row.new.into());
    receive_link(builder, StateLink::Split, split, row.end);
}

fn send_credit<AB: InteractionBuilder>(builder: &mut AB, row: &SplitCells<AB::Var>) {
    // An account is kind 0.
    let kind = row.kind * AB::Expr::from_u64(FlowKind::Parent as u64);
    let message = flow(kind, row.id.value::<AB::Expr>());
    FLOW.send(builder, message, Count::provided(row.quotient()));
}

/// Closure: each holder of shares of a touched license is touched, also for nothing. The row has the
/// holder's identity or origin.
fn ask_holder<AB: InteractionBuilder>(builder: &mut AB, row: &SplitCells<AB::Var>) {
    let holder: [AB::Expr; 2] = [row.kind.into(), row.id.value()];
    let holder = holder.into_iter().chain(row.recipient.map(Into::into));
    send_link(builder, StateLink::Holder, holder, row.active);
}

/// A new license's table goes to public data, its parents to the registration.
fn send_lines<AB: InteractionBuilder>(builder: &mut AB, row: &SplitCells<AB::Var>) {
    send_limb(builder, row.position, row.packed::<AB::Expr>(), row.new);
    let lines = [row.license, row.count, row.position].into_iter().chain(row.chain);
    send_link(builder, StateLink::Lines, lines, row.new * row.end);
    let parent: [AB::Expr; 3] = [row.license.into(), row.id.value(), row.shares()];
    send_link(builder, StateLink::Parent, parent, row.new * row.kind);
}
