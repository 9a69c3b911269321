//! Declaration of a table's columns: names, kinds and order, once, for column numbers and for cells.

use core::ops::Range;

use crate::gadgets::columns::ColumnCounter;
use crate::gadgets::decomposition::{Decomposition, Number};
use crate::schedule::Piece;

/// The columns of a table, as its proof needs them.
pub(crate) trait Layout {
    /// Columns of a row.
    fn width(&self) -> usize;

    /// The range-checked numbers in the order of their declaration.
    fn numbers(&self) -> Vec<&Decomposition> {
        Vec::new()
    }
}

/// A kind of column: the numbers that a table keeps of it, and its cells in a row.
pub(crate) trait ColumnKind {
    /// Part of the declaration that depends on the class; `()` if nothing does.
    type Size;
    /// Numbers of its columns.
    type Columns;
    /// Its cells in a row.
    type Cells<V>;

    /// Takes the next columns.
    #[track_caller]
    fn declare(counter: &mut ColumnCounter, size: Self::Size) -> Self::Columns;

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

/// As many columns as its size says.
#[derive(Debug)]
pub(crate) struct Run;

/// A range-checked number of `BITS` bits.
#[derive(Debug)]
pub(crate) struct Bits<const BITS: usize>;

/// A range-checked number of `BITS` bits of which no piece straddles bit `CUT`.
#[derive(Debug)]
pub(crate) struct CutBits<const CUT: usize, const BITS: usize>;

/// A range-checked number with the pieces that its size lists, lowest first.
#[derive(Debug)]
pub(crate) struct Pieces;

/// A range-checked number for each number of bits in its size.
#[derive(Debug)]
pub(crate) struct Numbers;

impl ColumnKind for One {
    type Size = ();
    type Columns = usize;
    type Cells<V> = V;

    fn declare(counter: &mut ColumnCounter, (): ()) -> usize {
        counter.one()
    }

    fn read<V: Copy>(column: &usize, row: &[V]) -> V {
        row[*column]
    }
}

impl<const N: usize> ColumnKind for Many<N> {
    type Size = ();
    type Columns = Range<usize>;
    type Cells<V> = [V; N];

    fn declare(counter: &mut ColumnCounter, (): ()) -> Range<usize> {
        counter.many(N)
    }

    fn read<V: Copy>(columns: &Range<usize>, row: &[V]) -> [V; N] {
        core::array::from_fn(|i| row[columns.start + i])
    }
}

impl<const BITS: usize> ColumnKind for Bits<BITS> {
    type Size = ();
    type Columns = Decomposition;
    type Cells<V> = Number<V>;

    #[track_caller]
    fn declare(counter: &mut ColumnCounter, (): ()) -> Decomposition {
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
    type Size = ();
    type Columns = Decomposition;
    type Cells<V> = Number<V>;

    #[track_caller]
    fn declare(counter: &mut ColumnCounter, (): ()) -> Decomposition {
        Decomposition::cut(counter, CUT, BITS)
    }

    fn read<V: Copy>(columns: &Decomposition, row: &[V]) -> Number<V> {
        columns.read(row)
    }

    fn numbers(columns: &Decomposition) -> Vec<&Decomposition> {
        vec![columns]
    }
}

impl ColumnKind for Run {
    type Size = usize;
    type Columns = Range<usize>;
    type Cells<V> = Vec<V>;

    fn declare(counter: &mut ColumnCounter, count: usize) -> Range<usize> {
        counter.many(count)
    }

    fn read<V: Copy>(columns: &Range<usize>, row: &[V]) -> Vec<V> {
        row[columns.clone()].to_vec()
    }
}

impl ColumnKind for Pieces {
    type Size = Vec<Piece>;
    type Columns = Decomposition;
    type Cells<V> = Number<V>;

    #[track_caller]
    fn declare(counter: &mut ColumnCounter, pieces: Vec<Piece>) -> Decomposition {
        Decomposition::of(counter, pieces)
    }

    fn read<V: Copy>(columns: &Decomposition, row: &[V]) -> Number<V> {
        columns.read(row)
    }

    fn numbers(columns: &Decomposition) -> Vec<&Decomposition> {
        vec![columns]
    }
}

impl ColumnKind for Numbers {
    type Size = Vec<usize>;
    type Columns = Vec<Decomposition>;
    type Cells<V> = Vec<Number<V>>;

    #[track_caller]
    fn declare(counter: &mut ColumnCounter, bits: Vec<usize>) -> Vec<Decomposition> {
        bits.into_iter().map(|bits| Decomposition::new(counter, bits)).collect()
    }

    fn read<V: Copy>(columns: &Vec<Decomposition>, row: &[V]) -> Vec<Number<V>> {
        columns.iter().map(|number| number.read(row)).collect()
    }

    fn numbers(columns: &Vec<Decomposition>) -> Vec<&Decomposition> {
        columns.iter().collect()
    }
}

impl<K: ColumnKind<Size = ()>, const N: usize> ColumnKind for [K; N] {
    type Size = ();
    type Columns = [K::Columns; N];
    type Cells<V> = [K::Cells<V>; N];

    #[track_caller]
    fn declare(counter: &mut ColumnCounter, (): ()) -> Self::Columns {
        [(); N].map(|()| K::declare(counter, ()))
    }

    fn read<V: Copy>(columns: &Self::Columns, row: &[V]) -> Self::Cells<V> {
        columns.each_ref().map(|columns| K::read(columns, row))
    }

    fn numbers(columns: &Self::Columns) -> Vec<&Decomposition> {
        columns.iter().flat_map(K::numbers).collect()
    }
}

/// Declares the columns of a table once, in their order: a struct of column numbers, with `new` and
/// its [`Layout`], and a struct of a row's cells, which `row` reads.
///
/// A column whose size depends on the class says it: `digits: Run = schedule.windows().len()`. The
/// struct then names what `new` takes: `struct SignerColumns(schedule: &Schedule)`.
macro_rules! columns {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct $columns:ident $(($parameter:ident: $type:ty))?, row $row:ident {
            $($(#[$doc:meta])* $field:ident: $kind:ty $(= $size:expr)?,)+
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
            $visibility fn new($($parameter: $type)?) -> Self {
                let mut counter = $crate::gadgets::columns::ColumnCounter::default();
                Self {
                    $($field: <$kind as $crate::gadgets::layout::ColumnKind>::declare(
                        &mut counter,
                        $crate::gadgets::layout::columns!(@size $($size)?),
                    ),)+
                    width: counter.width(),
                }
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

        impl $crate::gadgets::layout::Layout for $columns {
            fn width(&self) -> usize {
                self.width
            }

            fn numbers(&self) -> Vec<&$crate::gadgets::decomposition::Decomposition> {
                let numbers = [
                    $(<$kind as $crate::gadgets::layout::ColumnKind>::numbers(&self.$field),)+
                ];
                numbers.concat()
            }
        }
    };
    (@size $size:expr) => { $size };
    (@size) => { () };
}

pub(crate) use columns;
