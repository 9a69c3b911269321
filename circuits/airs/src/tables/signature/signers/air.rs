//! Constraints of the signers table.

use p3_air::{AirBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use farthing_protocol::{FP5_ELEMENTS, Felt, SCALAR_LIMBS, Scalar};

use crate::buses::{CARRY, SCALAR, SIGNER, TERM, check_ranges};
use crate::gadgets::decomposition::bits_of;
use crate::gadgets::fp5::{PointExpr, assert_decodes};
use crate::gadgets::layout::{Bits, Layout, Many, Numbers, One, Run, columns};
use crate::schedule::Schedule;

use super::STEP_HIGHS_BITS;

/// The generator's encoding is (4, 0, 0, 0, 0).
const GENERATOR_ENCODING: u64 = 4;

columns! {
    /// Columns of the main trace; the module page says what each means.
    pub(crate) struct SignerColumns(schedule: &Schedule), row SignerCells {
        signer: One,
        generator: One,
        account: One,
        old_nonce: One,
        new_nonce: One,
        step_highs: Bits<STEP_HIGHS_BITS>,
        w: Many<FP5_ELEMENTS>,
        t: Many<FP5_ELEMENTS>,
        x: Many<FP5_ELEMENTS>,
        y: Many<FP5_ELEMENTS>,
        digits: Run = schedule.windows().len(),
        limbs: Run = schedule.scalar_limbs(),
        quotient: Numbers = vec![schedule.limb_bits(); schedule.quotient_limbs()],
    }
}

columns! {
    /// Preprocessed columns.
    pub(crate) struct PreprocessedColumns, row PreprocessedCells {
        number: One,
    }
}

impl<V: Copy> SignerCells<V> {
    fn point<E>(&self) -> PointExpr<E>
    where
        V: Into<E>,
    {
        PointExpr { x: self.x.map(Into::into), y: self.y.map(Into::into) }
    }
}

pub(crate) fn eval<AB: AirBuilder<F = Felt> + InteractionBuilder>(
    schedule: &Schedule,
    columns: &SignerColumns,
    preprocessed: &PreprocessedColumns,
    builder: &mut AB,
) {
    let main = builder.main();
    let row = &columns.row(main.current_slice());
    let fixed = &preprocessed.row(builder.preprocessed().current_slice());
    assert_flags(builder, row);
    assert_key(builder, row);
    check_ranges(builder, main.current_slice(), &columns.numbers());
    receive_scalar(builder, row);
    send_signer(builder, row);
    send_terms(schedule, builder, row);
    send_reduction(schedule, builder, row, fixed);
}

fn assert_flags<AB: AirBuilder>(builder: &mut AB, row: &SignerCells<AB::Var>) {
    let either = row.signer + row.generator;
    builder.assert_bools([row.signer.into(), row.generator.into(), either]);
}

/// The point is the one that w encodes; the free digits are the generator's and no other point's.
fn assert_key<AB: AirBuilder>(builder: &mut AB, row: &SignerCells<AB::Var>) {
    let (w, t) = (row.w.map(Into::into), row.t.map(Into::into));
    assert_decodes(builder, &w, &t, &row.point());
    for (i, element) in w.into_iter().enumerate() {
        let expected = if i == 0 { GENERATOR_ENCODING } else { 0 };
        let difference = element - AB::Expr::from_u64(expected);
        builder.assert_zero(row.generator * difference);
    }
}

fn receive_scalar<AB: InteractionBuilder>(builder: &mut AB, row: &SignerCells<AB::Var>) {
    let mut message: Vec<AB::Expr> = vec![row.account.into()];
    message.extend(row.w.map(Into::into));
    message.extend([row.old_nonce.into(), row.new_nonce.into(), row.step_highs.value()]);
    message.extend(row.limbs.iter().map(|limb| (*limb).into()));
    SCALAR.receive(builder, message, Count::bounded(row.signer.into(), 1));
}

fn send_signer<AB: InteractionBuilder>(builder: &mut AB, row: &SignerCells<AB::Var>) {
    let mut message = vec![row.account];
    message.extend(row.w);
    message.extend([row.old_nonce, row.new_nonce]);
    SIGNER.send(builder, message, Count::bounded(row.signer.into(), 1));
}

fn send_terms<AB: InteractionBuilder>(
    schedule: &Schedule,
    builder: &mut AB,
    row: &SignerCells<AB::Var>,
) {
    let active = row.signer + row.generator;
    for (window, (digit, shape)) in row.digits.iter().zip(schedule.windows()).enumerate() {
        let digit: AB::Expr = (*digit).into();
        let digit = digit.double() - AB::Expr::from_u64(shape.max_digit());
        let message =
            [AB::Expr::from_usize(window), digit].into_iter().chain(row.point().coordinates());
        TERM.send(builder, message, Count::bounded(active.clone(), 1));
    }
}

/// E − D − (q − offset)·n, position by position; the carries table shows that it is zero.
fn send_reduction<AB: InteractionBuilder<F = Felt>>(
    schedule: &Schedule,
    builder: &mut AB,
    row: &SignerCells<AB::Var>,
    fixed: &PreprocessedCells<AB::Var>,
) {
    let order = order_limbs(schedule);
    let windows = schedule.windows();
    let quotient: Vec<AB::Expr> = quotient_offsets(schedule)
        .into_iter()
        .zip(&row.quotient)
        .map(|(offset, limb)| limb.value::<AB::Expr>() - AB::Expr::from_u64(offset))
        .collect();
    for position in 0..schedule.positions() {
        let limb = row.limbs.get(position);
        let mut value = limb.map_or(AB::Expr::ZERO, |limb| (*limb).into());
        for (digit, window) in row.digits.iter().zip(&windows) {
            if window.offset / schedule.limb_bits() == position {
                let digit: AB::Expr = (*digit).into();
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
        let message = [fixed.number.into(), AB::Expr::from_usize(position), value];
        CARRY.send(builder, message, Count::bounded(row.signer.into(), 1));
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
