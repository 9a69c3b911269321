//! The protocol's hash as plonky2's: sponge, compression, transcript and configuration.

use core::fmt::Debug;

use plonky2::field::extension::Extendable;
use plonky2::hash::hash_types::{HashOut, RichField};
use plonky2::hash::hashing::{PlonkyPermutation, compress, hash_n_to_hash_no_pad};
use plonky2::iop::target::{BoolTarget, Target};
use plonky2::plonk::circuit_builder::CircuitBuilder;
use plonky2::plonk::config::{AlgebraicHasher, GenericConfig, Hasher};
use serde::Serialize;

use farthing_protocol::{DIGEST_BYTES, Felt, RATE, WIDTH, canonical, permute};

use super::gate::Poseidon2Gate;
use crate::field::{Ext, F};

/// A state of the permutation, of elements or of targets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Poseidon2State<T>([T; WIDTH]);

/// An element whose states are permuted outside of a circuit.
pub trait Permute: Sized {
    /// The permutation of a state.
    fn permute(state: [Self; WIDTH]) -> [Self; WIDTH];
}

impl Permute for F {
    fn permute(state: [Self; WIDTH]) -> [Self; WIDTH] {
        let mut state = state.map(|element| Felt::new(element.0));
        permute(&mut state);
        state.map(|felt| Self(canonical(felt)))
    }
}

impl Permute for Target {
    /// plonky2 asks for it and never calls it: targets are permuted by a row of the gate.
    fn permute(_: [Self; WIDTH]) -> [Self; WIDTH] {
        unreachable!("targets are permuted in a circuit")
    }
}

impl<T> AsRef<[T]> for Poseidon2State<T> {
    fn as_ref(&self) -> &[T] {
        &self.0
    }
}

impl<T: Copy + Debug + Default + Eq + Permute + Send + Sync> PlonkyPermutation<T>
    for Poseidon2State<T>
{
    const RATE: usize = RATE;
    const WIDTH: usize = WIDTH;

    fn new<I: IntoIterator<Item = T>>(elements: I) -> Self {
        let mut state = Self::default();
        state.set_from_iter(elements, 0);
        state
    }

    fn set_elt(&mut self, element: T, index: usize) {
        self.0[index] = element;
    }

    fn set_from_iter<I: IntoIterator<Item = T>>(&mut self, elements: I, start: usize) {
        for (slot, element) in self.0[start..].iter_mut().zip(elements) {
            *slot = element;
        }
    }

    fn set_from_slice(&mut self, elements: &[T], start: usize) {
        self.0[start..start + elements.len()].copy_from_slice(elements);
    }

    fn permute(&mut self) {
        self.0 = T::permute(self.0);
    }

    fn squeeze(&self) -> &[T] {
        &self.0[..RATE]
    }
}

/// Leaves, nodes and transcripts of plonky2 proofs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Poseidon2Hash;

impl Hasher<F> for Poseidon2Hash {
    const HASH_SIZE: usize = DIGEST_BYTES;
    type Hash = HashOut<F>;
    type Permutation = Poseidon2State<F>;

    fn hash_no_pad(input: &[F]) -> Self::Hash {
        hash_n_to_hash_no_pad::<F, Self::Permutation>(input)
    }

    fn two_to_one(left: Self::Hash, right: Self::Hash) -> Self::Hash {
        compress::<F, Self::Permutation>(left, right)
    }
}

impl AlgebraicHasher<F> for Poseidon2Hash {
    type AlgebraicPermutation = Poseidon2State<Target>;

    fn permute_swapped<const D: usize>(
        inputs: Self::AlgebraicPermutation,
        swap: BoolTarget,
        builder: &mut CircuitBuilder<F, D>,
    ) -> Self::AlgebraicPermutation
    where
        F: RichField + Extendable<D>,
    {
        let row = builder.add_gate(Poseidon2Gate::<F, D>::new(), vec![]);
        builder.connect(swap.target, Poseidon2Gate::<F, D>::swap(row));
        for (input, wire) in inputs.0.into_iter().zip(Poseidon2Gate::<F, D>::inputs(row)) {
            builder.connect(input, wire);
        }
        Poseidon2State(Poseidon2Gate::<F, D>::outputs(row))
    }
}

/// plonky2 with the protocol's hash everywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Poseidon2Config;

impl GenericConfig<2> for Poseidon2Config {
    type F = F;
    type FE = Ext;
    type Hasher = Poseidon2Hash;
    type InnerHasher = Poseidon2Hash;
}
