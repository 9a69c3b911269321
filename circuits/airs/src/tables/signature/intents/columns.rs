//! Columns of the intents table.

use core::ops::Range;

use farthing_protocol::{DIGEST_ELEMENTS, FP5_ELEMENTS, PAYLOAD_ELEMENTS, SHORT_DIGEST_ELEMENTS};

use crate::gadgets::columns::ColumnCounter;
use crate::gadgets::decomposition::Decomposition;
use crate::schedule::{Piece, Schedule, pieces};
use crate::tables::signature::signers::STEP_HIGHS_BITS;
use crate::witness::Kind;

use super::{AMOUNT_BITS, FEE_BITS, SLACK_BITS, STEP_BITS, USES_BITS, WITHDRAWAL_BITS};

/// Hash outputs that make a weight.
const WEIGHT_OUTPUTS: usize = 2;

/// Column numbers; the module page says what each means.
#[derive(Clone, Debug)]
pub(crate) struct IntentColumns {
    pub(crate) schedule: Schedule,
    pub(crate) pay: usize,
    pub(crate) transfer: usize,
    pub(crate) withdraw: usize,
    pub(crate) register: usize,
    pub(crate) update: usize,
    pub(crate) end: usize,
    pub(crate) index: usize,
    pub(crate) account: usize,
    pub(crate) target: usize,
    pub(crate) quantity: usize,
    pub(crate) price: usize,
    pub(crate) licensee: usize,
    pub(crate) nonce: usize,
    pub(crate) old_nonce: usize,
    pub(crate) recipient: Range<usize>,
    pub(crate) payload: Range<usize>,
    pub(crate) key: Range<usize>,
    pub(crate) w: Range<usize>,
    pub(crate) t: Range<usize>,
    pub(crate) x: Range<usize>,
    pub(crate) y: Range<usize>,
    pub(crate) capacities: [Range<usize>; 2],
    pub(crate) digits: Range<usize>,
    pub(crate) weight_rest: [Decomposition; WEIGHT_OUTPUTS],
    pub(crate) amount: Decomposition,
    pub(crate) multiplier: Decomposition,
    pub(crate) fee: Decomposition,
    pub(crate) slack: Decomposition,
    pub(crate) step: Decomposition,
    pub(crate) step_highs: usize,
    pub(crate) challenge: Decomposition,
    pub(crate) inverses: Range<usize>,
    pub(crate) limbs: Range<usize>,
    pub(crate) width: usize,
}

impl IntentColumns {
    pub(crate) fn new(schedule: &Schedule) -> Self {
        let mut columns = ColumnCounter::default();
        let c = &mut columns;
        Self {
            schedule: schedule.clone(),
            pay: c.one(),
            transfer: c.one(),
            withdraw: c.one(),
            register: c.one(),
            update: c.one(),
            end: c.one(),
            index: c.one(),
            account: c.one(),
            target: c.one(),
            quantity: c.one(),
            price: c.one(),
            licensee: c.one(),
            nonce: c.one(),
            old_nonce: c.one(),
            recipient: c.many(SHORT_DIGEST_ELEMENTS),
            payload: c.many(PAYLOAD_ELEMENTS),
            key: c.many(FP5_ELEMENTS),
            w: c.many(FP5_ELEMENTS),
            t: c.many(FP5_ELEMENTS),
            x: c.many(FP5_ELEMENTS),
            y: c.many(FP5_ELEMENTS),
            capacities: core::array::from_fn(|_| c.many(DIGEST_ELEMENTS)),
            digits: c.many(schedule.low_windows()),
            weight_rest: schedule.output_rest_bits().map(|bits| Decomposition::new(c, bits)),
            amount: Decomposition::new(c, AMOUNT_BITS),
            multiplier: Decomposition::of(c, cut_at(USES_BITS, WITHDRAWAL_BITS)),
            fee: Decomposition::new(c, FEE_BITS),
            slack: Decomposition::new(c, SLACK_BITS),
            step: Decomposition::of(c, cut_at(STEP_HIGHS_BITS, STEP_BITS)),
            step_highs: c.one(),
            challenge: Decomposition::of(c, schedule.challenge_pieces()),
            inverses: c.many(DIGEST_ELEMENTS),
            limbs: c.many(schedule.scalar_limbs()),
            width: c.width(),
        }
    }

    /// The kinds of intent with their columns: one column is 1 in the row of an intent.
    pub(crate) const fn kinds(&self) -> [(Kind, usize); 5] {
        [
            (Kind::Pay, self.pay),
            (Kind::Transfer, self.transfer),
            (Kind::Withdraw, self.withdraw),
            (Kind::RegisterLicense, self.register),
            (Kind::UpdateLicense, self.update),
        ]
    }

    /// The range-checked numbers.
    pub(crate) fn numbers(&self) -> Vec<&Decomposition> {
        let numbers =
            [&self.amount, &self.multiplier, &self.fee, &self.slack, &self.step, &self.challenge];
        self.weight_rest.iter().chain(numbers).collect()
    }
}

/// The pieces of a number of `bits` bits, none of which straddles bit `cut`.
fn cut_at(cut: usize, bits: usize) -> Vec<Piece> {
    let above = pieces(bits - cut).into_iter();
    let above = above.map(|piece| Piece { offset: piece.offset + cut, ..piece });
    pieces(cut).into_iter().chain(above).collect()
}
