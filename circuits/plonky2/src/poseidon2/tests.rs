//! The gate is the protocol's permutation.

use anyhow::Result;
use p3_goldilocks::default_goldilocks_poseidon2_12;
use p3_symmetric::{CryptographicHasher, PaddingFreeSponge};
use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::{Field, Sample};
use plonky2::gates::gate::Gate;
use plonky2::gates::gate_testing::{test_eval_fns, test_low_degree};
use plonky2::hash::hash_types::HashOut;
use plonky2::hash::hashing::PlonkyPermutation;
use plonky2::iop::witness::{PartialWitness, WitnessWrite};
use plonky2::plonk::circuit_data::CircuitConfig;
use plonky2::plonk::config::{AlgebraicHasher, Hasher};

use farthing_protocol::{Digest, Felt, RATE, WIDTH, compress, permute};

use super::rounds::{ROUTED, WIRES};
use super::{Poseidon2Config, Poseidon2Gate, Poseidon2Hash, Poseidon2State};
use crate::field::{Builder, D, F, from_felt, to_felt};

type Gate12 = Poseidon2Gate<F, D>;

fn protocol_permute(state: [F; WIDTH]) -> [F; WIDTH] {
    let mut state = state.map(to_felt);
    permute(&mut state);
    state.map(from_felt)
}

/// Computed from the definition outside this workspace: zeros and 0..12 through the permutation, first four elements.
const KNOWN: [[u64; 4]; 2] = [
    [6571218845873207350, 16394535650441775880, 16729865362321995388, 2844291130404209122],
    [17479221565885336323, 734915442301621324, 377283858163603678, 216052820910632955],
];

#[test]
fn known_answers() {
    let inputs: [[u64; WIDTH]; 2] = [[0; WIDTH], core::array::from_fn(|i| i as u64)];
    for (input, expected) in inputs.into_iter().zip(KNOWN) {
        let mut state = Poseidon2State::new(input.map(F::from_canonical_u64));
        state.permute();
        assert_eq!(state.squeeze()[..4], expected.map(F::from_canonical_u64));
    }
}

#[test]
fn shape() {
    let gate = Gate12::new();
    assert_eq!((gate.num_wires(), ROUTED), (WIRES, 25));
    assert_eq!((gate.num_constraints(), gate.degree(), gate.num_constants()), (123, 7, 0));
}

#[test]
fn degree_is_what_it_says() {
    test_low_degree::<F, _, D>(Gate12::new());
}

#[test]
fn evaluations_agree() -> Result<()> {
    test_eval_fns::<F, Poseidon2Config, _, D>(Gate12::new())
}

/// Words at the edges of the field, in any representation.
const EDGES: [u64; 7] =
    [0, 1, u32::MAX as u64, 1 << 63, 0xffff_ffff_0000_0000, 0xffff_ffff_0000_0001, u64::MAX];

#[test]
fn native_permutation_is_the_protocols() {
    let check = |input: [F; WIDTH]| {
        let mut state = Poseidon2State::new(input);
        state.permute();
        assert_eq!(state.as_ref(), protocol_permute(input));
    };
    for _ in 0..100 {
        check(core::array::from_fn(|_| F::rand()));
    }
    for word in EDGES {
        check([GoldilocksField(word); WIDTH]);
    }
}

#[test]
fn rows_permute_as_the_protocol_does() -> Result<()> {
    let mut builder = Builder::new(CircuitConfig::standard_recursion_config());
    let inputs: [_; WIDTH] = core::array::from_fn(|_| builder.add_virtual_target());
    let swap = builder.add_virtual_bool_target_unsafe();
    let state = Poseidon2State::new(inputs);
    let output = Poseidon2Hash::permute_swapped(state, swap, &mut builder);
    builder.register_public_inputs(output.as_ref());
    let circuit = builder.build::<Poseidon2Config>();
    for swap_value in [false, true] {
        let mut values: [F; WIDTH] = core::array::from_fn(|_| F::rand());
        let mut witness = PartialWitness::new();
        for (target, value) in inputs.into_iter().zip(values) {
            witness.set_target(target, value)?;
        }
        witness.set_bool_target(swap, swap_value)?;
        let proof = circuit.prove(witness)?;
        if swap_value {
            values[..RATE].rotate_left(RATE / 2);
        }
        assert_eq!(proof.public_inputs, protocol_permute(values));
        circuit.verify(proof)?;
    }
    let mut witness = PartialWitness::new();
    for target in inputs {
        witness.set_target(target, F::ONE)?;
    }
    witness.set_target(swap.target, F::TWO)?;
    let proof = circuit.prove(witness);
    assert!(!proof.is_ok_and(|proof| circuit.verify(proof).is_ok()), "a swap is a bit");
    Ok(())
}

#[test]
fn leaves_and_nodes_are_those_of_leaf_proofs() {
    let leaf_hash = PaddingFreeSponge::<_, WIDTH, RATE, 4>::new(default_goldilocks_poseidon2_12());
    for length in 1..40 {
        let elements = F::rand_vec(length);
        let expected: [Felt; 4] = leaf_hash.hash_iter(elements.iter().copied().map(to_felt));
        assert_eq!(Poseidon2Hash::hash_no_pad(&elements).elements, expected.map(from_felt));
    }
    let (left, right) = (HashOut::<F>::rand(), HashOut::<F>::rand());
    let digest = |hash: HashOut<F>| Digest::new(hash.elements.map(to_felt));
    let expected = compress(&digest(left), &digest(right));
    assert_eq!(digest(Poseidon2Hash::two_to_one(left, right)), expected);
}
