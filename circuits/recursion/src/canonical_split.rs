//! Canonical bits of an element.

use anyhow::Result;
use plonky2::field::types::{Field, PrimeField64};
use plonky2::iop::generator::{GeneratedValues, SimpleGenerator};
use plonky2::iop::target::{BoolTarget, Target};
use plonky2::iop::witness::{PartitionWitness, Witness, WitnessWrite};
use plonky2::plonk::circuit_data::CommonCircuitData;
use plonky2::util::serialization::{Buffer, IoResult, Read, Write};

use farthing_plonky2::{Builder, D, F};

use crate::enforced_checks::{Check, is_enforced, range_check};

/// Bits of either half of an element.
pub(crate) const HALF_BITS: usize = 32;

/// The low `count` ≤ 32 bits of the representative below the modulus, lowest first.
///
/// A split into 64 bits alone also admits x + p for x < 2³² − 1. With x = low + 2³²·high, of those
/// second forms each has high = 2³² − 1 and low ≠ 0, and no canonical form has.
pub(crate) fn low_bits(builder: &mut Builder, x: Target, count: usize) -> Vec<BoolTarget> {
    assert!(count <= HALF_BITS, "samples of more bits are refused with the shape");
    let [low, high] = [builder.add_virtual_target(), builder.add_virtual_target()];
    builder.add_simple_generator(HalvesGenerator { x, low, high });
    let mut bits = constrain_halves(builder, x, low, high);
    bits.truncate(count);
    bits
}

/// Says that `low` and `high` are the halves of the canonical x, and returns the low one's bits.
fn constrain_halves(
    builder: &mut Builder,
    x: Target,
    low: Target,
    high: Target,
) -> Vec<BoolTarget> {
    let sum = builder.mul_const_add(F::from_canonical_u64(1 << HALF_BITS), high, low);
    if is_enforced(Check::HalvesSum) {
        builder.connect(sum, x);
    }
    let low_bits = if is_enforced(Check::LowHalf) { HALF_BITS } else { HALF_BITS + 1 };
    let bits = builder.split_le(low, low_bits);
    range_check(builder, Check::HighHalf, high, HALF_BITS);
    let most = builder.constant(F::from_canonical_u64((1 << HALF_BITS) - 1));
    let at_most = builder.is_equal(high, most);
    let alias = builder.mul(at_most.target, low);
    if is_enforced(Check::CanonicalHalves) {
        builder.assert_zero(alias);
    }
    bits
}

/// Finds the halves of an element.
#[derive(Debug, Default)]
pub(crate) struct HalvesGenerator {
    x: Target,
    low: Target,
    high: Target,
}

impl SimpleGenerator<F, D> for HalvesGenerator {
    fn id(&self) -> String {
        "HalvesGenerator".into()
    }

    fn dependencies(&self) -> Vec<Target> {
        vec![self.x]
    }

    fn run_once(&self, witness: &PartitionWitness<F>, out: &mut GeneratedValues<F>) -> Result<()> {
        let x = witness.get_target(self.x).to_canonical_u64();
        let low = x & ((1 << HALF_BITS) - 1);
        out.set_target(self.low, F::from_canonical_u64(low))?;
        out.set_target(self.high, F::from_canonical_u64(x >> HALF_BITS))
    }

    fn serialize(&self, dst: &mut Vec<u8>, _: &CommonCircuitData<F, D>) -> IoResult<()> {
        [self.x, self.low, self.high].into_iter().try_for_each(|target| dst.write_target(target))
    }

    fn deserialize(src: &mut Buffer, _: &CommonCircuitData<F, D>) -> IoResult<Self> {
        let mut next = || src.read_target();
        Ok(Self { x: next()?, low: next()?, high: next()? })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use plonky2::iop::witness::PartialWitness;
    use plonky2::plonk::circuit_data::CircuitConfig;

    use farthing_plonky2::Poseidon2Config;
    use farthing_protocol::MODULUS;

    use super::*;
    use crate::enforced_checks::{Gadget, Verdict, verdict};

    #[test]
    fn low_bits_of_the_canonical_form() -> Result<()> {
        let mut builder = Builder::new(CircuitConfig::standard_recursion_config());
        let x = builder.add_virtual_target();
        let bits = low_bits(&mut builder, x, 20);
        let sum = builder.le_sum(bits.iter());
        builder.register_public_input(sum);
        let circuit = builder.build::<Poseidon2Config>();
        for value in [0, 1, (1 << 32) - 2, (1 << 32) - 1, 0x1234_5678_9abc_def0, MODULUS - 1] {
            let mut witness = PartialWitness::new();
            witness.set_target(x, F::from_canonical_u64(value))?;
            let proof = circuit.prove(witness)?;
            assert_eq!(proof.public_inputs, [F::from_canonical_u64(value % (1 << 20))]);
        }
        Ok(())
    }

    /// Every way to write an element in halves but the canonical one is refused: halves that do
    /// not make it, a half that is too long, the second form of a small element.
    #[test]
    fn other_halves_are_refused() {
        let circuit = halves_gadget();
        let most = (1 << 32) - 1;
        let cases = [
            ([5 + (7 << 32), 5, 7], true),
            ([5 + (7 << 32), 5, 8], false),
            ([5 + (7 << 32), 5 + (1 << 32), 6], false),
            ([5, 5 + (1 << 32), MODULUS - 1], false),
            // 7 + 2³²·(2³³ − 2) = 5 + 2p: the low half is short, the high one is not.
            ([5, 7, (1 << 33) - 2], false),
            ([MODULUS - 1, 0, most], true),
            ([0, 0, 0], true),
            ([0, 1, most], false),
            ([most - 1, most, most], false),
        ];
        for (values, accepted) in cases {
            assert_eq!(circuit.accepts(&elements(values)), accepted, "{values:?}");
        }
    }
    /// Halves that are not those of the canonical form for one reason.
    pub(crate) fn forge(check: Check, element: usize) -> Verdict {
        let most = (1 << 32) - 1;
        let forged = match check {
            Check::HalvesSum => [5 + (7 << 32), 5, 8],
            Check::LowHalf => [5 + (7 << 32), 5 + (1 << 32), 6],
            Check::HighHalf => [5, 7, (1 << 33) - 2],
            Check::CanonicalHalves => [0, 1, most],
            other => panic!("{other:?} is not of halves"),
        };
        let honest = elements([5 + (7 << 32), 5, 7]);
        verdict(check, element, halves_gadget, &honest, &elements(forged))
    }

    fn elements(values: [u64; 3]) -> [F; 3] {
        values.map(F::from_canonical_u64)
    }

    fn halves_gadget() -> Gadget {
        Gadget::new(|builder| {
            let targets: [Target; 3] = core::array::from_fn(|_| builder.add_virtual_target());
            constrain_halves(builder, targets[0], targets[1], targets[2]);
            targets.to_vec()
        })
    }
}
