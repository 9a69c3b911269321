//! Circuits as they are kept: each circuit itself, and the verifier data of all of them.

use plonky2::field::polynomial::PolynomialValues;
use plonky2::field::types::Field;
use plonky2::fri::oracle::PolynomialBatch;
use plonky2::plonk::circuit_data::{
    CircuitConfig, CircuitData, CommonCircuitData, VerifierCircuitData, VerifierOnlyCircuitData,
};
use plonky2::plonk::config::{GenericConfig, GenericHashOut, Hasher};
use plonky2::util::serialization::{Buffer, Read, Write};
use rayon::prelude::*;

use farthing_plonky2::{D, F, KeccakConfig, Poseidon2Config};
use farthing_protocol::Digest;

use crate::hash_gadget;
use crate::serializers::{Gates, Generators};

/// A circuit ready to prove.
pub(super) struct CompiledCircuit<C: GenericConfig<D, F = F> = Poseidon2Config> {
    pub(super) circuit: CircuitData<F, C, D>,
    /// Rows in use before it was filled up.
    pub(super) rows: usize,
}

/// Verifier data of a circuit, known without loading it.
#[derive(Clone)]
pub(super) struct VerifierData<C: GenericConfig<D, F = F> = Poseidon2Config> {
    pub(super) verifier: VerifierCircuitData<F, C, D>,
    pub(super) rows: usize,
}

/// Verifier data of all circuits of a key set.
#[derive(Clone)]
pub(super) struct VerifierSet {
    /// By the class's index; none for a class that was not asked for.
    pub(super) wraps: Vec<Option<VerifierData>>,
    pub(super) lifts: Vec<Option<VerifierData>>,
    pub(super) join: VerifierData,
    pub(super) shrink: VerifierData,
    pub(super) final_circuit: VerifierData<KeccakConfig>,
}

impl<C: GenericConfig<D, F = F>> CompiledCircuit<C> {
    pub(super) fn verifier_data(&self) -> VerifierData<C> {
        VerifierData { verifier: self.circuit.verifier_data(), rows: self.rows }
    }

    /// Tells whether the key's digest is that of its commitment, and the settings are these.
    pub(super) fn is_under(&self, config: &CircuitConfig) -> bool {
        is_under(&self.circuit.verifier_only, &self.circuit.common, config)
    }

    /// The rows, then the circuit as plonky2 writes it, but for the leaves of its tree of
    /// constants: most of it by far, and soon computed. Nothing if it has a gate or a generator
    /// that is not on the lists.
    pub(super) fn write(&mut self) -> Option<Vec<u8>> {
        let tree = &mut self.circuit.prover_only.constants_sigmas_commitment.merkle_tree;
        let leaves = core::mem::take(&mut tree.leaves);
        let mut bytes = Vec::new();
        let written = bytes
            .write_usize(self.rows)
            .and_then(|()| bytes.write_circuit_data(&self.circuit, &Gates, &Generators));
        self.circuit.prover_only.constants_sigmas_commitment.merkle_tree.leaves = leaves;
        written.ok().map(|()| bytes)
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut buffer = Buffer::new(bytes);
        let rows = buffer.read_usize().ok()?;
        let mut circuit: CircuitData<F, C, D> =
            buffer.read_circuit_data(&Gates, &Generators).ok()?;
        circuit.prover_only.constants_sigmas_commitment.merkle_tree.leaves =
            leaves(&circuit.prover_only.constants_sigmas_commitment);
        buffer.unread_bytes().is_empty().then_some(Self { circuit, rows })
    }
}

/// The leaves of a commitment's tree: the polynomials on the larger domain, point by point in
/// bit-reversed order.
fn leaves<C: GenericConfig<D, F = F>>(batch: &PolynomialBatch<F, C, D>) -> Vec<Vec<F>> {
    let columns: Vec<PolynomialValues<F>> = batch
        .polynomials
        .par_iter()
        .map(|polynomial| {
            let extended = polynomial.lde(batch.rate_bits);
            extended.coset_fft_with_options(F::coset_shift(), Some(batch.rate_bits), None)
        })
        .collect();
    let log_points = batch.degree_log + batch.rate_bits;
    (0_usize..1 << log_points)
        .into_par_iter()
        .map(|point| {
            let point = point.reverse_bits() >> (usize::BITS as usize - log_points);
            columns.iter().map(|column| column.values[point]).collect()
        })
        .collect()
}

/// Tells whether a key's digest is that of its commitment, and the settings are these. A verifier that
/// compares digests alone would take any commitment for the pinned one.
fn is_under<C: GenericConfig<D, F = F>>(
    key: &VerifierOnlyCircuitData<C, D>,
    common: &CommonCircuitData<F, D>,
    config: &CircuitConfig,
) -> bool {
    let separator = C::Hasher::hash_pad(&[]);
    let parts = [
        key.constants_sigmas_cap.flatten(),
        separator.to_vec(),
        vec![F::from_canonical_usize(common.degree_bits())],
    ];
    let params = config.fri_config.fri_params(common.degree_bits(), config.zero_knowledge);
    C::Hasher::hash_no_pad(&parts.concat()) == key.circuit_digest
        && common.config == *config
        && common.fri_params == params
}

impl<C: GenericConfig<D, F = F>> VerifierData<C> {
    /// Tells whether the key's digest is that of its commitment, and the settings are these.
    pub(super) fn is_under(&self, config: &CircuitConfig) -> bool {
        is_under(&self.verifier.verifier_only, &self.verifier.common, config)
    }
}

impl VerifierData {
    pub(super) fn digest(&self) -> Digest {
        hash_gadget::of_hash(self.verifier.verifier_only.circuit_digest)
    }
}

impl VerifierSet {
    pub(super) fn to_bytes(&self) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        for known in self.wraps.iter().chain(&self.lifts) {
            bytes.write_bool(known.is_some()).ok()?;
            known.iter().try_for_each(|known| write(&mut bytes, known))?;
        }
        write(&mut bytes, &self.join)?;
        write(&mut bytes, &self.shrink)?;
        write(&mut bytes, &self.final_circuit)?;
        Some(bytes)
    }

    pub(super) fn from_bytes(bytes: &[u8], classes: usize) -> Option<Self> {
        let mut buffer = Buffer::new(bytes);
        let mut all = (0..2 * classes).map(|_| {
            let known = buffer.read_bool().ok()?;
            if known { read(&mut buffer).map(Some) } else { Some(None) }
        });
        let wraps = all.by_ref().take(classes).collect::<Option<_>>()?;
        let lifts = all.collect::<Option<_>>()?;
        let (join, shrink) = (read(&mut buffer)?, read(&mut buffer)?);
        let final_circuit = read(&mut buffer)?;
        let all = Self { wraps, lifts, join, shrink, final_circuit };
        buffer.unread_bytes().is_empty().then_some(all)
    }
}

fn write<C: GenericConfig<D, F = F>>(bytes: &mut Vec<u8>, known: &VerifierData<C>) -> Option<()> {
    bytes.write_usize(known.rows).ok()?;
    bytes.write_verifier_circuit_data(&known.verifier, &Gates).ok()
}

fn read<C: GenericConfig<D, F = F>>(buffer: &mut Buffer<'_>) -> Option<VerifierData<C>> {
    let rows = buffer.read_usize().ok()?;
    let verifier = buffer.read_verifier_circuit_data(&Gates).ok()?;
    Some(VerifierData { verifier, rows })
}
