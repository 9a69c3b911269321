//! The circuit that verifies a leaf proof of one class.
//!
//! Its public inputs are the [`BatchRange`] of the batch: the digest of the whole statement, and what
//! neighbours join on. That the version is the protocol's and the time is a time is said here, for
//! every class; everything else the statement's tables say.

#[cfg(test)]
pub(crate) mod tests;

use p3_air::Air;
use p3_lookup::InteractionSymbolicBuilder;
use plonky2::field::types::Field;
use plonky2::iop::target::Target;
use plonky2::iop::witness::{PartialWitness, WitnessWrite};
use thiserror::Error;
use tracing::instrument;

use farthing_airs::{Challenge, LeafKey, LeafProof, Security, Statement, Table, VerifyError};
use farthing_plonky2::{Builder, F, from_felt, prove};
use farthing_protocol::{Digest, Felt, PROTOCOL_VERSION, STATEMENT_ELEMENTS, TIME_BITS, position};

use crate::batch_range::{BatchRange, BatchRangeTargets};
use crate::circuit::{InnerCircuit, InnerProof, InnerVerifier};
use crate::enforced_checks::{Check, is_enforced, range_check};
use crate::hash_gadget;
use crate::proof::{ElementCount, ProofParts, ReplayError, replay};
use crate::security::{self, POSEIDON2_COLLISION_BITS};
use crate::settings::CircuitSettings;
use crate::shape::{Shape, ShapeError, System};
use crate::stark::verify;

/// The circuit of a class.
pub struct WrapCircuit {
    shape: Shape,
    pub(crate) circuit: InnerCircuit,
    inputs: Inputs,
    pub(crate) rows: usize,
}

/// Inputs of a proof of the circuit. They are the first targets of the circuit, so that
/// they are known of one that was read from disk.
struct Inputs {
    parts: ProofParts<Target>,
    statement: [Target; STATEMENT_ELEMENTS],
}

/// A leaf proof, verified in a circuit.
#[derive(Clone, Debug)]
pub struct WrapProof(pub(crate) InnerProof);

