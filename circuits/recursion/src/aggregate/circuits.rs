//! The circuits of one shape: a lift for each class, and the join.
//!
//! A join verifies proofs of its own circuit, so its shape has to be a fixed point: gates and
//! height are gathered until the circuits that verify that shape have it.

use plonky2::gates::gate::GateRef;
use plonky2::gates::noop::NoopGate;
use plonky2::hash::hash_types::HashOutTarget;
use plonky2::iop::target::Target;
use plonky2::plonk::circuit_data::{CommonCircuitData, VerifierCircuitTarget};
use plonky2::plonk::proof::ProofWithPublicInputsTarget;

use farthing_protocol::{DIGEST_ELEMENTS, Digest};

use super::{AggregateError, join, keys};
use crate::digest;
use crate::field::{Builder, D, F};
use crate::gate::Poseidon2Config;
use crate::settings::CircuitSettings;
use crate::span::{SPAN_ELEMENTS, SpanTargets};
use crate::wrap::{InnerCircuit, WrapCircuit};

/// Rounds after which there is no fixed point; three are usual.
const ROUNDS_MAX: usize = 8;
/// Elements of a node's public inputs: the key of joins, then the span.
pub(super) const NODE_ELEMENTS: usize = DIGEST_ELEMENTS + SPAN_ELEMENTS;

/// The shape of a circuit.
pub(super) type Common = CommonCircuitData<F, D>;

/// A circuit that verifies a wrapped leaf of one class.
pub(super) struct Lift {
    pub(super) circuit: InnerCircuit,
    pub(super) child: ProofWithPublicInputsTarget<D>,
    pub(super) rows: usize,
}

/// The circuit that verifies two nodes.
pub(super) struct Join {
    pub(super) circuit: InnerCircuit,
    /// The key that all joins share.
    pub(super) own: HashOutTarget,
    pub(super) children: [Child; 2],
    pub(super) rows: usize,
}

/// A node on wires, with the key that it is verified under.
pub(crate) struct Child {
    pub(crate) proof: ProofWithPublicInputsTarget<D>,
    pub(crate) key: VerifierCircuitTarget,
}

impl Child {
    /// A proof, verified under a key of which nothing is said yet.
    pub(super) fn verified(builder: &mut Builder, common: &Common) -> Self {
        let proof = builder.add_virtual_proof_with_pis(common);
        let key = builder.add_virtual_verifier_data(common.config.fri_config.cap_height);
        builder.verify_proof::<Poseidon2Config>(&proof, &key, common);
        Self { proof, key }
    }
}

/// What all circuits are filled up to.
#[derive(Default)]
struct Filling {
    gates: Vec<GateRef<F, D>>,
    log_rows: usize,
}

/// All circuits over these wraps.
pub(super) fn circuits(
    wraps: &[&WrapCircuit],
    settings: CircuitSettings,
) -> Result<(Vec<Lift>, Join), AggregateError> {
    let (common, filling) = fixed_point(wraps, settings)?;
    let mut lifts = Vec::with_capacity(wraps.len());
    for wrap in wraps {
        let (builder, child) = lift(wrap, settings);
        let (circuit, rows) = filling.build(builder);
        lifts.push(Lift { circuit, child, rows });
    }
    let keys: Vec<Digest> = lifts
        .iter()
        .map(|lift| digest::of_hash(lift.circuit.verifier_only.circuit_digest))
        .collect();
    let (builder, own, children) = join(&common, &keys, settings);
    let (circuit, rows) = filling.build(builder);
    let join = Join { circuit, own, children, rows };
    let shaped = |circuit: &InnerCircuit| circuit.common == common;
    if !lifts.iter().map(|lift| &lift.circuit).chain([&join.circuit]).all(shaped) {
        return Err(AggregateError::NoFixedPoint);
    }
    Ok((lifts, join))
}

