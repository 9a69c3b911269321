//! A node on wires: what a circuit that verifies one takes, and what the node says.

use plonky2::iop::target::Target;
use plonky2::plonk::circuit_data::{CommonCircuitData, VerifierCircuitTarget};
use plonky2::plonk::proof::ProofWithPublicInputsTarget;

use farthing_plonky2::{Builder, D, F, Poseidon2Config};
use farthing_protocol::DIGEST_ELEMENTS;

use super::keys::ClaimedKey;
use crate::batch_range::{BATCH_RANGE_ELEMENTS, BatchRangeTargets};
use crate::enforced_checks::Below;

/// Elements of a node's public inputs: the key of joins, then the range.
pub(super) const NODE_ELEMENTS: usize = DIGEST_ELEMENTS + BATCH_RANGE_ELEMENTS;

/// The shape of a circuit.
pub(super) type Common = CommonCircuitData<F, D>;

/// A node on wires, with the key that it is verified under.
pub(crate) struct Child {
    pub(crate) proof: ProofWithPublicInputsTarget<D>,
    pub(crate) key: VerifierCircuitTarget,
}

impl Child {
    pub(crate) fn new(builder: &mut Builder, common: &Common) -> Self {
        Self {
            proof: builder.add_virtual_proof_with_pis(common),
            key: builder.add_virtual_verifier_data(common.config.fri_config.cap_height),
        }
    }

    /// Says that the proof is valid under the key, of which nothing is said.
    pub(super) fn verify(&self, builder: &mut Builder, common: &Common, below: Below) {
        if below.verified() {
            builder.verify_proof::<Poseidon2Config>(&self.proof, &self.key, common);
        }
    }
}

/// The key of joins that a node claims, and its range, among its public inputs.
pub(super) fn node(public_inputs: &[Target]) -> (ClaimedKey, BatchRangeTargets) {
    assert_eq!(public_inputs.len(), NODE_ELEMENTS, "nodes have one shape");
    let elements = core::array::from_fn(|i| public_inputs[i]);
    let range = core::array::from_fn(|i| public_inputs[DIGEST_ELEMENTS + i]);
    (ClaimedKey::of_node(elements), BatchRangeTargets::from_elements(&range))
}
