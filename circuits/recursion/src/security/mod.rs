//! The soundness of the circuits' proofs by error source. FRI, batching and the out-of-domain point
//! are p3-security's; plonky2's arguments with base-field challenges are added here.
//!
//! In the proven regime everything is counted at one proximity parameter m, up to the Johnson
//! bound, by either of two theorems ([`ProximityTheorem`]): the prover is bound to a list of
//! L = (m + ½)/√ρ codewords, so what is drawn against a commitment fails with L times the probability
//! for one. An argument repeated c times with
//! independent challenges from the base field, each time failing with probability d/p, fails with
//! (d/p)^c. Proof of work is only before the queries: plonky2 has no other.

#[cfg(test)]
mod candidates;
#[cfg(test)]
mod page;
#[cfg(test)]
pub(crate) mod tests;

use p3_security::deep::deep_ali_error;
use p3_security::fri::{
    FriRegime, commit_phase_error_udr, legacy_conjectured_error, query_phase_error,
};
use p3_security::proximity::alpha_udr;
use p3_security::{ErrorBits, InstanceShape, SecurityAssumption, StarkAirParams};
use plonky2::plonk::circuit_data::CommonCircuitData;

use farthing_airs::{
    ErrorSource, PROXIMITY_MAX, PROXIMITY_MIN, ProximityTheorem, Security, best_regime,
};
use farthing_plonky2::{D, F};

/// Bits of the base field.
const FIELD_BITS: usize = 64;
const EXTENSION_BITS: usize = D * FIELD_BITS;
/// Openings are at ζ and, for some, at g·ζ.
const OPENED_POINTS: usize = 2;

const QUERIES_NAME: &str = "queries";

/// Collision resistance of a digest of four elements, in bits.
pub(crate) const POSEIDON2_COLLISION_BITS: usize = 128;

/// Parameters that the soundness of a circuit's proofs depends on.
struct Layer {
    fri: FriRegime,
    air: StarkAirParams,
    shape: InstanceShape,
    /// Repetitions of arguments with base-field challenges.
    challenges: usize,
    /// Terms that one alpha combines.
    terms: usize,
    /// Factors on either side of the permutation argument.
    factors: usize,
}

/// The soundness of the proofs of a circuit.
pub(crate) fn of_circuit(common: &CommonCircuitData<F, D>, collision_bits: usize) -> Security {
    let layer = Layer::of(common, collision_bits);
    let proven = |theorem| {
        let lists = (PROXIMITY_MIN..=PROXIMITY_MAX).map(|m| layer.list_decoding(theorem, m));
        best_regime(lists.chain([layer.unique_decoding()]))
    };
    Security {
        proven: proven(ProximityTheorem::Dkt26),
        proven_2025: proven(ProximityTheorem::Bchks25),
        conjectured: layer.conjectured(),
    }
}

impl Layer {
    fn of(common: &CommonCircuitData<F, D>, collision_bits: usize) -> Self {
        let (config, fri) = (&common.config, &common.fri_params);
        let challenges = config.num_challenges;
        // Z and its partial products, for each repetition.
        let permutation = challenges * (1 + common.num_partial_products);
        let quotient = challenges * common.quotient_degree_factor;
        let fixed = common.num_constants + config.num_routed_wires;
        Self {
            fri: FriRegime {
                log_blowup: fri.config.rate_bits,
                num_queries: fri.config.num_query_rounds,
                log_final_poly_len: fri.final_poly_bits(),
                max_log_arity: fri.reduction_arity_bits.iter().copied().max().unwrap_or(0),
                commit_pow_bits: 0,
                query_pow_bits: fri.config.proof_of_work_bits as usize,
            },
            air: StarkAirParams {
                num_constraints: 1,
                max_constraint_degree: common.quotient_degree_factor + 1,
                num_quotient_chunks: common.quotient_degree_factor,
                max_combo: OPENED_POINTS,
            },
            shape: InstanceShape {
                log_trace_length: common.degree_bits(),
                modulus_bits: EXTENSION_BITS,
                collision_resistance: collision_bits,
                num_batched_functions: fixed
                    + config.num_wires
                    + permutation
                    + quotient
                    + challenges,
            },
            challenges,
            terms: challenges + permutation + common.num_gate_constraints,
            factors: config.num_routed_wires << common.degree_bits(),
        }
    }

    /// Up to the Johnson bound. Folds are counted at the length of the longest word.
    fn list_decoding(&self, theorem: ProximityTheorem, m: usize) -> Vec<ErrorSource> {
        let log_blowup = self.fri.log_blowup;
        let combined = |words: usize| {
            let log_dimension = self.shape.log_trace_length;
            theorem.combination_bits(log_dimension, log_blowup, EXTENSION_BITS, words, m)
        };
        let mut sources = self.arguments(theorem.list_size(log_blowup, m));
        sources.push(ErrorSource {
            name: "batching",
            bits: combined(self.shape.num_batched_functions),
        });
        if self.fri.max_log_arity > 0 {
            let bits = combined(1 << self.fri.max_log_arity);
            sources.push(ErrorSource { name: "folds", bits });
        }
        sources.push(self.queries(theorem.agreement(log_blowup, m)));
        sources
    }

    /// Up to half the distance, where there is one codeword.
    fn unique_decoding(&self) -> Vec<ErrorSource> {
        let mut sources = self.arguments(1.0);
        sources.push(self.unique_batching());
        sources.extend(
            commit_phase_error_udr(&self.fri, &self.shape).map(|bits| source("folds", bits)),
        );
        let log_rows = self.shape.log_trace_length;
        sources.push(self.queries(alpha_udr(log_rows, self.fri.log_blowup, OPENED_POINTS)));
        sources
    }

    /// By the ethSTARK conjecture, disproved in its full strength.
    fn conjectured(&self) -> Vec<ErrorSource> {
        let mut sources = self.arguments(1.0);
        sources.push(self.unique_batching());
        sources.push(source(QUERIES_NAME, legacy_conjectured_error(&self.fri)));
        sources
    }

    /// Everything but the low-degree test.
    fn arguments(&self, list_size: f64) -> Vec<ErrorSource> {
        let repeated = |degree: usize| {
            let once = FIELD_BITS as f64 - (degree as f64).log2();
            ErrorBits(self.challenges as f64 * once - list_size.log2())
        };
        vec![
            source("permutation", repeated(self.factors)),
            source("combination", repeated(self.terms)),
            source("out of domain", deep_ali_error(&self.air, &self.shape, list_size)),
            source("collisions", ErrorBits(self.shape.collision_resistance as f64)),
        ]
    }

    fn unique_batching(&self) -> ErrorSource {
        let bits = SecurityAssumption::UniqueDecoding.prox_gaps_error(
            self.shape.log_trace_length,
            self.fri.log_blowup,
            EXTENSION_BITS,
            self.shape.num_batched_functions,
        );
        source("batching", ErrorBits(bits))
    }

    fn queries(&self, alpha: f64) -> ErrorSource {
        let bits = query_phase_error(alpha, self.fri.num_queries, self.fri.query_pow_bits);
        source(QUERIES_NAME, bits)
    }
}

fn source(name: &'static str, bits: ErrorBits) -> ErrorSource {
    ErrorSource { name, bits: bits.bits() }
}
