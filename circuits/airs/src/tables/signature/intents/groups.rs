//! The order of rows, and the sums over one signer's intents.

use p3_air::AirBuilder;
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use crate::buses::SCALAR;
use crate::gadgets::columns::Row;
use crate::gadgets::gate::OnRows;
use crate::tables::signature::signers::STEP_HIGHS_BITS;
use farthing_protocol::position::INTENTS;

use super::STEP_BITS;
use super::rows::Intents;

impl<E: PrimeCharacteristicRing> Intents<'_, E> {
    /// The row is an intent and its signer has another one behind it.
    fn open(&self) -> E {
        self.active(&self.row) - self.row.at(self.columns.end)
    }

    /// Zero where a group ends: what is carried over.
    fn carried(&self, value: E) -> E {
        (E::ONE - self.row.at(self.columns.end)) * value
    }

    /// The limbs of z·e in a row.
    fn product(&self, row: &Row<E>) -> Vec<E> {
        let schedule = &self.columns.schedule;
        let weight = self.weight_limbs(row);
        let challenge = self.challenge_limbs(row);
        let mut product = vec![E::ZERO; schedule.scalar_limbs()];
        for (i, z) in weight.iter().enumerate() {
            for (j, e) in challenge.iter().enumerate() {
                product[i + j] += z.clone() * e.clone();
            }
        }
        product
    }

    fn weight_limbs(&self, row: &Row<E>) -> Vec<E> {
        let schedule = &self.columns.schedule;
        let mut limbs = vec![E::ZERO; schedule.weight_limbs()];
        for (window, digit) in schedule.windows().iter().zip(row.all(&self.columns.digits)) {
            let digit = digit.double() - E::from_u64(window.max_digit());
            let shift = E::from_u64(1 << (window.offset % schedule.limb_bits()));
            limbs[window.offset / schedule.limb_bits()] += digit * shift;
        }
        limbs
    }

    fn challenge_limbs(&self, row: &Row<E>) -> Vec<E> {
        let bits = self.columns.schedule.limb_bits();
        let limbs = 0..self.columns.schedule.challenge_limbs();
        limbs.map(|limb| self.columns.challenge.part(row, limb * bits..(limb + 1) * bits)).collect()
    }
}

pub(super) fn assert_intents_come_first<AB: AirBuilder>(
    table: &Intents<'_, AB::Expr>,
    builder: &mut AB,
) {
    let (index, next_index) =
        (table.row.at(table.columns.index), table.next.at(table.columns.index));
    builder.on_first_row().assert_zero(index.clone());
    let mut transition = builder.on_transition();
    transition.assert_eq(next_index, index + AB::Expr::ONE);
    transition.assert_zero((AB::Expr::ONE - table.active(&table.row)) * table.active(&table.next));
}

/// The row behind which padding starts has the last index of the statement's number.
pub(super) fn assert_number_of_intents<AB: AirBuilder>(
    table: &Intents<'_, AB::Expr>,
    builder: &mut AB,
) {
    let active = table.active(&table.row);
    let number = table.public[INTENTS].clone();
    let missing = number.clone() - table.row.at(table.columns.index) - AB::Expr::ONE;
    let is_last = active.clone() * (AB::Expr::ONE - table.active(&table.next));
    builder.on_transition().assert_zero(is_last * missing.clone());
    builder.on_last_row().assert_zero(active.clone() * missing);
    builder.on_first_row().assert_zero((AB::Expr::ONE - active) * number);
}

pub(super) fn assert_group_is_one_signer<AB: AirBuilder>(
    table: &Intents<'_, AB::Expr>,
    builder: &mut AB,
) {
    let (c, row, next) = (table.columns, &table.row, &table.next);
    let end = row.at(c.end);
    builder.assert_bool(end.clone());
    builder.assert_zero(end * (AB::Expr::ONE - table.active(row)));
    // A group without an end would never be charged to its account.
    builder.on_last_row().assert_zero(table.open());
    let mut transition = builder.on_transition();
    transition.assert_zero(table.open() * (AB::Expr::ONE - table.active(next)));
    for column in [c.account, c.old_nonce].into_iter().chain(c.key.clone()) {
        transition.assert_zero(table.open() * (next.at(column) - row.at(column)));
    }
}

/// nonce = the one before + 1 + step, where the one before a group's first is the account's.
pub(super) fn assert_nonces_rise<AB: AirBuilder>(table: &Intents<'_, AB::Expr>, builder: &mut AB) {
    let (c, row, next) = (table.columns, &table.row, &table.next);
    let before = |row: &Row<AB::Expr>| row.at(c.nonce) - c.step.value(row) - table.active(row);
    let upper = |row: &Row<AB::Expr>| c.step.part(row, STEP_HIGHS_BITS..STEP_BITS);
    let mut first = builder.on_first_row();
    first.assert_eq(before(row), row.at(c.old_nonce));
    first.assert_eq(row.at(c.step_highs), upper(row));
    let last_nonce = row.at(c.end) * next.at(c.old_nonce) + table.carried(row.at(c.nonce));
    let mut transition = builder.on_transition();
    transition.assert_eq(before(next), last_nonce);
    transition.assert_eq(next.at(c.step_highs), table.carried(row.at(c.step_highs)) + upper(next));
}

/// limbs = Σ z·e over the group so far, limb by limb.
pub(super) fn assert_scalars_add_up<AB: AirBuilder>(
    table: &Intents<'_, AB::Expr>,
    builder: &mut AB,
) {
    let (products, next_products) = (table.product(&table.row), table.product(&table.next));
    let products = products.into_iter().zip(next_products);
    for (column, (product, next_product)) in table.columns.limbs.clone().zip(products) {
        let (limb, next_limb) = (table.row.at(column), table.next.at(column));
        builder.on_first_row().assert_eq(limb.clone(), product);
        let sum = table.carried(limb) + next_product;
        builder.on_transition().assert_eq(next_limb, sum);
    }
}

pub(super) fn send_group<AB: InteractionBuilder>(table: &Intents<'_, AB::Expr>, builder: &mut AB) {
    let (c, row) = (table.columns, &table.row);
    let mut message = vec![row.at(c.account)];
    message.extend_from_slice(row.all(&c.key));
    message.extend([row.at(c.old_nonce), row.at(c.nonce), row.at(c.step_highs)]);
    message.extend_from_slice(row.all(&c.limbs));
    SCALAR.send(builder, message, Count::bounded(row.at(c.end), 1));
}
