//! The quotient: all constraints, combined by powers of α, over the polynomial that is zero on the
//! rows.

use anyhow::Context as _;
use p3_dft::{Radix2DitParallel, TwoAdicSubgroupDft};
use p3_field::PrimeCharacteristicRing;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use plonky2::field::packable::Packable;
use plonky2::field::packed::PackedField;
use plonky2::field::types::Field;
use plonky2::field::zero_poly_coset::ZeroPolyOnCoset;
use plonky2::hash::hash_types::HashOut;
use plonky2::plonk::circuit_data::CircuitData;
use plonky2::plonk::config::GenericConfig;
use plonky2::plonk::vars::EvaluationVarsBaseBatch;
use rayon::prelude::*;
use tracing::instrument;

use farthing_protocol::Felt;

use super::Challenges;
use super::commitment::Committed;
use super::hasher::LaneHash;
use super::order::Orders;
use crate::field::{D, F, from_felt, to_felt};
use crate::selectors::GateSelectors;

/// Points evaluated together: a multiple of every SIMD register's lanes.
const BATCH: usize = 32;

type Packing = <F as Packable>::Packing;

/// The values of some columns at the points of a batch, column by column.
struct Columns {
    values: Vec<F>,
}

impl Columns {
    /// `row(i)` are the columns at the batch's i-th point.
    fn gather<'a>(width: usize, row: impl Fn(usize) -> &'a [Felt]) -> Self {
        let mut values = vec![F::ZERO; width * BATCH];
        for point in 0..BATCH {
            for (column, value) in row(point).iter().enumerate() {
                values[column * BATCH + point] = from_felt(*value);
            }
        }
        Self { values }
    }

    fn packed(&self, column: usize) -> &[Packing] {
        Packing::pack_slice(&self.values[column * BATCH..][..BATCH])
    }
}

/// Values that the constraints read at the points of a batch.
struct Batch {
    xs: [F; BATCH],
    /// Constants and sigmas.
    constants: Columns,
    wires: Columns,
    products: Columns,
    /// The running products at each point's next row.
    next: Columns,
}

/// Inputs of the quotient.
struct Evaluator<'a, C: GenericConfig<D, F = F>>
where
    C::Hasher: LaneHash,
{
    circuit: &'a CircuitData<F, C, D>,
    orders: &'a Orders,
    wires: &'a Committed<C::Hasher>,
    products: &'a Committed<C::Hasher>,
    public_inputs_hash: &'a HashOut<F>,
    challenges: &'a Challenges,
    selectors: GateSelectors,
    /// For each α the powers that the constraints are multiplied by.
    weights: Vec<Vec<F>>,
    zero: ZeroPolyOnCoset<F>,
}

/// The quotients, one for each α, cut into polynomials of the rows' degree; their values on the
/// rows in p3's order.
#[instrument(name = "quotient", skip_all)]
pub(super) fn chunks<C>(
    circuit: &CircuitData<F, C, D>,
    orders: &Orders,
    wires: &Committed<C::Hasher>,
    products: &Committed<C::Hasher>,
    public_inputs_hash: &HashOut<F>,
    challenges: &Challenges,
) -> anyhow::Result<RowMajorMatrix<Felt>>
where
    C: GenericConfig<D, F = F>,
    C::Hasher: LaneHash,
{
    let common = &circuit.common;
    let count = challenges.alphas.len();
    let terms = count * (2 + common.num_partial_products) + common.num_gate_constraints;
    let weights = challenges.alphas.iter().map(|alpha| alpha.powers().take(terms).collect());
    let evaluator = Evaluator {
        circuit,
        orders,
        wires,
        products,
        public_inputs_hash,
        challenges,
        selectors: GateSelectors::of(common).context("the selectors cannot be read")?,
        weights: weights.collect(),
        zero: ZeroPolyOnCoset::new(orders.rows.log, orders.quotient.log - orders.rows.log),
    };
    let mut values = vec![Felt::ZERO; orders.quotient.len() * count];
    values
        .par_chunks_exact_mut(BATCH * count)
        .enumerate()
        .for_each(|(batch, values)| evaluator.batch(batch * BATCH, values));

    let dft = Radix2DitParallel::default();
    let shift = to_felt(F::coset_shift());
    let coefficients = dft.coset_idft_batch(RowMajorMatrix::new(values, count), shift);
    let rows = orders.rows.len();
    let pieces = common.quotient_degree_factor;
    let mut cut = vec![Felt::ZERO; rows * count * pieces];
    cut.par_chunks_exact_mut(count * pieces).enumerate().for_each(|(i, cut)| {
        for (column, value) in cut.iter_mut().enumerate() {
            let (challenge, piece) = (column / pieces, column % pieces);
            *value = coefficients.values[(piece * rows + i) * count + challenge];
        }
    });
    let cut = RowMajorMatrix::new(cut, count * pieces);
    Ok(dft.dft_batch(cut).to_row_major_matrix())
}

