//! The signature's point, challenge and weight.

use p3_air::AirBuilder;
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use farthing_protocol::{DIGEST_ELEMENTS, RATE, WIDTH};

use crate::buses::{RECEIPT, TERM, WEIGHT, send_absorb, send_digest};
use crate::gadgets::fp5::assert_decodes;
use crate::schedule::{FELT_BITS, HALF_BITS};
use farthing_protocol::position::DOMAIN;

use super::columns::IntentCells;
use super::rows::Intents;

impl<V: Copy> IntentCells<V> {
    /// The challenge's elements.
    fn challenge<E: PrimeCharacteristicRing>(&self) -> [E; DIGEST_ELEMENTS]
    where
        V: Into<E>,
    {
        core::array::from_fn(|k| self.challenge.part(k * FELT_BITS..(k + 1) * FELT_BITS))
    }
}

pub(super) fn assert_point<AB: AirBuilder>(
    table: &Intents<'_, AB::Var, AB::Expr>,
    builder: &mut AB,
) {
    let row = &table.row;
    assert_decodes(builder, &row.w.map(Into::into), &row.t.map(Into::into), &row.point());
}

/// Each element is below p = 2⁶⁴ − 2³² + 1: if its upper half is 2³² − 1 its lower half is 0.
///
/// Without this e + p would be a second challenge for the same hash, a signature over which the
/// native rule refuses.
pub(super) fn assert_challenge_is_canonical<AB: AirBuilder>(
    table: &Intents<'_, AB::Var, AB::Expr>,
    builder: &mut AB,
) {
    let row = &table.row;
    for (k, inverse) in row.inverses.into_iter().enumerate() {
        let start = k * FELT_BITS;
        let low: AB::Expr = row.challenge.part(start..start + HALF_BITS);
        let high: AB::Expr = row.challenge.part(start + HALF_BITS..start + FELT_BITS);
        let below_max = high - AB::Expr::from_u64((1 << HALF_BITS) - 1);
        builder.assert_zero(low * (AB::Expr::ONE - below_max * inverse));
    }
}

/// e = sponge(R ‖ P ‖ message), the domain in the capacity: three full blocks.
pub(super) fn hash_challenge<AB: InteractionBuilder>(
    table: &Intents<'_, AB::Var, AB::Expr>,
    builder: &mut AB,
) {
    let row = &table.row;
    let absorbed: Vec<AB::Expr> =
        row.w.into_iter().chain(row.key).map(Into::into).chain(table.message()).collect();
    let state = |block: usize, capacity: &[AB::Expr]| -> [AB::Expr; WIDTH] {
        core::array::from_fn(|i| {
            if i < RATE { absorbed[block * RATE + i].clone() } else { capacity[i - RATE].clone() }
        })
    };
    let domain = &table.public[DOMAIN];
    let [first, second] = row.capacities.map(|capacity| capacity.map(AB::Expr::from));
    let active: AB::Expr = row.active();
    send_absorb(builder, state(0, domain), first.clone(), active.clone());
    send_absorb(builder, state(1, &first), second.clone(), active.clone());
    send_digest(builder, state(2, &second), row.challenge(), active);
}

/// The challenge is leaf `index` of the receipts tree.
pub(super) fn send_receipt<AB: InteractionBuilder>(
    table: &Intents<'_, AB::Var, AB::Expr>,
    builder: &mut AB,
) {
    let row = &table.row;
    let leaf = [AB::Expr::ZERO, row.index.into()];
    let message = leaf.into_iter().chain(row.challenge());
    RECEIPT.send(builder, message, Count::bounded(row.active(), 1));
}

/// The digits are the low bits of the two hash outputs.
pub(super) fn receive_weight<AB: InteractionBuilder>(
    table: &Intents<'_, AB::Var, AB::Expr>,
    builder: &mut AB,
) {
    let (schedule, row) = (table.schedule, &table.row);
    let windows = schedule.windows();
    let mut digits = row.digits.iter();
    let mut message: Vec<AB::Expr> = vec![row.index.into()];
    for (count, rest) in schedule.digits_per_output().into_iter().zip(&row.weight_rest) {
        let mut output = AB::Expr::ZERO;
        let mut offset = 0;
        for (digit, window) in digits.by_ref().take(count).zip(&windows) {
            output += *digit * AB::Expr::from_u64(1 << offset);
            offset += window.bits;
        }
        message.push(output + rest.value::<AB::Expr>() * AB::Expr::from_u64(1 << offset));
    }
    WEIGHT.receive(builder, message, Count::bounded(row.active(), 1));
}

/// z·R: one term per window of the weight.
pub(super) fn send_terms<AB: InteractionBuilder>(
    table: &Intents<'_, AB::Var, AB::Expr>,
    builder: &mut AB,
) {
    let row = &table.row;
    let windows = table.schedule.windows();
    for (window, (digit, shape)) in row.digits.iter().zip(&windows).enumerate() {
        let digit: AB::Expr = (*digit).into();
        let digit = digit.double() - AB::Expr::from_u64(shape.max_digit());
        let message =
            [AB::Expr::from_usize(window), digit].into_iter().chain(row.point().coordinates());
        TERM.send(builder, message, Count::bounded(row.active(), 1));
    }
}
