//! The last circuit, whose proof the contract verifies.

use plonky2::gates::constant::ConstantGate;
use plonky2::gates::gate::GateRef;
use plonky2::gates::noop::NoopGate;
use plonky2::iop::witness::{PartialWitness, WitnessWrite};
use plonky2::plonk::circuit_data::{
    CircuitConfig, CircuitData, CommonCircuitData, VerifierCircuitData, VerifierOnlyCircuitData,
};
use plonky2::plonk::proof::ProofWithPublicInputsTarget;
use plonky2::util::serialization::{Buffer, Read, Write};
use tracing::instrument;

use farthing_airs::Security;
use farthing_plonky2::{
    Builder, D, F, KECCAK_COLLISION_BITS, KeccakConfig, Poseidon2Config, ProofSettings, from_felt,
    prove,
};
use farthing_protocol::BlockStatement;

use super::proof::{FinalProof, ProofLayout};
use super::{FinalError, ShrinkCircuit, ShrinkProof};
use crate::aggregate::Rows;
use crate::circuit::InnerVerifier;
use crate::enforced_checks::Below;
use crate::security;
use crate::serializers::Gates;

/// log₂ of the rows: the least that a verifier of a plonky2 proof fits in.
const LOG_ROWS: usize = 12;

pub(crate) type FinalCircuitData = CircuitData<F, KeccakConfig, D>;

/// The circuit that the contract verifies proofs of.
pub struct FinalCircuit {
    pub(crate) circuit: FinalCircuitData,
    /// The first targets of the circuit.
    child: ProofWithPublicInputsTarget<D>,
    pub(crate) rows: usize,
}

/// Key that verifies final proofs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinalKey {
    pub(crate) data: VerifierCircuitData<F, KeccakConfig, D>,
}

impl FinalCircuit {
    /// The circuit over a shrinking circuit.
    #[instrument(name = "final setup", skip_all)]
    pub fn new(shrink: &ShrinkCircuit, settings: ProofSettings) -> Result<Self, FinalError> {
        Self::over(&shrink.circuit.verifier_data(), settings)
    }

    /// The circuit over a shrinking circuit of which the key is known.
    pub(crate) fn over(inner: &InnerVerifier, settings: ProofSettings) -> Result<Self, FinalError> {
        let (builder, child, rows) = verifier(inner, settings.config());
        let circuit: FinalCircuitData = builder.build();
        match circuit.common.degree_bits() {
            LOG_ROWS => Ok(Self { circuit, child, rows }),
            got => Err(FinalError::Rows { expected: LOG_ROWS, got }),
        }
    }

    /// A circuit built before.
    pub(crate) fn from_built(
        circuit: FinalCircuitData,
        rows: usize,
        inner: &CommonCircuitData<F, D>,
    ) -> Self {
        let mut builder = Builder::new(circuit.common.config.clone());
        let child = builder.add_virtual_proof_with_pis(inner);
        Self { circuit, child, rows }
    }

    /// The rows.
    pub fn rows(&self) -> Rows {
        Rows { used: self.rows, log_all: self.circuit.common.degree_bits() }
    }

    /// Key that verifies the proofs.
    pub fn key(&self) -> FinalKey {
        FinalKey { data: self.circuit.verifier_data() }
    }

    /// The final proof of a block.
    #[instrument(name = "final", skip_all)]
    pub fn prove(&self, shrunk: &ShrinkProof) -> Result<FinalProof, FinalError> {
        let mut witness = PartialWitness::new();
        let proof = witness
            .set_proof_with_pis_target(&self.child, &shrunk.0)
            .and_then(|()| prove(&self.circuit, witness))
            .map_err(FinalError::Circuit)?;
        Ok(ProofLayout::of(&self.circuit.common).write(&proof))
    }
}

/// A circuit that verifies a proof of another and says what that says; also returns the rows that it
/// had before it was filled up.
pub(super) fn verifier(
    inner: &InnerVerifier,
    config: CircuitConfig,
) -> (Builder, ProofWithPublicInputsTarget<D>, usize) {
    let mut builder = Builder::new(config);
    let child = builder.add_virtual_proof_with_pis(&inner.common);
    let key = builder.constant_verifier_data(&inner.verifier_only);
    if Below::Shrunk.verified() {
        builder.verify_proof::<Poseidon2Config>(&child, &key, &inner.common);
    }
    builder.register_public_inputs(&child.public_inputs);
    let rows = builder.num_gates();
    // Other gates have room for constants, now and then enough for all. The contract's set of gates
    // does not depend on how many there are.
    builder.add_gate_to_gate_set(GateRef::new(ConstantGate::new(builder.config.num_constants)));
    // More than half of the rows, so that the builder doubles no less, under any settings.
    while builder.num_gates() <= 1 << (LOG_ROWS - 1) {
        builder.add_gate(NoopGate, vec![]);
    }
    (builder, child, rows)
}

impl FinalKey {
    /// The key as plonky2 writes it.
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        bytes.write_verifier_circuit_data(&self.data, &Gates).ok()?;
        Some(bytes)
    }

    /// Decodes [`Self::to_bytes`]. A key comes from where the program comes from: what it is of is
    /// not checked.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut buffer = Buffer::new(bytes);
        let data = buffer.read_verifier_circuit_data(&Gates).ok()?;
        buffer.unread_bytes().is_empty().then_some(Self { data })
    }

    /// Tells whether a proof shows a statement.
    pub fn verify(&self, statement: &BlockStatement, proof: &FinalProof) -> Result<(), FinalError> {
        let public_inputs = statement.elements().map(from_felt).to_vec();
        let proof = ProofLayout::of(self.common()).read(proof, public_inputs)?;
        self.data.verify(proof).map_err(FinalError::Invalid)
    }

    /// The soundness of final proofs.
    pub fn security(&self) -> Security {
        security::of_circuit(self.common(), KECCAK_COLLISION_BITS)
    }

    /// Bytes of every proof.
    pub fn proof_bytes(&self) -> usize {
        ProofLayout::of(self.common()).proof_bytes()
    }

    /// Decodes a proof: of the right length, every element reduced.
    pub fn decode(&self, bytes: Vec<u8>) -> Result<FinalProof, FinalError> {
        let proof = FinalProof(bytes);
        ProofLayout::of(self.common()).read(&proof, Vec::new())?;
        Ok(proof)
    }

    /// Lengths in every proof.
    pub fn proof_layout(&self) -> ProofLayout {
        ProofLayout::of(self.common())
    }

    /// Parameters of the circuit, which the contract's constants are written from.
    pub fn common(&self) -> &CommonCircuitData<F, D> {
        &self.data.common
    }

    /// Commitment and digest of the circuit.
    pub fn verifier_only(&self) -> &VerifierOnlyCircuitData<KeccakConfig, D> {
        &self.data.verifier_only
    }
}
