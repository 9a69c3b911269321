//! Openings of each query, from p3's multi-openings: Merkle paths that queries share are restored
//! to one path each, and folded groups to whole ones.

use core::marker::PhantomData;

use p3_batch_stark::BatchProof;
use p3_commit::CommitmentWithOpeningPoints;
use p3_field::BasedVectorSpace;
use p3_field::coset::TwoAdicMultiplicativeCoset;
use p3_fri::verifier::{fold_query, open_inputs};
use p3_fri::{BatchMultiOpening, FriParameters, TwoAdicFriFolding, TwoAdicFriFoldingForMmcs};
use p3_matrix::Dimensions;
use p3_symmetric::MerkleCap;

use farthing_airs::{Challenge, ChallengeMmcs, LeafConfig, TraceMmcs, trace_mmcs};
use farthing_plonky2::{D, F, from_challenge, from_felt};
use farthing_protocol::{DIGEST_ELEMENTS, Felt};

use super::error::ReplayError;
use super::{Digests, ExtRow, FoldOpening, InputOpening, Query};
use crate::shape::{RoundShape, Shape};

/// A cap of p3's commitments.
pub(super) type Cap = MerkleCap<Felt, [Felt; DIGEST_ELEMENTS]>;
/// Commitments with the points and values that they are opened at.
pub(super) type Claims =
    CommitmentWithOpeningPoints<Challenge, Cap, TwoAdicMultiplicativeCoset<Felt>>;

/// Challenges of the opening argument in p3's types.
pub(super) struct Drawn {
    pub(super) batch: Challenge,
    pub(super) folds: Vec<Challenge>,
    pub(super) indices: Vec<usize>,
}

/// The openings of every query.
pub(super) fn queries(
    shape: &Shape,
    parameters: &FriParameters<ChallengeMmcs>,
    proof: &BatchProof<LeafConfig>,
    claims: &[Claims],
    drawn: &Drawn,
) -> Result<Vec<Query<F>>, ReplayError> {
    let rounds = shape.rounds.iter().zip(&proof.opening_proof.input_openings);
    let mut inputs = Vec::with_capacity(shape.rounds.len());
    for (round, opening) in rounds {
        inputs.push(round_inputs(shape, round, opening, &drawn.indices)?.into_iter());
    }
    let mut folds: Vec<_> = fold_openings(shape, parameters, proof, claims, drawn)?
        .into_iter()
        .map(Vec::into_iter)
        .collect();
    let query = |_| {
        Some(Query {
            inputs: inputs.iter_mut().map(Iterator::next).collect::<Option<_>>()?,
            folds: folds.iter_mut().map(Iterator::next).collect::<Option<_>>()?,
        })
    };
    drawn.indices.iter().map(query).collect::<Option<_>>().ok_or(ReplayError::Shape)
}

/// The rows of a round for every query, with their paths.
fn round_inputs(
    shape: &Shape,
    round: &RoundShape,
    opening: &BatchMultiOpening<Felt, TraceMmcs>,
    indices: &[usize],
) -> Result<Vec<InputOpening<F>>, ReplayError> {
    let widths = round.matrices.iter().map(|matrix| matrix.width);
    let logs = shape.log_codewords(round);
    let dimensions: Vec<Dimensions> =
        widths.zip(logs).map(|(width, log)| Dimensions { width, height: 1 << log }).collect();
    let shift = shape.log_top - shape.log_leaves(round);
    let rows: Vec<usize> = indices.iter().map(|index| index >> shift).collect();
    let paths = trace_mmcs()
        .restore_and_recompute_paths(
            &dimensions,
            &rows,
            &opening.opened_values,
            &opening.opening_proof,
        )
        .map_err(ReplayError::Paths)?;
    let felts = |row: &Vec<Felt>| row.iter().copied().map(from_felt).collect();
    let opened = opening.opened_values.iter().zip(&paths).map(|(rows, path)| InputOpening {
        rows: rows.iter().map(felts).collect(),
        path: digests(&path.siblings),
    });
    Ok(opened.collect())
}

/// The groups of every fold for every query, with their paths. p3 leaves the queried element of
/// a group out; folding as its verifier does brings it back.
fn fold_openings(
    shape: &Shape,
    parameters: &FriParameters<ChallengeMmcs>,
    proof: &BatchProof<LeafConfig>,
    claims: &[Claims],
    drawn: &Drawn,
) -> Result<Vec<Vec<FoldOpening<F>>>, ReplayError> {
    let fri = &proof.opening_proof;
    let reduced = open_inputs::<Felt, Challenge, TraceMmcs, _>(
        parameters,
        shape.log_top,
        &drawn.indices,
        &fri.input_openings,
        drawn.batch,
        &trace_mmcs(),
        claims,
    )
    .map_err(ReplayError::Queries)?;
    let folding: TwoAdicFriFoldingForMmcs<Felt, TraceMmcs> = TwoAdicFriFolding(PhantomData);
    let mut rows = vec![Vec::new(); shape.log_arities.len()];
    let mut groups: Vec<Vec<Vec<Vec<Challenge>>>> = vec![Vec::new(); shape.log_arities.len()];
    for (query, reduced) in reduced.into_iter().enumerate() {
        // The value that it comes to is the circuit's to check.
        let _folded = fold_query::<_, Felt, Challenge, _>(
            &folding,
            query,
            &mut drawn.indices[query].clone(),
            &drawn.folds,
            &shape.log_arities,
            &fri.commit_phase_openings,
            reduced,
            shape.log_top,
            shape.log_final(),
            &mut rows,
            &mut groups,
        )
        .map_err(ReplayError::Queries)?;
    }
    let rounds = shape.log_arities.iter().zip(shape.log_fold_leaves());
    let rounds = rounds.zip(rows.iter().zip(&groups)).zip(&fri.commit_phase_openings);
    rounds
        .map(|(((log_arity, log_leaves), (rows, groups)), opening)| {
            let dimensions = [Dimensions { width: D << log_arity, height: 1 << log_leaves }];
            let flat: Vec<Vec<Vec<Felt>>> =
                groups.iter().map(|group| vec![flatten(&group.concat())]).collect();
            let paths = trace_mmcs()
                .restore_and_recompute_paths(&dimensions, rows, &flat, &opening.opening_proof)
                .map_err(ReplayError::Paths)?;
            let opened = groups.iter().zip(&paths).map(|(group, path)| FoldOpening {
                group: ext_row(&group.concat()),
                path: digests(&path.siblings),
            });
            Ok(opened.collect())
        })
        .collect()
}

pub(super) fn digests(digests: &[[Felt; DIGEST_ELEMENTS]]) -> Digests<F> {
    digests.iter().map(|digest| digest.map(from_felt)).collect()
}

pub(super) fn ext_row(row: &[Challenge]) -> ExtRow<F> {
    row.iter().map(|element| from_challenge(*element).0).collect()
}

fn flatten(row: &[Challenge]) -> Vec<Felt> {
    let coefficients = |element: &Challenge| -> [Felt; D] {
        let of: &[Felt] = element.as_basis_coefficients_slice();
        core::array::from_fn(|i| of[i])
    };
    row.iter().flat_map(coefficients).collect()
}
