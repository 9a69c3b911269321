//! From a proof as p3 writes it to one with everything written out.
//!
//! The transcript is run natively with p3's own drivers to learn the query indices; p3's own
//! routines restore paths and groups. Those expect the shape of proof that p3's verifier has
//! accepted, so proofs from outside are verified before they come here. Nothing of the result is
//! trusted: the circuit checks every element it is given.

use p3_air::BaseAir;
use p3_batch_stark::verifier::commitments_with_opening_points;
use p3_batch_stark::{BatchProof, BatchVerifierTranscript};
use p3_fri::{FriParameters, PcsShape, PcsVerifierTranscript, VerifierTranscript};
use p3_lookup::LogUpGadget;
use p3_uni_stark::StarkGenericConfig;

use farthing_airs::{Challenge, ChallengeMmcs, Challenger, LeafConfig, trace_mmcs};
use farthing_plonky2::{Ext, F, from_challenge, from_felt};
use farthing_protocol::Felt;

use super::error::ReplayError;
use super::queries::{Cap, Claims, Drawn, digests, ext_row, queries};
use super::{Digests, ExtRow, FoldCommitment, ProofParts};
use crate::shape::{Round, RoundShape, Shape, System, batch_shape, fri_shape};

/// A proof written out, with what the transcript gave on the way.
pub(crate) struct Replay {
    pub(crate) parts: ProofParts<F>,
    #[cfg_attr(not(test), expect(dead_code, reason = "tests compare them with the circuit's"))]
    pub(crate) challenges: NativeChallenges,
}

/// The challenges as p3 draws them.
#[cfg_attr(not(test), expect(dead_code, reason = "tests compare them with the circuit's"))]
pub(crate) struct NativeChallenges {
    pub(crate) lookup: Vec<Vec<Ext>>,
    pub(crate) constraint: Ext,
    pub(crate) point: Ext,
    pub(crate) batch: Ext,
    pub(crate) folds: Vec<Ext>,
    pub(crate) indices: Vec<usize>,
}

/// Writes a proof out.
pub(crate) fn replay<A: BaseAir<Felt>>(
    system: &System<'_, A>,
    shape: &Shape,
    proof: &BatchProof<LeafConfig>,
    public_values: &[Vec<Felt>],
) -> Result<Replay, ReplayError> {
    let heights = shape.instances.iter().map(|instance| &instance.log_height);
    if !proof.degree_bits.iter().eq(heights) {
        return Err(ReplayError::Shape);
    }
    let parameters = shape.settings.parameters(ChallengeMmcs::new(trace_mmcs()));
    let config = shape.settings.config();
    let mut challenger = config.initialise_challenger();
    let mut transcript = BatchVerifierTranscript::<Challenger, Felt, Challenge, Cap>::new(
        &mut challenger,
        batch_shape(shape),
    );
    transcript.instance_bindings(&proof.degree_bits);
    transcript.main_phase(proof.commitments.main.clone(), public_values);
    let preprocessed = system.common.preprocessed.as_ref();
    transcript.preprocessed_phase(preprocessed.map(|global| global.commitment.clone()));
    let lookup = transcript
        .lookup_phase(&system.common.lookups, &LogUpGadget::new(), proof.lookup_pow_witness)
        .map_err(ReplayError::Transcript)?;
    let terminals: Vec<Challenge> =
        proof.lookup_terminals.iter().flatten().map(|terminal| terminal.0).collect();
    let constraint =
        transcript.permutation_phase(proof.commitments.permutation.clone(), &terminals);
    transcript.quotient_phase(proof.commitments.quotient_chunks.clone(), None);
    let point = transcript.ood_phase(proof.ood_pow_witness).map_err(ReplayError::Transcript)?;
    let claims = claims(system, shape, proof, point);
    let drawn = transcript.delegate(|challenger| match &claims {
        Ok(claims) => draw(challenger, shape, &parameters, proof, claims).map(Some),
        Err(_) => Ok(None),
    });
    transcript.finish();
    let (claims, drawn) = (claims?, drawn?.ok_or(ReplayError::Shape)?);

    let parts = ProofParts {
        caps: caps(shape, proof),
        openings: openings(&claims),
        terminals: ext_row(&terminals),
        lookup_work: proof.lookup_pow_witness.and_then(|w| work(shape.settings.lookup_pow, w)),
        point_work: work(shape.settings.point_pow, proof.ood_pow_witness),
        batch_work: work(shape.settings.batch_pow, proof.opening_proof.batch_pow_witness),
        query_work: work(shape.settings.query_pow, proof.opening_proof.query_pow_witness),
        folds: fold_commitments(shape, proof),
        final_polynomial: ext_row(&proof.opening_proof.final_poly),
        queries: queries(shape, &parameters, proof, &claims, &drawn)?,
    };
    let lookup = lookup.iter().map(|all| all.iter().copied().map(from_challenge).collect());
    let challenges = NativeChallenges {
        lookup: lookup.collect(),
        constraint: from_challenge(constraint),
        point: from_challenge(point),
        batch: from_challenge(drawn.batch),
        folds: drawn.folds.iter().copied().map(from_challenge).collect(),
        indices: drawn.indices,
    };
    Ok(Replay { parts, challenges })
}

