//! Every value that a transcript absorbs changes every challenge that is drawn after it: in each circuit that verifies a
//! plonky2 proof, and in the final proof, whose transcript the contract has.
//!
//! | circuit | verifies |
//! | --- | --- |
//! | lift | the wrap, under a constant key |
//! | join, left and right | a node, under the key that the prover gives |
//! | shrink | a node, under the key that the prover gives |
//! | final | the shrunk node, under a constant key |
//!
//! A circuit refuses a changed proof, so no witness shows its challenges. Here the circuit's generators run all the same:
//! of two values for a wire the first stays. The wires that hold the challenges of the honest proof have to hold those of
//! the changed one, by the transcript as it is written out in [`Claim::challenges`]. In the wrap, which verifies a leaf, and
//! in the leaf itself other tests show the same.

use plonky2::field::types::{Field, PrimeField64};
use plonky2::hash::hash_types::HashOut;
use plonky2::hash::merkle_tree::MerkleCap;
use plonky2::iop::challenger::Challenger;
use plonky2::iop::generator::GeneratedValues;
use plonky2::iop::target::Target;
use plonky2::iop::witness::{PartitionWitness, WitnessWrite};
use plonky2::plonk::circuit_data::{CircuitData, CommonCircuitData};
use plonky2::plonk::config::{GenericConfig, Hasher};
use plonky2::plonk::proof::{OpeningSet, ProofWithPublicInputs};
use rayon::prelude::*;

use farthing_plonky2::{
    Builder, D, Ext, F, KECCAK_DIGEST_BYTES, KeccakDigest, Poseidon2Config, from_felt,
};
use farthing_testkit::full;

use super::super::proof::ProofLayout;
use super::{BatchInfo, CIRCUIT, FINAL, FIXTURE, SETTINGS, Setup, leaf};
use crate::aggregate::{Aggregation, Child, Lift, NodeShape};
use crate::circuit::{InnerKey, InnerProof};
use crate::final_layer::{FinalCircuit, ShrinkCircuit};
use crate::wrap::WrapCircuit;

type Common = CommonCircuitData<F, D>;
type HashOf<C> = <<C as GenericConfig<D>>::Hasher as Hasher<F>>::Hash;

/// Part of a proof that its transcript absorbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Key,
    PublicInputs,
    Wires,
    Products,
    Quotient,
    /// One of the seven groups of openings.
    Openings(usize),
    Fold(usize),
    FinalPolynomial,
    Work,
}

/// A digest in a transcript, whose elements are changed one by one.
trait Changed {
    const ELEMENTS: usize;
    fn change(&mut self, element: usize);
}

impl Changed for HashOut<F> {
    const ELEMENTS: usize = 4;
    fn change(&mut self, element: usize) {
        self.elements[element] += F::ONE;
    }
}

impl Changed for KeccakDigest {
    const ELEMENTS: usize = KECCAK_DIGEST_BYTES;
    fn change(&mut self, element: usize) {
        self.0[element] ^= 1;
    }
}

/// A proof and the digest of the key that it is said to be valid under.
#[derive(Clone)]
struct Claim<C: GenericConfig<D, F = F>> {
    key: HashOf<C>,
    proof: ProofWithPublicInputs<F, C, D>,
}

/// The groups of openings in the order in which they are absorbed.
fn openings(openings: &mut OpeningSet<F, D>) -> [&mut Vec<Ext>; 7] {
    [
        &mut openings.constants,
        &mut openings.plonk_sigmas,
        &mut openings.wires,
        &mut openings.plonk_zs,
        &mut openings.partial_products,
        &mut openings.quotient_polys,
        &mut openings.plonk_zs_next,
    ]
}

fn change_cap<H: Hasher<F>>(cap: &mut MerkleCap<F, H>, element: usize)
where
    H::Hash: Changed,
{
    cap.0[element / H::Hash::ELEMENTS].change(element % H::Hash::ELEMENTS);
}

fn change_extension(extensions: &mut [Ext], element: usize) {
    extensions[element / D].0[element % D] += F::ONE;
}

