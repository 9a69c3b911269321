//! A table's constraints at the out-of-domain point.
//!
//! They come from the same `Air::eval` that p3's prover and verifier run: recorded symbolically
//! together with the lookup argument's own constraints, then lowered to circuit arithmetic.

mod domain;
mod lowering;

use p3_air::Air;
use p3_lookup::{InteractionSymbolicBuilder, LogUpGadget, Lookup, LookupProtocol};

use farthing_airs::Challenge;
use farthing_plonky2::{Builder, ExtTarget};
use farthing_protocol::Felt;

use crate::shape::InstanceShape;

pub(crate) use domain::{Selectors, quotient, recompose};
use lowering::Lowering;
pub(crate) use lowering::Opened;

/// Σ alphaⁿ⁻¹⁻ⁱ · constraintᵢ over the constraints of a table and of its lookups, in the order in
/// which they are stated.
pub(crate) fn fold_constraints<A>(
    builder: &mut Builder,
    air: &A,
    shape: &InstanceShape,
    lookups: &[Lookup<Felt>],
    opened: &Opened<'_>,
    alpha: ExtTarget,
) -> ExtTarget
where
    A: Air<InteractionSymbolicBuilder<Felt, Challenge>>,
{
    let gadget = LogUpGadget::new();
    let mut layout = shape.layout;
    layout.permutation_width = shape.permutation_columns();
    layout.num_permutation_challenges = shape.lookups() * gadget.num_challenges();
    layout.num_permutation_values = usize::from(shape.lookups() > 0);
    let mut recorder = InteractionSymbolicBuilder::new(layout);
    gadget.eval_air_and_lookups(air, &mut recorder, lookups);
    let base = recorder.base_constraints();
    let extension = recorder.extension_constraints();
    // The recorder keeps constraints over the two fields apart; the order joins them again.
    let order = recorder.constraint_layout();

    let mut lowering = Lowering::new(builder, opened);
    let mut constraints = Vec::with_capacity(base.len() + extension.len());
    for (index, constraint) in order.base_indices.iter().zip(&base) {
        constraints.push((*index, lowering.base(constraint)));
    }
    for (index, constraint) in order.ext_indices.iter().zip(&extension) {
        constraints.push((*index, lowering.extension(constraint)));
    }
    assert_eq!(constraints.len(), base.len() + extension.len(), "every constraint has a place");
    constraints.sort_unstable_by_key(|(index, _)| *index);
    let zero = builder.zero_extension();
    constraints
        .into_iter()
        .fold(zero, |sum, (_, constraint)| builder.mul_add_extension(sum, alpha, constraint))
}
