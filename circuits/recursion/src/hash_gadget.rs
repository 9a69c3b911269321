//! The protocol's hashes in a circuit.

use plonky2::field::types::Field;
use plonky2::hash::hash_types::{HashOut, HashOutTarget};
use plonky2::hash::hashing::PlonkyPermutation;
use plonky2::iop::target::{BoolTarget, Target};

use farthing_plonky2::{Builder, F, Poseidon2Hash, Poseidon2State, from_felt, to_felt};
use farthing_protocol::{DIGEST_ELEMENTS, Digest, RATE, Tag, capacity_of};

use crate::circuit::InnerCircuit;
use crate::enforced_checks::{Check, is_compared};

/// [`farthing_protocol::hash`] of at least one element.
pub(crate) fn hash(builder: &mut Builder, tag: Tag, elements: &[Target]) -> HashOutTarget {
    let capacity = capacity_of(tag, elements.len());
    let mut state = [builder.zero(); RATE + DIGEST_ELEMENTS];
    for (slot, felt) in state[RATE..].iter_mut().zip(capacity) {
        *slot = builder.constant(from_felt(felt));
    }
    let mut state = Poseidon2State::new(state);
    let zero = builder.zero();
    for block in elements.chunks(RATE) {
        state.set_from_slice(&[zero; RATE], 0);
        state.set_from_slice(block, 0);
        state = builder.permute::<Poseidon2Hash>(state);
    }
    HashOutTarget { elements: core::array::from_fn(|i| state.as_ref()[i]) }
}

/// A digest as a constant.
pub(crate) fn constant(builder: &mut Builder, digest: &Digest) -> HashOutTarget {
    builder.constant_hash(HashOut { elements: digest.elements().map(from_felt) })
}

/// `condition ? a : b`
pub(crate) fn select(
    builder: &mut Builder,
    condition: BoolTarget,
    a: HashOutTarget,
    b: HashOutTarget,
) -> HashOutTarget {
    let elements =
        core::array::from_fn(|i| builder.select(condition, a.elements[i], b.elements[i]));
    HashOutTarget { elements }
}

/// Tells whether two digests are equal, as a check asks.
pub(crate) fn is_equal(
    builder: &mut Builder,
    check: Check,
    a: HashOutTarget,
    b: HashOutTarget,
) -> BoolTarget {
    let mut all = builder._true();
    for (element, (a, b)) in a.elements.into_iter().zip(b.elements).enumerate() {
        if is_compared(check, element) {
            let same = builder.is_equal(a, b);
            all = builder.and(all, same);
        }
    }
    all
}

/// A hash of plonky2's as a digest.
pub(crate) fn of_hash(hash: HashOut<F>) -> Digest {
    Digest::new(hash.elements.map(to_felt))
}

/// The digest that stands for a circuit.
pub(crate) fn of_circuit(circuit: &InnerCircuit) -> Digest {
    of_hash(circuit.verifier_only.circuit_digest)
}

/// A digest from elements that are known to be four.
pub(crate) fn of_elements(elements: &[F]) -> Digest {
    Digest::new(core::array::from_fn(|i| {
        elements.get(i).copied().map_or_else(|| to_felt(F::ZERO), to_felt)
    }))
}

#[cfg(test)]
mod tests {
    use anyhow::Result;
    use plonky2::field::types::Sample;
    use plonky2::iop::witness::{PartialWitness, WitnessWrite};
    use plonky2::plonk::circuit_data::CircuitConfig;

    use farthing_plonky2::Poseidon2Config;
    use farthing_protocol::Felt;

    use super::*;

    #[test]
    fn hash_is_the_protocols() -> Result<()> {
        for length in [1, 7, 8, 9, 32] {
            let mut builder = Builder::new(CircuitConfig::standard_recursion_config());
            let targets = builder.add_virtual_targets(length);
            let digest = hash(&mut builder, Tag::BatchStatement, &targets);
            builder.register_public_inputs(&digest.elements);
            let circuit = builder.build::<Poseidon2Config>();
            let values = F::rand_vec(length);
            let mut witness = PartialWitness::new();
            for (target, value) in targets.into_iter().zip(&values) {
                witness.set_target(target, *value)?;
            }
            let proof = circuit.prove(witness)?;
            let felts: Vec<Felt> = values.into_iter().map(to_felt).collect();
            let expected = farthing_protocol::hash(Tag::BatchStatement, &felts);
            assert_eq!(of_elements(&proof.public_inputs), expected);
            circuit.verify(proof)?;
        }
        Ok(())
    }
}
