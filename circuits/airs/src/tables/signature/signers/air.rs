//! Constraints of the signers table.

use core::ops::Range;

use p3_air::{AirBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use farthing_protocol::{FP5_ELEMENTS, Felt, SCALAR_LIMBS, Scalar};

use crate::buses::{CARRY, SCALAR, SIGNER, TERM, check_ranges};
use crate::gadgets::columns::{ColumnCounter, Row};
use crate::gadgets::decomposition::{Decomposition, bits_of};
use crate::gadgets::fp5::{Five, PointExpr, assert_decodes};
use crate::schedule::Schedule;

use super::STEP_HIGHS_BITS;

/// The generator's encoding is (4, 0, 0, 0, 0).
const GENERATOR_ENCODING: u64 = 4;
/// Preprocessed columns.
pub(crate) const PREPROCESSED_COLUMNS: usize = 1;

/// Columns of the main trace.
#[derive(Clone, Debug)]
pub(crate) struct SignerColumns {
    pub(crate) schedule: Schedule,
    pub(crate) signer: usize,
    pub(crate) generator: usize,
    pub(crate) account: usize,
    pub(crate) old_nonce: usize,
    pub(crate) new_nonce: usize,
    pub(crate) step_highs: Decomposition,
    pub(crate) w: Range<usize>,
    pub(crate) t: Range<usize>,
    pub(crate) x: Range<usize>,
    pub(crate) y: Range<usize>,
    pub(crate) digits: Range<usize>,
    pub(crate) limbs: Range<usize>,
    pub(crate) quotient: Vec<Decomposition>,
    pub(crate) width: usize,
}

impl SignerColumns {
    pub(crate) fn new(schedule: &Schedule) -> Self {
        let mut columns = ColumnCounter::default();
        Self {
            schedule: schedule.clone(),
            signer: columns.one(),
            generator: columns.one(),
            account: columns.one(),
            old_nonce: columns.one(),
            new_nonce: columns.one(),
            step_highs: Decomposition::new(&mut columns, STEP_HIGHS_BITS),
            w: columns.many(FP5_ELEMENTS),
            t: columns.many(FP5_ELEMENTS),
            x: columns.many(FP5_ELEMENTS),
            y: columns.many(FP5_ELEMENTS),
            digits: columns.many(schedule.windows().len()),
            limbs: columns.many(schedule.scalar_limbs()),
            quotient: (0..schedule.quotient_limbs())
                .map(|_| Decomposition::new(&mut columns, schedule.limb_bits()))
                .collect(),
            width: columns.width(),
        }
    }

    /// The range-checked numbers.
    pub(crate) fn numbers(&self) -> Vec<&Decomposition> {
        [&self.step_highs].into_iter().chain(&self.quotient).collect()
    }
}

pub(crate) fn eval<AB: AirBuilder<F = Felt> + InteractionBuilder>(
    columns: &SignerColumns,
    builder: &mut AB,
) {
    let main = builder.main();
    let number: AB::Expr = builder.preprocessed().current_slice()[0].into();
    let row = Row::<AB::Expr>::new(main.current_slice());
    assert_flags(columns, builder, &row);
    assert_key(columns, builder, &row);
    check_ranges(builder, main.current_slice(), &columns.numbers());
    receive_scalar(columns, builder, &row);
    send_signer(columns, builder, &row);
    send_terms(columns, builder, &row);
    send_reduction(columns, builder, &row, &number);
}

fn assert_flags<AB: AirBuilder>(columns: &SignerColumns, builder: &mut AB, row: &Row<AB::Expr>) {
    let (signer, generator) = (row.at(columns.signer), row.at(columns.generator));
    builder.assert_bools([signer.clone(), generator.clone(), signer + generator]);
}

/// The point is the one that w encodes; the free digits are the generator's and no other point's.
fn assert_key<AB: AirBuilder>(columns: &SignerColumns, builder: &mut AB, row: &Row<AB::Expr>) {
    let w: Five<AB::Expr> = row.array(&columns.w);
    let point = PointExpr { x: row.array(&columns.x), y: row.array(&columns.y) };
    assert_decodes(builder, &w, &row.array(&columns.t), &point);
    for (i, element) in w.into_iter().enumerate() {
        let expected = if i == 0 { GENERATOR_ENCODING } else { 0 };
        let difference = element - AB::Expr::from_u64(expected);
        builder.assert_zero(row.at(columns.generator) * difference);
    }
}

fn receive_scalar<AB: InteractionBuilder>(
    columns: &SignerColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
) {
    let mut message = vec![row.at(columns.account)];
    message.extend_from_slice(row.all(&columns.w));
    message.extend([
        row.at(columns.old_nonce),
        row.at(columns.new_nonce),
        columns.step_highs.value(row),
    ]);
    message.extend_from_slice(row.all(&columns.limbs));
    SCALAR.receive(builder, message, Count::bounded(row.at(columns.signer), 1));
}

fn send_signer<AB: InteractionBuilder>(
    columns: &SignerColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
) {
    let mut message = vec![row.at(columns.account)];
    message.extend_from_slice(row.all(&columns.w));
    message.extend([row.at(columns.old_nonce), row.at(columns.new_nonce)]);
    SIGNER.send(builder, message, Count::bounded(row.at(columns.signer), 1));
}

fn send_terms<AB: InteractionBuilder>(
    columns: &SignerColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
) {
    let active = row.at(columns.signer) + row.at(columns.generator);
    let point = PointExpr { x: row.array(&columns.x), y: row.array(&columns.y) };
    for (window, (digit, shape)) in
        row.all(&columns.digits).iter().zip(columns.schedule.windows()).enumerate()
    {
        let digit = digit.double() - AB::Expr::from_u64(shape.max_digit());
        let message =
            [AB::Expr::from_usize(window), digit].into_iter().chain(point.clone().coordinates());
        TERM.send(builder, message, Count::bounded(active.clone(), 1));
    }
}

/// E − D − (q − offset)·n, position by position; the carries table shows that it is zero.
fn send_reduction<AB: InteractionBuilder<F = Felt>>(
    columns: &SignerColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
    number: &AB::Expr,
) {
    let schedule = &columns.schedule;
    let order = order_limbs(schedule);
    let windows = schedule.windows();
    let quotient: Vec<AB::Expr> = quotient_offsets(schedule)
        .into_iter()
        .zip(&columns.quotient)
        .map(|(offset, limb)| limb.value(row) - AB::Expr::from_u64(offset))
        .collect();
    for position in 0..schedule.positions() {
        let mut value = row.all(&columns.limbs).get(position).cloned().unwrap_or(AB::Expr::ZERO);
        for (digit, window) in row.all(&columns.digits).iter().zip(&windows) {
            if window.offset / schedule.limb_bits() == position {
                let digit = digit.double() - AB::Expr::from_u64(window.max_digit());
                let shift = window.offset % schedule.limb_bits();
                value -= digit * AB::Expr::from_u64(1 << shift);
            }
        }
        for (i, limb) in quotient.iter().enumerate() {
            if let Some(order) = position.checked_sub(i).and_then(|j| order.get(j)) {
                value -= limb.clone() * Felt::from_u64(*order);
            }
        }
        let message = [number.clone(), AB::Expr::from_usize(position), value];
        CARRY.send(builder, message, Count::bounded(row.at(columns.signer), 1));
    }
}

/// The group order in limbs.
pub(super) fn order_limbs(schedule: &Schedule) -> Vec<u64> {
    let order: [u64; SCALAR_LIMBS] = Scalar::ORDER;
    (0..schedule.order_limbs())
        .map(|i| bits_of(&order, i * schedule.limb_bits(), schedule.limb_bits()))
        .collect()
}

/// Offset of each limb of the quotient: half of its range, in the top limb.
pub(super) fn quotient_offsets(schedule: &Schedule) -> Vec<u64> {
    let mut offsets = vec![0; schedule.quotient_limbs()];
    offsets[schedule.quotient_limbs() - 1] = 1 << (schedule.limb_bits() - 1);
    offsets
}
