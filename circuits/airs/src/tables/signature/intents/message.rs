//! Meaning and flows of the kinds of intent.

use p3_air::AirBuilder;
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use farthing_protocol::OperationKind::{Pay, RegisterLicense, Transfer, UpdateLicense, Withdraw};
use farthing_protocol::{MESSAGE_ELEMENTS, Message, NANO_PER_BASE_UNIT, OperationKind};

use crate::buses::{FLOW, FlowKind, REGISTRATION, WITHDRAWAL, flow, flow_to};
use farthing_protocol::position::TIMESTAMP;

use super::columns::IntentCells;
use super::rows::Intents;
use super::{USES_BITS, WITHDRAWAL_BITS};

impl<V: Copy + Into<E>, E: PrimeCharacteristicRing> Intents<'_, V, E> {
    /// The signed message.
    pub(super) fn message(&self) -> [E; MESSAGE_ELEMENTS] {
        let row = &self.row;
        let message = Message {
            kind: row.kind(),
            quantity: row.quantity.into(),
            fee: row.fee.value(),
            account: row.account.into(),
            target: row.target.into(),
            amount: row.amount.value(),
            valid_until: self.public[TIMESTAMP].clone() + row.slack.value::<E>(),
            nonce: row.nonce.into(),
            recipient: row.recipient.map(Into::into),
            payload: row.payload.map(Into::into),
        };
        message.into_elements()
    }
}

impl<V: Copy> IntentCells<V> {
    /// The number of the row's kind.
    fn kind<E: PrimeCharacteristicRing>(&self) -> E
    where
        V: Into<E>,
    {
        let number = |kind: &OperationKind| self.is(*kind).into() * E::from_u8(kind.number());
        OperationKind::ALL.iter().map(number).sum()
    }

    /// One where the row is of none of these kinds.
    fn none_of<E: PrimeCharacteristicRing>(&self, kinds: &[OperationKind]) -> E
    where
        V: Into<E>,
    {
        E::ONE - kinds.iter().map(|kind| self.is(*kind).into()).sum::<E>()
    }
}

pub(super) fn assert_kind<AB: AirBuilder>(
    table: &Intents<'_, AB::Var, AB::Expr>,
    builder: &mut AB,
) {
    builder.assert_bools(table.row.kinds);
    builder.assert_bool(table.row.active::<AB::Expr>());
}

/// Fields that a kind has no use for are zero in its message.
pub(super) fn assert_unused_fields_are_zero<AB: AirBuilder>(
    table: &Intents<'_, AB::Var, AB::Expr>,
    builder: &mut AB,
) {
    let row = &table.row;
    let none_of = |kinds: &[OperationKind]| row.none_of::<AB::Expr>(kinds);
    let nameless = none_of(&[Pay, Transfer, RegisterLicense, UpdateLicense]);
    builder.assert_zero(nameless.clone() * row.target);
    for element in row.recipient {
        builder.assert_zero(nameless.clone() * element);
    }
    builder.assert_zero(none_of(&[Pay, Withdraw]) * row.multiplier.value::<AB::Expr>());
    builder.assert_zero(none_of(&[Pay]) * row.price);
}

/// amount = price·uses: price < 2⁴⁰ by the license's leaf and uses ≤ 2²³, so nothing wraps.
pub(super) fn assert_pay<AB: AirBuilder>(table: &Intents<'_, AB::Var, AB::Expr>, builder: &mut AB) {
    let row = &table.row;
    let (pay, amount, multiplier) = (row.is(Pay), &row.amount, &row.multiplier);
    let uses = pay * (multiplier.value::<AB::Expr>() + AB::Expr::ONE);
    // The quantity of a registration or an update is bounded where it is taken up.
    let counted = row.none_of::<AB::Expr>(&[RegisterLicense, UpdateLicense]);
    builder.assert_eq(counted * row.quantity, uses);
    builder.assert_zero(pay * (amount.value::<AB::Expr>() - row.price * row.quantity));
    // The multiplier's upper pieces are for withdrawals: uses stay within 2²³.
    builder.assert_zero(pay * multiplier.part::<AB::Expr>(USES_BITS..WITHDRAWAL_BITS));
}

/// A license is paid as one without a licensee, or as one whose licensee is the payer.
pub(super) fn assert_licensee<AB: AirBuilder>(
    table: &Intents<'_, AB::Var, AB::Expr>,
    builder: &mut AB,
) {
    let row = &table.row;
    builder.assert_zero(row.licensee * (row.licensee - row.account));
}

/// A multiple of 1000 as an integer: without the multiplier every amount is one modulo p.
pub(super) fn assert_withdraw<AB: AirBuilder>(
    table: &Intents<'_, AB::Var, AB::Expr>,
    builder: &mut AB,
) {
    let row = &table.row;
    let units = row.multiplier.value::<AB::Expr>() + AB::Expr::ONE;
    let amount = units * AB::Expr::from_u64(NANO_PER_BASE_UNIT);
    builder.assert_zero(row.is(Withdraw) * (row.amount.value::<AB::Expr>() - amount));
}

/// Debit of amount and fee, fee to account 0, and to the recipient that was signed the credit of a
/// transfer or uses of a license. Counts vanish on padding rows.
pub(super) fn send_flows<AB: InteractionBuilder>(
    table: &Intents<'_, AB::Var, AB::Expr>,
    builder: &mut AB,
) {
    let row = &table.row;
    let (amount, fee): (AB::Expr, AB::Expr) = (row.amount.value(), row.fee.value());
    let active: AB::Expr = row.active();
    let space = |kind: FlowKind| AB::Expr::from_u64(kind as u64);
    // The amount of a registration or an update is a price.
    let moves = row.is(Pay) + row.is(Transfer) + row.is(Withdraw);
    let debit = -(moves * amount.clone() + active.clone() * fee.clone());
    FLOW.send(builder, flow(space(FlowKind::Account), row.account), Count::provided(debit));
    let operator = flow(space(FlowKind::Account), AB::Expr::ZERO);
    FLOW.send(builder, operator, Count::provided(active * fee));
    let (pay, transfer) = (row.is(Pay), row.is(Transfer));
    let kind = pay * space(FlowKind::License) + transfer * space(FlowKind::Named);
    let credit = pay * row.quantity + transfer * amount;
    let message = flow_to(kind, row.target, row.price, row.licensee, row.recipient);
    FLOW.send(builder, message, Count::provided(credit));
}

pub(super) fn send_withdrawal<AB: InteractionBuilder>(
    table: &Intents<'_, AB::Var, AB::Expr>,
    builder: &mut AB,
) {
    let row = &table.row;
    let message = [row.account.into(), row.nonce.into(), row.amount.value::<AB::Expr>()];
    WITHDRAWAL.send(builder, message, Count::bounded(row.is(Withdraw).into(), 1));
}

pub(super) fn send_registration<AB: InteractionBuilder>(
    table: &Intents<'_, AB::Var, AB::Expr>,
    builder: &mut AB,
) {
    let row = &table.row;
    let [update, account, nonce] = [row.is(UpdateLicense), row.account, row.nonce].map(Into::into);
    let mut message: Vec<AB::Expr> = vec![update, account, nonce];
    message.extend([row.target.into(), row.quantity.into(), row.amount.value()]);
    message.extend(row.recipient.into_iter().chain(row.payload).map(Into::into));
    let count = row.is(RegisterLicense) + row.is(UpdateLicense);
    REGISTRATION.send(builder, message, Count::bounded(count, 1));
}