impl<C: GenericConfig<D, F = F, FE = Ext>> Claim<C>
where
    HashOf<C>: Changed,
{
    /// Parts, how many elements each has, and the first challenge that is drawn after it.
    fn parts(&mut self, common: &Common) -> Vec<(Part, usize, usize)> {
        let count = common.config.num_challenges;
        let of_cap = (1 << common.config.fri_config.cap_height) * HashOf::<C>::ELEMENTS;
        let (alphas, zeta) = (2 * count, 3 * count);
        let batch = zeta + D;
        let folds = self.proof.proof.opening_proof.commit_phase_merkle_caps.len();
        let work = batch + D + folds * D;
        let mut parts = vec![
            (Part::Key, HashOf::<C>::ELEMENTS, 0),
            (Part::PublicInputs, self.proof.public_inputs.len(), 0),
            (Part::Wires, of_cap, 0),
            (Part::Products, of_cap, alphas),
            (Part::Quotient, of_cap, zeta),
        ];
        let groups = openings(&mut self.proof.proof.openings);
        parts.extend(
            groups.iter().enumerate().map(|(i, one)| (Part::Openings(i), D * one.len(), batch)),
        );
        parts.extend((0..folds).map(|i| (Part::Fold(i), of_cap, batch + D + i * D)));
        let coefficients = self.proof.proof.opening_proof.final_poly.coeffs.len();
        parts.extend([(Part::FinalPolynomial, D * coefficients, work), (Part::Work, 1, work)]);
        parts
    }

    fn change(&mut self, part: Part, element: usize) {
        let proof = &mut self.proof.proof;
        let opening = &mut proof.opening_proof;
        match part {
            Part::Key => self.key.change(element),
            Part::PublicInputs => self.proof.public_inputs[element] += F::ONE,
            Part::Wires => change_cap(&mut proof.wires_cap, element),
            Part::Products => change_cap(&mut proof.plonk_zs_partial_products_cap, element),
            Part::Quotient => change_cap(&mut proof.quotient_polys_cap, element),
            Part::Openings(group) => {
                change_extension(openings(&mut proof.openings)[group], element);
            }
            Part::Fold(fold) => change_cap(&mut opening.commit_phase_merkle_caps[fold], element),
            Part::FinalPolynomial => change_extension(&mut opening.final_poly.coeffs, element),
            Part::Work => opening.pow_witness += F::ONE,
        }
    }

    /// All challenges, the extension's coefficient by coefficient, in the order in which they are drawn; the last ones are
    /// the queries' before they are cut to indices.
    fn challenges(&self, common: &Common) -> Vec<F> {
        let proof = &self.proof.proof;
        let count = common.config.num_challenges;
        let mut transcript = Challenger::<F, C::Hasher>::new();
        common.fri_params.observe(&mut transcript);
        transcript.observe_hash::<C::Hasher>(self.key);
        let statement = C::InnerHasher::hash_no_pad(&self.proof.public_inputs);
        transcript.observe_hash::<C::InnerHasher>(statement);
        transcript.observe_cap::<C::Hasher>(&proof.wires_cap);
        let mut drawn = transcript.get_n_challenges(2 * count);
        transcript.observe_cap::<C::Hasher>(&proof.plonk_zs_partial_products_cap);
        drawn.extend(transcript.get_n_challenges(count));
        transcript.observe_cap::<C::Hasher>(&proof.quotient_polys_cap);
        drawn.extend(transcript.get_n_challenges(D));
        for group in openings(&mut proof.openings.clone()) {
            transcript.observe_extension_elements::<D>(group);
        }
        drawn.extend(transcript.get_n_challenges(D));
        for cap in &proof.opening_proof.commit_phase_merkle_caps {
            transcript.observe_cap::<C::Hasher>(cap);
            drawn.extend(transcript.get_n_challenges(D));
        }
        transcript.observe_extension_elements::<D>(&proof.opening_proof.final_poly.coeffs);
        transcript.observe_element(proof.opening_proof.pow_witness);
        drawn.extend(transcript.get_n_challenges(1 + common.config.fri_config.num_query_rounds));
        drawn
    }

    /// Compares the transcript written out here with the one that plonky2's verifier draws from.
    fn assert_challenges(&self, common: &Common) {
        let statement = C::InnerHasher::hash_no_pad(&self.proof.public_inputs);
        let native = self.proof.get_challenges(statement, &self.key, common).expect("challenges");
        let opening = native.fri_challenges;
        let mut expected = [native.plonk_betas, native.plonk_gammas, native.plonk_alphas].concat();
        let extensions =
            [native.plonk_zeta, opening.fri_alpha].into_iter().chain(opening.fri_betas);
        expected.extend(extensions.flat_map(|one| one.0));
        expected.push(opening.fri_pow_response);
        let drawn = self.challenges(common);
        let (before, queries) = drawn.split_at(expected.len());
        assert_eq!(before, expected);
        let domain = common.fri_params.lde_size();
        let indices = queries.iter().map(|one| one.to_canonical_u64() as usize % domain);
        assert_eq!(indices.collect::<Vec<_>>(), opening.fri_query_indices);
    }
}

