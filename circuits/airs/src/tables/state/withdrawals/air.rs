//! Constraints of the withdrawals table.

use core::ops::Range;

use p3_air::{AirBuilder, WindowAccess};
use p3_field::{Field, PrimeCharacteristicRing};
use p3_lookup::{Count, InteractionBuilder};

use farthing_protocol::{ADDRESS_LIMBS, BALANCE_BITS, Felt, NANO_PER_BASE_UNIT};

use crate::buses::{
    Section, StateLink, WITHDRAWAL, chain_section, check_ranges, receive_link, send_limb, send_link,
};
use crate::gadgets::columns::{BoundaryFlags, ColumnCounter, Row};
use crate::gadgets::decomposition::Decomposition;
use crate::gadgets::gate::OnRows;

use super::{KEPT_BITS, RECORD, RECORD_LIMBS, UNITS_BITS};

/// Columns of the main trace; the module page says what each means.
#[derive(Clone, Debug)]
pub(crate) struct WithdrawalColumns {
    pub(crate) ends: BoundaryFlags,
    pub(crate) intent: usize,
    pub(crate) exit: usize,
    pub(crate) account: usize,
    pub(crate) nonce: usize,
    pub(crate) amount: usize,
    pub(crate) exiting: usize,
    pub(crate) owner: Range<usize>,
    pub(crate) kept: Decomposition,
    pub(crate) kept_slack: Decomposition,
    pub(crate) units: Decomposition,
    pub(crate) held: Decomposition,
    pub(crate) position: usize,
    pub(crate) width: usize,
}

impl WithdrawalColumns {
    pub(crate) fn new() -> Self {
        let mut columns = ColumnCounter::default();
        let c = &mut columns;
        Self {
            ends: BoundaryFlags::new(c),
            intent: c.one(),
            exit: c.one(),
            account: c.one(),
            nonce: c.one(),
            amount: c.one(),
            exiting: c.one(),
            owner: c.many(ADDRESS_LIMBS),
            kept: Decomposition::new(c, KEPT_BITS),
            kept_slack: Decomposition::new(c, KEPT_BITS),
            units: Decomposition::new(c, UNITS_BITS),
            held: Decomposition::new(c, BALANCE_BITS as usize),
            position: c.one(),
            width: c.width(),
        }
    }

    /// The range-checked numbers.
    pub(crate) fn numbers(&self) -> Vec<&Decomposition> {
        vec![&self.kept, &self.kept_slack, &self.units, &self.held]
    }

    fn active<E: PrimeCharacteristicRing>(&self, row: &Row<E>) -> E {
        row.at(self.intent) + row.at(self.exit)
    }
}

pub(crate) fn eval<AB: AirBuilder<F = Felt> + InteractionBuilder>(
    columns: &WithdrawalColumns,
    builder: &mut AB,
) {
    let main = builder.main();
    let row = &Row::<AB::Expr>::new(main.current_slice());
    let next = &Row::<AB::Expr>::new(main.next_slice());
    assert_order(columns, builder, row, next);
    assert_exit_takes_all_whole_units(columns, builder, row);
    check_ranges(builder, row, &columns.numbers());
    receive_intent(columns, builder, row);
    receive_exit(columns, builder, row);
    ask_owner(columns, builder, row);
    send_record(columns, builder, row);
}

fn assert_order<AB: AirBuilder>(
    c: &WithdrawalColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
    next: &Row<AB::Expr>,
) {
    builder.assert_bools([row.at(c.intent), row.at(c.exit), c.active(row)]);
    c.ends.assert(builder, [row, next], [c.active(row), c.active(next)]);
    let limbs = c.active(row) * AB::Expr::from_u64(RECORD_LIMBS);
    builder.on_transition().assert_eq(next.at(c.position), row.at(c.position) + limbs);
}

/// amount = 1000·units and kept < 1000, amount + kept < 2⁶²: all below the modulus.
fn assert_exit_takes_all_whole_units<AB: AirBuilder>(
    c: &WithdrawalColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
) {
    let kept = c.kept.value(row);
    let most = AB::Expr::from_u64(NANO_PER_BASE_UNIT - 1);
    builder.assert_eq(kept.clone() + c.kept_slack.value(row), most);
    let units = c.units.value(row) * AB::Expr::from_u64(NANO_PER_BASE_UNIT);
    builder.assert_zero(row.at(c.exit) * (row.at(c.amount) - units));
    builder.assert_zero(row.at(c.exit) * (row.at(c.amount) + kept - c.held.value(row)));
}

fn receive_intent<AB: InteractionBuilder>(
    c: &WithdrawalColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
) {
    let message = [row.at(c.account), row.at(c.nonce), row.at(c.amount)];
    WITHDRAWAL.receive(builder, message, Count::bounded(row.at(c.intent), 1));
}

fn receive_exit<AB: InteractionBuilder>(
    c: &WithdrawalColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
) {
    let sweep = [row.at(c.account), row.at(c.amount), c.kept.value(row)];
    receive_link(builder, StateLink::Sweep, sweep, row.at(c.exit));
    receive_link(builder, StateLink::Exit, [row.at(c.account)], row.at(c.exit));
}

fn ask_owner<AB: InteractionBuilder>(c: &WithdrawalColumns, builder: &mut AB, row: &Row<AB::Expr>) {
    let owner = [row.at(c.account), AB::Expr::ZERO, row.at(c.exiting)];
    let owner = owner.into_iter().chain(row.all(&c.owner).to_vec());
    send_link(builder, StateLink::Owner, owner, c.active(row));
}

fn send_record<AB: InteractionBuilder<F = Felt>>(
    c: &WithdrawalColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
) {
    let [o0, o1, o2]: [AB::Expr; ADDRESS_LIMBS] = row.array(&c.owner);
    let per_unit = AB::Expr::from(Felt::from_u64(NANO_PER_BASE_UNIT).inverse());
    let head = AB::Expr::from_u64(RECORD << 48) + o0;
    let limbs = [head, o1, o2, row.at(c.amount) * per_unit];
    for (i, limb) in limbs.into_iter().enumerate() {
        send_limb(builder, row.at(c.position) + AB::Expr::from_usize(i), limb, c.active(row));
    }
    let (first, last) = (row.at(c.ends.first), row.at(c.ends.last));
    chain_section(builder, Section::Withdrawals, row.at(c.position), first, last);
}
