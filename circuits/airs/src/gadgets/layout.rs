//! Declaration of a table's columns: names, kinds and order, once, for column numbers and for cells.

use core::ops::Range;

use crate::gadgets::columns::ColumnCounter;
use crate::gadgets::decomposition::{Decomposition, Number};

/// A kind of column: the numbers that a table keeps of it, and its cells in a row.
pub(crate) trait ColumnKind {
    /// Numbers of its columns.
    type Columns;
    /// Its cells in a row.
    type Cells<V>;

    /// Takes the next columns.
    #[track_caller]
    fn declare(counter: &mut ColumnCounter) -> Self::Columns;

    /// Its cells in `row`.
    fn read<V: Copy>(columns: &Self::Columns, row: &[V]) -> Self::Cells<V>;

    /// Its range-checked numbers.
    fn numbers(_: &Self::Columns) -> Vec<&Decomposition> {
        Vec::new()
    }
}

/// One column.
#[derive(Debug)]
pub(crate) struct One;

/// `N` columns.
#[derive(Debug)]
pub(crate) struct Many<const N: usize>;

/// A range-checked number of `BITS` bits.
#[derive(Debug)]
pub(crate) struct Bits<const BITS: usize>;

/// A range-checked number of `BITS` bits of which no piece straddles bit `CUT`.
#[derive(Debug)]
pub(crate) struct CutBits<const CUT: usize, const BITS: usize>;

impl ColumnKind for One {
    type Columns = usize;
    type Cells<V> = V;

    fn declare(counter: &mut ColumnCounter) -> usize {
        counter.one()
    }

    fn read<V: Copy>(column: &usize, row: &[V]) -> V {
        row[*column]
    }
}

impl<const N: usize> ColumnKind for Many<N> {
    type Columns = Range<usize>;
    type Cells<V> = [V; N];

    fn declare(counter: &mut ColumnCounter) -> Range<usize> {
        counter.many(N)
    }

    fn read<V: Copy>(columns: &Range<usize>, row: &[V]) -> [V; N] {
        core::array::from_fn(|i| row[columns.start + i])
    }
}

impl<const BITS: usize> ColumnKind for Bits<BITS> {
    type Columns = Decomposition;
    type Cells<V> = Number<V>;

    #[track_caller]
    fn declare(counter: &mut ColumnCounter) -> Decomposition {
        Decomposition::new(counter, BITS)
    }

    fn read<V: Copy>(columns: &Decomposition, row: &[V]) -> Number<V> {
        columns.read(row)
    }

    fn numbers(columns: &Decomposition) -> Vec<&Decomposition> {
        vec![columns]
    }
}

impl<const CUT: usize, const BITS: usize> ColumnKind for CutBits<CUT, BITS> {
    type Columns = Decomposition;
    type Cells<V> = Number<V>;

    #[track_caller]
    fn declare(counter: &mut ColumnCounter) -> Decomposition {
        Decomposition::cut(counter, CUT, BITS)
    }

    fn read<V: Copy>(columns: &Decomposition, row: &[V]) -> Number<V> {
        columns.read(row)
    }

    fn numbers(columns: &Decomposition) -> Vec<&Decomposition> {
        vec![columns]
    }
}

impl<K: ColumnKind, const N: usize> ColumnKind for [K; N] {
    type Columns = [K::Columns; N];
    type Cells<V> = [K::Cells<V>; N];

    #[track_caller]
    fn declare(counter: &mut ColumnCounter) -> Self::Columns {
        [(); N].map(|()| K::declare(counter))
    }

    fn read<V: Copy>(columns: &Self::Columns, row: &[V]) -> Self::Cells<V> {
        columns.each_ref().map(|columns| K::read(columns, row))
    }

    fn numbers(columns: &Self::Columns) -> Vec<&Decomposition> {
        columns.iter().flat_map(K::numbers).collect()
    }
}

/// Declares the columns of a table once, in their order: a struct of column numbers, with `new`,
/// `numbers` and `width`, and a struct of a row's cells, which `row` reads.
macro_rules! columns {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct $columns:ident, row $row:ident {
            $($(#[$doc:meta])* $field:ident: $kind:ty,)+
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Debug)]
        $visibility struct $columns {
            $($(#[$doc])* $visibility $field: <$kind as $crate::gadgets::layout::ColumnKind>::Columns,)+
            /// Columns of a row.
            $visibility width: usize,
        }

        /// Cells of one row.
        #[derive(Debug)]
        $visibility struct $row<V> {
            $($(#[$doc])* $visibility $field: <$kind as $crate::gadgets::layout::ColumnKind>::Cells<V>,)+
        }

        impl $columns {
            /// The columns in the order of their declaration.
            $visibility fn new() -> Self {
                let mut counter = $crate::gadgets::columns::ColumnCounter::default();
                Self {
                    $($field: <$kind as $crate::gadgets::layout::ColumnKind>::declare(&mut counter),)+
                    width: counter.width(),
                }
            }

            /// The range-checked numbers in the order of their declaration.
            $visibility fn numbers(&self) -> Vec<&$crate::gadgets::decomposition::Decomposition> {
                let numbers = [
                    $(<$kind as $crate::gadgets::layout::ColumnKind>::numbers(&self.$field),)+
                ];
                numbers.concat()
            }

            /// The cells of a row.
            $visibility fn row<V: Copy>(&self, cells: &[V]) -> $row<V> {
                $row {
                    $($field: <$kind as $crate::gadgets::layout::ColumnKind>::read(
                        &self.$field,
                        cells,
                    ),)+
                }
            }
        }
    };
}

pub(crate) use columns;