/// Each element to be changed: first, middle and last of each part, with `FARTHING_FULL=1` every one.
fn chosen(parts: &[(Part, usize, usize)]) -> Vec<(Part, usize, usize)> {
    let all = parts.iter().flat_map(|(part, len, first)| {
        let mut elements: Vec<usize> =
            if full() { (0..*len).collect() } else { vec![0, len / 2, len - 1] };
        elements.dedup();
        elements.into_iter().map(|element| (*part, element, *first))
    });
    all.collect()
}

/// From challenge `first` on all are others, before it none.
fn assert_changed(honest: &[F], changed: &[F], first: usize, what: &str) {
    assert_eq!(honest[..first], changed[..first], "{what}: challenges before it");
    for (i, (honest, changed)) in honest.iter().zip(changed).enumerate().skip(first) {
        assert_ne!(honest, changed, "{what}: challenge {i}");
    }
}

/// Inputs of a circuit in the order in which they are given.
#[derive(Default)]
struct Inputs(Vec<(Target, F)>);

impl WitnessWrite<F> for Inputs {
    fn set_target(&mut self, target: Target, value: F) -> anyhow::Result<()> {
        self.0.push((target, value));
        Ok(())
    }
}

/// Values of all wires: a wire keeps the first value that it gets, also if a later one contradicts it.
fn values<C: GenericConfig<D, F = F>>(
    circuit: &CircuitData<F, C, D>,
    inputs: Inputs,
) -> Vec<Option<F>> {
    let (prover, common) = (&circuit.prover_only, &circuit.common);
    let (columns, map) = (common.config.num_wires, &prover.representative_map);
    let mut witness = PartitionWitness::new(columns, common.degree(), map);
    let mut given = GeneratedValues::from(inputs.0);
    let mut finished = vec![false; prover.generators.len()];
    let mut pending: Vec<usize> = (0..prover.generators.len()).collect();
    let mut next = Vec::new();
    loop {
        for (target, value) in given.target_values.drain(..) {
            let set = witness.set_target_returning_rep(target, value).ok().flatten();
            let watching = set.and_then(|set| prover.generator_indices_by_watches.get(&set));
            next.extend(watching.into_iter().flatten().copied());
        }
        let Some(generator) = pending.pop().or_else(|| next.pop()) else { break witness.values };
        if !finished[generator] {
            finished[generator] = prover.generators[generator].0.run(&witness, &mut given);
        }
    }
}

/// A circuit that verifies a proof, and how it is given one.
struct Layer<'a, C: GenericConfig<D, F = F>> {
    name: &'a str,
    circuit: &'a CircuitData<F, C, D>,
    /// The shape of what is verified.
    below: &'a Common,
    honest: Claim<Poseidon2Config>,
    /// The key is an input, which the prover gives.
    keyed: bool,
    inputs: &'a (dyn Fn(&Claim<Poseidon2Config>) -> Inputs + Sync),
}

