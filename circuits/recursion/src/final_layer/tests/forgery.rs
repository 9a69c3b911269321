//! Provers that lie in one place only: everything after it is honest, so that one check is left to
//! refuse their proofs.
//!
//! A lie is put into the transcript: its first block holds the parameters of FRI, the circuit's
//! digest and the hash of the statement.

use std::sync::Mutex;

use plonky2::field::types::Field;
use plonky2::hash::hashing::PlonkyPermutation;
use plonky2::iop::witness::{PartialWitness, WitnessWrite};
use plonky2::plonk::circuit_data::CircuitConfig;
use plonky2::plonk::config::{GenericConfig, Hasher};
use plonky2::plonk::proof::ProofWithPublicInputs;

use farthing_plonky2::{
    D, Ext, F, KeccakChain, KeccakDigest, KeccakHash, Poseidon2Hash, ProofSettings, from_felt,
};
use farthing_protocol::BlockStatement;

use super::super::final_circuit::verifier;
use super::super::proof::FinalCircuitProof;
use super::{FinalKey, FinalProof, ProofLayout, ShrinkProof};
use crate::circuit::InnerVerifier;

/// Faults of a prover.
#[derive(Clone, Copy)]
pub(crate) enum ProverFault<'a> {
    /// That the statement is another one.
    Statement(&'a BlockStatement),
    /// That all work was done, which lacks these bits.
    Work {
        /// Bits.
        missing: u32,
    },
}

/// Positions of the bits of work and of the statement's hash in the first block.
const POW_AT: usize = 2;
/// Behind eleven parameters and four elements of the digest.
const STATEMENT_AT: usize = 15;

/// Values put into the first block: permutations take no arguments. One forgery at a time.
static TOLD: Mutex<Vec<(usize, F)>> = Mutex::new(Vec::new());
static FORGING: Mutex<()> = Mutex::new(());

/// A proof by a prover that lies so.
pub(crate) fn forge(
    key: &FinalKey,
    shrink: &InnerVerifier,
    shrunk: &ShrinkProof,
    settings: ProofSettings,
    lie: ProverFault<'_>,
) -> FinalProof {
    let _alone = FORGING.lock().expect("no forgery panicked");
    let mut config = settings.config();
    let info = match lie {
        ProverFault::Work { missing } => {
            config.fri_config.proof_of_work_bits -= missing;
            vec![(POW_AT, F::from_canonical_u32(settings.query_pow))]
        }
        ProverFault::Statement(statement) => {
            let hash = Poseidon2Hash::hash_no_pad(&statement.elements().map(from_felt));
            (STATEMENT_AT..).zip(hash.elements).collect()
        }
    };
    *TOLD.lock().expect("short") = info;
    let proof = prove(config, shrink, shrunk);
    let common = key.common();
    let proof = FinalCircuitProof::from_bytes(proof.to_bytes(), common).expect("the same shape");
    ProofLayout::of(common).write(&proof)
}

fn prove(
    config: CircuitConfig,
    shrink: &InnerVerifier,
    shrunk: &ShrinkProof,
) -> ProofWithPublicInputs<F, ForgingConfig, D> {
    let (builder, child, _) = verifier(shrink, config);
    let circuit = builder.build::<ForgingConfig>();
    let mut witness = PartialWitness::new();
    witness.set_proof_with_pis_target(&child, &shrunk.0).expect("of its shape");
    circuit.prove(witness).expect("the statement proven is true")
}

/// A chain that swaps elements of its first block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ForgingChain {
    honest: KeccakChain,
    started: bool,
}

impl AsRef<[F]> for ForgingChain {
    fn as_ref(&self) -> &[F] {
        self.honest.as_ref()
    }
}

impl PlonkyPermutation<F> for ForgingChain {
    const RATE: usize = KeccakChain::RATE;
    const WIDTH: usize = KeccakChain::WIDTH;

    fn new<I: IntoIterator<Item = F>>(_: I) -> Self {
        Self::default()
    }

    fn set_elt(&mut self, element: F, index: usize) {
        self.honest.set_elt(element, index);
    }

    fn set_from_iter<I: IntoIterator<Item = F>>(&mut self, elements: I, start: usize) {
        self.honest.set_from_iter(elements, start);
    }

    fn set_from_slice(&mut self, elements: &[F], start: usize) {
        self.honest.set_from_slice(elements, start);
    }

    fn permute(&mut self) {
        if !self.started {
            self.started = true;
            for (at, element) in TOLD.lock().expect("short").iter() {
                self.honest.set_elt(*element, *at);
            }
        }
        self.honest.permute();
    }

    fn squeeze(&self) -> &[F] {
        self.honest.squeeze()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ForgingHash;

impl Hasher<F> for ForgingHash {
    const HASH_SIZE: usize = KeccakHash::HASH_SIZE;
    type Hash = KeccakDigest;
    type Permutation = ForgingChain;

    fn hash_no_pad(elements: &[F]) -> KeccakDigest {
        KeccakHash::hash_no_pad(elements)
    }

    fn hash_or_noop(elements: &[F]) -> KeccakDigest {
        KeccakHash::hash_or_noop(elements)
    }

    fn two_to_one(left: KeccakDigest, right: KeccakDigest) -> KeccakDigest {
        KeccakHash::two_to_one(left, right)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ForgingConfig;

impl GenericConfig<2> for ForgingConfig {
    type F = F;
    type FE = Ext;
    type Hasher = ForgingHash;
    type InnerHasher = Poseidon2Hash;
}