/// Claims of the opening argument.
fn claims<A: BaseAir<Felt>>(
    system: &System<'_, A>,
    shape: &Shape,
    proof: &BatchProof<LeafConfig>,
    point: Challenge,
) -> Result<Vec<Claims>, ReplayError> {
    let instances = || shape.instances.iter();
    let widths: Vec<usize> = instances().map(|one| one.layout.preprocessed_width).collect();
    let log_chunks: Vec<usize> = instances().map(|one| one.log_chunks).collect();
    let (claims, ..) = commitments_with_opening_points(
        &shape.settings.config(),
        system.tables,
        point,
        &proof.commitments,
        &proof.opened_values,
        system.common,
        &proof.degree_bits,
        &widths,
        &log_chunks,
    )
    .map_err(ReplayError::Openings)?;
    Ok(claims)
}

/// The transcripts of the opening argument and of the folding nested in it.
fn draw(
    challenger: &mut Challenger,
    shape: &Shape,
    parameters: &FriParameters<ChallengeMmcs>,
    proof: &BatchProof<LeafConfig>,
    claims: &[Claims],
) -> Result<Drawn, ReplayError> {
    let fri = &proof.opening_proof;
    let mut openings = PcsVerifierTranscript::<Challenger, Felt, Challenge>::new(
        challenger,
        PcsShape::from_claims(parameters, claims),
    );
    openings.claimed_openings(claims).map_err(ReplayError::OpeningTranscript)?;
    let batch = openings
        .batch_phase(Some(fri.batch_pow_witness))
        .map_err(ReplayError::OpeningTranscript)?;
    let folding = openings.delegate(|challenger| {
        let mut folding = VerifierTranscript::<Challenger, Felt, Challenge>::new(
            challenger,
            fri_shape(shape, parameters),
        );
        let folds = folding.commit_rounds(&fri.commit_phase_commits, &fri.commit_pow_witnesses)?;
        let indices = folding.query_phase(&fri.final_poly, Some(fri.query_pow_witness))?;
        folding.finish();
        Ok((folds, indices))
    });
    openings.finish();
    let (folds, indices) = folding.map_err(ReplayError::FoldingTranscript)?;
    Ok(Drawn { batch, folds, indices })
}

fn caps(shape: &Shape, proof: &BatchProof<LeafConfig>) -> Vec<Option<Digests<F>>> {
    let cap = |round: &RoundShape| match round.round {
        Round::Main => Some(digests(proof.commitments.main.roots())),
        Round::Quotient => Some(digests(proof.commitments.quotient_chunks.roots())),
        Round::Preprocessed => None,
        Round::Permutation => {
            proof.commitments.permutation.as_ref().map(|cap| digests(cap.roots()))
        }
    };
    shape.rounds.iter().map(cap).collect()
}

fn openings(claims: &[Claims]) -> Vec<Vec<Vec<ExtRow<F>>>> {
    let rounds = claims.iter();
    rounds
        .map(|round| {
            let matrices = round.matrices.iter();
            matrices.map(|m| m.points.iter().map(|p| ext_row(&p.values)).collect()).collect()
        })
        .collect()
}

fn fold_commitments(shape: &Shape, proof: &BatchProof<LeafConfig>) -> Vec<FoldCommitment<F>> {
    let fri = &proof.opening_proof;
    let rounds = fri.commit_phase_commits.iter().zip(&fri.commit_pow_witnesses);
    rounds
        .map(|(cap, witness)| FoldCommitment {
            cap: digests(cap.roots()),
            work: work(shape.settings.commit_pow, *witness),
        })
        .collect()
}

/// A grinding witness, where there is work.
fn work(bits: usize, witness: Felt) -> Option<F> {
    (bits > 0).then(|| from_felt(witness))
}
