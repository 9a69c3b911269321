//! Our prover against plonky2's: the same proofs.

use plonky2::field::types::Field;
use plonky2::gates::noop::NoopGate;
use plonky2::hash::hash_types::HashOutTarget;
use plonky2::iop::generator::generate_partial_witness;
use plonky2::iop::target::Target;
use plonky2::iop::witness::{PartialWitness, WitnessWrite};
use plonky2::plonk::circuit_data::{CircuitConfig, CircuitData};
use plonky2::plonk::config::GenericConfig;
use plonky2::plonk::prover::prove_with_partition_witness;
use plonky2::util::timing::TimingTree;

use super::{LaneHash, prove, prove_witness};
use crate::field::{Builder, D, Ext, F};
use crate::keccak::KeccakConfig;
use crate::poseidon2::{Poseidon2Config, Poseidon2Hash};
use crate::settings::ProofSettings;

/// A circuit with hashes, arithmetic, range checks and public inputs; two of its inputs.
fn circuit<C>(config: CircuitConfig, log_rows: usize) -> (CircuitData<F, C, D>, [Target; 2])
where
    C: GenericConfig<D, F = F, FE = Ext, InnerHasher = Poseidon2Hash>,
{
    let mut builder = Builder::new(config);
    let inputs: [Target; 2] = core::array::from_fn(|_| builder.add_virtual_target());
    builder.range_check(inputs[0], 40);
    let product = builder.mul(inputs[0], inputs[1]);
    let hash: HashOutTarget =
        builder.hash_n_to_hash_no_pad::<Poseidon2Hash>([&inputs[..], &[product; 9]].concat());
    let quotient = builder.div(hash.elements[1], product);
    builder.register_public_inputs(&hash.elements);
    builder.register_public_input(quotient);
    while builder.num_gates() <= 1 << (log_rows - 1) {
        builder.add_gate(NoopGate, vec![]);
    }
    (builder.build(), inputs)
}

fn witness(inputs: &[Target; 2]) -> PartialWitness<F> {
    let mut witness = PartialWitness::new();
    for (i, target) in inputs.iter().enumerate() {
        witness.set_target(*target, F::from_canonical_u64(1_000_003 << i)).expect("set once");
    }
    witness
}

/// The nonce and all that depends on it are the prover's choice, so without work to prove; then
/// with it, by verifying.
fn agrees<C>(config: CircuitConfig, log_rows: usize)
where
    C: GenericConfig<D, F = F, FE = Ext, InnerHasher = Poseidon2Hash>,
    C::Hasher: LaneHash,
{
    let (circuit, inputs) = circuit::<C>(config, log_rows);
    assert_eq!(circuit.common.degree_bits(), log_rows);
    // Wires without use are filled at random: one witness for both.
    let (prover, common) = (&circuit.prover_only, &circuit.common);
    let witness = generate_partial_witness(witness(&inputs), prover, common).expect("witness");
    let ours = prove_witness(&circuit, witness.clone()).expect("proof");
    let theirs = prove_with_partition_witness(prover, common, witness, &mut TimingTree::default())
        .expect("proof");
    assert_eq!(ours.public_inputs, theirs.public_inputs);
    let (our, their) = (&ours.proof, &theirs.proof);
    assert_eq!(our.wires_cap, their.wires_cap);
    assert_eq!(our.plonk_zs_partial_products_cap, their.plonk_zs_partial_products_cap);
    assert_eq!(our.quotient_polys_cap, their.quotient_polys_cap);
    assert_eq!(our.openings, their.openings);
    let (our, their) = (&our.opening_proof, &their.opening_proof);
    assert_eq!(our.commit_phase_merkle_caps, their.commit_phase_merkle_caps);
    assert_eq!(our.final_poly, their.final_poly);
    if our.pow_witness == their.pow_witness {
        assert_eq!(our, their);
    }
    circuit.verify(ours).expect("plonky2 accepts");
}

/// As circuits below the last ones are proven.
const NODE: ProofSettings = ProofSettings {
    log_blowup: 3,
    queries: 28,
    query_pow: 16,
    challenges: 3,
    log_arity: 4,
    log_final_poly_len: 5,
};

#[test]
fn proofs_are_those_of_plonky2() {
    for queries in [28, 52] {
        for log_rows in [5, 8, 11] {
            agrees::<Poseidon2Config>(ProofSettings { queries, ..NODE }.config(), log_rows);
        }
    }
}

#[test]
fn proofs_of_the_last_layers_are_those_of_plonky2() {
    let shrink = ProofSettings { log_blowup: 6, queries: 23, query_pow: 10, ..NODE };
    let outer = ProofSettings {
        log_blowup: 8,
        queries: 18,
        query_pow: 10,
        challenges: 2,
        log_arity: 3,
        log_final_poly_len: 6,
    };
    agrees::<Poseidon2Config>(shrink.config(), 9);
    agrees::<KeccakConfig>(outer.config(), 9);
}

#[test]
fn inputs_that_contradict_give_no_proof() {
    let config = NODE.config();
    let (circuit, inputs) = circuit::<Poseidon2Config>(config, 5);
    let mut long = PartialWitness::new();
    long.set_target(inputs[0], F::from_canonical_u64(1 << 40)).expect("set once");
    long.set_target(inputs[1], F::ONE).expect("set once");
    let proof = prove(&circuit, long);
    assert!(!proof.is_ok_and(|proof| circuit.verify(proof).is_ok()), "out of range");
}
