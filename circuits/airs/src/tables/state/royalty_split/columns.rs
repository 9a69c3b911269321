//! Columns of the royalty split table.

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::{DIGEST_ELEMENTS, RATE, SHORT_DIGEST_ELEMENTS};

use crate::gadgets::layout::{Bits, Many, One, columns};
use crate::tables::state::accounts::ID_BITS;
use crate::tables::state::licenses::HALF_BITS;

use super::{CARRY_BITS, CARRY_SHIFT, KEY_BITS, LOG_BLOCK};

/// Bits of shares.
const SHARES_BITS: usize = farthing_protocol::SHARES_BITS as usize;
/// Lines of a block before the row's own.
const WINDOW: usize = RATE - 1;

columns! {
    /// Columns of the main trace; the module page says what each means.
    pub(crate) struct SplitColumns, row SplitCells {
        active: One,
        end: One,
        cut: One,
        late: One,
        new: One,
        license: One,
        kind: One,
        id: Bits<ID_BITS>,
        recipient: Many<SHORT_DIGEST_ELEMENTS>,
        /// Shares less one.
        shares: Bits<SHARES_BITS>,
        gap: Bits<KEY_BITS>,
        /// Lines in the window less one.
        filled: Bits<LOG_BLOCK>,
        count: One,
        window: Many<WINDOW>,
        low: One,
        high: One,
        quotient_low: Bits<HALF_BITS>,
        quotient_high: Bits<HALF_BITS>,
        carry: Bits<CARRY_BITS>,
        remainder: Bits<SHARES_BITS>,
        remainder_slack: Bits<SHARES_BITS>,
        total: One,
        spent: One,
        capacity: Many<DIGEST_ELEMENTS>,
        digest: Many<DIGEST_ELEMENTS>,
        chain: Many<DIGEST_ELEMENTS>,
        position: One,
    }
}

impl<V: Copy> SplitCells<V> {
    /// The row's license has a line in the next row.
    pub(crate) fn open<E: PrimeCharacteristicRing>(&self) -> E
    where
        V: Into<E>,
    {
        self.active.into() - self.end.into()
    }

    /// Shares of the line.
    pub(crate) fn shares<E: PrimeCharacteristicRing>(&self) -> E
    where
        V: Into<E>,
    {
        self.shares.value::<E>() + self.active.into()
    }

    /// Key by which lines are ordered.
    pub(crate) fn key<E: PrimeCharacteristicRing>(&self) -> E
    where
        V: Into<E>,
    {
        self.kind.into() * E::from_u64(1 << ID_BITS) + self.id.value::<E>()
    }

    /// The line as the share table has it.
    pub(crate) fn packed<E: PrimeCharacteristicRing>(&self) -> E
    where
        V: Into<E>,
    {
        self.kind.into() * E::from_u64(1 << (ID_BITS + SHARES_BITS))
            + self.shares::<E>() * E::from_u64(1 << ID_BITS)
            + self.id.value::<E>()
    }

    /// Lines in the window.
    pub(crate) fn filled<E: PrimeCharacteristicRing>(&self) -> E
    where
        V: Into<E>,
    {
        self.filled.value::<E>() + E::ONE
    }

    /// The carry from the lower to the upper half.
    pub(crate) fn carry<E: PrimeCharacteristicRing>(&self) -> E
    where
        V: Into<E>,
    {
        self.carry.value::<E>() - E::from_u64(CARRY_SHIFT)
    }

    /// The line's part of the vault.
    pub(crate) fn quotient<E: PrimeCharacteristicRing>(&self) -> E
    where
        V: Into<E>,
    {
        let high = self.quotient_high.value::<E>() * E::from_u64(1 << HALF_BITS);
        self.quotient_low.value::<E>() + high
    }
}
