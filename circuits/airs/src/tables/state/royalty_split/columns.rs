//! Columns of the royalty split table.

use core::ops::Range;

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::{DIGEST_ELEMENTS, RATE, SHARES_BITS};

use crate::gadgets::columns::{ColumnCounter, Row};
use crate::gadgets::decomposition::Decomposition;
use crate::tables::state::accounts::ID_BITS;
use crate::tables::state::licenses::HALF_BITS;

use super::{CARRY_BITS, CARRY_SHIFT, KEY_BITS, LOG_BLOCK};

/// Columns of the main trace; the module page says what each means.
#[derive(Clone, Debug)]
pub(crate) struct SplitColumns {
    pub(crate) active: usize,
    pub(crate) end: usize,
    pub(crate) cut: usize,
    pub(crate) late: usize,
    pub(crate) new: usize,
    pub(crate) license: usize,
    pub(crate) kind: usize,
    pub(crate) id: Decomposition,
    /// Shares less one.
    pub(crate) shares: Decomposition,
    pub(crate) gap: Decomposition,
    /// Lines in the window less one.
    pub(crate) filled: Decomposition,
    pub(crate) count: usize,
    pub(crate) window: Range<usize>,
    pub(crate) low: usize,
    pub(crate) high: usize,
    pub(crate) quotient_low: Decomposition,
    pub(crate) quotient_high: Decomposition,
    pub(crate) carry: Decomposition,
    pub(crate) remainder: Decomposition,
    pub(crate) remainder_slack: Decomposition,
    pub(crate) total: usize,
    pub(crate) spent: usize,
    pub(crate) capacity: Range<usize>,
    pub(crate) digest: Range<usize>,
    pub(crate) position: usize,
    pub(crate) width: usize,
}

impl SplitColumns {
    pub(crate) fn new() -> Self {
        let mut columns = ColumnCounter::default();
        let c = &mut columns;
        let shares_bits = SHARES_BITS as usize;
        Self {
            active: c.one(),
            end: c.one(),
            cut: c.one(),
            late: c.one(),
            new: c.one(),
            license: c.one(),
            kind: c.one(),
            id: Decomposition::new(c, ID_BITS),
            shares: Decomposition::new(c, shares_bits),
            gap: Decomposition::new(c, KEY_BITS),
            filled: Decomposition::new(c, LOG_BLOCK),
            count: c.one(),
            window: c.many(RATE - 1),
            low: c.one(),
            high: c.one(),
            quotient_low: Decomposition::new(c, HALF_BITS),
            quotient_high: Decomposition::new(c, HALF_BITS),
            carry: Decomposition::new(c, CARRY_BITS),
            remainder: Decomposition::new(c, shares_bits),
            remainder_slack: Decomposition::new(c, shares_bits),
            total: c.one(),
            spent: c.one(),
            capacity: c.many(DIGEST_ELEMENTS),
            digest: c.many(DIGEST_ELEMENTS),
            position: c.one(),
            width: c.width(),
        }
    }

    /// The range-checked numbers.
    pub(crate) fn numbers(&self) -> Vec<&Decomposition> {
        let line = [&self.id, &self.shares, &self.gap, &self.filled];
        let quotient = [&self.quotient_low, &self.quotient_high, &self.carry];
        let remainder = [&self.remainder, &self.remainder_slack];
        line.into_iter().chain(quotient).chain(remainder).collect()
    }

    /// The row's license has a line in the next row.
    pub(crate) fn open<E: PrimeCharacteristicRing>(&self, row: &Row<E>) -> E {
        row.at(self.active) - row.at(self.end)
    }

    pub(crate) fn shares<E: PrimeCharacteristicRing>(&self, row: &Row<E>) -> E {
        self.shares.value(row) + row.at(self.active)
    }

    /// Key by which lines are ordered.
    pub(crate) fn key<E: PrimeCharacteristicRing>(&self, row: &Row<E>) -> E {
        row.at(self.kind) * E::from_u64(1 << ID_BITS) + self.id.value(row)
    }

    /// The line as the share table has it.
    pub(crate) fn packed<E: PrimeCharacteristicRing>(&self, row: &Row<E>) -> E {
        row.at(self.kind) * E::from_u64(1 << (ID_BITS + SHARES_BITS as usize))
            + self.shares(row) * E::from_u64(1 << ID_BITS)
            + self.id.value(row)
    }

    pub(crate) fn filled<E: PrimeCharacteristicRing>(&self, row: &Row<E>) -> E {
        self.filled.value(row) + E::ONE
    }

    pub(crate) fn carry<E: PrimeCharacteristicRing>(&self, row: &Row<E>) -> E {
        self.carry.value(row) - E::from_u64(CARRY_SHIFT)
    }

    pub(crate) fn quotient<E: PrimeCharacteristicRing>(&self, row: &Row<E>) -> E {
        let high = self.quotient_high.value(row) * E::from_u64(1 << HALF_BITS);
        self.quotient_low.value(row) + high
    }
}
