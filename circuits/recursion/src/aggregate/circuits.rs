//! The circuits of one shape: a lift for each class, and the join.
//!
//! A join verifies proofs of its own circuit, so its shape has to be a fixed point: gates and
//! height are gathered until the circuits that verify that shape have it.

use plonky2::gates::gate::GateRef;
use plonky2::gates::noop::NoopGate;
use plonky2::hash::hash_types::HashOut;
use plonky2::iop::witness::{PartialWitness, WitnessWrite};
use plonky2::plonk::proof::ProofWithPublicInputsTarget;

use tracing::instrument;

use farthing_plonky2::{Builder, D, F, Poseidon2Config, prove};
use farthing_protocol::Digest;

use super::child::{Child, Common, node};
use super::keys::{self, ClaimedKey};
use super::{AggregateError, NodeKeys, NodeKind, NodeProof, join};
use crate::circuit::{InnerCircuit, InnerKey, InnerVerifier};
use crate::enforced_checks::Below;
use crate::hash_gadget;
use crate::settings::CircuitSettings;
use crate::wrap::WrapProof;

/// Rounds after which there is no fixed point; three are usual.
const ROUNDS_MAX: usize = 8;
/// A circuit that verifies a wrapped leaf of one class.
pub(crate) struct Lift {
    pub(crate) circuit: InnerCircuit,
    /// The first targets of the circuit.
    pub(super) child: ProofWithPublicInputsTarget<D>,
    pub(crate) rows: usize,
}

/// The circuit that verifies two nodes.
pub(crate) struct Join {
    pub(crate) circuit: InnerCircuit,
    pub(super) inputs: JoinInputs,
    pub(crate) rows: usize,
}

/// Inputs of a join: the first targets of its circuit, so that they are known of one that
/// was read from disk.
pub(super) struct JoinInputs {
    /// The key of joins, which it claims.
    pub(super) own: ClaimedKey,
    pub(super) children: [Child; 2],
}

/// Gates and rows that all circuits are filled up to.
#[derive(Default)]
struct Filling {
    gates: Vec<GateRef<F, D>>,
    log_rows: usize,
}

/// Parameters that all nodes' circuits have in common.
pub(crate) struct NodeShape(pub(crate) Common);

impl Lift {
    /// The lift of a class.
    pub(crate) fn build(
        wrap: &InnerVerifier,
        shape: &NodeShape,
        settings: CircuitSettings,
    ) -> Result<Self, AggregateError> {
        let (builder, child) = lift(wrap, settings);
        let (circuit, rows) = shape.build(builder)?;
        Ok(Self { circuit, child, rows })
    }

    /// Makes a wrapped leaf of the class at `index` a node.
    #[instrument(name = "lift", skip_all)]
    pub(crate) fn prove(&self, index: u8, proof: &WrapProof) -> Result<NodeProof, AggregateError> {
        let kind = NodeKind::Lift(index);
        let mut witness = PartialWitness::new();
        witness
            .set_proof_with_pis_target(&self.child, &proof.0)
            .and_then(|()| prove(&self.circuit, witness))
            .map(|proof| NodeProof { kind, proof })
            .map_err(AggregateError::Circuit)
    }

    /// A lift built before.
    pub(crate) fn from_built(circuit: InnerCircuit, rows: usize, wrap: &Common) -> Self {
        let mut builder = Builder::new(circuit.common.config.clone());
        let child = builder.add_virtual_proof_with_pis(wrap);
        Self { circuit, child, rows }
    }
}

impl Join {
    /// The join over lifts of these keys.
    pub(crate) fn build(
        shape: &NodeShape,
        lifts: &[Digest],
        settings: CircuitSettings,
    ) -> Result<Self, AggregateError> {
        let (builder, inputs) = join(&shape.0, lifts, settings);
        let (circuit, rows) = shape.build(builder)?;
        Ok(Self { circuit, inputs, rows })
    }

    /// Folds two nodes, of which the second follows the first.
    #[instrument(name = "join", skip_all)]
    pub(crate) fn prove(
        &self,
        children: [&NodeProof; 2],
        nodes: &NodeKeys,
    ) -> Result<NodeProof, AggregateError> {
        let own = self.circuit.verifier_only.circuit_digest;
        let [left, right] = children.map(|child| nodes.key_of(child.kind));
        self.prove_claiming(children, [left?, right?], own)
    }

