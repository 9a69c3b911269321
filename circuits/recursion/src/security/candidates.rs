//! Other settings of the last circuit: which of them has the bits of the design by the older theorem as
//! well, and how many bytes its proofs have.

use plonky2::fri::FriConfig;
use plonky2::fri::reduction_strategies::FriReductionStrategy;

use farthing_plonky2::KECCAK_COLLISION_BITS;

use super::*;
use crate::final_layer::FinalKey;

/// The least bits of the design.
const FLOOR: f64 = 85.0;
/// Queries beyond which a proof is twice as long.
const QUERIES_MAX: usize = 60;
/// Blow-ups, bits of work, arities of folds and heights of caps that are tried, log₂.
const BLOWUPS: core::ops::RangeInclusive<usize> = 4..=8;
const WORKS: [u32; 3] = [22, 26, 30];
const ARITIES: core::ops::RangeInclusive<usize> = 2..=4;
const CAPS: core::ops::RangeInclusive<usize> = 2..=6;
/// Share by which a proof may be longer for a bound that it does not need.
const MORE_MAX: f64 = 0.05;

/// Settings with what they come to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) log_blowup: usize,
    pub(super) queries: usize,
    pub(super) work: u32,
    pub(super) log_arity: usize,
    pub(super) log_cap: usize,
    pub(super) bytes: usize,
    pub(super) bits: f64,
    pub(super) older_bits: f64,
}

/// The key that the contract has.
pub(super) fn contract_key() -> FinalKey {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../l1-contracts/test/data/final_key.bin");
    FinalKey::from_bytes(&std::fs::read(path).expect("the key")).expect("a key")
}

/// The last circuit under other settings: its gates, rows and columns are the same.
fn under(key: &FinalKey, fri_config: FriConfig) -> FinalKey {
    let mut key = key.clone();
    let common = &mut key.data.common;
    common.fri_params = fri_config.fri_params(common.degree_bits(), common.fri_params.hiding);
    common.config.fri_config = fri_config;
    key
}

/// With the least queries, if there are any, that have the bits by a theorem.
fn candidate(
    key: &FinalKey,
    [log_blowup, log_arity, log_cap]: [usize; 3],
    work: u32,
    theorem: ProximityTheorem,
) -> Option<Candidate> {
    let strategy = match key.data.common.config.fri_config.reduction_strategy {
        FriReductionStrategy::ConstantArityBits(_, log_final) => {
            FriReductionStrategy::ConstantArityBits(log_arity, log_final)
        }
        ref other => other.clone(),
    };
    (1..=QUERIES_MAX).find_map(|queries| {
        let key = under(
            key,
            FriConfig {
                rate_bits: log_blowup,
                cap_height: log_cap,
                proof_of_work_bits: work,
                reduction_strategy: strategy.clone(),
                num_query_rounds: queries,
            },
        );
        let security = of_circuit(&key.data.common, KECCAK_COLLISION_BITS);
        let (bits, older_bits) = (security.proven_bits(), security.proven_2025_bits());
        let reached = match theorem {
            ProximityTheorem::Dkt26 => bits,
            ProximityTheorem::Bchks25 => older_bits,
        };
        let bytes = key.proof_bytes();
        (reached >= FLOOR).then_some(Candidate {
            log_blowup,
            queries,
            work,
            log_arity,
            log_cap,
            bytes,
            bits,
            older_bits,
        })
    })
}

/// The shortest proofs with the bits by a theorem, for each blow-up and amount of work.
pub(super) fn candidates(theorem: ProximityTheorem) -> Vec<Candidate> {
    let key = contract_key();
    let of = |log_blowup: usize, work: u32| {
        let shapes = ARITIES.flat_map(|arity| CAPS.map(move |cap| [log_blowup, arity, cap]));
        shapes
            .filter_map(|shape| candidate(&key, shape, work, theorem))
            .min_by_key(|candidate| candidate.bytes)
    };
    BLOWUPS.flat_map(|blowup| WORKS.map(|work| of(blowup, work))).flatten().collect()
}

/// By the older theorem the bits of the design cost more than a twentieth of a proof: so the settings are
/// those that have them by the newer one, and both figures are printed. Should this fail, there are better
/// settings.
#[test]
fn the_older_bound_costs_more_than_it_is_worth() {
    let key = contract_key();
    let bytes = key.proof_bytes() as f64;
    assert!(key.security().proven_2025_bits() < FLOOR);
    let all = candidates(ProximityTheorem::Bchks25);
    assert!(!all.is_empty());
    for candidate in all {
        assert!(candidate.older_bits >= FLOOR);
        assert!(candidate.bytes as f64 > bytes * (1.0 + MORE_MAX), "{candidate:?}");
    }
}
