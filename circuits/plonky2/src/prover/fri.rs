//! The proof that a codeword is of low degree.

use p3_matrix::dense::RowMajorMatrix;
use plonky2::field::extension::FieldExtension;
use plonky2::field::polynomial::PolynomialCoeffs;
use plonky2::field::types::{Field, PrimeField64};
use plonky2::fri::proof::{FriProof, FriQueryRound, FriQueryStep};
use plonky2::iop::challenger::Challenger;
use plonky2::plonk::config::GenericConfig;
use plonky2::util::reverse_index_bits_in_place;
use rayon::prelude::*;
use tracing::{info_span, instrument};

use farthing_protocol::Felt;

use super::commitment::row_of;
use super::hasher::LaneHash;
use super::opening::Oracles;
use super::tree::Tree;
use crate::field::{D, Ext, F, from_felt, to_felt};

/// A folded codeword, a coset of the folding in each row, and the tree over the rows.
struct Layer<H: LaneHash> {
    log_arity: usize,
    rows: RowMajorMatrix<Felt>,
    tree: Tree<H>,
}

/// Folds a polynomial down to a short one, grinds, and answers the queries.
#[instrument(name = "fri", skip_all)]
pub(super) fn prove<C>(
    transcript: &mut Challenger<F, C::Hasher>,
    oracles: &Oracles<'_, C>,
    mut polynomial: PolynomialCoeffs<Ext>,
) -> FriProof<F, C::Hasher, D>
where
    C: GenericConfig<D, F = F, FE = Ext>,
    C::Hasher: LaneHash,
{
    let params = &oracles.common.fri_params;
    let (rate_bits, cap_height) = (params.config.rate_bits, params.config.cap_height);
    let mut shift = F::coset_shift();
    let mut layers: Vec<Layer<C::Hasher>> = Vec::new();
    for log_arity in params.reduction_arity_bits.iter().copied() {
        let layer = Layer::new(&polynomial, shift, rate_bits, log_arity, cap_height);
        transcript.observe_cap::<C::Hasher>(layer.tree.cap());
        let challenge = transcript.get_extension_challenge::<D>();
        let fold =
            |chunk: &[Ext]| chunk.iter().rev().fold(Ext::ZERO, |sum, c| sum * challenge + *c);
        let folded = polynomial.coeffs.par_chunks_exact(1 << log_arity).map(fold);
        polynomial = PolynomialCoeffs::new(folded.collect());
        shift = shift.exp_power_of_2(log_arity);
        layers.push(layer);
    }

    let state = transcript.compact();
    let last: Vec<F> =
        polynomial.coeffs.iter().flat_map(<Ext as FieldExtension<D>>::to_basefield_array).collect();
    transcript.observe_elements(&last);
    let pow_witness = info_span!("proof of work")
        .in_scope(|| C::Hasher::proof_of_work(state, &last, params.config.proof_of_work_bits));
    transcript.observe_element(pow_witness);
    // The verifier's look at the response.
    transcript.get_challenge();

    let indices = transcript.get_n_challenges(params.config.num_query_rounds);
    let size = oracles.orders.codewords.len() as u64;
    let round = |index: &F| {
        let mut index = (index.to_canonical_u64() % size) as usize;
        let initial_trees_proof = oracles.query(index);
        let steps = layers.iter().map(|layer| {
            index >>= layer.log_arity;
            layer.query(index)
        });
        FriQueryRound { initial_trees_proof, steps: steps.collect() }
    };
    FriProof {
        query_round_proofs: indices.iter().map(round).collect(),
        commit_phase_merkle_caps: layers.into_iter().map(|layer| layer.tree.into_cap()).collect(),
        final_poly: polynomial,
        pow_witness,
    }
}

impl<H: LaneHash> Layer<H> {
    fn new(
        polynomial: &PolynomialCoeffs<Ext>,
        shift: F,
        rate_bits: usize,
        log_arity: usize,
        cap_height: usize,
    ) -> Self {
        let mut values = polynomial.lde(rate_bits).coset_fft(shift.into()).values;
        reverse_index_bits_in_place(&mut values);
        let width = D << log_arity;
        let log_rows = values.len().ilog2() as usize - log_arity;
        let flat = values.iter().flat_map(<Ext as FieldExtension<D>>::to_basefield_array);
        let rows = RowMajorMatrix::new(flat.map(to_felt).collect(), width);
        let tree = Tree::new(log_rows, cap_height, |leaf| row_of(&rows, leaf));
        Self { log_arity, rows, tree }
    }

    fn query(&self, leaf: usize) -> FriQueryStep<F, H, D> {
        let pairs = row_of(&self.rows, leaf).as_chunks::<D>().0;
        let evals = pairs.iter().map(|pair| Ext::from_basefield_array(pair.map(from_felt)));
        FriQueryStep { evals: evals.collect(), merkle_proof: self.tree.path(leaf) }
    }
}
