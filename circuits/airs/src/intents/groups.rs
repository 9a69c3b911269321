//! The order of rows, and the sums over one signer's intents.

use p3_air::AirBuilder;
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use crate::buses::SCALAR;
use crate::columns::Row;
use crate::public_values::INTENTS;
use crate::schedule::Schedule;
use crate::signers::CLIMB_BITS;

use super::STEP_BITS;
use super::air::Intents;

impl<E: PrimeCharacteristicRing> Intents<'_, E> {
    /// The row is an intent and its signer has another one behind it.
    fn open(&self) -> E {
        self.active(&self.row) - self.row.at(self.columns.end)
    }

    /// Zero where a group ends: what is carried over.
    fn carried(&self, value: E) -> E {
        (E::ONE - self.row.at(self.columns.end)) * value
    }

    /// Limb `k` of z·e in a row.
    fn product_limb(&self, row: &Row<E>, k: usize) -> E {
        let schedule = &self.columns.schedule;
        (0..schedule.weight_limbs())
            .filter_map(|i| Some((i, k.checked_sub(i)?)))
            .filter(|(_, j)| *j < schedule.challenge_limbs())
            .map(|(i, j)| self.weight_limb(row, i) * self.challenge_limb(row, j))
            .sum()
    }

    fn weight_limb(&self, row: &Row<E>, limb: usize) -> E {
        let (columns, schedule) = (self.columns, &self.columns.schedule);
        schedule
            .windows()
            .into_iter()
            .take(schedule.low_windows())
            .zip(columns.digits.clone())
            .filter(|(window, _)| window.offset / schedule.limb_bits() == limb)
            .map(|(window, column)| {
                let digit = row.at(column).double() - E::from_u64(window.max_digit());
                digit * E::from_u64(1 << (window.offset % schedule.limb_bits()))
            })
            .sum()
    }

    fn challenge_limb(&self, row: &Row<E>, limb: usize) -> E {
        let bits = Schedule::limb_bits(&self.columns.schedule);
        self.columns.challenge.part(row, limb * bits..(limb + 1) * bits)
    }
}

pub(super) fn assert_intents_come_first<AB: AirBuilder>(
    table: &Intents<'_, AB::Expr>,
    builder: &mut AB,
) {
    let (index, next_index) = (table.row.at(table.columns.index), table.next.at(table.columns.index));
    builder.when_first_row().assert_zero(index.clone());
    let mut transition = builder.when_transition();
    transition.assert_eq(next_index, index + AB::Expr::ONE);
    transition.assert_zero(
        (AB::Expr::ONE - table.active(&table.row)) * table.active(&table.next),
    );
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
    builder.when_transition().assert_zero(is_last * missing.clone());
    builder.when_last_row().assert_zero(active.clone() * missing);
    builder.when_first_row().assert_zero((AB::Expr::ONE - active) * number);
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
    builder.when_last_row().assert_zero(table.open());
    let mut transition = builder.when_transition();
    transition.assert_zero(table.open() * (AB::Expr::ONE - table.active(next)));
    for column in [c.account, c.old_nonce].into_iter().chain(c.key.clone()) {
        transition.assert_zero(table.open() * (next.at(column) - row.at(column)));
    }
}

/// nonce = the one before + 1 + step, where the one before a group's first is the account's.
pub(super) fn assert_nonces_rise<AB: AirBuilder>(
    table: &Intents<'_, AB::Expr>,
    builder: &mut AB,
) {
    let (c, row, next) = (table.columns, &table.row, &table.next);
    let before = |row: &Row<AB::Expr>| row.at(c.nonce) - c.step.value(row) - table.active(row);
    let upper = |row: &Row<AB::Expr>| c.step.part(row, CLIMB_BITS..STEP_BITS);
    let mut first = builder.when_first_row();
    first.assert_eq(before(row), row.at(c.old_nonce));
    first.assert_eq(row.at(c.climb), upper(row));
    let last_nonce = row.at(c.end) * next.at(c.old_nonce) + table.carried(row.at(c.nonce));
    let mut transition = builder.when_transition();
    transition.assert_eq(before(next), last_nonce);
    transition.assert_eq(next.at(c.climb), table.carried(row.at(c.climb)) + upper(next));
}

/// limbs = Σ z·e over the group so far, limb by limb.
pub(super) fn assert_scalars_add_up<AB: AirBuilder>(
    table: &Intents<'_, AB::Expr>,
    builder: &mut AB,
) {
    for (k, column) in table.columns.limbs.clone().enumerate() {
        let (limb, next_limb) = (table.row.at(column), table.next.at(column));
        let product = table.product_limb(&table.row, k);
        builder.when_first_row().assert_eq(limb.clone(), product);
        let sum = table.carried(limb) + table.product_limb(&table.next, k);
        builder.when_transition().assert_eq(next_limb, sum);
    }
}

pub(super) fn send_group<AB: InteractionBuilder>(
    table: &Intents<'_, AB::Expr>,
    builder: &mut AB,
) {
    let (c, row) = (table.columns, &table.row);
    let mut message = vec![row.at(c.account)];
    message.extend_from_slice(row.all(&c.key));
    message.extend([row.at(c.old_nonce), row.at(c.nonce), row.at(c.climb)]);
    message.extend_from_slice(row.all(&c.limbs));
    SCALAR.send(builder, message, Count::bounded(row.at(c.end), 1));
}