    /// The same with any keys: what the circuit makes of them is its to say.
    pub(crate) fn prove_claiming(
        &self,
        children: [&NodeProof; 2],
        keys: [&InnerKey; 2],
        own: HashOut<F>,
    ) -> Result<NodeProof, AggregateError> {
        let mut witness = PartialWitness::new();
        witness.set_hash_target(self.inputs.own.hash(), own).map_err(AggregateError::Circuit)?;
        let given = children.into_iter().zip(keys);
        for (targets, (child, key)) in self.inputs.children.iter().zip(given) {
            witness
                .set_proof_with_pis_target(&targets.proof, &child.proof)
                .and_then(|()| witness.set_verifier_data_target(&targets.key, key))
                .map_err(AggregateError::Circuit)?;
        }
        prove(&self.circuit, witness)
            .map(|proof| NodeProof { kind: NodeKind::Join, proof })
            .map_err(AggregateError::Circuit)
    }

    /// A join built before.
    pub(crate) fn from_built(circuit: InnerCircuit, rows: usize) -> Self {
        let mut builder = Builder::new(circuit.common.config.clone());
        let inputs = JoinInputs::new(&mut builder, &circuit.common);
        Self { circuit, inputs, rows }
    }
}

impl NodeShape {
    /// The shape of a join that verifies joins and lifts of these wraps.
    pub(crate) fn of(
        wraps: &[&InnerVerifier],
        settings: CircuitSettings,
    ) -> Result<Self, AggregateError> {
        // The keys of lifts do not change a shape.
        let keys = vec![Digest::ZERO; wraps.len()];
        let first = wraps.first().ok_or(AggregateError::NoClasses)?;
        let mut filling = Filling::default();
        let mut common = filling.shape(lift(first, settings).0);
        for _ in 0..ROUNDS_MAX {
            let mut shapes = vec![filling.shape(join(&common, &keys, settings).0)];
            shapes.extend(wraps.iter().map(|wrap| filling.shape(lift(wrap, settings).0)));
            if shapes.iter().all(|shape| *shape == common) {
                return Ok(Self(common));
            }
            filling.take_in(&shapes);
            common = shapes.swap_remove(0);
        }
        Err(AggregateError::NoFixedPoint)
    }

    /// Builds a circuit of this shape; also returns the rows that it had before it was filled up.
    fn build(&self, mut builder: Builder) -> Result<(InnerCircuit, usize), AggregateError> {
        let filling = Filling { gates: self.0.gates.clone(), log_rows: self.0.degree_bits() };
        let rows = filling.fill(&mut builder);
        let circuit: InnerCircuit = builder.build();
        if circuit.common == self.0 {
            Ok((circuit, rows))
        } else {
            Err(AggregateError::NoFixedPoint)
        }
    }
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
}

/// A wrapped leaf as a node. No join is below it, its key of joins is zero.
fn lift(
    wrap: &InnerVerifier,
    settings: CircuitSettings,
) -> (Builder, ProofWithPublicInputsTarget<D>) {
    let mut builder = Builder::new(settings.config());
    let child = builder.add_virtual_proof_with_pis(&wrap.common);
    let key = builder.constant_verifier_data(&wrap.verifier_only);
    if Below::Wrap.verified() {
        builder.verify_proof::<Poseidon2Config>(&child, &key, &wrap.common);
    }
    let none = hash_gadget::constant(&mut builder, &Digest::ZERO);
    builder.register_public_inputs(&none.elements);
    builder.register_public_inputs(&child.public_inputs);
    (builder, child)
}

/// Two nodes as one.
fn join(common: &Common, lifts: &[Digest], settings: CircuitSettings) -> (Builder, JoinInputs) {
    let mut builder = Builder::new(settings.config());
    let inputs = JoinInputs::new(&mut builder, common);
    let own = inputs.own;
    let [left, right] = [(0, Below::Left), (1, Below::Right)].map(|(side, below)| {
        let child = &inputs.children[side];
        child.verify(&mut builder, common, below);
        let digest = keys::digest_of(&mut builder, &child.key, common);
        let (claimed, range) = node(&child.proof.public_inputs);
        keys::check_child(&mut builder, digest, claimed, own, lifts);
        range
    });
    let range = join::join(&mut builder, &left, &right);
    builder.register_public_inputs(&own.hash().elements);
    builder.register_public_inputs(&range.elements());
    (builder, inputs)
}

impl JoinInputs {
    fn new(builder: &mut Builder, common: &Common) -> Self {
        let own = ClaimedKey::witness(builder);
        let children = [(); 2].map(|()| Child::new(builder, common));
        Self { own, children }
    }
}