/// Reason why a leaf proof is not wrapped, or a wrapped one refused.
#[derive(Debug, Error)]
pub enum WrapError {
    /// It is not valid.
    #[error("the leaf proof is not valid")]
    Leaf(#[source] VerifyError),
    /// It cannot be written out.
    #[error("the leaf proof cannot be written out")]
    Replay(#[from] ReplayError),
    /// It is of another shape.
    #[error("the leaf proof is of another shape")]
    Elements(#[from] ElementCount),
    /// The circuit cannot be satisfied: the statement is not of this protocol version, or the
    /// leaf is not the circuit's.
    #[error("the circuit refuses the leaf proof")]
    Circuit(#[source] anyhow::Error),
    /// The wrapped proof is not valid.
    #[error("the proof is not valid")]
    Invalid(#[source] anyhow::Error),
}

impl WrapCircuit {
    /// The circuit of a key's class.
    #[instrument(name = "wrap setup", skip_all)]
    pub fn new(key: &LeafKey, settings: CircuitSettings) -> Result<Self, ShapeError> {
        let log_heights: Vec<usize> = key.tables().iter().map(Table::log_height).collect();
        Self::of_system(&system(key, &log_heights), settings)
    }

    /// The circuit of any tables that see the statement or nothing.
    pub(crate) fn of_system<A>(
        system: &System<'_, A>,
        settings: CircuitSettings,
    ) -> Result<Self, ShapeError>
    where
        A: Air<InteractionSymbolicBuilder<Felt, Challenge>>,
    {
        let shape = Shape::new(system)?;
        let (builder, inputs) = gates(system, &shape, settings)?;
        let rows = builder.num_gates();
        Ok(Self { shape, circuit: builder.build(), inputs, rows })
    }

    /// The circuit of a key's class, built before.
    pub(crate) fn from_built(
        key: &LeafKey,
        circuit: InnerCircuit,
        rows: usize,
    ) -> Result<Self, ShapeError> {
        let log_heights: Vec<usize> = key.tables().iter().map(Table::log_height).collect();
        let shape = Shape::new(&system(key, &log_heights))?;
        let inputs = Inputs::new(&mut Builder::new(circuit.common.config.clone()), &shape);
        Ok(Self { shape, circuit, inputs, rows })
    }

    /// Rows in use, and log₂ of all.
    pub fn rows(&self) -> (usize, usize) {
        (self.rows, self.circuit.common.degree_bits())
    }

    /// The soundness of its proofs.
    pub fn security(&self) -> Security {
        security::of_circuit(&self.circuit.common, POSEIDON2_COLLISION_BITS)
    }

    /// The digest that stands for the circuit.
    pub fn key_digest(&self) -> Digest {
        hash_gadget::of_circuit(&self.circuit)
    }

    /// All that a verifier knows of the circuit.
    pub(crate) fn verifier(&self) -> InnerVerifier {
        self.circuit.verifier_data()
    }

    /// Verifies a leaf proof, natively and in the circuit.
    #[instrument(name = "wrap proof", skip_all)]
    pub fn prove(
        &self,
        key: &LeafKey,
        statement: &Statement,
        proof: &LeafProof,
    ) -> Result<WrapProof, WrapError> {
        key.verify(statement, proof).map_err(WrapError::Leaf)?;
        let log_heights: Vec<usize> = key.tables().iter().map(Table::log_height).collect();
        let system = system(key, &log_heights);
        let public_values: Vec<Vec<Felt>> = key
            .tables()
            .iter()
            .map(|table| if table.reads_statement() { statement.to_vec() } else { Vec::new() })
            .collect();
        let replayed = replay(&system, &self.shape, proof.batch_proof(), &public_values)?;
        self.prove_parts(statement, &replayed.parts)
    }

    /// Proves that written-out parts are a valid proof.
    pub(crate) fn prove_parts(
        &self,
        statement: &Statement,
        parts: &ProofParts<F>,
    ) -> Result<WrapProof, WrapError> {
        let mut witness = PartialWitness::new();
        self.inputs.parts.assign(&mut witness, parts)?;
        for (target, value) in self.inputs.statement.into_iter().zip(statement) {
            witness.set_target(target, from_felt(*value)).map_err(WrapError::Circuit)?;
        }
        prove(&self.circuit, witness).map(WrapProof).map_err(WrapError::Circuit)
    }

    /// Batch that a wrapped proof proves, if it is valid.
    pub fn verify(&self, proof: &WrapProof) -> Result<BatchRange, WrapError> {
        self.circuit.verify(proof.0.clone()).map_err(WrapError::Invalid)?;
        proof.batch_range()
    }
}

/// The circuit before it is built.
fn gates<A>(
    system: &System<'_, A>,
    shape: &Shape,
    settings: CircuitSettings,
) -> Result<(Builder, Inputs), ShapeError>
where
    A: Air<InteractionSymbolicBuilder<Felt, Challenge>>,
{
    let mut builder = Builder::new(settings.config());
    let inputs = Inputs::new(&mut builder, shape);
    let public_values = seen(shape, &inputs.statement)?;
    verify(&mut builder, system, shape, &inputs.parts, &public_values);
    check_statement(&mut builder, &inputs.statement);
    let range = BatchRangeTargets::of_batch(&mut builder, &inputs.statement);
    builder.register_public_inputs(&range.elements());
    Ok((builder, inputs))
}

impl Inputs {
    fn new(builder: &mut Builder, shape: &Shape) -> Self {
        let parts = ProofParts::virtual_targets(builder, shape);
        let statement = core::array::from_fn(|_| builder.add_virtual_target());
        Self { parts, statement }
    }
}

impl WrapProof {
    fn batch_range(&self) -> Result<BatchRange, WrapError> {
        let elements = self.0.public_inputs.as_slice().try_into();
        elements
            .map(BatchRange::from_elements)
            .map_err(|_| WrapError::Invalid(anyhow::anyhow!("not the public inputs of a range")))
    }
}

fn system<'a>(key: &'a LeafKey, log_heights: &'a [usize]) -> System<'a, Table> {
    System { tables: key.tables(), log_heights, common: key.common(), settings: *key.settings() }
}

/// Public values of each table: all of the statement or nothing.
fn seen(
    shape: &Shape,
    statement: &[Target; STATEMENT_ELEMENTS],
) -> Result<Vec<Vec<Target>>, ShapeError> {
    let tables = shape.instances.iter().enumerate();
    tables
        .map(|(table, instance)| match instance.layout.num_public_values {
            0 => Ok(Vec::new()),
            STATEMENT_ELEMENTS => Ok(statement.to_vec()),
            _ => Err(ShapeError::Unsupported { table, what: "other public values" }),
        })
        .collect()
}

fn check_statement(builder: &mut Builder, statement: &[Target; STATEMENT_ELEMENTS]) {
    let version = builder.constant(F::from_canonical_u32(PROTOCOL_VERSION));
    if is_enforced(Check::Version) {
        builder.connect(statement[position::VERSION], version);
    }
    // Aggregation compares times by a difference of as many bits.
    range_check(builder, Check::Time, statement[position::TIMESTAMP], TIME_BITS as usize);
}
