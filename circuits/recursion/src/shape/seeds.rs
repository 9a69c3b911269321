//! The seeds of the transcripts: p3 hashes a description of each protocol run and absorbs it
//! first. The descriptions are p3's own; only what they absorb is recorded here.

use p3_batch_stark::BatchShape;
use p3_challenger::CanObserve;
use p3_fri::{FriParameters, FriShape, PcsShape};

use farthing_airs::Challenge;
use farthing_plonky2::{F, from_felt};
use farthing_protocol::Felt;

use super::{Seeds, Shape};

/// p3's description of the outermost transcript.
pub(crate) fn batch_shape(shape: &Shape) -> BatchShape {
    let instances = || shape.instances.iter();
    BatchShape {
        trace_widths: instances().map(|one| one.layout.main_width).collect(),
        public_value_counts: instances().map(|one| one.layout.num_public_values).collect(),
        preprocessed_widths: instances().map(|one| one.layout.preprocessed_width).collect(),
        has_preprocessed_commitment: shape.preprocessed_cap.is_some(),
        num_lookup_instances: instances().filter(|one| one.lookups() > 0).count(),
        lookup_pow_bits: shape.settings.lookup_pow,
        has_randomization_commitment: false,
        ood_pow_bits: shape.settings.point_pow,
    }
}

/// p3's description of the innermost.
pub(crate) fn fri_shape<M>(shape: &Shape, parameters: &FriParameters<M>) -> FriShape {
    FriShape::with_schedule(parameters, shape.log_arities.clone(), shape.log_top)
}

pub(super) fn seeds(shape: &Shape) -> Seeds {
    let openings = PcsShape {
        claimed_evaluation_counts: shape
            .rounds
            .iter()
            .map(|round| round.matrices.iter().map(|m| vec![m.width; m.points]).collect())
            .collect(),
        batch_pow_bits: shape.settings.batch_pow,
    };
    let folding = fri_shape(shape, &shape.settings.parameters(()));
    let [mut batch, mut opening, mut fold] = [const { Recorder(Vec::new()) }; 3];
    batch_shape(shape).domain_separator::<Felt, Challenge>().seed(&mut batch);
    openings.domain_separator::<Felt, Challenge>().seed(&mut opening);
    folding.domain_separator::<Felt, Challenge>().seed(&mut fold);
    Seeds { batch: batch.0, openings: opening.0, folding: fold.0 }
}

/// Remembers what is absorbed.
struct Recorder(Vec<F>);

impl CanObserve<Felt> for Recorder {
    fn observe(&mut self, value: Felt) {
        self.0.push(from_felt(value));
    }
}
