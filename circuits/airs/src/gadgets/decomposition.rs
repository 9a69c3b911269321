//! A number kept as the columns of its range-checked pieces.

use core::ops::Range;

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::Felt;

use crate::gadgets::columns::ColumnCounter;
use crate::schedule::{Piece, pieces};

/// Columns of the pieces of one number. The number itself has no column: it is their sum.
#[derive(Clone, Debug)]
pub(crate) struct Decomposition {
    pub(crate) columns: Range<usize>,
    pieces: Vec<Piece>,
    /// Declares the number.
    #[cfg(test)]
    pub(crate) line: &'static core::panic::Location<'static>,
}

impl Decomposition {
    /// A number of `bits` bits.
    #[track_caller]
    pub(crate) fn new(columns: &mut ColumnCounter, bits: usize) -> Self {
        Self::of(columns, pieces(bits))
    }

    /// A number with these pieces, lowest first.
    #[track_caller]
    pub(crate) fn of(columns: &mut ColumnCounter, pieces: Vec<Piece>) -> Self {
        Self {
            columns: columns.many(pieces.len()),
            pieces,
            #[cfg(test)]
            line: core::panic::Location::caller(),
        }
    }

    /// A number of `bits` bits of which no piece straddles bit `cut`.
    #[track_caller]
    pub(crate) fn cut(columns: &mut ColumnCounter, cut: usize, bits: usize) -> Self {
        let above = pieces(bits - cut).into_iter();
        let above = above.map(|piece| Piece { offset: piece.offset + cut, ..piece });
        Self::of(columns, pieces(cut).into_iter().chain(above).collect())
    }

    /// The number's pieces in a row.
    pub(crate) fn read<V: Copy>(&self, row: &[V]) -> Number<V> {
        let pieces = self.columns.clone().zip(&self.pieces);
        Number(pieces.map(|(column, piece)| (row[column], piece.offset)).collect())
    }

    /// Each column with the bits of its range lookup.
    pub(crate) fn lookups(&self) -> impl Iterator<Item = (usize, usize)> {
        self.columns.clone().zip(self.pieces.iter().map(|piece| piece.bits))
    }

    /// Writes the number with these little-endian words. Bits above the last piece go into it, so
    /// that a number out of range is written faithfully and its lookup fails.
    pub(crate) fn write(&self, row: &mut [Felt], words: &[u64]) {
        for (i, (column, piece)) in self.columns.clone().zip(&self.pieces).enumerate() {
            let bits = if i + 1 == self.pieces.len() { u64::BITS as usize } else { piece.bits };
            row[column] = Felt::from_u64(bits_of(words, piece.offset, bits));
        }
    }
}

/// A range-checked number in a row: its pieces with their offsets.
#[derive(Clone, Debug)]
pub(crate) struct Number<V>(Vec<(V, usize)>);

impl<V: Copy> Number<V> {
    /// The number.
    pub(crate) fn value<E: PrimeCharacteristicRing>(&self) -> E
    where
        V: Into<E>,
    {
        self.part(0..usize::MAX)
    }

    /// The bits in `bits`, shifted down by their start; pieces must not straddle its ends.
    pub(crate) fn part<E: PrimeCharacteristicRing>(&self, bits: Range<usize>) -> E
    where
        V: Into<E>,
    {
        self.0
            .iter()
            .filter(|(_, offset)| bits.contains(offset))
            .map(|(piece, offset)| (*piece).into() * E::from_u64(1 << (offset - bits.start)))
            .sum()
    }
}

/// `bits` bits of a little-endian number from `offset`, zeros above its end; at most 64.
pub(crate) fn bits_of(words: &[u64], offset: usize, bits: usize) -> u64 {
    let (word, shift) = (offset / 64, offset % 64);
    let at = |i: usize| words.get(i).copied().unwrap_or(0);
    let double = u128::from(at(word)) | u128::from(at(word + 1)) << 64;
    let value = (double >> shift) as u64;
    if bits < 64 { value & ((1 << bits) - 1) } else { value }
}
