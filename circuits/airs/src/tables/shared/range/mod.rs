//! Range table: one row per (bits, value) with value < 2^bits, bits ≤ [`RANGE_BITS`].
//!
//! | column | meaning | bound by |
//! | --- | --- | --- |
//! | bits, value | preprocessed | the verification key |
//! | count | how often the row is looked up | the bus; free otherwise |

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::{Felt, canonical};

use crate::buses::RANGE;
use crate::class::LeafClass;
use crate::gadgets::layout::{Layout, One, columns};
use crate::gadgets::sbox::SBox;
use crate::schedule::RANGE_BITS;
use crate::tables::{LeafBuilder, LeafTable, Part};

/// log₂ of the height: Σ 2^bits over all widths is one less.
pub(crate) const LOG_HEIGHT: usize = RANGE_BITS + 1;

columns! {
    /// Columns of the main trace; the module page says what each means.
    pub(crate) struct RangeColumns, row RangeCells {
        count: One,
    }
}

columns! {
    /// Preprocessed columns.
    pub(crate) struct PreprocessedColumns, row PreprocessedCells {
        bits: One,
        value: One,
    }
}

/// The ranges that other tables look up.
#[derive(Clone, Debug)]
pub(crate) struct RangeTable {
    columns: RangeColumns,
    preprocessed: PreprocessedColumns,
}

impl LeafTable for RangeTable {
    const NAME: &'static str = "range";
    const PART: Part = Part::Shared;

    fn new(_: &LeafClass, _: SBox) -> Self {
        Self { columns: RangeColumns::new(), preprocessed: PreprocessedColumns::new() }
    }

    fn log_heights(_: &LeafClass) -> Vec<usize> {
        vec![LOG_HEIGHT]
    }

    fn columns(&self) -> &dyn Layout {
        &self.columns
    }

    fn preprocessed_columns(&self) -> Option<&dyn Layout> {
        Some(&self.preprocessed)
    }

    fn preprocessed(&self, _: usize) -> Option<RowMajorMatrix<Felt>> {
        Some(preprocessed_trace())
    }

    /// Provides each row as often as `count` says.
    fn eval<AB: LeafBuilder>(&self, builder: &mut AB) {
        let row = self.columns.row(builder.main().current_slice());
        let fixed = self.preprocessed.row(builder.preprocessed().current_slice());
        RANGE.table_entry(builder, [fixed.bits, fixed.value], row.count);
    }
}

/// Rows by width; the one row too many repeats (0, 0).
pub(crate) fn preprocessed_trace() -> RowMajorMatrix<Felt> {
    let columns = PreprocessedColumns::new();
    let mut rows = Felt::zero_vec(columns.width << LOG_HEIGHT);
    for bits in 0..=RANGE_BITS {
        for value in 0..1 << bits {
            let row = &mut rows[row_of(bits, value) * columns.width..][..columns.width];
            row[columns.bits] = Felt::from_usize(bits);
            row[columns.value] = Felt::from_usize(value);
        }
    }
    RowMajorMatrix::new(rows, columns.width)
}

/// Counts the lookups that tables make.
#[derive(Debug)]
pub(crate) struct RangeCounts(Vec<u64>);

impl RangeCounts {
    pub(crate) fn new() -> Self {
        Self(vec![0; 1 << LOG_HEIGHT])
    }

    /// Counts the cells of `trace` in `columns`, each with its width. A cell out of its range is
    /// not counted: the bus will not balance.
    pub(crate) fn add(&mut self, trace: &RowMajorMatrix<Felt>, columns: &[(usize, usize)]) {
        for row in trace.values.chunks_exact(trace.width) {
            for &(column, bits) in columns {
                let value = canonical(row[column]) as usize;
                if value >> bits == 0 {
                    self.0[row_of(bits, value)] += 1;
                }
            }
        }
    }

    pub(crate) fn into_trace(self) -> RowMajorMatrix<Felt> {
        let counts = self.0.into_iter().map(Felt::from_u64);
        RowMajorMatrix::new(counts.collect(), RangeColumns::new().width)
    }
}

fn row_of(bits: usize, value: usize) -> usize {
    (1 << bits) - 1 + value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_of_every_width_has_one_row() {
        let (trace, columns) = (preprocessed_trace(), PreprocessedColumns::new());
        let cells: Vec<_> =
            trace.values.chunks_exact(trace.width).map(|cells| columns.row(cells)).collect();
        for bits in 0..=RANGE_BITS {
            for value in [0, (1 << bits) / 2, (1 << bits) - 1] {
                let row = &cells[row_of(bits, value)];
                assert_eq!(row.bits, Felt::from_usize(bits));
                assert_eq!(row.value, Felt::from_usize(value));
            }
        }
        let in_range =
            |row: &PreprocessedCells<Felt>| canonical(row.value) >> canonical(row.bits) == 0;
        assert!(cells.iter().all(in_range));
    }
}