impl<C: GenericConfig<D, F = F>> Layer<'_, C> {
    fn assert_bound(mut self) {
        self.honest.assert_challenges(self.below);
        let honest = self.honest.challenges(self.below);
        let wires = values(self.circuit, (self.inputs)(&self.honest));
        // Wires that hold a challenge: no other value is the same but by a chance of 2⁻⁴⁰.
        let indices: Vec<Vec<usize>> = honest
            .iter()
            .map(|one| (0..wires.len()).filter(|at| wires[*at] == Some(*one)).collect())
            .collect();
        for (i, indices) in indices.iter().enumerate() {
            assert!(!indices.is_empty(), "{}: challenge {i} is on no wire", self.name);
        }
        let parts = self.honest.parts(self.below);
        let chosen: Vec<_> = chosen(&parts)
            .into_iter()
            .filter(|(part, ..)| self.keyed || *part != Part::Key)
            .collect();
        println!("{}: {} elements changed", self.name, chosen.len());
        // Work and queries are cut into bits, whose sums are on other wires: of a value that is too long they differ.
        let work = honest.len() - 1 - self.below.config.fri_config.num_query_rounds;
        let held = chosen.par_iter().map(|(part, element, first)| {
            let what = format!("{}: {part:?}, element {element}", self.name);
            let mut claim = self.honest.clone();
            claim.change(*part, *element);
            let changed = claim.challenges(self.below);
            assert_changed(&honest, &changed, *first, &what);
            let wires = values(self.circuit, (self.inputs)(&claim));
            let held = changed.iter().zip(&indices).map(|(value, indices)| {
                indices.iter().map(|at| wires[*at] == Some(*value)).collect::<Vec<bool>>()
            });
            let held: Vec<Vec<bool>> = held.collect();
            for (i, held) in held.iter().take(work).enumerate() {
                assert!(held.iter().all(|held| *held), "{what}: the circuit's challenge {i}");
            }
            held
        });
        let both = |one: Vec<Vec<bool>>, other: Vec<Vec<bool>>| {
            let both = |(one, other): (Vec<bool>, Vec<bool>)| {
                one.into_iter().zip(other).map(|(one, other)| one && other).collect()
            };
            one.into_iter().zip(other).map(both).collect()
        };
        let always = held.reduce_with(both).expect("a change");
        for (i, held) in always.iter().enumerate() {
            assert!(held.contains(&true), "{}: no wire always has challenge {i}", self.name);
        }
    }
}

/// Inputs of a child: the claim's, or another honest one's.
fn give(
    inputs: &mut Inputs,
    child: &Child,
    key: &InnerKey,
    digest: HashOut<F>,
    proof: &InnerProof,
) {
    let key = InnerKey { circuit_digest: digest, ..key.clone() };
    inputs.set_proof_with_pis_target(&child.proof, proof).expect("of its shape");
    inputs.set_verifier_data_target(&child.key, &key).expect("of its shape");
}

