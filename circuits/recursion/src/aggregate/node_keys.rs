//! Keys that verify a node, whichever circuit proved it.

use plonky2::plonk::proof::ProofWithPublicInputs;

use farthing_plonky2::Builder;
use farthing_protocol::{DIGEST_ELEMENTS, Digest};

use super::child::{Child, Common, NODE_ELEMENTS, node};
use super::keys::{self, RealKey};
use super::{AggregateError, NodeKind, NodeProof};
use crate::batch_range::{BatchRange, BatchRangeTargets};
use crate::circuit::{InnerKey, InnerVerifier};
use crate::enforced_checks::Below;
use crate::hash_gadget;

/// The shape of all nodes, and the keys that they may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeKeys {
    pub(crate) common: Common,
    pub(crate) lifts: Vec<LiftKey>,
    pub(crate) join: InnerKey,
}

/// The key of a lift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LiftKey {
    /// Digest that circuits compare.
    pub(crate) digest: Digest,
    /// Verifying key of the lift; a prover without circuits of this class need not know it.
    pub(crate) key: Option<InnerKey>,
}

impl LiftKey {
    pub(crate) fn known(key: InnerKey) -> Self {
        Self { digest: hash_gadget::of_hash(key.circuit_digest), key: Some(key) }
    }
}

impl NodeKeys {
    /// The key of a kind of node.
    pub(crate) fn key_of(&self, kind: NodeKind) -> Result<&InnerKey, AggregateError> {
        let NodeKind::Lift(index) = kind else { return Ok(&self.join) };
        let (classes, got) = (self.lifts.len(), usize::from(index));
        let lift = self.lifts.get(got).ok_or(AggregateError::Class { classes, got })?;
        lift.key.as_ref().ok_or(AggregateError::NotOpened { index: got })
    }

    /// Batches that a node proves, if it is valid.
    pub(crate) fn verify(&self, node: &NodeProof) -> Result<BatchRange, AggregateError> {
        let key = self.key_of(node.kind)?;
        InnerVerifier { verifier_only: key.clone(), common: self.common.clone() }
            .verify(node.proof.clone())
            .map_err(AggregateError::Invalid)?;
        let elements: &[_; NODE_ELEMENTS] =
            node.proof.public_inputs.as_slice().try_into().map_err(|_| AggregateError::Bytes)?;
        let (claimed, range) = elements.split_at(DIGEST_ELEMENTS);
        if node.kind == NodeKind::Join && claimed != key.circuit_digest.elements {
            return Err(AggregateError::Key);
        }
        let range = range.try_into().map_err(|_| AggregateError::Bytes)?;
        Ok(BatchRange::from_elements(range))
    }

    /// Decodes [`NodeProof::to_bytes`]; that the proof is valid is for [`Self::verify`] to say.
    pub(crate) fn decode(&self, bytes: &[u8]) -> Result<NodeProof, AggregateError> {
        let (kind, proof) = bytes.split_first().ok_or(AggregateError::Bytes)?;
        let kind = NodeKind::of_byte(*kind);
        self.key_of(kind)?;
        let proof = ProofWithPublicInputs::from_bytes(proof.to_vec(), &self.common)
            .map_err(|_| AggregateError::Bytes)?;
        let node = NodeProof { kind, proof };
        // One encoding for each proof: what is left over or not reduced is refused.
        if node.to_bytes() == bytes { Ok(node) } else { Err(AggregateError::Bytes) }
    }
}

/// The inputs of a circuit that verifies a node, and the circuit's part that does: under any of the
/// keys, all of them constants. It is what [`NodeKeys::verify`] says of a node.
pub(crate) fn check_node(builder: &mut Builder, keys: &NodeKeys) -> (Child, BatchRangeTargets) {
    let child = Child::new(builder, &keys.common);
    let lifts: Vec<Digest> = keys.lifts.iter().map(|key| key.digest).collect();
    let real = RealKey::constant(builder, &hash_gadget::of_hash(keys.join.circuit_digest));
    child.verify(builder, &keys.common, Below::Last);
    let digest = keys::digest_of(builder, &child.key, &keys.common);
    let (claimed, range) = node(&child.proof.public_inputs);
    keys::check_last(builder, digest, claimed, real, &lifts);
    (child, range)
}