/// The shape of a join that verifies joins, and what brings every circuit to it.
fn fixed_point(
    wraps: &[&WrapCircuit],
    settings: CircuitSettings,
) -> Result<(Common, Filling), AggregateError> {
    // The keys of lifts do not change a shape.
    let keys = vec![Digest::ZERO; wraps.len()];
    let first = wraps.first().ok_or(AggregateError::NoClasses)?;
    let mut filling = Filling::default();
    let mut common = filling.shape(lift(first, settings).0);
    for _ in 0..ROUNDS_MAX {
        let mut shapes = vec![filling.shape(join(&common, &keys, settings).0)];
        shapes.extend(wraps.iter().map(|wrap| filling.shape(lift(wrap, settings).0)));
        if shapes.iter().all(|shape| *shape == common) {
            return Ok((common, filling));
        }
        filling.take_in(&shapes);
        common = shapes.swap_remove(0);
    }
    Err(AggregateError::NoFixedPoint)
}

impl Filling {
    /// Adds what the shapes have.
    fn take_in(&mut self, shapes: &[Common]) {
        for shape in shapes {
            self.log_rows = self.log_rows.max(shape.degree_bits());
            for gate in &shape.gates {
                if !self.gates.contains(gate) {
                    self.gates.push(gate.clone());
                }
            }
        }
    }

    /// Fills a circuit up; returns the rows that it had.
    fn fill(&self, builder: &mut Builder) -> usize {
        let rows = builder.num_gates();
        for gate in &self.gates {
            builder.add_gate_to_gate_set(gate.clone());
        }
        // More than half of the rows, so that the builder doubles no less.
        while self.log_rows > 0 && builder.num_gates() <= 1 << (self.log_rows - 1) {
            builder.add_gate(NoopGate, vec![]);
        }
        rows
    }

    fn shape(&self, mut builder: Builder) -> Common {
        self.fill(&mut builder);
        builder.mock_build::<Poseidon2Config>().common
    }

    fn build(&self, mut builder: Builder) -> (InnerCircuit, usize) {
        let rows = self.fill(&mut builder);
        (builder.build(), rows)
    }
}

/// A wrapped leaf as a node. No join is below it, its key of joins is zero.
fn lift(
    wrap: &WrapCircuit,
    settings: CircuitSettings,
) -> (Builder, ProofWithPublicInputsTarget<D>) {
    let mut builder = Builder::new(settings.config());
    let child = builder.add_virtual_proof_with_pis(&wrap.circuit.common);
    let key = builder.constant_verifier_data(&wrap.circuit.verifier_only);
    builder.verify_proof::<Poseidon2Config>(&child, &key, &wrap.circuit.common);
    let none = digest::constant(&mut builder, &Digest::ZERO);
    builder.register_public_inputs(&none.elements);
    builder.register_public_inputs(&child.public_inputs);
    (builder, child)
}

/// Two nodes as one.
fn join(
    common: &Common,
    lifts: &[Digest],
    settings: CircuitSettings,
) -> (Builder, HashOutTarget, [Child; 2]) {
    let mut builder = Builder::new(settings.config());
    let own = builder.add_virtual_hash();
    let mut child = || {
        let child = Child::verified(&mut builder, common);
        let digest = keys::digest_of(&mut builder, &child.key, common);
        let (claimed, span) = node(&child.proof.public_inputs);
        keys::check(&mut builder, digest, claimed, own, lifts);
        (child, span)
    };
    let [(left, left_span), (right, right_span)] = [child(), child()];
    let span = join::join(&mut builder, &left_span, &right_span);
    builder.register_public_inputs(&own.elements);
    builder.register_public_inputs(&span.elements());
    (builder, own, [left, right])
}

/// The key of joins and the span among a node's public inputs.
pub(super) fn node(public_inputs: &[Target]) -> (HashOutTarget, SpanTargets) {
    assert_eq!(public_inputs.len(), NODE_ELEMENTS, "nodes have one shape");
    let elements = core::array::from_fn(|i| public_inputs[i]);
    let span = core::array::from_fn(|i| public_inputs[DIGEST_ELEMENTS + i]);
    (HashOutTarget { elements }, SpanTargets::from_elements(&span))
}
