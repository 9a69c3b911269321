//! Circuits whose proofs other circuits verify, and the parts of one.

use plonky2::plonk::circuit_data::{CircuitData, VerifierCircuitData, VerifierOnlyCircuitData};
use plonky2::plonk::proof::ProofWithPublicInputs;

use farthing_plonky2::{D, F, Poseidon2Config};

/// A proof of a circuit here.
pub(crate) type InnerProof = ProofWithPublicInputs<F, Poseidon2Config, D>;
/// A circuit, ready to prove and verify.
pub(crate) type InnerCircuit = CircuitData<F, Poseidon2Config, D>;
/// Verifier's data of a circuit beside its shape.
pub(crate) type InnerKey = VerifierOnlyCircuitData<Poseidon2Config, D>;
/// All that a verifier knows of a circuit.
pub(crate) type InnerVerifier = VerifierCircuitData<F, Poseidon2Config, D>;
