//! p3's duplex transcript in a circuit.
//!
//! It differs from plonky2's own: absorbing a block fills the unused rate with zeros and adds the
//! block's length to the first element of the capacity, a full block is absorbed at once, outputs
//! are taken from the back of the rate, and squeezing on permutes the state as it is. Lengths are
//! thereby bound, and a prefix of constants, such as a seed, costs no rows: it is permuted when the
//! circuit is made.

use plonky2::field::types::Field;
use plonky2::hash::hash_types::HashOutTarget;
use plonky2::hash::hashing::PlonkyPermutation;
use plonky2::iop::target::{BoolTarget, Target};

use farthing_plonky2::{Builder, ExtTarget, F, Poseidon2Hash, Poseidon2State};
use farthing_protocol::{RATE, WIDTH};

use crate::canonical_split::low_bits;
use crate::enforced_checks::{Check, challenge_target, is_compared};

/// A transcript under way.
pub(crate) struct Transcript {
    state: [Target; WIDTH],
    absorbing: Vec<Target>,
    /// Outputs not yet taken; the last is next.
    squeezed: Vec<Target>,
}

impl Transcript {
    /// An empty transcript.
    pub(crate) fn new(builder: &mut Builder) -> Self {
        let state = [builder.zero(); WIDTH];
        Self { state, absorbing: Vec::with_capacity(RATE), squeezed: Vec::new() }
    }

    /// Absorbs an element.
    pub(crate) fn observe(&mut self, builder: &mut Builder, element: Target) {
        self.squeezed.clear();
        self.absorbing.push(element);
        if self.absorbing.len() == RATE {
            self.permute(builder);
        }
    }

    /// Absorbs constants.
    pub(crate) fn observe_constants(&mut self, builder: &mut Builder, elements: &[F]) {
        for element in elements {
            let element = builder.constant(*element);
            self.observe(builder, element);
        }
    }

    /// Absorbs an element of the extension.
    pub(crate) fn observe_ext(&mut self, builder: &mut Builder, element: ExtTarget) {
        element.0.into_iter().for_each(|coefficient| self.observe(builder, coefficient));
    }

    /// Absorbs a commitment.
    pub(crate) fn observe_cap(&mut self, builder: &mut Builder, cap: &[HashOutTarget]) {
        cap.iter().flat_map(|hash| hash.elements).for_each(|one| self.observe(builder, one));
    }

    /// Squeezes an element.
    pub(crate) fn sample(&mut self, builder: &mut Builder) -> Target {
        loop {
            let fresh = self.absorbing.is_empty();
            match self.squeezed.pop() {
                Some(element) if fresh => return challenge_target(builder, element),
                _ => self.permute(builder),
            }
        }
    }

    /// Squeezes an element of the extension.
    pub(crate) fn sample_ext(&mut self, builder: &mut Builder) -> ExtTarget {
        plonky2::iop::ext_target::ExtensionTarget(core::array::from_fn(|_| self.sample(builder)))
    }

    /// Squeezes bits, lowest first.
    pub(crate) fn sample_bits(&mut self, builder: &mut Builder, count: usize) -> Vec<BoolTarget> {
        let element = self.sample(builder);
        low_bits(builder, element, count)
    }

    /// Checks a proof of work of `bits` bits. Without any there is no witness: p3 neither absorbs
    /// nor compares one then.
    pub(crate) fn check_work(
        &mut self,
        builder: &mut Builder,
        bits: usize,
        witness: Option<Target>,
    ) {
        assert_eq!(bits > 0, witness.is_some(), "a witness exists where there is work");
        if let Some(witness) = witness {
            self.observe(builder, witness);
            for (index, bit) in self.sample_bits(builder, bits).into_iter().enumerate() {
                if is_compared(Check::Work, index) {
                    builder.assert_zero(bit.target);
                }
            }
        }
    }

    fn permute(&mut self, builder: &mut Builder) {
        let absorbed = self.absorbing.len();
        if absorbed > 0 {
            self.state[..RATE].fill(builder.zero());
            self.state[..absorbed].copy_from_slice(&self.absorbing);
            self.absorbing.clear();
            let count = F::from_canonical_usize(absorbed);
            // `add_const` of a constant is not a constant to the builder.
            self.state[RATE] = match builder.target_as_constant(self.state[RATE]) {
                Some(known) => builder.constant(known + count),
                None => builder.add_const(self.state[RATE], count),
            };
        }
        self.state = permute(builder, self.state);
        self.squeezed = self.state[..RATE].to_vec();
    }
}

/// One permutation: a row, or a constant if the whole input is.
fn permute(builder: &mut Builder, state: [Target; WIDTH]) -> [Target; WIDTH] {
    let known: Option<Vec<F>> =
        state.into_iter().map(|target| builder.target_as_constant(target)).collect();
    if let Some(known) = known {
        let mut state = Poseidon2State::new(known);
        state.permute();
        return core::array::from_fn(|i| builder.constant(state.as_ref()[i]));
    }
    let output = builder.permute::<Poseidon2Hash>(Poseidon2State::new(state));
    core::array::from_fn(|i| output.as_ref()[i])
}

#[cfg(test)]
pub(crate) mod tests {
    use anyhow::Result;
    use p3_challenger::{CanObserve, CanSample, CanSampleBits, GrindingChallenger};
    use p3_goldilocks::default_goldilocks_poseidon2_12;
    use plonky2::field::types::Sample;
    use plonky2::iop::witness::{PartialWitness, WitnessWrite};
    use plonky2::plonk::circuit_data::CircuitConfig;

    use farthing_airs::Challenger;
    use farthing_plonky2::{Poseidon2Config, from_felt, to_felt};
    use farthing_protocol::Felt;

