//! Nodes of the tree of a block's batches.

use crate::circuit::InnerProof;

/// Which circuit proves a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// The lift of the class at this index.
    Lift(u8),
    /// The join.
    Join,
}

/// A proof of consecutive batches.
#[derive(Clone, Debug)]
pub struct NodeProof {
    pub(super) kind: NodeKind,
    pub(super) proof: InnerProof,
}

/// The first byte of a join's encoding; a lift's is its class's index.
const JOIN_BYTE: u8 = u8::MAX;

impl NodeKind {
    pub(super) const fn byte(self) -> u8 {
        match self {
            Self::Lift(index) => index,
            Self::Join => JOIN_BYTE,
        }
    }

    pub(super) const fn of_byte(byte: u8) -> Self {
        if byte == JOIN_BYTE { Self::Join } else { Self::Lift(byte) }
    }
}

impl NodeProof {
    /// Which circuit proves it.
    pub const fn kind(&self) -> NodeKind {
        self.kind
    }

    pub(crate) const fn proof(&self) -> &InnerProof {
        &self.proof
    }

    /// Makes it say something else than it shows.
    #[cfg(test)]
    pub(crate) fn change_public_input(&mut self, index: usize) {
        self.proof.public_inputs[index] += plonky2::field::types::Field::ONE;
    }

    /// A byte for the circuit, then the proof.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![self.kind.byte()];
        bytes.extend(self.proof.to_bytes());
        bytes
    }
}
