//! Serializers of gates and witness generators: plonky2's own and ours.
//!
//! A tag is an index in these lists, so a change of a list is a change of the cache's format.

use std::sync::LazyLock;

use plonky2::gadgets::arithmetic::EqualityGenerator;
use plonky2::gadgets::arithmetic_extension::QuotientGeneratorExtension;
use plonky2::gadgets::range_check::LowHighGenerator;
use plonky2::gadgets::split_base::BaseSumGenerator;
use plonky2::gadgets::split_join::{SplitGenerator, WireSplitGenerator};
use plonky2::gates::arithmetic_base::{ArithmeticBaseGenerator, ArithmeticGate};
use plonky2::gates::arithmetic_extension::{ArithmeticExtensionGate, ArithmeticExtensionGenerator};
use plonky2::gates::base_sum::{BaseSplitGenerator, BaseSumGate};
use plonky2::gates::constant::ConstantGate;
use plonky2::gates::coset_interpolation::{CosetInterpolationGate, InterpolationGenerator};
use plonky2::gates::exponentiation::{ExponentiationGate, ExponentiationGenerator};
use plonky2::gates::gate::{Gate, GateRef};
use plonky2::gates::multiplication_extension::{MulExtensionGate, MulExtensionGenerator};
use plonky2::gates::noop::NoopGate;
use plonky2::gates::public_input::PublicInputGate;
use plonky2::gates::random_access::{RandomAccessGate, RandomAccessGenerator};
use plonky2::gates::reducing::{ReducingGate, ReducingGenerator};
use plonky2::gates::reducing_extension::{
    ReducingExtensionGate, ReducingGenerator as ReducingExtensionGenerator,
};
use plonky2::iop::generator::{
    ConstantGenerator, CopyGenerator, NonzeroTestGenerator, RandomValueGenerator, SimpleGenerator,
    WitnessGeneratorRef,
};
use plonky2::plonk::circuit_data::CommonCircuitData;
use plonky2::util::serialization::{
    Buffer, GateSerializer, IoError, IoResult, Read, WitnessGeneratorSerializer, Write,
};

use farthing_plonky2::{D, F, Poseidon2Gate, Poseidon2Generator};

use crate::canonical_split::HalvesGenerator;

type Common = CommonCircuitData<F, D>;

/// The gates of all circuits here.
pub(crate) struct Gates;

/// The generators of all circuits here.
pub(crate) struct Generators;

macro_rules! gates {
    ($($gate:ty),* $(,)?) => {
        impl GateSerializer<F, D> for Gates {
            fn read_gate(&self, buffer: &mut Buffer, common: &Common) -> IoResult<GateRef<F, D>> {
                let tag = buffer.read_u32()?;
                let mut indices = 0..;
                $(if Some(tag) == indices.next() {
                    let gate = <$gate as Gate<F, D>>::deserialize(buffer, common)?;
                    return Ok(GateRef::new(gate));
                })*
                Err(IoError)
            }

            fn write_gate(
                &self,
                buffer: &mut Vec<u8>,
                gate: &GateRef<F, D>,
                common: &Common,
            ) -> IoResult<()> {
                let kinds = [$(gate.0.as_any().is::<$gate>()),*];
                buffer.write_u32(tag(kinds.iter().position(|is| *is))?)?;
                gate.0.serialize(buffer, common)
            }
        }
    };
}

macro_rules! generators {
    ($($generator:ty),* $(,)?) => {
        static GENERATORS: LazyLock<Vec<String>> =
            LazyLock::new(|| vec![$(SimpleGenerator::<F, D>::id(&<$generator>::default())),*]);

        impl WitnessGeneratorSerializer<F, D> for Generators {
            fn read_generator(
                &self,
                buffer: &mut Buffer,
                common: &Common,
            ) -> IoResult<WitnessGeneratorRef<F, D>> {
                let tag = buffer.read_u32()?;
                let mut indices = 0..;
                $(if Some(tag) == indices.next() {
                    let one = <$generator as SimpleGenerator<F, D>>::deserialize(buffer, common)?;
                    return Ok(WitnessGeneratorRef::new(SimpleGenerator::<F, D>::adapter(one)));
                })*
                Err(IoError)
            }

            fn write_generator(
                &self,
                buffer: &mut Vec<u8>,
                generator: &WitnessGeneratorRef<F, D>,
                common: &Common,
            ) -> IoResult<()> {
                let id = generator.0.id();
                buffer.write_u32(tag(GENERATORS.iter().position(|known| *known == id))?)?;
                generator.0.serialize(buffer, common)
            }
        }
    };
}

gates![
    ArithmeticGate,
    ArithmeticExtensionGate<D>,
    BaseSumGate<2>,
    ConstantGate,
    CosetInterpolationGate<F, D>,
    ExponentiationGate<F, D>,
    MulExtensionGate<D>,
    NoopGate,
    Poseidon2Gate<F, D>,
    PublicInputGate,
    RandomAccessGate<F, D>,
    ReducingExtensionGate<D>,
    ReducingGate<D>,
];

generators![
    Poseidon2Generator<F, D>,
    ArithmeticBaseGenerator<F, D>,
    ArithmeticExtensionGenerator<F, D>,
    BaseSplitGenerator<2>,
    BaseSumGenerator<2>,
    ConstantGenerator<F>,
    CopyGenerator,
    EqualityGenerator,
    ExponentiationGenerator<F, D>,
    HalvesGenerator,
    InterpolationGenerator<F, D>,
    LowHighGenerator,
    MulExtensionGenerator<F, D>,
    NonzeroTestGenerator,
    QuotientGeneratorExtension<D>,
    RandomAccessGenerator<F, D>,
    RandomValueGenerator,
    ReducingGenerator<D>,
    ReducingExtensionGenerator<D>,
    SplitGenerator,
    WireSplitGenerator,
];

fn tag(index: Option<usize>) -> IoResult<u32> {
    index.and_then(|index| u32::try_from(index).ok()).ok_or(IoError)
}
