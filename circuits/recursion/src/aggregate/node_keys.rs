//! What verifies a node, whichever circuit proved it.

use farthing_protocol::Digest;

use super::circuits::{Child, Common, node};
use super::{Aggregation, NodeKind, keys};
use crate::digest;
use crate::field::Builder;
use crate::span::SpanTargets;
use crate::wrap::InnerKey;

/// The shape of all nodes, and the keys that they may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeKeys {
    pub(crate) common: Common,
    pub(crate) lifts: Vec<InnerKey>,
    pub(crate) join: InnerKey,
}

impl Aggregation {
    /// The keys of all nodes.
    pub fn node_keys(&self) -> NodeKeys {
        NodeKeys {
            common: self.join.circuit.common.clone(),
            lifts: self.lifts.iter().map(|lift| lift.circuit.verifier_only.clone()).collect(),
            join: self.join.circuit.verifier_only.clone(),
        }
    }
}

impl NodeKeys {
    /// The key of a kind of node.
    pub(crate) fn of(&self, kind: NodeKind) -> Option<&InnerKey> {
        match kind {
            NodeKind::Join => Some(&self.join),
            NodeKind::Lift(place) => self.lifts.get(usize::from(place)),
        }
    }
}

/// Verifies a node under any of the keys, all of them constants: what [`Aggregation::verify`] says
/// of a node, in a circuit.
pub(crate) fn check_node(builder: &mut Builder, keys: &NodeKeys) -> (Child, SpanTargets) {
    let lifts: Vec<Digest> =
        keys.lifts.iter().map(|key| digest::of_hash(key.circuit_digest)).collect();
    let own = digest::constant(builder, &digest::of_hash(keys.join.circuit_digest));
    let child = Child::verified(builder, &keys.common);
    let digest = keys::digest_of(builder, &child.key, &keys.common);
    let (claimed, span) = node(&child.proof.public_inputs);
    keys::check(builder, digest, claimed, own, &lifts);
    (child, span)
}
