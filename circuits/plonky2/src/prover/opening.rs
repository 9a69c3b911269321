//! The columns' values out of the domain, and the polynomial whose degree shows them.

use p3_dft::{Radix2DitParallel, TwoAdicSubgroupDft};
use p3_field::{PrimeCharacteristicRing, batch_multiplicative_inverse};
use p3_matrix::Matrix;
use plonky2::field::polynomial::PolynomialCoeffs;
use plonky2::field::types::Field;
use plonky2::fri::oracle::PolynomialBatch;
use plonky2::fri::proof::FriInitialTreeProof;
use plonky2::iop::challenger::Challenger;
use plonky2::plonk::circuit_data::CommonCircuitData;
use plonky2::plonk::config::GenericConfig;
use plonky2::plonk::proof::OpeningSet;
use rayon::prelude::*;
use tracing::instrument;

use farthing_protocol::Felt;

use super::commitment::Committed;
use super::hasher::LaneHash;
use super::order::Orders;
use crate::field::{Challenge, D, Ext, F, from_challenge, to_challenge, to_felt};

/// Everything that a proof opens.
pub(super) struct Oracles<'a, C: GenericConfig<D, F = F>>
where
    C::Hasher: LaneHash,
{
    pub(super) common: &'a CommonCircuitData<F, D>,
    pub(super) orders: &'a Orders,
    pub(super) constants: &'a PolynomialBatch<F, C, D>,
    pub(super) wires: Committed<C::Hasher>,
    pub(super) products: Committed<C::Hasher>,
    pub(super) quotient: Committed<C::Hasher>,
}

/// The transcript takes the openings in the order in which they are combined.
pub(super) fn observe<H: LaneHash>(transcript: &mut Challenger<F, H>, openings: &OpeningSet<F, D>) {
    let at_point = [
        &openings.constants,
        &openings.plonk_sigmas,
        &openings.wires,
        &openings.plonk_zs,
        &openings.partial_products,
        &openings.quotient_polys,
    ];
    for values in at_point.into_iter().chain([&openings.plonk_zs_next]) {
        transcript.observe_extension_elements::<D>(values);
    }
}

impl<C> Oracles<'_, C>
where
    C: GenericConfig<D, F = F, FE = Ext>,
    C::Hasher: LaneHash,
{
    /// The values at `point`, and those of the running products at the next one.
    #[instrument(name = "open", skip_all)]
    pub(super) fn open(&self, point: Ext) -> OpeningSet<F, D> {
        let common = self.common;
        let here = self.lagrange(point);
        let next = self.lagrange(self.next(point));
        let constants: Vec<Ext> = self
            .constants
            .polynomials
            .par_iter()
            .map(|polynomial| polynomial.to_extension::<D>().eval(point))
            .collect();
        let values = |committed: &Committed<C::Hasher>, weights: &[Challenge]| -> Vec<Ext> {
            let values = committed.rows.columnwise_dot_product(weights);
            values.into_iter().map(from_challenge).collect()
        };
        let products = values(&self.products, &here);
        let zs = common.zs_range();
        OpeningSet {
            constants: constants[common.constants_range()].to_vec(),
            plonk_sigmas: constants[common.sigmas_range()].to_vec(),
            wires: values(&self.wires, &here),
            plonk_zs: products[zs.clone()].to_vec(),
            plonk_zs_next: values(&self.products, &next)[zs].to_vec(),
            partial_products: products[common.partial_products_range()].to_vec(),
            quotient_polys: values(&self.quotient, &here),
            lookup_zs: Vec::new(),
            lookup_zs_next: Vec::new(),
        }
    }

    /// The sum, by powers of α, of (f(X) − f(z))/(X − z) for every column opened at z.
    #[instrument(name = "combine", skip_all)]
    pub(super) fn combine(&self, point: Ext, alpha: Ext) -> PolynomialCoeffs<Ext> {
        let alpha = to_challenge(alpha);
        let zs = self.common.zs_range().len();
        let mut powers = alpha.powers();
        let constants = powers.by_ref().take(self.constants.polynomials.len()).collect::<Vec<_>>();
        let mut here = vec![Challenge::ZERO; self.orders.rows.len()];
        for committed in [&self.wires, &self.products, &self.quotient] {
            let powers: Vec<Challenge> = powers.by_ref().take(committed.width()).collect();
            add_rows(&mut here, committed, &powers);
        }
        let mut here = Radix2DitParallel::<Felt>::default().idft_algebra(here);
        here.par_iter_mut().enumerate().for_each(|(i, sum)| {
            for (polynomial, power) in self.constants.polynomials.iter().zip(&constants) {
                *sum += *power * to_felt(polynomial.coeffs[i]);
            }
        });
        let powers: Vec<Challenge> = alpha.powers().take(zs).collect();
        let mut next = vec![Challenge::ZERO; self.orders.rows.len()];
        add_rows(&mut next, &self.products, &powers);
        let next = Radix2DitParallel::<Felt>::default().idft_algebra(next);

        let shift = from_challenge(alpha.exp_u64(zs as u64));
        let mut all = divided(here, point);
        all.coeffs.iter_mut().for_each(|coefficient| *coefficient *= shift);
        all += divided(next, self.next(point));
        all
    }

    /// The leaves and paths of a query.
    pub(super) fn query(&self, leaf: usize) -> FriInitialTreeProof<F, C::Hasher> {
        let constants = &self.constants.merkle_tree;
        let mut evals_proofs = vec![(constants.get(leaf).to_vec(), constants.prove(leaf))];
        let committed = [&self.wires, &self.products, &self.quotient];
        evals_proofs.extend(committed.map(|committed| committed.query(leaf)));
        FriInitialTreeProof { evals_proofs }
    }

    fn next(&self, point: Ext) -> Ext {
        point * Ext::primitive_root_of_unity(self.orders.rows.log)
    }

    /// The Lagrange polynomials of the rows at a point, in p3's order:
    /// L_i(z) = (zⁿ − 1)/n · x_i/(z − x_i).
    fn lagrange(&self, point: Ext) -> Vec<Challenge> {
        let order = self.orders.rows;
        let point = to_challenge(point);
        let elements = order.elements();
        let distances: Vec<Challenge> = elements.iter().map(|x| point - *x).collect();
        let inverses = batch_multiplicative_inverse(&distances);
        let zero = point.exp_power_of_2(order.log) - Challenge::ONE;
        let scale = zero.div_2exp_u64(order.log as u64);
        elements.into_iter().zip(inverses).map(|(x, inverse)| scale * inverse * x).collect()
    }
}

/// Adds the combination of each row's columns to its sum.
fn add_rows<H: LaneHash>(sums: &mut [Challenge], committed: &Committed<H>, powers: &[Challenge]) {
    let rows: &[Felt] = &committed.rows.values;
    sums.par_iter_mut().zip(rows.par_chunks_exact(committed.width())).for_each(|(sum, row)| {
        for (value, power) in row.iter().zip(powers) {
            *sum += *power * *value;
        }
    });
}

/// (f(X) − f(z))/(X − z), of as many coefficients as f.
fn divided(coefficients: Vec<Challenge>, point: Ext) -> PolynomialCoeffs<Ext> {
    let coefficients = coefficients.into_iter().map(from_challenge).collect();
    let mut quotient = PolynomialCoeffs::new(coefficients).divide_by_linear(point);
    quotient.coeffs.push(Ext::ZERO);
    quotient
}
