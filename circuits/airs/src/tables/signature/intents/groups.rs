//! The order of rows, and the sums over one signer's intents.

use p3_air::AirBuilder;
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use crate::buses::SCALAR;
use crate::gadgets::gate::OnRows;
use crate::tables::signature::signers::STEP_HIGHS_BITS;
use farthing_protocol::position::INTENTS;

use super::STEP_BITS;
use super::columns::IntentCells;
use super::rows::Intents;

impl<V: Copy + Into<E>, E: PrimeCharacteristicRing> Intents<'_, V, E> {
    /// The row is an intent and its signer has another one behind it.
    fn open(&self) -> E {
        self.row.active::<E>() - self.row.end.into()
    }

    /// Zero where a group ends: what is carried over.
    fn carried(&self, value: impl Into<E>) -> E {
        (E::ONE - self.row.end.into()) * value.into()
    }

    /// The limbs of z·e in a row.
    fn product(&self, row: &IntentCells<V>) -> Vec<E> {
        let weight = self.weight_limbs(row);
        let challenge = self.challenge_limbs(row);
        let mut product = vec![E::ZERO; self.schedule.scalar_limbs()];
        for (i, z) in weight.iter().enumerate() {
            for (j, e) in challenge.iter().enumerate() {
                product[i + j] += z.clone() * e.clone();
            }
        }
        product
    }

    fn weight_limbs(&self, row: &IntentCells<V>) -> Vec<E> {
        let schedule = self.schedule;
        let mut limbs = vec![E::ZERO; schedule.weight_limbs()];
        for (window, digit) in schedule.windows().iter().zip(&row.digits) {
            let digit: E = (*digit).into();
            let digit = digit.double() - E::from_u64(window.max_digit());
            let shift = E::from_u64(1 << (window.offset % schedule.limb_bits()));
            limbs[window.offset / schedule.limb_bits()] += digit * shift;
        }
        limbs
    }

    fn challenge_limbs(&self, row: &IntentCells<V>) -> Vec<E> {
        let bits = self.schedule.limb_bits();
        let limbs = 0..self.schedule.challenge_limbs();
        limbs.map(|limb| row.challenge.part(limb * bits..(limb + 1) * bits)).collect()
    }
}

pub(super) fn assert_intents_come_first<AB: AirBuilder>(
    table: &Intents<'_, AB::Var, AB::Expr>,
    builder: &mut AB,
) {
    let (row, next) = (&table.row, &table.next);
    builder.on_first_row().assert_zero(row.index);
    let mut transition = builder.on_transition();
    transition.assert_eq(next.index, row.index + AB::Expr::ONE);
    let padding = AB::Expr::ONE - row.active::<AB::Expr>();
    transition.assert_zero(padding * next.active::<AB::Expr>());
}

/// The row behind which padding starts has the last index of the statement's number.
pub(super) fn assert_number_of_intents<AB: AirBuilder>(
    table: &Intents<'_, AB::Var, AB::Expr>,
    builder: &mut AB,
) {
    let active: AB::Expr = table.row.active();
    let number = table.public[INTENTS].clone();
    let missing = number.clone() - table.row.index - AB::Expr::ONE;
    let is_last = active.clone() * (AB::Expr::ONE - table.next.active::<AB::Expr>());
    builder.on_transition().assert_zero(is_last * missing.clone());
    builder.on_last_row().assert_zero(active.clone() * missing);
    builder.on_first_row().assert_zero((AB::Expr::ONE - active) * number);
}

pub(super) fn assert_group_is_one_signer<AB: AirBuilder>(
    table: &Intents<'_, AB::Var, AB::Expr>,
    builder: &mut AB,
) {
    let (row, next) = (&table.row, &table.next);
    builder.assert_bool(row.end);
    builder.assert_zero(row.end * (AB::Expr::ONE - row.active::<AB::Expr>()));
    // A group without an end would never be charged to its account.
    builder.on_last_row().assert_zero(table.open());
    let mut transition = builder.on_transition();
    transition.assert_zero(table.open() * (AB::Expr::ONE - next.active::<AB::Expr>()));
    let signer =
        |row: &IntentCells<AB::Var>| [row.account, row.old_nonce].into_iter().chain(row.key);
    for (cell, next_cell) in signer(row).zip(signer(next)) {
        transition.assert_zero(table.open() * (next_cell - cell));
    }
}

/// nonce = the one before + 1 + step, where the one before a group's first is the account's.
pub(super) fn assert_nonces_rise<AB: AirBuilder>(
    table: &Intents<'_, AB::Var, AB::Expr>,
    builder: &mut AB,
) {
    let (row, next) = (&table.row, &table.next);
    let before = |row: &IntentCells<AB::Var>| {
        row.nonce - row.step.value::<AB::Expr>() - row.active::<AB::Expr>()
    };
    let upper =
        |row: &IntentCells<AB::Var>| -> AB::Expr { row.step.part(STEP_HIGHS_BITS..STEP_BITS) };
    let mut first = builder.on_first_row();
    first.assert_eq(before(row), row.old_nonce);
    first.assert_eq(row.step_highs, upper(row));
    let last_nonce = row.end * next.old_nonce + table.carried(row.nonce);
    let mut transition = builder.on_transition();
    transition.assert_eq(before(next), last_nonce);
    transition.assert_eq(next.step_highs, table.carried(row.step_highs) + upper(next));
}

/// limbs = Σ z·e over the group so far, limb by limb.
pub(super) fn assert_scalars_add_up<AB: AirBuilder>(
    table: &Intents<'_, AB::Var, AB::Expr>,
    builder: &mut AB,
) {
    let (row, next) = (&table.row, &table.next);
    let products = table.product(row).into_iter().zip(table.product(next));
    for ((limb, next_limb), (product, next_product)) in
        row.limbs.iter().zip(&next.limbs).zip(products)
    {
        builder.on_first_row().assert_eq(*limb, product);
        let sum = table.carried(*limb) + next_product;
        builder.on_transition().assert_eq(*next_limb, sum);
    }
}

pub(super) fn send_group<AB: InteractionBuilder>(
    table: &Intents<'_, AB::Var, AB::Expr>,
    builder: &mut AB,
) {
    let row = &table.row;
    let mut message = vec![row.account];
    message.extend(row.key);
    message.extend([row.old_nonce, row.nonce, row.step_highs]);
    message.extend_from_slice(&row.limbs);
    SCALAR.send(builder, message, Count::bounded(row.end.into(), 1));
}