impl<C> Evaluator<'_, C>
where
    C: GenericConfig<D, F = F>,
    C::Hasher: LaneHash,
{
    /// The quotients at [`BATCH`] points from p3's `first`-th on.
    fn batch(&self, first: usize, quotients: &mut [Felt]) {
        let points = self.orders.quotient;
        let indices = core::array::from_fn(|i| points.plonky2(first + i));
        let batch = self.gather(first, &indices);
        let count = self.challenges.alphas.len();
        let mut sums = vec![F::ZERO; count * BATCH];
        let mut term = 0;
        let mut add = |values: &[Packing]| {
            for (sums, weights) in sums.chunks_exact_mut(BATCH).zip(&self.weights) {
                let sums = Packing::pack_slice_mut(sums);
                for (sum, value) in sums.iter_mut().zip(values) {
                    *sum += *value * weights[term];
                }
            }
            term += 1;
        };

        let first_row = self.first_row(&indices, &batch.xs);
        for challenge in 0..count {
            let z = batch.products.packed(challenge).iter();
            let starts =
                z.zip(Packing::pack_slice(&first_row)).map(|(z, row)| (*z - F::ONE) * *row);
            add(&starts.collect::<Vec<_>>());
        }
        for challenge in 0..count {
            self.products(challenge, &batch, &mut add);
        }
        for values in self.gates(&batch).chunks_exact(BATCH) {
            add(Packing::pack_slice(values));
        }

        for (i, quotients) in quotients.chunks_exact_mut(count).enumerate() {
            let inverse = self.zero.eval_inverse(indices[i]);
            for (challenge, quotient) in quotients.iter_mut().enumerate() {
                *quotient = to_felt(sums[challenge * BATCH + i] * inverse);
            }
        }
    }

    /// Values at these points, `indices` in plonky2's order.
    fn gather(&self, first: usize, indices: &[usize; BATCH]) -> Batch {
        let (points, rows, codewords) =
            (self.orders.quotient, self.orders.rows, self.orders.codewords);
        let step = 1 << (codewords.log - points.log);
        // plonky2's generator of the rows, as a power of p3's generator of the points.
        let to_next = rows.p3(1) << (points.log - rows.log);
        let here = |i: usize| (first + i) * step;
        let next = |i: usize| ((first + i + to_next) & (points.len() - 1)) * step;
        let count = self.challenges.alphas.len();
        let generator = F::primitive_root_of_unity(points.log);
        Batch {
            xs: indices.map(|i| F::coset_shift() * generator.exp_u64(i as u64)),
            constants: self.constants(indices, step),
            wires: Columns::gather(self.wires.width(), |i| self.wires.codewords_at(here(i))),
            products: Columns::gather(self.products.width(), |i| {
                self.products.codewords_at(here(i))
            }),
            next: Columns::gather(count, |i| &self.products.codewords_at(next(i))[..count]),
        }
    }

    /// Constants and sigmas, which plonky2 committed to.
    fn constants(&self, indices: &[usize; BATCH], step: usize) -> Columns {
        let commitment = &self.circuit.prover_only.constants_sigmas_commitment;
        let width = self.circuit.common.sigmas_range().end;
        let mut values = vec![F::ZERO; width * BATCH];
        for (point, index) in indices.iter().enumerate() {
            for (column, value) in commitment.get_lde_values(*index, step).iter().enumerate() {
                values[column * BATCH + point] = *value;
            }
        }
        Columns { values }
    }

    /// The Lagrange polynomial of the first row.
    fn first_row(&self, indices: &[usize; BATCH], xs: &[F; BATCH]) -> Vec<F> {
        let rows = F::from_canonical_usize(self.orders.rows.len());
        let denominators: Vec<F> = xs.iter().map(|x| rows * (*x - F::ONE)).collect();
        let inverses = F::batch_multiplicative_inverse(&denominators);
        indices.iter().zip(inverses).map(|(i, inverse)| self.zero.eval(*i) * inverse).collect()
    }

    /// The steps of one challenge pair's running product.
    fn products(&self, challenge: usize, batch: &Batch, add: &mut impl FnMut(&[Packing])) {
        let common = &self.circuit.common;
        let (beta, gamma) = (self.challenges.betas[challenge], self.challenges.gammas[challenge]);
        let (chunk, partial) = (common.quotient_degree_factor, common.num_partial_products);
        let routed = common.config.num_routed_wires;
        let sigmas = common.sigmas_range().start;
        let first_partial = self.challenges.alphas.len() + challenge * partial;
        let xs: Vec<Packing> = Packing::pack_slice(&batch.xs).iter().map(|x| *x * beta).collect();
        let mut values = vec![Packing::ZEROS; xs.len()];
        for (t, start) in (0..routed).step_by(chunk).enumerate() {
            let before = match t {
                0 => batch.products.packed(challenge),
                _ => batch.products.packed(first_partial + t - 1),
            };
            let after = match t < partial {
                true => batch.products.packed(first_partial + t),
                false => batch.next.packed(challenge),
            };
            for (lane, value) in values.iter_mut().enumerate() {
                let (mut numerator, mut denominator) = (before[lane], after[lane]);
                for j in start..(start + chunk).min(routed) {
                    let blinded = batch.wires.packed(j)[lane] + gamma;
                    numerator *= blinded + xs[lane] * common.k_is[j];
                    denominator *= blinded + batch.constants.packed(sigmas + j)[lane] * beta;
                }
                *value = numerator - denominator;
            }
            add(&values);
        }
    }

    /// The gates' constraints, each times the filter of its gate.
    fn gates(&self, batch: &Batch) -> Vec<F> {
        let common = &self.circuit.common;
        let constants = &batch.constants.values[..common.num_constants * BATCH];
        let hash = self.public_inputs_hash;
        let vars = EvaluationVarsBaseBatch::new(BATCH, constants, &batch.wires.values, hash);
        let mut sums = vec![F::ZERO; common.num_gate_constraints * BATCH];
        for (row, gate) in common.gates.iter().enumerate() {
            let (selector, group) = self.selectors.of_gate(row).expect("a gate of the circuit");
            let selectors = self.selectors.count();
            let values = gate.0.eval_filtered_base_batch(vars, row, selector, group, selectors, 0);
            let (sums, _) = sums.split_at_mut(values.len());
            for (sum, value) in
                Packing::pack_slice_mut(sums).iter_mut().zip(Packing::pack_slice(&values))
            {
                *sum += *value;
            }
        }
        sums
    }
}
