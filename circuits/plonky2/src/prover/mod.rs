//! A prover for plonky2 circuits: plonky2's protocol, and its proofs to the bit, by faster parts.
//!
//! plonky2 hashes one row after the other, which is most of its time. Here rows are hashed in the
//! lanes of SIMD registers, transformed by p3's transforms, and kept in one piece of memory each.
//! Nothing here is trusted: what it makes is verified by plonky2's verifier, in circuits and outside.

use anyhow::{Result, ensure};
use plonky2::field::types::Field;
use plonky2::hash::hash_types::HashOut;
use plonky2::iop::challenger::Challenger;
use plonky2::iop::generator::generate_partial_witness;
use plonky2::iop::witness::{PartialWitness, PartitionWitness, Witness};
use plonky2::plonk::circuit_data::CircuitData;
use plonky2::plonk::config::{GenericConfig, Hasher};
use plonky2::plonk::proof::{Proof, ProofWithPublicInputs};
use tracing::{info_span, instrument};

pub use self::hasher::LaneHash;

use self::commitment::Committed;
use self::opening::Oracles;
use self::order::Orders;
use crate::field::{D, Ext, F};
use crate::poseidon2::Poseidon2Hash;

mod commitment;
mod fri;
mod hasher;
mod keccak_lanes;
mod opening;
mod order;
mod permutation;
mod quotient;
mod tree;
mod wires;

/// The challenges that the parts of a proof share.
struct Challenges {
    betas: Vec<F>,
    gammas: Vec<F>,
    alphas: Vec<F>,
}

/// A proof that a circuit is satisfied by a witness with these inputs; like plonky2's
/// `CircuitData::prove`.
#[instrument(name = "prove circuit", skip_all)]
pub fn prove<C>(
    circuit: &CircuitData<F, C, D>,
    inputs: PartialWitness<F>,
) -> Result<ProofWithPublicInputs<F, C, D>>
where
    C: GenericConfig<D, F = F, FE = Ext, InnerHasher = Poseidon2Hash>,
    C::Hasher: LaneHash,
{
    let witness = info_span!("witness")
        .in_scope(|| generate_partial_witness(inputs, &circuit.prover_only, &circuit.common))?;
    prove_witness(circuit, witness)
}

/// The same for a witness of all wires.
fn prove_witness<C>(
    circuit: &CircuitData<F, C, D>,
    witness: PartitionWitness<'_, F>,
) -> Result<ProofWithPublicInputs<F, C, D>>
where
    C: GenericConfig<D, F = F, FE = Ext, InnerHasher = Poseidon2Hash>,
    C::Hasher: LaneHash,
{
    let (prover, common) = (&circuit.prover_only, &circuit.common);
    ensure!(common.luts.is_empty() && !common.config.zero_knowledge, "not a circuit of ours");
    let challenges = common.config.num_challenges;

    let public_inputs = witness.get_targets(&prover.public_inputs);
    let public_inputs_hash: HashOut<F> = Poseidon2Hash::hash_no_pad(&public_inputs);
    let orders = Orders::new(common);
    let wires = wires::rows(&witness, &orders);
    drop(witness);
    let wires = info_span!("commit wires").in_scope(|| Committed::<C::Hasher>::new(wires, &orders));

    let mut transcript = Challenger::<F, C::Hasher>::new();
    common.fri_params.observe(&mut transcript);
    transcript.observe_hash::<C::Hasher>(prover.circuit_digest);
    transcript.observe_hash::<Poseidon2Hash>(public_inputs_hash);
    transcript.observe_cap::<C::Hasher>(wires.cap());
    let betas = transcript.get_n_challenges(challenges);
    let gammas = transcript.get_n_challenges(challenges);

    let products = permutation::products(&wires, prover, common, &orders, &betas, &gammas);
    let products =
        info_span!("commit products").in_scope(|| Committed::<C::Hasher>::new(products, &orders));
    transcript.observe_cap::<C::Hasher>(products.cap());
    let alphas = transcript.get_n_challenges(challenges);

    let challenges = Challenges { betas, gammas, alphas };
    let quotient =
        quotient::chunks(circuit, &orders, &wires, &products, &public_inputs_hash, &challenges)?;
    let quotient =
        info_span!("commit quotient").in_scope(|| Committed::<C::Hasher>::new(quotient, &orders));
    transcript.observe_cap::<C::Hasher>(quotient.cap());
    let point = transcript.get_extension_challenge::<D>();
    ensure!(
        point.exp_power_of_2(common.degree_bits()) != Ext::ONE,
        "the opening point is in the subgroup"
    );

    let constants = &prover.constants_sigmas_commitment;
    let oracles = Oracles { common, orders: &orders, constants, wires, products, quotient };
    let openings = oracles.open(point);
    opening::observe(&mut transcript, &openings);
    let alpha = transcript.get_extension_challenge::<D>();
    let polynomial = oracles.combine(point, alpha);
    let opening_proof = fri::prove(&mut transcript, &oracles, polynomial);

    let Oracles { wires, products, quotient, .. } = oracles;
    let proof = Proof {
        wires_cap: wires.into_cap(),
        plonk_zs_partial_products_cap: products.into_cap(),
        quotient_polys_cap: quotient.into_cap(),
        openings,
        opening_proof,
    };
    Ok(ProofWithPublicInputs { proof, public_inputs })
}

#[cfg(test)]
mod tests;
