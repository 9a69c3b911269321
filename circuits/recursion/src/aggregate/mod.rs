//! Wrapped leaves of any classes to one proof.
//!
//! Each class has a *lift* that verifies its wrap and brings it to one shape; one *join* verifies
//! two proofs of that shape, lifts or joins. A block of n batches takes n lifts and n − 1 joins,
//! the left child of each a full tree. Every node says what its batches say together: [`Span`].

mod circuits;
mod join;
mod keys;
mod node_keys;
#[cfg(test)]
mod tests;

use plonky2::hash::hash_types::HashOut;
use plonky2::iop::witness::{PartialWitness, WitnessWrite};
use plonky2::plonk::proof::ProofWithPublicInputs;
use thiserror::Error;
use tracing::instrument;

use farthing_airs::Security;
use farthing_protocol::{DIGEST_ELEMENTS, Digest};

use crate::digest;
use crate::field::F;
use crate::security::{self, POSEIDON2_COLLISION_BITS};
use crate::settings::CircuitSettings;
use crate::span::Span;
use crate::wrap::{InnerCircuit, InnerKey, InnerProof, WrapCircuit, WrapProof};

pub(crate) use circuits::Child;
use circuits::{Join, Lift, NODE_ELEMENTS, circuits};
pub use join::LOG_BATCHES_MAX;
pub use node_keys::NodeKeys;
pub(crate) use node_keys::check_node;

/// The circuits that fold wrapped leaves of some classes.
pub struct Aggregation {
    lifts: Vec<Lift>,
    join: Join,
}

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
    kind: NodeKind,
    proof: InnerProof,
}

/// Rows of a circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rows {
    /// Those in use.
    pub used: usize,
    /// log₂ of all.
    pub log_all: usize,
}

