//! The circuit below the last one: it verifies a node, lift or join, and says the block statement.
//!
//! It is the root of the tree of nodes: which keys a node may have is fixed here, and so is the key
//! that all joins below share.

use plonky2::field::types::Field;
use plonky2::gates::noop::NoopGate;
use plonky2::iop::target::Target;
use plonky2::iop::witness::{PartialWitness, WitnessWrite};
use tracing::instrument;

use farthing_airs::Security;
use farthing_plonky2::{Builder, F, ProofSettings, prove};
use farthing_protocol::{BLOCK_STATEMENT_ELEMENTS, Digest, PROTOCOL_VERSION};

use super::FinalError;
use crate::aggregate::{Child, NodeKeys, NodeProof, Rows, check_node};
use crate::batch_range::BatchRangeTargets;
use crate::circuit::{InnerCircuit, InnerProof};
use crate::hash_gadget;
use crate::security::{self, POSEIDON2_COLLISION_BITS};

/// log₂ of the rows, for any classes: the last circuit's shape depends on it.
const LOG_ROWS: usize = 13;

/// The circuit that shrinks a node's proof.
pub struct ShrinkCircuit {
    pub(crate) circuit: InnerCircuit,
    /// The first targets of the circuit.
    child: Child,
    pub(crate) rows: usize,
}

/// A node, verified under its key, as a block statement.
#[derive(Clone, Debug)]
pub struct ShrinkProof(pub(super) InnerProof);

impl ShrinkCircuit {
    /// The circuit over these nodes.
    #[instrument(name = "shrink setup", skip_all)]
    pub fn new(keys: &NodeKeys, settings: ProofSettings) -> Result<Self, FinalError> {
        let mut builder = Builder::new(settings.config());
        let (child, range) = check_node(&mut builder, keys);
        let statement = block_statement(&mut builder, &range);
        builder.register_public_inputs(&statement);
        let rows = builder.num_gates();
        // More than half of the rows, so that the builder doubles no less.
        while builder.num_gates() <= 1 << (LOG_ROWS - 1) {
            builder.add_gate(NoopGate, vec![]);
        }
        let circuit: InnerCircuit = builder.build();
        match circuit.common.degree_bits() {
            LOG_ROWS => Ok(Self { circuit, child, rows }),
            got => Err(FinalError::Rows { expected: LOG_ROWS, got }),
        }
    }

    /// A circuit built before.
    pub(crate) fn from_built(circuit: InnerCircuit, rows: usize, keys: &NodeKeys) -> Self {
        let child = Child::new(&mut Builder::new(circuit.common.config.clone()), &keys.common);
        Self { circuit, child, rows }
    }

    /// The rows.
    pub fn rows(&self) -> Rows {
        Rows { used: self.rows, log_all: self.circuit.common.degree_bits() }
    }

    /// The soundness of its proofs.
    pub fn security(&self) -> Security {
        security::of_circuit(&self.circuit.common, POSEIDON2_COLLISION_BITS)
    }

    /// The digest that stands for the circuit.
    pub fn key_digest(&self) -> Digest {
        hash_gadget::of_hash(self.circuit.verifier_only.circuit_digest)
    }

    /// Verifies a node in the circuit.
    #[instrument(name = "shrink", skip_all)]
    pub fn prove(&self, keys: &NodeKeys, node: &NodeProof) -> Result<ShrinkProof, FinalError> {
        let key = keys.key_of(node.kind()).map_err(|_| FinalError::Class)?;
        let mut witness = PartialWitness::new();
        witness
            .set_proof_with_pis_target(&self.child.proof, node.proof())
            .and_then(|()| witness.set_verifier_data_target(&self.child.key, key))
            .and_then(|()| prove(&self.circuit, witness))
            .map(ShrinkProof)
            .map_err(FinalError::Circuit)
    }
}

/// The elements of [`farthing_protocol::BlockStatement`]. That queue entries are counted up and
/// numbers are in range is said by the tables of each leaf and by the contract, which knows them.
fn block_statement(
    builder: &mut Builder,
    range: &BatchRangeTargets,
) -> [Target; BLOCK_STATEMENT_ELEMENTS] {
    let version = builder.constant(F::from_canonical_u32(PROTOCOL_VERSION));
    let mut all = [version]
        .into_iter()
        .chain(range.domain.elements)
        .chain([range.first_batch, range.batches, range.last_time])
        .chain(range.old_root.elements)
        .chain(range.new_root.elements)
        .chain([range.queue_from, range.queue_to])
        .chain(range.batches_root.elements);
    core::array::from_fn(|_| all.next().expect("six numbers and four digests"))
}