    use super::*;
    use crate::enforced_checks::{Gadget, Verdict, WORK_BITS, omit_check, verdict};

    fn native() -> Challenger {
        Challenger::new(default_goldilocks_poseidon2_12())
    }

    /// Part of a block, whole blocks, several, squeezes across permutations: as p3.
    #[test]
    fn samples_are_p3s() -> Result<()> {
        let steps =
            [(3, 0), (0, 2), (8, 1), (0, 9), (17, 3), (16, 8), (1, 1), (5, 20), (0, 0), (8, 0)];
        let mut builder = Builder::new(CircuitConfig::standard_recursion_config());
        let mut witness = PartialWitness::new();
        let mut transcript = Transcript::new(&mut builder);
        let mut challenger = native();
        let mut expected = Vec::new();
        for (step, (observed, sampled)) in steps.into_iter().enumerate() {
            for _ in 0..observed {
                let value = F::rand();
                challenger.observe(to_felt(value));
                // The first steps are constants, as seeds are.
                let target = if step < 3 {
                    builder.constant(value)
                } else {
                    let target = builder.add_virtual_target();
                    witness.set_target(target, value)?;
                    target
                };
                transcript.observe(&mut builder, target);
            }
            for _ in 0..sampled {
                let felt: Felt = challenger.sample();
                expected.push(from_felt(felt));
                let sample = transcript.sample(&mut builder);
                builder.register_public_input(sample);
            }
            expected.push(F::from_canonical_usize(challenger.sample_bits(13)));
            let bits = transcript.sample_bits(&mut builder, 13);
            let bits = builder.le_sum(bits.iter());
            builder.register_public_input(bits);
        }
        let circuit = builder.build::<Poseidon2Config>();
        let proof = circuit.prove(witness)?;
        assert_eq!(proof.public_inputs, expected);
        circuit.verify(proof)
    }

    #[test]
    fn constants_cost_no_rows() {
        let mut builder = Builder::new(CircuitConfig::standard_recursion_config());
        let mut transcript = Transcript::new(&mut builder);
        transcript.observe_constants(&mut builder, &[F::TWO; 100]);
        transcript.sample(&mut builder);
        assert_eq!(builder.num_gates(), 0);
    }

    #[test]
    fn work_is_checked() -> Result<()> {
        work([true, false, false])?;
        omit_check(Check::Work, || work([true; 3]))
    }

    /// Tells whether a ground witness and two others are accepted.
    fn work(accepted: [bool; 3]) -> Result<()> {
        let mut builder = Builder::new(CircuitConfig::standard_recursion_config());
        let mut transcript = Transcript::new(&mut builder);
        transcript.observe_constants(&mut builder, &[F::TWO]);
        let witness = builder.add_virtual_target();
        transcript.check_work(&mut builder, 0, None);
        transcript.check_work(&mut builder, 8, Some(witness));
        let circuit = builder.build::<Poseidon2Config>();
        let mut challenger = native();
        challenger.observe(Felt::new(2));
        let ground = from_felt(challenger.grind(8));
        for (value, accepted) in [ground, ground + F::ONE, F::ZERO].into_iter().zip(accepted) {
            let mut partial = PartialWitness::new();
            partial.set_target(witness, value)?;
            let proof = circuit.prove(partial);
            assert_eq!(proof.is_ok_and(|proof| circuit.verify(proof).is_ok()), accepted);
        }
        Ok(())
    }

    /// Work of which one bit is not zero.
    pub(crate) fn forge_work(check: Check, element: usize) -> Verdict {
        let gadget = || {
            Gadget::new(|builder| {
                let mut transcript = Transcript::new(builder);
                transcript.observe_constants(builder, &[F::TWO]);
                let witness = builder.add_virtual_target();
                transcript.check_work(builder, WORK_BITS, Some(witness));
                vec![witness]
            })
        };
        let ground = |bits: usize| {
            let drawn = |witness: &u64| {
                let mut challenger = native();
                challenger.observe(Felt::new(2));
                challenger.observe(Felt::new(*witness));
                challenger.sample_bits(WORK_BITS) == bits
            };
            [F::from_canonical_u64((0_u64..).find(drawn).expect("one of 256"))]
        };
        verdict(check, element, gadget, &ground(0), &ground(1 << element))
    }

    /// A challenge that is not what is squeezed.
    pub(crate) fn forge_challenge(check: Check, element: usize) -> Verdict {
        let gadget = || {
            Gadget::new(|builder| {
                let mut transcript = Transcript::new(builder);
                transcript.observe_constants(builder, &[F::TWO]);
                let wished = builder.add_virtual_target();
                let sample = transcript.sample(builder);
                builder.connect(sample, wished);
                vec![wished]
            })
        };
        let mut challenger = native();
        challenger.observe(Felt::new(2));
        let honest: Felt = challenger.sample();
        let honest = from_felt(honest);
        verdict(check, element, gadget, &[honest], &[honest + F::ONE])
    }

    /// p3's verifier as well refuses work that lacks its last bit, and takes the whole.
    #[test]
    fn work_is_checked_natively_to_its_last_bit() {
        let witness = |bits: usize| {
            let drawn = |witness: &u64| {
                let mut challenger = native();
                challenger.observe(Felt::new(*witness));
                challenger.sample_bits(WORK_BITS) == bits
            };
            Felt::new((0_u64..).find(drawn).expect("one of 256"))
        };
        assert!(native().check_witness(WORK_BITS, witness(0)));
        for bit in 0..WORK_BITS {
            assert!(!native().check_witness(WORK_BITS, witness(1 << bit)), "bit {bit}");
        }
    }
}
