//! Meaning and flows of the kinds of intent.

use p3_air::AirBuilder;
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use farthing_protocol::{MESSAGE_ELEMENTS, Message, NANO_PER_BASE_UNIT};

use crate::buses::{FLOW, FlowKind, REGISTRATION, WITHDRAWAL, flow, flow_to};
use farthing_protocol::position::TIMESTAMP;

use super::rows::Intents;
use super::{USES_BITS, WITHDRAWAL_BITS};

impl<E: PrimeCharacteristicRing> Intents<'_, E> {
    /// The signed message.
    pub(super) fn message(&self) -> [E; MESSAGE_ELEMENTS] {
        let (c, row) = (self.columns, &self.row);
        let message = Message {
            kind: self.kind(),
            quantity: row.at(c.quantity),
            fee: c.fee.value(row),
            account: row.at(c.account),
            target: row.at(c.target),
            amount: c.amount.value(row),
            valid_until: self.public[TIMESTAMP].clone() + c.slack.value(row),
            nonce: row.at(c.nonce),
            recipient: row.array(&c.recipient),
            payload: row.array(&c.payload),
        };
        message.into_elements()
    }

    fn kind(&self) -> E {
        let kinds = self.columns.kinds();
        kinds.map(|(kind, column)| self.row.at(column) * E::from_u64(kind as u64)).into_iter().sum()
    }

    fn not(&self, flags: &[usize]) -> E {
        E::ONE - flags.iter().map(|flag| self.row.at(*flag)).sum::<E>()
    }
}

pub(super) fn assert_kind<AB: AirBuilder>(table: &Intents<'_, AB::Expr>, builder: &mut AB) {
    builder.assert_bools(table.columns.kinds().map(|(_, column)| table.row.at(column)));
    builder.assert_bool(table.active(&table.row));
}

/// Fields that a kind has no use for are zero in its message.
pub(super) fn assert_unused_fields_are_zero<AB: AirBuilder>(
    table: &Intents<'_, AB::Expr>,
    builder: &mut AB,
) {
    let (c, row) = (table.columns, &table.row);
    let nameless = table.not(&[c.pay, c.transfer, c.register, c.update]);
    builder.assert_zero(nameless.clone() * row.at(c.target));
    for element in row.all(&c.recipient) {
        builder.assert_zero(nameless.clone() * element.clone());
    }
    builder.assert_zero((AB::Expr::ONE - table.active(row)) * c.amount.value(row));
    builder.assert_zero(table.not(&[c.pay, c.withdraw]) * c.multiplier.value(row));
    builder.assert_zero(table.not(&[c.pay]) * row.at(c.price));
}

/// amount = price·uses: price < 2⁴⁰ by the license's leaf and uses ≤ 2²³, so nothing wraps.
pub(super) fn assert_pay<AB: AirBuilder>(table: &Intents<'_, AB::Expr>, builder: &mut AB) {
    let (c, row) = (table.columns, &table.row);
    let quantity = row.at(c.quantity);
    let uses = row.at(c.pay) * (c.multiplier.value(row) + AB::Expr::ONE);
    // The quantity of a registration or an update is bounded where it is taken up.
    builder.assert_eq(table.not(&[c.register, c.update]) * quantity.clone(), uses);
    builder.assert_zero(row.at(c.pay) * (c.amount.value(row) - row.at(c.price) * quantity));
    // The multiplier's upper pieces are for withdrawals: uses stay within 2²³.
    builder.assert_zero(row.at(c.pay) * c.multiplier.part(row, USES_BITS..WITHDRAWAL_BITS));
}

/// A license is paid as one that anybody may pay, or as one for the payer.
pub(super) fn assert_licensee<AB: AirBuilder>(table: &Intents<'_, AB::Expr>, builder: &mut AB) {
    let (licensee, account) =
        (table.row.at(table.columns.licensee), table.row.at(table.columns.account));
    builder.assert_zero(licensee.clone() * (licensee - account));
}

/// A multiple of 1000 as an integer: without the multiplier every amount is one modulo p.
pub(super) fn assert_withdraw<AB: AirBuilder>(table: &Intents<'_, AB::Expr>, builder: &mut AB) {
    let (c, row) = (table.columns, &table.row);
    let units = c.multiplier.value(row) + AB::Expr::ONE;
    let amount = units * AB::Expr::from_u64(NANO_PER_BASE_UNIT);
    builder.assert_zero(row.at(c.withdraw) * (c.amount.value(row) - amount));
}

/// Debit of amount and fee, fee to account 0, and to the recipient that was signed the credit of a
/// transfer or uses of a license. Counts vanish on padding rows.
pub(super) fn send_flows<AB: InteractionBuilder>(table: &Intents<'_, AB::Expr>, builder: &mut AB) {
    let (c, row) = (table.columns, &table.row);
    let (amount, fee) = (c.amount.value(row), c.fee.value(row));
    let active = table.active(row);
    let space = |kind: FlowKind| AB::Expr::from_u64(kind as u64);
    // The amount of a registration or an update is a price.
    let moves = row.at(c.pay) + row.at(c.transfer) + row.at(c.withdraw);
    let debit = -(moves * amount.clone() + active.clone() * fee.clone());
    FLOW.send(builder, flow(space(FlowKind::Account), row.at(c.account)), Count::provided(debit));
    let operator = flow(space(FlowKind::Account), AB::Expr::ZERO);
    FLOW.send(builder, operator, Count::provided(active * fee));
    let (pay, transfer) = (row.at(c.pay), row.at(c.transfer));
    let kind = pay.clone() * space(FlowKind::License) + transfer.clone() * space(FlowKind::Named);
    let recipient = row.array(&c.recipient);
    let credit = pay * row.at(c.quantity) + transfer * amount;
    let message = flow_to(kind, row.at(c.target), row.at(c.price), row.at(c.licensee), recipient);
    FLOW.send(builder, message, Count::provided(credit));
}

pub(super) fn send_withdrawal<AB: InteractionBuilder>(
    table: &Intents<'_, AB::Expr>,
    builder: &mut AB,
) {
    let (c, row) = (table.columns, &table.row);
    let message = [row.at(c.account), row.at(c.nonce), c.amount.value(row)];
    WITHDRAWAL.send(builder, message, Count::bounded(row.at(c.withdraw), 1));
}

pub(super) fn send_registration<AB: InteractionBuilder>(
    table: &Intents<'_, AB::Expr>,
    builder: &mut AB,
) {
    let (c, row) = (table.columns, &table.row);
    let mut message = vec![row.at(c.update), row.at(c.account), row.at(c.nonce), row.at(c.target)];
    message.extend([row.at(c.quantity), c.amount.value(row)]);
    message.extend(row.all(&c.recipient).iter().chain(row.all(&c.payload)).cloned());
    let count = row.at(c.register) + row.at(c.update);
    REGISTRATION.send(builder, message, Count::bounded(count, 1));
}