#[test]
fn absorbed_values_change_all_later_challenges() {
    let setup = Setup::new(&leaf(&SETTINGS, &BatchInfo::nth(0)).1, SETTINGS);
    let wrap = WrapCircuit::of_system(&setup.system(), CIRCUIT).expect("circuit");
    let aggregation = Aggregation::new(&[&wrap], CIRCUIT).expect("circuits");
    let wrapped = [0, 1].map(|i| {
        let (statement, honest) = leaf(&SETTINGS, &BatchInfo::nth(i));
        let parts = setup.replay(&setup.prove(&honest), &honest.public_values).parts;
        wrap.prove_parts(&statement.elements(), &parts).expect("wrapped")
    });
    let nodes = wrapped.each_ref().map(|wrapped| aggregation.lift(0, wrapped).expect("lifted"));
    let keys = aggregation.node_keys();
    let lift_key = keys.key_of(nodes[0].kind()).expect("known");
    let shrink = ShrinkCircuit::new(keys, FINAL.shrink).expect("circuit");
    let shrunk = shrink.prove(keys, &nodes[0]).expect("shrunk");
    let last = FinalCircuit::new(&shrink, FINAL.final_circuit).expect("circuit");
    // Targets are numbered as they are added, and inputs are a circuit's first.
    let targets = |common: &Common| Builder::new(common.config.clone());

    let below = wrap.verifier();
    let lift = Lift::build(&below, &NodeShape(keys.common.clone()), CIRCUIT).expect("circuit");
    let child = targets(&lift.circuit.common).add_virtual_proof_with_pis(&below.common);
    Layer {
        name: "lift",
        circuit: &lift.circuit,
        below: &below.common,
        honest: Claim { key: below.verifier_only.circuit_digest, proof: wrapped[0].0.clone() },
        keyed: false,
        inputs: &|claim| {
            let mut inputs = Inputs::default();
            inputs.set_proof_with_pis_target(&child, &claim.proof).expect("of its shape");
            inputs
        },
    }
    .assert_bound();

    let join = &aggregation.join.circuit;
    let mut builder = targets(&join.common);
    let own = builder.add_virtual_hash();
    let children = [(); 2].map(|()| Child::new(&mut builder, &keys.common));
    for (side, name) in ["join, left", "join, right"].into_iter().enumerate() {
        Layer {
            name,
            circuit: join,
            below: &keys.common,
            honest: Claim { key: lift_key.circuit_digest, proof: nodes[side].proof().clone() },
            keyed: true,
            inputs: &|claim| {
                let mut inputs = Inputs::default();
                // First the claim: neighbours have wires in common.
                give(&mut inputs, &children[side], lift_key, claim.key, &claim.proof);
                let (other, digest) = (nodes[1 - side].proof(), lift_key.circuit_digest);
                give(&mut inputs, &children[1 - side], lift_key, digest, other);
                let digest = join.verifier_only.circuit_digest;
                inputs.set_hash_target(own, digest).expect("collected");
                inputs
            },
        }
        .assert_bound();
    }

    let child = Child::new(&mut targets(&shrink.circuit.common), &keys.common);
    Layer {
        name: "shrink",
        circuit: &shrink.circuit,
        below: &keys.common,
        honest: Claim { key: lift_key.circuit_digest, proof: nodes[0].proof().clone() },
        keyed: true,
        inputs: &|claim| {
            let mut inputs = Inputs::default();
            give(&mut inputs, &child, lift_key, claim.key, &claim.proof);
            inputs
        },
    }
    .assert_bound();

    let below = shrink.circuit.verifier_data();
    let child = targets(&last.circuit.common).add_virtual_proof_with_pis(&below.common);
    Layer {
        name: "final",
        circuit: &last.circuit,
        below: &below.common,
        honest: Claim { key: below.verifier_only.circuit_digest, proof: shrunk.0.clone() },
        keyed: false,
        inputs: &|claim| {
            let mut inputs = Inputs::default();
            inputs.set_proof_with_pis_target(&child, &claim.proof).expect("of its shape");
            inputs
        },
    }
    .assert_bound();
}

/// The same of the contract's own proof, under the settings that it has.
#[test]
fn what_a_final_proof_absorbs_changes_all_later_challenges() {
    let (key, common) = (&FIXTURE.key.data, FIXTURE.key.common());
    let public_inputs = FIXTURE.statement.elements().map(from_felt).to_vec();
    let proof = ProofLayout::of(common).read(&FIXTURE.proof, public_inputs).expect("canonical");
    let mut honest = Claim { key: key.verifier_only.circuit_digest, proof };
    honest.assert_challenges(common);
    let challenges = honest.challenges(common);
    let parts = honest.parts(common);
    chosen(&parts).par_iter().for_each(|(part, element, first)| {
        let mut claim = honest.clone();
        claim.change(*part, *element);
        let what = format!("{part:?}, element {element}");
        assert_changed(&challenges, &claim.challenges(common), *first, &what);
    });
}
