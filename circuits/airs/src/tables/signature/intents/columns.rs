//! Columns of the intents table.

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::{
    DIGEST_ELEMENTS, FP5_ELEMENTS, OperationKind, PAYLOAD_ELEMENTS, SHORT_DIGEST_ELEMENTS,
};

use crate::gadgets::fp5::PointExpr;
use crate::gadgets::layout::{Bits, CutBits, Many, Numbers, One, Pieces, Run, columns};
use crate::schedule::Schedule;
use crate::tables::signature::signers::STEP_HIGHS_BITS;

use super::{AMOUNT_BITS, FEE_BITS, SLACK_BITS, STEP_BITS, USES_BITS, WITHDRAWAL_BITS};

/// Kinds of operation.
const KINDS: usize = OperationKind::ALL.len();

columns! {
    /// Columns of the main trace; the module page says what each means.
    pub(crate) struct IntentColumns(schedule: &Schedule), row IntentCells {
        kinds: Many<KINDS>,
        end: One,
        index: One,
        account: One,
        target: One,
        quantity: One,
        price: One,
        licensee: One,
        nonce: One,
        old_nonce: One,
        recipient: Many<SHORT_DIGEST_ELEMENTS>,
        payload: Many<PAYLOAD_ELEMENTS>,
        key: Many<FP5_ELEMENTS>,
        w: Many<FP5_ELEMENTS>,
        t: Many<FP5_ELEMENTS>,
        x: Many<FP5_ELEMENTS>,
        y: Many<FP5_ELEMENTS>,
        capacities: [Many<DIGEST_ELEMENTS>; 2],
        digits: Run = schedule.low_windows(),
        weight_rest: Numbers = schedule.output_rest_bits().to_vec(),
        amount: Bits<AMOUNT_BITS>,
        multiplier: CutBits<USES_BITS, WITHDRAWAL_BITS>,
        fee: Bits<FEE_BITS>,
        slack: Bits<SLACK_BITS>,
        step: CutBits<STEP_HIGHS_BITS, STEP_BITS>,
        step_highs: One,
        challenge: Pieces = schedule.challenge_pieces(),
        inverses: Many<DIGEST_ELEMENTS>,
        limbs: Run = schedule.scalar_limbs(),
    }
}

/// Place of a kind's flag among the flags.
const fn place(kind: OperationKind) -> usize {
    kind.number() as usize - 1
}

const _: () = {
    let mut i = 0;
    while i < KINDS {
        assert!(place(OperationKind::ALL[i]) == i, "kinds are numbered from one");
        i += 1;
    }
};

impl IntentColumns {
    /// The flag of a kind.
    pub(crate) fn kind(&self, kind: OperationKind) -> usize {
        self.kinds.start + place(kind)
    }
}

impl<V: Copy> IntentCells<V> {
    /// The flag of a kind.
    pub(super) fn is(&self, kind: OperationKind) -> V {
        self.kinds[place(kind)]
    }

    /// One for an intent, zero for padding.
    pub(super) fn active<E: PrimeCharacteristicRing>(&self) -> E
    where
        V: Into<E>,
    {
        self.kinds.into_iter().map(Into::into).sum()
    }

    /// The signature's R.
    pub(super) fn point<E>(&self) -> PointExpr<E>
    where
        V: Into<E>,
    {
        PointExpr { x: self.x.map(Into::into), y: self.y.map(Into::into) }
    }
}
