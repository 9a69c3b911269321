//! The signature's point, challenge and weight.

use p3_air::AirBuilder;
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use farthing_protocol::{DIGEST_ELEMENTS, RATE, WIDTH};

use crate::buses::{RECEIPT, TERM, WEIGHT, send_absorb, send_digest};
use crate::gadgets::fp5::{PointExpr, assert_decodes};
use crate::schedule::{FELT_BITS, HALF_BITS};
use farthing_protocol::position::DOMAIN;

use super::rows::Intents;

impl<E: PrimeCharacteristicRing> Intents<'_, E> {
    /// The challenge's elements.
    fn challenge(&self) -> [E; DIGEST_ELEMENTS] {
        core::array::from_fn(|k| {
            let bits = k * FELT_BITS..(k + 1) * FELT_BITS;
            self.columns.challenge.part(&self.row, bits)
        })
    }

    fn point(&self) -> PointExpr<E> {
        PointExpr { x: self.row.array(&self.columns.x), y: self.row.array(&self.columns.y) }
    }
}

pub(super) fn assert_point<AB: AirBuilder>(table: &Intents<'_, AB::Expr>, builder: &mut AB) {
    let (c, row) = (table.columns, &table.row);
    assert_decodes(builder, &row.array(&c.w), &row.array(&c.t), &table.point());
}

/// Each element is below p = 2⁶⁴ − 2³² + 1: if its upper half is 2³² − 1 its lower half is 0.
///
/// Without this e + p would be a second challenge for the same hash, a signature over which the
/// native rule refuses.
pub(super) fn assert_challenge_is_canonical<AB: AirBuilder>(
    table: &Intents<'_, AB::Expr>,
    builder: &mut AB,
) {
    let (c, row) = (table.columns, &table.row);
    for (k, inverse) in c.inverses.clone().enumerate() {
        let start = k * FELT_BITS;
        let low = c.challenge.part(row, start..start + HALF_BITS);
        let high = c.challenge.part(row, start + HALF_BITS..start + FELT_BITS);
        let below_max = high - AB::Expr::from_u64((1 << HALF_BITS) - 1);
        builder.assert_zero(low * (AB::Expr::ONE - below_max * row.at(inverse)));
    }
}

/// e = sponge(R ‖ P ‖ message), the domain in the capacity: three full blocks.
pub(super) fn hash_challenge<AB: InteractionBuilder>(
    table: &Intents<'_, AB::Expr>,
    builder: &mut AB,
) {
    let (c, row) = (table.columns, &table.row);
    let absorbed: Vec<AB::Expr> =
        row.all(&c.w).iter().chain(row.all(&c.key)).chain(&table.message()).cloned().collect();
    let state = |block: usize, capacity: &[AB::Expr]| -> [AB::Expr; WIDTH] {
        core::array::from_fn(|i| {
            if i < RATE { absorbed[block * RATE + i].clone() } else { capacity[i - RATE].clone() }
        })
    };
    let domain = &table.public[DOMAIN];
    let [first, second] = &c.capacities;
    let active = table.active(row);
    send_absorb(builder, state(0, domain), row.array(first), active.clone());
    send_absorb(builder, state(1, row.all(first)), row.array(second), active.clone());
    send_digest(builder, state(2, row.all(second)), table.challenge(), active);
}

/// The challenge is leaf `index` of the receipts tree.
pub(super) fn send_receipt<AB: InteractionBuilder>(
    table: &Intents<'_, AB::Expr>,
    builder: &mut AB,
) {
    let leaf = [AB::Expr::ZERO, table.row.at(table.columns.index)];
    let message = leaf.into_iter().chain(table.challenge());
    RECEIPT.send(builder, message, Count::bounded(table.active(&table.row), 1));
}

/// The digits are the low bits of the two hash outputs.
pub(super) fn receive_weight<AB: InteractionBuilder>(
    table: &Intents<'_, AB::Expr>,
    builder: &mut AB,
) {
    let (c, row) = (table.columns, &table.row);
    let schedule = &c.schedule;
    let windows = schedule.windows();
    let mut digits = c.digits.clone();
    let mut message = vec![row.at(c.index)];
    for (count, rest) in schedule.digits_per_output().into_iter().zip(&c.weight_rest) {
        let mut output = AB::Expr::ZERO;
        let mut offset = 0;
        for (digit, window) in digits.by_ref().take(count).zip(&windows) {
            output += row.at(digit) * AB::Expr::from_u64(1 << offset);
            offset += window.bits;
        }
        message.push(output + rest.value(row) * AB::Expr::from_u64(1 << offset));
    }
    WEIGHT.receive(builder, message, Count::bounded(table.active(row), 1));
}

/// z·R: one term per window of the weight.
pub(super) fn send_terms<AB: InteractionBuilder>(table: &Intents<'_, AB::Expr>, builder: &mut AB) {
    let (c, row) = (table.columns, &table.row);
    let windows = c.schedule.windows();
    for (window, (digit, shape)) in row.all(&c.digits).iter().zip(&windows).enumerate() {
        let digit = digit.double() - AB::Expr::from_u64(shape.max_digit());
        let message =
            [AB::Expr::from_usize(window), digit].into_iter().chain(table.point().coordinates());
        TERM.send(builder, message, Count::bounded(table.active(row), 1));
    }
}
