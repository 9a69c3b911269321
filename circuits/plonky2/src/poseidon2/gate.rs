//! One Poseidon2 permutation in one row.

use core::marker::PhantomData;

use anyhow::Result;
use plonky2::field::extension::Extendable;
use plonky2::field::types::Field;
use plonky2::gates::gate::Gate;
use plonky2::gates::util::StridedConstraintConsumer;
use plonky2::hash::hash_types::RichField;
use plonky2::iop::ext_target::ExtensionTarget;
use plonky2::iop::generator::{GeneratedValues, SimpleGenerator, WitnessGeneratorRef};
use plonky2::iop::target::Target;
use plonky2::iop::wire::Wire;
use plonky2::iop::witness::{PartitionWitness, Witness, WitnessWrite};
use plonky2::plonk::circuit_builder::CircuitBuilder;
use plonky2::plonk::circuit_data::CommonCircuitData;
use plonky2::plonk::vars::{EvaluationTargets, EvaluationVars, EvaluationVarsBase};
use plonky2::util::serialization::{Buffer, IoResult, Read, Write};

use farthing_protocol::WIDTH;

use super::rounds::{CONSTRAINTS, DEGREE, INPUT, OUTPUT, Row, SWAP, WIRES, walk};

/// The gate: 135 wires of which 25 are routed, constraints of degree at most 7.
#[derive(Debug, Default)]
pub struct Poseidon2Gate<F: RichField + Extendable<D>, const D: usize>(PhantomData<F>);

impl<F: RichField + Extendable<D>, const D: usize> Poseidon2Gate<F, D> {
    /// The gate.
    pub const fn new() -> Self {
        Self(PhantomData)
    }

    /// The wires of the input in row `row`.
    pub fn inputs(row: usize) -> [Target; WIDTH] {
        core::array::from_fn(|i| Target::wire(row, INPUT + i))
    }

    /// The wires of the output.
    pub fn outputs(row: usize) -> [Target; WIDTH] {
        core::array::from_fn(|i| Target::wire(row, OUTPUT + i))
    }

    /// The wire of the swap.
    pub fn swap(row: usize) -> Target {
        Target::wire(row, SWAP)
    }
}

impl<F: RichField + Extendable<D>, const D: usize> Gate<F, D> for Poseidon2Gate<F, D> {
    fn id(&self) -> String {
        "Poseidon2Gate".into()
    }

    fn serialize(&self, _: &mut Vec<u8>, _: &CommonCircuitData<F, D>) -> IoResult<()> {
        Ok(())
    }

    fn deserialize(_: &mut Buffer, _: &CommonCircuitData<F, D>) -> IoResult<Self> {
        Ok(Self::new())
    }

    fn eval_unfiltered(&self, vars: EvaluationVars<F, D>) -> Vec<F::Extension> {
        let mut constraints = Vec::with_capacity(CONSTRAINTS);
        walk(&mut Evaluation { wires: vars.local_wires, sink: |value| constraints.push(value) });
        constraints
    }

    fn eval_unfiltered_base_one(
        &self,
        vars: EvaluationVarsBase<F>,
        mut yield_constr: StridedConstraintConsumer<F>,
    ) {
        // The wires of one point lie apart in memory: gathered once, each is read twice.
        let wires: [F; WIRES] = core::array::from_fn(|i| vars.local_wires[i]);
        walk(&mut Evaluation { wires: &wires, sink: |value| yield_constr.one(value) });
    }

    fn eval_unfiltered_circuit(
        &self,
        builder: &mut CircuitBuilder<F, D>,
        vars: EvaluationTargets<D>,
    ) -> Vec<ExtensionTarget<D>> {
        let constraints = Vec::with_capacity(CONSTRAINTS);
        let mut row = Circuit { builder, wires: vars.local_wires, constraints };
        walk(&mut row);
        row.constraints
    }

    fn generators(&self, row: usize, _: &[F]) -> Vec<WitnessGeneratorRef<F, D>> {
        vec![WitnessGeneratorRef::new(
            Poseidon2Generator::<F, D> { row, field: PhantomData }.adapter(),
        )]
    }

    fn num_wires(&self) -> usize {
        WIRES
    }

    fn num_constants(&self) -> usize {
        0
    }

    fn degree(&self) -> usize {
        DEGREE
    }

    fn num_constraints(&self) -> usize {
        CONSTRAINTS
    }
}

/// Constraints over a field.
struct Evaluation<'a, T, S> {
    wires: &'a [T],
    sink: S,
}

