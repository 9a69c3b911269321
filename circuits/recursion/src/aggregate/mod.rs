//! Wrapped leaves of any classes to one proof.
//!
//! Each class has a *lift* that verifies its wrap and brings it to one shape; one *join* verifies
//! two proofs of that shape, lifts or joins. A block of n batches takes n lifts and n − 1 joins,
//! the left child of each a full tree. Every node says what its batches say together: [`BatchRange`].

mod child;
mod circuits;
pub(crate) mod join;
pub(crate) mod keys;
mod node;
mod node_keys;
#[cfg(test)]
pub(crate) mod tests;

use thiserror::Error;
use tracing::instrument;

use farthing_airs::Security;
use farthing_protocol::Digest;

use crate::batch_range::BatchRange;
use crate::circuit::{InnerCircuit, InnerVerifier};
use crate::hash_gadget;
use crate::security::{self, POSEIDON2_COLLISION_BITS};
use crate::settings::CircuitSettings;
use crate::wrap::{WrapCircuit, WrapProof};

pub(crate) use child::Child;
pub(crate) use circuits::{Join, Lift, NodeShape};
pub use join::LOG_BATCHES_MAX;
pub use node::{NodeKind, NodeProof};
pub use node_keys::NodeKeys;
pub(crate) use node_keys::{LiftKey, check_node};

/// The circuits that fold wrapped leaves of some classes.
pub struct Aggregation {
    lifts: Vec<Lift>,
    pub(crate) join: Join,
    keys: NodeKeys,
}

/// Rows of a circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rows {
    /// Those in use.
    pub used: usize,
    /// log₂ of all.
    pub log_all: usize,
}

/// Reason why there is no node, or it is refused.
#[derive(Debug, Error)]
pub enum AggregateError {
    /// There is no class to fold leaves of.
    #[error("the key set has no classes: name at least one")]
    NoClasses,
    /// The circuits do not come to one shape.
    #[error("the circuits have no common shape")]
    NoFixedPoint,
    /// No class has this index.
    #[error("class index {got} is out of range: the key set has {classes} classes")]
    Class {
        /// Classes.
        classes: usize,
        /// The index.
        got: usize,
    },
    /// The class at this index is one of the key set, but was not opened: its lift is not known.
    #[error("the class of index {index} is not opened: open the prover for it")]
    NotOpened {
        /// The index.
        index: usize,
    },
    /// The circuit cannot be satisfied: the spans do not join, or a child is not valid.
    #[error("the circuit refuses the proofs")]
    Circuit(#[source] anyhow::Error),
    /// The node is not valid.
    #[error("the node proof is not valid")]
    Invalid(#[source] anyhow::Error),
    /// A join of other circuits than these is below it.
    #[error("the node proof is of another key")]
    Key,
    /// The bytes are not a node.
    #[error("the bytes are not a node proof")]
    Bytes,
}

impl Aggregation {
    /// The circuits over these classes' wraps; a class's index is its wrap's.
    #[instrument(name = "aggregation setup", skip_all)]
    pub fn new(wraps: &[&WrapCircuit], settings: CircuitSettings) -> Result<Self, AggregateError> {
        let wraps: Vec<InnerVerifier> = wraps.iter().map(|wrap| wrap.verifier()).collect();
        let shape = NodeShape::of(&wraps.iter().collect::<Vec<_>>(), settings)?;
        let lifts = wraps.iter().map(|wrap| Lift::build(wrap, &shape, settings));
        let lifts = lifts.collect::<Result<Vec<_>, _>>()?;
        let keys: Vec<Digest> =
            lifts.iter().map(|lift| hash_gadget::of_circuit(&lift.circuit)).collect();
        let join = Join::build(&shape, &keys, settings)?;
        let keys = NodeKeys {
            common: join.circuit.common.clone(),
            lifts: lifts.iter().map(|l| LiftKey::known(l.circuit.verifier_only.clone())).collect(),
            join: join.circuit.verifier_only.clone(),
        };
        Ok(Self { lifts, join, keys })
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
        let lifts = self.lifts.iter().map(|lift| hash_gadget::of_circuit(&lift.circuit));
        (lifts.collect(), hash_gadget::of_circuit(&self.join.circuit))
    }

    /// Makes a wrapped leaf of the class at `index` a node.
    pub fn lift(&self, index: u8, proof: &WrapProof) -> Result<NodeProof, AggregateError> {
        let (classes, got) = (self.lifts.len(), usize::from(index));
        let lift = self.lifts.get(got).ok_or(AggregateError::Class { classes, got })?;
        lift.prove(index, proof)
    }

    /// Folds two nodes, of which `right` follows `left`.
    pub fn join(&self, left: &NodeProof, right: &NodeProof) -> Result<NodeProof, AggregateError> {
        self.join.prove([left, right], &self.keys)
    }

    /// The keys of all nodes.
    pub const fn node_keys(&self) -> &NodeKeys {
        &self.keys
    }

    /// Batches that a node proves, if it is valid.
    pub fn verify(&self, node: &NodeProof) -> Result<BatchRange, AggregateError> {
        self.keys.verify(node)
    }

    /// Decodes [`NodeProof::to_bytes`]; that the proof is valid is for [`Self::verify`] to say.
    pub fn decode(&self, bytes: &[u8]) -> Result<NodeProof, AggregateError> {
        self.keys.decode(bytes)
    }
}
