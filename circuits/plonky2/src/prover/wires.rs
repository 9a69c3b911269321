//! The wires of a witness.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use plonky2::iop::target::Target;
use plonky2::iop::witness::{PartitionWitness, Witness};
use rayon::prelude::*;
use tracing::instrument;

use farthing_protocol::Felt;

use super::order::Orders;
use crate::field::{F, to_felt};

/// The wires' values on the rows, in p3's order; what no generator set is zero.
#[instrument(name = "wires", skip_all)]
pub(super) fn rows(witness: &PartitionWitness<'_, F>, orders: &Orders) -> RowMajorMatrix<Felt> {
    let width = witness.num_wires;
    let mut values = vec![Felt::ZERO; orders.rows.len() * width];
    values.par_chunks_exact_mut(width).enumerate().for_each(|(index, values)| {
        let row = orders.rows.plonky2(index);
        for (column, value) in values.iter_mut().enumerate() {
            if let Some(set) = witness.try_get_target(Target::wire(row, column)) {
                *value = to_felt(set);
            }
        }
    });
    RowMajorMatrix::new(values, width)
}
