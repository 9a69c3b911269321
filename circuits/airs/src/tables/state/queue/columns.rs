//! Columns of the queue table.

use core::ops::Range;

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::{ADDRESS_LIMBS, AMOUNT_BITS, FP5_ELEMENTS};

use crate::gadgets::columns::{BoundaryFlags, ColumnCounter, Row};
use crate::gadgets::decomposition::Decomposition;

use super::{DEPOSIT_BITS, HALF_BITS, OWNER_HIGH_BITS, SLACK_BITS, WORD_LOW_BITS};

/// Columns of the main trace; the module page says what each means.
#[derive(Clone, Debug)]
pub(crate) struct QueueColumns {
    pub(crate) ends: BoundaryFlags,
    pub(crate) credited: usize,
    pub(crate) refused_by_balance: usize,
    pub(crate) too_large: usize,
    pub(crate) exits: usize,
    pub(crate) denied: usize,
    pub(crate) opened: usize,
    pub(crate) sweeps: usize,
    pub(crate) number: usize,
    pub(crate) account: usize,
    pub(crate) owner_high: Decomposition,
    /// The address's second and third limb.
    pub(crate) owner_low: Range<usize>,
    pub(crate) words: [KeyWord; FP5_ELEMENTS],
    pub(crate) amount: Decomposition,
    pub(crate) old_balance: usize,
    pub(crate) slack: Decomposition,
    pub(crate) true_owner: Range<usize>,
    pub(crate) absent: usize,
    pub(crate) exiting: usize,
    pub(crate) inverses: Range<usize>,
    pub(crate) head: usize,
    pub(crate) position: usize,
    pub(crate) width: usize,
}

/// One word of a key.
#[derive(Clone, Debug)]
pub(crate) struct KeyWord {
    pub(crate) high: Decomposition,
    pub(crate) low: Decomposition,
    pub(crate) inverse: usize,
}

impl KeyWord {
    fn new(c: &mut ColumnCounter) -> Self {
        Self {
            high: Decomposition::new(c, 8),
            low: Decomposition::cut(c, HALF_BITS, WORD_LOW_BITS),
            inverse: c.one(),
        }
    }

    /// Columns of the lower half.
    #[cfg(test)]
    pub(crate) fn low_half(&self) -> impl Iterator<Item = usize> {
        let pieces = crate::schedule::pieces(HALF_BITS).len();
        self.low.columns.clone().take(pieces)
    }

    /// The word modulo p.
    pub(crate) fn value<E: PrimeCharacteristicRing>(&self, row: &Row<E>) -> E {
        self.high.value(row) * E::from_u64(1 << WORD_LOW_BITS) + self.low.value(row)
    }

    /// The word's halves, lower first.
    pub(crate) fn halves<E: PrimeCharacteristicRing>(&self, row: &Row<E>) -> [E; 2] {
        let middle = self.low.part(row, HALF_BITS..WORD_LOW_BITS);
        let high = self.high.value(row) * E::from_u64(1 << (WORD_LOW_BITS - HALF_BITS));
        [self.low.part(row, 0..HALF_BITS), high + middle]
    }
}

impl QueueColumns {
    pub(crate) fn new() -> Self {
        let mut columns = ColumnCounter::default();
        let c = &mut columns;
        Self {
            ends: BoundaryFlags::new(c),
            credited: c.one(),
            refused_by_balance: c.one(),
            too_large: c.one(),
            exits: c.one(),
            denied: c.one(),
            opened: c.one(),
            sweeps: c.one(),
            number: c.one(),
            account: c.one(),
            owner_high: Decomposition::new(c, OWNER_HIGH_BITS),
            owner_low: c.many(ADDRESS_LIMBS - 1),
            words: core::array::from_fn(|_| KeyWord::new(c)),
            amount: Decomposition::cut(c, AMOUNT_BITS as usize, DEPOSIT_BITS),
            old_balance: c.one(),
            slack: Decomposition::new(c, SLACK_BITS),
            true_owner: c.many(ADDRESS_LIMBS),
            absent: c.one(),
            exiting: c.one(),
            inverses: c.many(ADDRESS_LIMBS),
            head: c.one(),
            position: c.one(),
            width: c.width(),
        }
    }

    /// The range-checked numbers.
    pub(crate) fn numbers(&self) -> Vec<&Decomposition> {
        let words = self.words.iter().flat_map(|word| [&word.high, &word.low]);
        words.chain([&self.owner_high, &self.amount, &self.slack]).collect()
    }

    /// A deposit of any outcome.
    pub(crate) fn deposit<E: PrimeCharacteristicRing>(&self, row: &Row<E>) -> E {
        row.at(self.credited) + row.at(self.refused_by_balance) + row.at(self.too_large)
    }

    /// A forced exit of any outcome.
    pub(crate) fn exit<E: PrimeCharacteristicRing>(&self, row: &Row<E>) -> E {
        row.at(self.exits) + row.at(self.denied)
    }

    /// A queue entry.
    pub(crate) fn entry<E: PrimeCharacteristicRing>(&self, row: &Row<E>) -> E {
        self.deposit(row) + self.exit(row)
    }

    pub(crate) fn active<E: PrimeCharacteristicRing>(&self, row: &Row<E>) -> E {
        self.entry(row) + row.at(self.opened)
    }

    /// Owner or requester.
    pub(crate) fn owner<E: PrimeCharacteristicRing>(&self, row: &Row<E>) -> [E; ADDRESS_LIMBS] {
        let [second, third] = row.array(&self.owner_low);
        [self.owner_high.value(row), second, third]
    }

    /// The key modulo p.
    pub(crate) fn key<E: PrimeCharacteristicRing>(&self, row: &Row<E>) -> [E; FP5_ELEMENTS] {
        core::array::from_fn(|i| self.words[i].value(row))
    }
}
