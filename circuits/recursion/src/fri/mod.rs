//! p3's FRI in a circuit: many matrices of several heights, opened at one point or two, in one
//! folding.
//!
//! With 2ᴴ the tallest codeword's length and b₀ … b_{H−1} a query's index bits, lowest first,
//! codewords lie in bit-reversed order: at height 2ʰ the query is at s·yₕ, where s is the shift of
//! the domains, yₕ = g_h^{rev(index / 2^{H−h})}, and so yₕ = y_{h+1}².

mod claims;
mod query;
#[cfg(test)]
pub(crate) mod tests;

use plonky2::hash::hash_types::HashOutTarget;
use plonky2::iop::ext_target::ExtensionTarget;
use plonky2::iop::target::{BoolTarget, Target};

use farthing_plonky2::{Builder, D, ExtTarget};

use crate::proof::{Digests, ExtRow, ProofParts};
use crate::shape::Shape;
use crate::transcript::Transcript;

use claims::Claims;
use query::{Folding, verify_query};

/// Challenges of the opening argument.
pub(crate) struct OpeningChallenges {
    /// Batches all claims.
    pub(crate) batch: ExtTarget,
    /// One for each fold.
    pub(crate) folds: Vec<ExtTarget>,
    /// The index of each query.
    pub(crate) indices: Vec<Vec<BoolTarget>>,
}

/// Says that the proof's claimed openings are those of the committed matrices. `points` are those
/// of each matrix of each round, `caps` the rounds' commitments.
pub(crate) fn verify_openings(
    builder: &mut Builder,
    transcript: &mut Transcript,
    shape: &Shape,
    proof: &ProofParts<Target>,
    caps: &[Vec<HashOutTarget>],
    points: &[Vec<Vec<ExtTarget>>],
) -> OpeningChallenges {
    let challenges = draw(builder, transcript, shape, proof);
    let claims = Claims::new(builder, shape, proof, points, challenges.batch);
    let folding = Folding {
        log_top: shape.log_top,
        log_arities: &shape.log_arities,
        caps: proof.folds.iter().map(|fold| hashes(&fold.cap)).collect(),
        challenges: &challenges.folds,
        final_polynomial: ext_row(&proof.final_polynomial),
    };
    for (index, query) in challenges.indices.iter().zip(&proof.queries) {
        verify_query(builder, shape, caps, &claims, &folding, index, query);
    }
    challenges
}

/// The opening argument's transcript and, nested in it, the folding's.
fn draw(
    builder: &mut Builder,
    transcript: &mut Transcript,
    shape: &Shape,
    proof: &ProofParts<Target>,
) -> OpeningChallenges {
    let settings = &shape.settings;
    transcript.observe_constants(builder, &shape.seeds.openings);
    for claim in proof.openings.iter().flatten().flatten().flatten() {
        transcript.observe_ext(builder, ExtensionTarget(*claim));
    }
    transcript.check_work(builder, settings.batch_pow, proof.batch_work);
    let batch = transcript.sample_ext(builder);

    transcript.observe_constants(builder, &shape.seeds.folding);
    let mut folds = Vec::with_capacity(proof.folds.len());
    for fold in &proof.folds {
        transcript.observe_cap(builder, &hashes(&fold.cap));
        transcript.check_work(builder, settings.commit_pow, fold.work);
        folds.push(transcript.sample_ext(builder));
    }
    for coefficient in &proof.final_polynomial {
        transcript.observe_ext(builder, ExtensionTarget(*coefficient));
    }
    transcript.check_work(builder, settings.query_pow, proof.query_work);
    let indices =
        (0..settings.queries).map(|_| transcript.sample_bits(builder, shape.log_top)).collect();
    OpeningChallenges { batch, folds, indices }
}

pub(crate) fn hashes(digests: &Digests<Target>) -> Vec<HashOutTarget> {
    digests.iter().map(|elements| HashOutTarget { elements: *elements }).collect()
}

pub(crate) fn ext_row(row: &ExtRow<Target>) -> Vec<ExtTarget> {
    row.iter().map(|element| ExtensionTarget::<D>(*element)).collect()
}