impl<T: Field, S: FnMut(T)> Row for Evaluation<'_, T, S> {
    type Value = T;

    fn given(&self, wire: usize) -> T {
        self.wires[wire]
    }

    fn fixed(&mut self, wire: usize, value: T) -> T {
        (self.sink)(value - self.wires[wire]);
        self.wires[wire]
    }

    fn vanish(&mut self, value: T) {
        (self.sink)(value);
    }

    fn add(&mut self, a: T, b: T) -> T {
        a + b
    }

    fn sub(&mut self, a: T, b: T) -> T {
        a - b
    }

    fn mul(&mut self, a: T, b: T) -> T {
        a * b
    }

    fn add_constant(&mut self, a: T, constant: u64) -> T {
        a + T::from_canonical_u64(constant)
    }

    fn scale_add(&mut self, constant: u64, a: T, b: T) -> T {
        a * T::from_canonical_u64(constant) + b
    }
}

/// Constraints in a circuit that verifies proofs of circuits with this gate.
struct Circuit<'a, F: RichField + Extendable<D>, const D: usize> {
    builder: &'a mut CircuitBuilder<F, D>,
    wires: &'a [ExtensionTarget<D>],
    constraints: Vec<ExtensionTarget<D>>,
}

impl<F: RichField + Extendable<D>, const D: usize> Row for Circuit<'_, F, D> {
    type Value = ExtensionTarget<D>;

    fn given(&self, wire: usize) -> Self::Value {
        self.wires[wire]
    }

    fn fixed(&mut self, wire: usize, value: Self::Value) -> Self::Value {
        let constraint = self.builder.sub_extension(value, self.wires[wire]);
        self.constraints.push(constraint);
        self.wires[wire]
    }

    fn vanish(&mut self, value: Self::Value) {
        self.constraints.push(value);
    }

    fn add(&mut self, a: Self::Value, b: Self::Value) -> Self::Value {
        self.builder.add_extension(a, b)
    }

    fn sub(&mut self, a: Self::Value, b: Self::Value) -> Self::Value {
        self.builder.sub_extension(a, b)
    }

    fn mul(&mut self, a: Self::Value, b: Self::Value) -> Self::Value {
        self.builder.mul_extension(a, b)
    }

    fn add_constant(&mut self, a: Self::Value, constant: u64) -> Self::Value {
        self.builder.add_const_extension(a, F::from_canonical_u64(constant))
    }

    fn scale_add(&mut self, constant: u64, a: Self::Value, b: Self::Value) -> Self::Value {
        self.builder.mul_const_add_extension(F::from_canonical_u64(constant), a, b)
    }
}

/// The values of a row.
struct Filling<F> {
    wires: [F; WIRES],
}

impl<F: Field> Row for Filling<F> {
    type Value = F;

    fn given(&self, wire: usize) -> F {
        self.wires[wire]
    }

    fn fixed(&mut self, wire: usize, value: F) -> F {
        self.wires[wire] = value;
        value
    }

    fn vanish(&mut self, _: F) {}

    fn add(&mut self, a: F, b: F) -> F {
        a + b
    }

    fn sub(&mut self, a: F, b: F) -> F {
        a - b
    }

    fn mul(&mut self, a: F, b: F) -> F {
        a * b
    }

    fn add_constant(&mut self, a: F, constant: u64) -> F {
        a + F::from_canonical_u64(constant)
    }

    fn scale_add(&mut self, constant: u64, a: F, b: F) -> F {
        a * F::from_canonical_u64(constant) + b
    }
}

/// Fills a row from input and swap.
#[derive(Debug, Default)]
pub struct Poseidon2Generator<F: RichField + Extendable<D>, const D: usize> {
    row: usize,
    field: PhantomData<F>,
}

impl<F: RichField + Extendable<D>, const D: usize> SimpleGenerator<F, D>
    for Poseidon2Generator<F, D>
{
    fn id(&self) -> String {
        "Poseidon2Generator".into()
    }

    fn dependencies(&self) -> Vec<Target> {
        let mut wires = Poseidon2Gate::<F, D>::inputs(self.row).to_vec();
        wires.push(Poseidon2Gate::<F, D>::swap(self.row));
        wires
    }

    fn run_once(&self, witness: &PartitionWitness<F>, out: &mut GeneratedValues<F>) -> Result<()> {
        let wire = |column| Wire { row: self.row, column };
        let mut filling = Filling { wires: [F::ZERO; WIRES] };
        for column in (INPUT..INPUT + WIDTH).chain([SWAP]) {
            filling.wires[column] = witness.get_wire(wire(column));
        }
        walk(&mut filling);
        let fixed = (OUTPUT..WIRES).filter(|column| *column != SWAP);
        for column in fixed {
            out.set_wire(wire(column), filling.wires[column])?;
        }
        Ok(())
    }

    fn serialize(&self, dst: &mut Vec<u8>, _: &CommonCircuitData<F, D>) -> IoResult<()> {
        dst.write_usize(self.row)
    }

    fn deserialize(src: &mut Buffer, _: &CommonCircuitData<F, D>) -> IoResult<Self> {
        Ok(Self { row: src.read_usize()?, field: PhantomData })
    }
}
