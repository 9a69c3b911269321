//! Columns of the queue table.

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::{ADDRESS_LIMBS, FP5_ELEMENTS};

use crate::gadgets::boundary::BoundaryFlags;
use crate::gadgets::columns::ColumnCounter;
use crate::gadgets::decomposition::{Decomposition, Number};
use crate::gadgets::layout::{Bits, ColumnKind, CutBits, Layout, Many, One, columns};

use super::{DEPOSIT_BITS, HALF_BITS, OWNER_HIGH_BITS, SLACK_BITS, WORD_LOW_BITS};

/// Bits of an amount that is credited.
const AMOUNT_BITS: usize = farthing_protocol::AMOUNT_BITS as usize;
/// Limbs of an address without the first.
const OWNER_LOW_LIMBS: usize = ADDRESS_LIMBS - 1;

columns! {
    /// Columns of the main trace; the module page says what each means.
    pub(crate) struct QueueColumns, row QueueCells {
        ends: BoundaryFlags,
        credited: One,
        refused_by_balance: One,
        too_large: One,
        exits: One,
        denied: One,
        opened: One,
        sweeps: One,
        number: One,
        account: One,
        owner_high: Bits<OWNER_HIGH_BITS>,
        /// The address's second and third limb.
        owner_low: Many<OWNER_LOW_LIMBS>,
        words: [KeyWord; FP5_ELEMENTS],
        amount: CutBits<AMOUNT_BITS, DEPOSIT_BITS>,
        old_balance: One,
        slack: Bits<SLACK_BITS>,
        true_owner: Many<ADDRESS_LIMBS>,
        absent: One,
        exiting: One,
        inverses: Many<ADDRESS_LIMBS>,
        head: One,
        position: One,
    }
}

/// Columns of one word of a key.
#[derive(Clone, Debug)]
pub(crate) struct KeyWord {
    pub(crate) high: Decomposition,
    pub(crate) low: Decomposition,
    pub(crate) inverse: usize,
}

/// Cells of one word of a key.
#[derive(Debug)]
pub(crate) struct KeyWordCells<V> {
    pub(crate) high: Number<V>,
    pub(crate) low: Number<V>,
    pub(crate) inverse: V,
}

impl ColumnKind for KeyWord {
    type Size = ();
    type Columns = Self;
    type Cells<V> = KeyWordCells<V>;

    #[track_caller]
    fn declare(counter: &mut ColumnCounter, (): ()) -> Self {
        Self {
            high: Decomposition::new(counter, 8),
            low: Decomposition::cut(counter, HALF_BITS, WORD_LOW_BITS),
            inverse: counter.one(),
        }
    }

    fn read<V: Copy>(columns: &Self, row: &[V]) -> KeyWordCells<V> {
        KeyWordCells {
            high: columns.high.read(row),
            low: columns.low.read(row),
            inverse: row[columns.inverse],
        }
    }

    fn numbers(columns: &Self) -> Vec<&Decomposition> {
        vec![&columns.high, &columns.low]
    }
}

impl KeyWord {
    /// Columns of the lower half.
    #[cfg(test)]
    pub(crate) fn low_half(&self) -> impl Iterator<Item = usize> {
        let pieces = crate::schedule::pieces(HALF_BITS).len();
        self.low.columns.clone().take(pieces)
    }
}

impl<V: Copy> KeyWordCells<V> {
    /// The word modulo p.
    pub(crate) fn value<E: PrimeCharacteristicRing>(&self) -> E
    where
        V: Into<E>,
    {
        self.high.value::<E>() * E::from_u64(1 << WORD_LOW_BITS) + self.low.value::<E>()
    }

    /// The word's halves, lower first.
    pub(crate) fn halves<E: PrimeCharacteristicRing>(&self) -> [E; 2]
    where
        V: Into<E>,
    {
        let middle: E = self.low.part(HALF_BITS..WORD_LOW_BITS);
        let high = self.high.value::<E>() * E::from_u64(1 << (WORD_LOW_BITS - HALF_BITS));
        [self.low.part(0..HALF_BITS), high + middle]
    }
}

impl QueueColumns {
    /// The range-checked numbers in the order of their lookups, which the verifying key fixes: the
    /// key's words come before the address.
    pub(crate) fn lookups(&self) -> Vec<&Decomposition> {
        let mut numbers = self.numbers();
        numbers[..=2 * FP5_ELEMENTS].rotate_left(1);
        numbers
    }
}

impl<V: Copy> QueueCells<V> {
    /// A deposit of any outcome.
    pub(crate) fn deposit<E: PrimeCharacteristicRing>(&self) -> E
    where
        V: Into<E>,
    {
        self.credited.into() + self.refused_by_balance.into() + self.too_large.into()
    }

    /// A forced exit of any outcome.
    pub(crate) fn exit<E: PrimeCharacteristicRing>(&self) -> E
    where
        V: Into<E>,
    {
        self.exits.into() + self.denied.into()
    }

    /// A queue entry.
    pub(crate) fn entry<E: PrimeCharacteristicRing>(&self) -> E
    where
        V: Into<E>,
    {
        self.deposit::<E>() + self.exit::<E>()
    }

    /// An entry or an opened account.
    pub(crate) fn active<E: PrimeCharacteristicRing>(&self) -> E
    where
        V: Into<E>,
    {
        self.entry::<E>() + self.opened.into()
    }

    /// Owner or requester.
    pub(crate) fn owner<E: PrimeCharacteristicRing>(&self) -> [E; ADDRESS_LIMBS]
    where
        V: Into<E>,
    {
        let [second, third] = self.owner_low;
        [self.owner_high.value(), second.into(), third.into()]
    }

    /// The key modulo p.
    pub(crate) fn key<E: PrimeCharacteristicRing>(&self) -> [E; FP5_ELEMENTS]
    where
        V: Into<E>,
    {
        self.words.each_ref().map(KeyWordCells::value)
    }
}
