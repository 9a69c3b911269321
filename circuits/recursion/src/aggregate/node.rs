//! Nodes of the tree of a block's batches, and their verifier.

use plonky2::plonk::proof::ProofWithPublicInputs;

use farthing_protocol::DIGEST_ELEMENTS;

use super::AggregateError;
use super::circuits::NODE_ELEMENTS;
use crate::span::Span;
use crate::wrap::{InnerKey, InnerProof, InnerVerifier};

/// Which circuit proves a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// The lift of the class at this place.
    Lift(u8),
    /// The join.
    Join,
}

/// A proof of consecutive batches.
#[derive(Clone, Debug)]
pub struct NodeProof {
    pub(super) kind: NodeKind,
    pub(crate) proof: InnerProof,
}

/// The first byte of a join's encoding; a lift's is its place.
const JOIN_BYTE: u8 = u8::MAX;

impl NodeProof {
    /// Which circuit proves it.
    pub const fn kind(&self) -> NodeKind {
        self.kind
    }

    /// A byte for the circuit, then the proof.
    pub fn to_bytes(&self) -> Vec<u8> {
        let kind = match self.kind {
            NodeKind::Lift(place) => place,
            NodeKind::Join => JOIN_BYTE,
        };
        let mut bytes = vec![kind];
        bytes.extend(self.proof.to_bytes());
        bytes
    }
}

/// What decodes and verifies nodes.
pub(crate) struct NodeVerifier {
    /// Of the classes whose lifts are known here.
    lifts: Vec<Option<InnerVerifier>>,
    join: InnerVerifier,
}

impl NodeVerifier {
    pub(crate) const fn new(lifts: Vec<Option<InnerVerifier>>, join: InnerVerifier) -> Self {
        Self { lifts, join }
    }

    /// The verifier of a kind of node.
    pub(crate) fn of(&self, kind: NodeKind) -> Result<&InnerVerifier, AggregateError> {
        let NodeKind::Lift(place) = kind else { return Ok(&self.join) };
        let (classes, got) = (self.lifts.len(), usize::from(place));
        self.lifts.get(got).and_then(Option::as_ref).ok_or(AggregateError::Class { classes, got })
    }

    /// What the node's circuit proves it under.
    pub(crate) fn key(&self, kind: NodeKind) -> Result<&InnerKey, AggregateError> {
        self.of(kind).map(|verifier| &verifier.verifier_only)
    }

    /// What a node says, if it is valid.
    pub(crate) fn verify(&self, node: &NodeProof) -> Result<Span, AggregateError> {
        let verifier = self.of(node.kind)?;
        verifier.verify(node.proof.clone()).map_err(AggregateError::Invalid)?;
        let elements: &[_; NODE_ELEMENTS] =
            node.proof.public_inputs.as_slice().try_into().map_err(|_| AggregateError::Bytes)?;
        let (claimed, span) = elements.split_at(DIGEST_ELEMENTS);
        let own = verifier.verifier_only.circuit_digest;
        if node.kind == NodeKind::Join && claimed != own.elements {
            return Err(AggregateError::Key);
        }
        let span = span.try_into().map_err(|_| AggregateError::Bytes)?;
        Ok(Span::from_elements(span))
    }

    /// Decodes [`NodeProof::to_bytes`]; that the proof is valid is for [`Self::verify`] to say.
    pub(crate) fn decode(&self, bytes: &[u8]) -> Result<NodeProof, AggregateError> {
        let (kind, proof) = bytes.split_first().ok_or(AggregateError::Bytes)?;
        let kind = if *kind == JOIN_BYTE { NodeKind::Join } else { NodeKind::Lift(*kind) };
        let common = &self.of(kind)?.common;
        let proof = ProofWithPublicInputs::from_bytes(proof.to_vec(), common)
            .map_err(|_| AggregateError::Bytes)?;
        let node = NodeProof { kind, proof };
        // One encoding for each proof: what is left over or not reduced is refused.
        if node.to_bytes() == bytes { Ok(node) } else { Err(AggregateError::Bytes) }
    }
}