/// Why there is no node, or it is refused.
#[derive(Debug, Error)]
pub enum AggregateError {
    /// There is no class to fold leaves of.
    #[error("no classes")]
    NoClasses,
    /// The circuits do not come to one shape.
    #[error("the circuits have no common shape")]
    NoFixedPoint,
    /// No class has this place.
    #[error("no class has place {got}, there are {classes}")]
    Class {
        /// Classes.
        classes: usize,
        /// The place.
        got: usize,
    },
    /// The circuit cannot be satisfied: the spans do not join, or a child is not valid.
    #[error("the circuit refuses the proofs")]
    Circuit(#[source] anyhow::Error),
    /// The node is not valid.
    #[error("the proof is not valid")]
    Invalid(#[source] anyhow::Error),
    /// A join of other circuits than these is below it.
    #[error("the proof is of another key")]
    Key,
    /// The bytes are no node.
    #[error("the bytes are not a proof")]
    Bytes,
}

impl Aggregation {
    /// The circuits over these classes' wraps; a class's place is its wrap's.
    #[instrument(name = "aggregation setup", skip_all)]
    pub fn new(wraps: &[&WrapCircuit], settings: CircuitSettings) -> Result<Self, AggregateError> {
        let (lifts, join) = circuits(wraps, settings)?;
        Ok(Self { lifts, join })
    }

    /// The rows of each lift and of the join.
    pub fn rows(&self) -> (Vec<Rows>, Rows) {
        let rows =
            |used, circuit: &InnerCircuit| Rows { used, log_all: circuit.common.degree_bits() };
        let lifts = self.lifts.iter().map(|lift| rows(lift.rows, &lift.circuit));
        (lifts.collect(), rows(self.join.rows, &self.join.circuit))
    }

    /// The soundness of nodes.
    pub fn security(&self) -> Security {
        security::of_circuit(&self.join.circuit.common, POSEIDON2_COLLISION_BITS)
    }

    /// The digests that stand for the lifts and for the join.
    pub fn key_digests(&self) -> (Vec<Digest>, Digest) {
        let digest = |circuit: &InnerCircuit| digest::of_hash(circuit.verifier_only.circuit_digest);
        (self.lifts.iter().map(|lift| digest(&lift.circuit)).collect(), digest(&self.join.circuit))
    }

    /// Makes a wrapped leaf of the class at `place` a node.
    #[instrument(name = "lift", skip_all)]
    pub fn lift(&self, place: u8, proof: &WrapProof) -> Result<NodeProof, AggregateError> {
        let kind = NodeKind::Lift(place);
        let lift = self.lift_at(place)?;
        let mut witness = PartialWitness::new();
        witness
            .set_proof_with_pis_target(&lift.child, &proof.0)
            .and_then(|()| lift.circuit.prove(witness))
            .map(|proof| NodeProof { kind, proof })
            .map_err(AggregateError::Circuit)
    }

    /// Folds two nodes, of which `right` follows `left`.
    #[instrument(name = "join", skip_all)]
    pub fn join(&self, left: &NodeProof, right: &NodeProof) -> Result<NodeProof, AggregateError> {
        let own = self.join.circuit.verifier_only.circuit_digest;
        let keys = [self.key(left.kind)?, self.key(right.kind)?];
        self.join_claiming([left, right], keys, own)
    }

    /// The same with any keys: what the circuit makes of them is its to say.
    fn join_claiming(
        &self,
        children: [&NodeProof; 2],
        keys: [&InnerKey; 2],
        own: HashOut<F>,
    ) -> Result<NodeProof, AggregateError> {
        let mut witness = PartialWitness::new();
        witness.set_hash_target(self.join.own, own).map_err(AggregateError::Circuit)?;
        for (targets, (child, key)) in self.join.children.iter().zip(children.into_iter().zip(keys))
        {
            witness
                .set_proof_with_pis_target(&targets.proof, &child.proof)
                .and_then(|()| witness.set_verifier_data_target(&targets.key, key))
                .map_err(AggregateError::Circuit)?;
        }
        self.join
            .circuit
            .prove(witness)
            .map(|proof| NodeProof { kind: NodeKind::Join, proof })
            .map_err(AggregateError::Circuit)
    }

    fn key(&self, kind: NodeKind) -> Result<&InnerKey, AggregateError> {
        self.circuit(kind).map(|circuit| &circuit.verifier_only)
    }

    /// What a node says, if it is valid.
    pub fn verify(&self, node: &NodeProof) -> Result<Span, AggregateError> {
        let circuit = self.circuit(node.kind)?;
        circuit.verify(node.proof.clone()).map_err(AggregateError::Invalid)?;
        let elements: &[_; NODE_ELEMENTS] =
            node.proof.public_inputs.as_slice().try_into().map_err(|_| AggregateError::Bytes)?;
        let (claimed, span) = elements.split_at(DIGEST_ELEMENTS);
        let own = circuit.verifier_only.circuit_digest;
        if node.kind == NodeKind::Join && claimed != own.elements {
            return Err(AggregateError::Key);
        }
        let span = span.try_into().map_err(|_| AggregateError::Bytes)?;
        Ok(Span::from_elements(span))
    }

    /// Decodes [`NodeProof::to_bytes`]; that the proof is valid is for [`Self::verify`] to say.
    pub fn decode(&self, bytes: &[u8]) -> Result<NodeProof, AggregateError> {
        let (kind, proof) = bytes.split_first().ok_or(AggregateError::Bytes)?;
        let kind = if *kind == JOIN_BYTE { NodeKind::Join } else { NodeKind::Lift(*kind) };
        let common = &self.circuit(kind)?.common;
        let proof = ProofWithPublicInputs::from_bytes(proof.to_vec(), common)
            .map_err(|_| AggregateError::Bytes)?;
        let node = NodeProof { kind, proof };
        // One encoding for each proof: what is left over or not reduced is refused.
        if node.to_bytes() == bytes { Ok(node) } else { Err(AggregateError::Bytes) }
    }

    fn circuit(&self, kind: NodeKind) -> Result<&InnerCircuit, AggregateError> {
        match kind {
            NodeKind::Join => Ok(&self.join.circuit),
            NodeKind::Lift(place) => self.lift_at(place).map(|lift| &lift.circuit),
        }
    }

    fn lift_at(&self, place: u8) -> Result<&Lift, AggregateError> {
        let (classes, got) = (self.lifts.len(), usize::from(place));
        self.lifts.get(got).ok_or(AggregateError::Class { classes, got })
    }
}

/// The first byte of a join's encoding; a lift's is its place.
const JOIN_BYTE: u8 = u8::MAX;

impl NodeProof {
    pub(crate) fn kind(&self) -> NodeKind {
        self.kind
    }

    pub(crate) fn proof(&self) -> &InnerProof {
        &self.proof
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
