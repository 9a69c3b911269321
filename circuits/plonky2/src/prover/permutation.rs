//! The running products of the permutation argument.
//!
//! For each challenge pair (β, γ): Z(gx) = Z(x)·Π_j (w_j + β·k_j·x + γ) / (w_j + β·σ_j + γ), with
//! the products over as many wires as the quotient's degree permits kept as columns of their own.

use p3_field::{PrimeCharacteristicRing, batch_multiplicative_inverse};
use p3_matrix::dense::RowMajorMatrix;
use plonky2::plonk::circuit_data::{CommonCircuitData, ProverOnlyCircuitData};
use plonky2::plonk::config::GenericConfig;
use rayon::prelude::*;
use tracing::instrument;

use farthing_protocol::Felt;

use super::commitment::Committed;
use super::hasher::LaneHash;
use super::order::Orders;
use crate::field::{D, F, to_felt};

/// Z for each challenge, then the partial products for each, on the rows in p3's order.
#[instrument(name = "products", skip_all)]
pub(super) fn products<C: GenericConfig<D, F = F>>(
    wires: &Committed<C::Hasher>,
    prover: &ProverOnlyCircuitData<F, C, D>,
    common: &CommonCircuitData<F, D>,
    orders: &Orders,
    betas: &[F],
    gammas: &[F],
) -> RowMajorMatrix<Felt>
where
    C::Hasher: LaneHash,
{
    let (challenges, partial) = (betas.len(), common.num_partial_products);
    let width = challenges * (partial + 1);
    let mut values = vec![Felt::ZERO; orders.rows.len() * width];
    let shifts: Vec<Felt> = common.k_is.iter().copied().map(to_felt).collect();
    for (challenge, (beta, gamma)) in betas.iter().zip(gammas).enumerate() {
        let (beta, gamma) = (to_felt(*beta), to_felt(*gamma));
        let factors = factors::<C>(wires, prover, common, &shifts, beta, gamma);
        let mut product = Felt::ONE;
        for (index, factors) in factors.chunks_exact(partial + 1).enumerate() {
            let row = &mut values[orders.rows.p3(index) * width..][..width];
            row[challenge] = product;
            let partials = &mut row[challenges + challenge * partial..][..partial];
            for (partial, factor) in partials.iter_mut().zip(factors) {
                product *= *factor;
                *partial = product;
            }
            product *= factors[partial];
        }
    }
    RowMajorMatrix::new(values, width)
}

/// The quotients of the products over each chunk of wires, row by row in plonky2's order.
fn factors<C: GenericConfig<D, F = F>>(
    wires: &Committed<C::Hasher>,
    prover: &ProverOnlyCircuitData<F, C, D>,
    common: &CommonCircuitData<F, D>,
    shifts: &[Felt],
    beta: Felt,
    gamma: Felt,
) -> Vec<Felt>
where
    C::Hasher: LaneHash,
{
    let (routed, chunk) = (common.config.num_routed_wires, common.quotient_degree_factor);
    let chunks = common.num_partial_products + 1;
    let mut numerators = vec![Felt::ONE; common.degree() * chunks];
    let mut denominators = numerators.clone();
    numerators
        .par_chunks_exact_mut(chunks)
        .zip(denominators.par_chunks_exact_mut(chunks))
        .enumerate()
        .for_each(|(index, (numerators, denominators))| {
            let wires = &wires.row(index)[..routed];
            let identity = beta * to_felt(prover.subgroup[index]);
            for (j, wire) in wires.iter().enumerate() {
                let blinded = *wire + gamma;
                numerators[j / chunk] *= blinded + identity * shifts[j];
                denominators[j / chunk] *= blinded + beta * to_felt(prover.sigmas[index][j]);
            }
        });
    // For less than 2⁻⁴⁰ of the challenges one is zero; plonky2 has no proof then, either.
    let inverses = batch_multiplicative_inverse(&denominators);
    numerators.par_iter_mut().zip(inverses).for_each(|(numerator, inverse)| *numerator *= inverse);
    numerators
}
