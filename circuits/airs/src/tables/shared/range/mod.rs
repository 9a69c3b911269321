//! Range table: one row per (bits, value) with value < 2^bits, bits ≤ [`RANGE_BITS`].
//!
//! | column | meaning | bound by |
//! | --- | --- | --- |
//! | bits, value | preprocessed | the verification key |
//! | count | how often the row is looked up | the bus; free otherwise |

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;
use p3_lookup::InteractionBuilder;
use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::{Felt, canonical};

use crate::buses::RANGE;
use crate::class::LeafClass;
use crate::gadgets::sbox::SBox;
use crate::schedule::RANGE_BITS;
use crate::tables::{LeafBuilder, LeafTable, Part};

/// log₂ of the height: Σ 2^bits over all widths is one less.
pub(crate) const LOG_HEIGHT: usize = RANGE_BITS + 1;
/// Columns of the main trace.
pub(crate) const COLUMNS: usize = 1;
/// Preprocessed columns.
pub(crate) const PREPROCESSED_COLUMNS: usize = 2;

/// The ranges that other tables look up.
#[derive(Clone, Debug)]
pub(crate) struct RangeTable;

impl LeafTable for RangeTable {
    const NAME: &'static str = "range";
    const PART: Part = Part::Shared;
    const PREPROCESSED_COLUMNS: usize = PREPROCESSED_COLUMNS;

    fn new(_: &LeafClass, _: SBox) -> Self {
        Self
    }

    fn log_heights(_: &LeafClass) -> Vec<usize> {
        vec![LOG_HEIGHT]
    }

    fn columns(&self) -> usize {
        COLUMNS
    }

    fn preprocessed(&self, _: usize) -> Option<RowMajorMatrix<Felt>> {
        Some(preprocessed_trace())
    }

    fn eval<AB: LeafBuilder>(&self, builder: &mut AB) {
        eval(builder);
    }
}

/// Provides each row as often as `count` says.
pub(crate) fn eval<AB: InteractionBuilder>(builder: &mut AB) {
    let fixed = builder.preprocessed().clone();
    let main = builder.main();
    let (bits, value) = (fixed.current_slice()[0], fixed.current_slice()[1]);
    RANGE.table_entry(builder, [bits, value], main.current_slice()[0]);
}

/// Rows by width; the one row too many repeats (0, 0).
pub(crate) fn preprocessed_trace() -> RowMajorMatrix<Felt> {
    let mut rows = Felt::zero_vec(PREPROCESSED_COLUMNS << LOG_HEIGHT);
    for bits in 0..=RANGE_BITS {
        for value in 0..1 << bits {
            let row = row_of(bits, value) * PREPROCESSED_COLUMNS;
            rows[row] = Felt::from_usize(bits);
            rows[row + 1] = Felt::from_usize(value);
        }
    }
    RowMajorMatrix::new(rows, PREPROCESSED_COLUMNS)
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
        RowMajorMatrix::new(self.0.into_iter().map(Felt::from_u64).collect(), COLUMNS)
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
        let rows = preprocessed_trace().values;
        for bits in 0..=RANGE_BITS {
            for value in [0, (1 << bits) / 2, (1 << bits) - 1] {
                let row =
                    &rows[row_of(bits, value) * PREPROCESSED_COLUMNS..][..PREPROCESSED_COLUMNS];
                assert_eq!(row, [Felt::from_usize(bits), Felt::from_usize(value)]);
            }
        }
        let widths = rows.as_chunks::<PREPROCESSED_COLUMNS>().0.iter();
        assert!(widths.clone().all(|[bits, value]| canonical(*value) >> canonical(*bits) == 0));
    }
}
