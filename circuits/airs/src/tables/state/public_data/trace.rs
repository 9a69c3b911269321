//! Rows of the public data table.

use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};
use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::{Felt, QuadraticFelt, Tag, WIDTH, capacity_of};

use crate::tables::shared::poseidon2::HashRequests;

use super::LIMBS_PER_ROW;
use super::air::PublicDataColumns;

/// The trace of these limbs at a challenge.
pub(crate) fn trace(
    limbs: &[u64],
    challenge: [Felt; 2],
    log_height: usize,
    requests: &mut HashRequests,
) -> RowMajorMatrix<Felt> {
    let columns = PublicDataColumns::new();
    let mut rows = Felt::zero_vec(columns.width << log_height);
    rows[columns.first] = Felt::ONE;
    let r = QuadraticFelt::from_basis_coefficients_fn(|i| challenge[i]);
    let mut sum = QuadraticFelt::ZERO;
    let mut capacity = capacity_of(Tag::PublicData, limbs.len());
    let blocks = limbs.len().div_ceil(LIMBS_PER_ROW);
    for (i, row) in rows.chunks_exact_mut(columns.width).enumerate() {
        let start = (i * LIMBS_PER_ROW).min(limbs.len());
        let block = &limbs[start..(start + LIMBS_PER_ROW).min(limbs.len())];
        row[columns.index] = Felt::from_usize(i);
        for (k, limb) in block.iter().enumerate() {
            row[columns.limbs.start + k] = Felt::from_u64(*limb);
            row[columns.present.start + k] = Felt::ONE;
        }
        for limb in &row[columns.limbs.clone()] {
            sum = sum * r + *limb;
        }
        let coefficients: &[Felt] = sum.as_basis_coefficients_slice();
        row[columns.sum.clone()].copy_from_slice(coefficients);
        row[columns.capacity.clone()].copy_from_slice(&capacity);
        capacity = if i < blocks {
            absorb(&columns, row, i + 1 == blocks, requests)
        } else {
            core::array::from_fn(|k| row[columns.next_capacity.start + k])
        };
    }
    RowMajorMatrix::new(rows, columns.width)
}

fn absorb(
    c: &PublicDataColumns,
    row: &mut [Felt],
    end: bool,
    requests: &mut HashRequests,
) -> [Felt; 4] {
    let input: [Felt; WIDTH] = core::array::from_fn(|k| {
        if k < LIMBS_PER_ROW {
            row[c.limbs.start + k]
        } else {
            row[c.capacity.start + k - LIMBS_PER_ROW]
        }
    });
    row[c.end] = Felt::from_bool(end);
    if end {
        requests.digest(input);
    } else {
        row[c.next_capacity.clone()].copy_from_slice(&requests.absorb(input));
    }
    core::array::from_fn(|k| row[c.next_capacity.start + k])
}
