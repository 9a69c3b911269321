//! Constraints of the withdrawals table.

use p3_air::{AirBuilder, WindowAccess};
use p3_field::{Field, PrimeCharacteristicRing};
use p3_lookup::{Count, InteractionBuilder};

use farthing_protocol::{ADDRESS_LIMBS, Felt, NANO_PER_BASE_UNIT};

use crate::buses::{
    Section, StateLink, WITHDRAWAL, chain_section, check_ranges, receive_link, send_limb, send_link,
};
use crate::gadgets::boundary::BoundaryFlags;
use crate::gadgets::gate::OnRows;
use crate::gadgets::layout::{Bits, Layout, Many, One, columns};

use super::{KEPT_BITS, RECORD, RECORD_LIMBS, UNITS_BITS};

/// Bits of a balance.
const BALANCE_BITS: usize = farthing_protocol::BALANCE_BITS as usize;

columns! {
    /// Columns of the main trace; the module page says what each means.
    pub(crate) struct WithdrawalColumns, row WithdrawalCells {
        ends: BoundaryFlags,
        intent: One,
        exit: One,
        account: One,
        nonce: One,
        amount: One,
        exiting: One,
        owner: Many<ADDRESS_LIMBS>,
        kept: Bits<KEPT_BITS>,
        kept_slack: Bits<KEPT_BITS>,
        units: Bits<UNITS_BITS>,
        held: Bits<BALANCE_BITS>,
        position: One,
    }
}

impl<V: Copy> WithdrawalCells<V> {
    fn active<E: PrimeCharacteristicRing>(&self) -> E
    where
        V: Into<E>,
    {
        self.intent.into() + self.exit.into()
    }
}

pub(crate) fn eval<AB: AirBuilder<F = Felt> + InteractionBuilder>(
    columns: &WithdrawalColumns,
    builder: &mut AB,
) {
    let main = builder.main();
    let (row, next) = (&columns.row(main.current_slice()), &columns.row(main.next_slice()));
    assert_order(builder, row, next);
    assert_exit_takes_all_whole_units(builder, row);
    check_ranges(builder, main.current_slice(), &columns.numbers());
    receive_intent(builder, row);
    receive_exit(builder, row);
    ask_owner(builder, row);
    send_record(builder, row);
}

fn assert_order<AB: AirBuilder>(
    builder: &mut AB,
    row: &WithdrawalCells<AB::Var>,
    next: &WithdrawalCells<AB::Var>,
) {
    builder.assert_bools([row.intent.into(), row.exit.into(), row.active::<AB::Expr>()]);
    row.ends.assert(builder, &next.ends, [row.active(), next.active()]);
    let limbs = row.active::<AB::Expr>() * AB::Expr::from_u64(RECORD_LIMBS);
    builder.on_transition().assert_eq(next.position, row.position + limbs);
}

/// amount = 1000·units and kept < 1000, amount + kept < 2⁶²: all below the modulus.
fn assert_exit_takes_all_whole_units<AB: AirBuilder>(
    builder: &mut AB,
    row: &WithdrawalCells<AB::Var>,
) {
    let kept: AB::Expr = row.kept.value();
    let most = AB::Expr::from_u64(NANO_PER_BASE_UNIT - 1);
    builder.assert_eq(kept.clone() + row.kept_slack.value::<AB::Expr>(), most);
    let units = row.units.value::<AB::Expr>() * AB::Expr::from_u64(NANO_PER_BASE_UNIT);
    builder.assert_zero(row.exit * (row.amount - units));
    builder.assert_zero(row.exit * (row.amount + kept - row.held.value::<AB::Expr>()));
}

fn receive_intent<AB: InteractionBuilder>(builder: &mut AB, row: &WithdrawalCells<AB::Var>) {
    let message: [AB::Expr; 3] = [row.account, row.nonce, row.amount].map(Into::into);
    WITHDRAWAL.receive(builder, message, Count::bounded(row.intent.into(), 1));
}

fn receive_exit<AB: InteractionBuilder>(builder: &mut AB, row: &WithdrawalCells<AB::Var>) {
    let sweep: [AB::Expr; 3] = [row.account.into(), row.amount.into(), row.kept.value()];
    receive_link(builder, StateLink::Sweep, sweep, row.exit);
    receive_link(builder, StateLink::Exit, [row.account], row.exit);
}

fn ask_owner<AB: InteractionBuilder>(builder: &mut AB, row: &WithdrawalCells<AB::Var>) {
    let owner: [AB::Expr; 3] = [row.account.into(), AB::Expr::ZERO, row.exiting.into()];
    let owner = owner.into_iter().chain(row.owner.map(Into::into));
    send_link(builder, StateLink::Owner, owner, row.active::<AB::Expr>());
}

fn send_record<AB: InteractionBuilder<F = Felt>>(builder: &mut AB, row: &WithdrawalCells<AB::Var>) {
    let [o0, o1, o2] = row.owner;
    let per_unit = AB::Expr::from(Felt::from_u64(NANO_PER_BASE_UNIT).inverse());
    let head = AB::Expr::from_u64(RECORD << 48) + o0;
    let limbs = [head, o1.into(), o2.into(), row.amount * per_unit];
    for (i, limb) in limbs.into_iter().enumerate() {
        let position = row.position + AB::Expr::from_usize(i);
        send_limb(builder, position, limb, row.active::<AB::Expr>());
    }
    chain_section(builder, Section::Withdrawals, row.position, row.ends);
}
