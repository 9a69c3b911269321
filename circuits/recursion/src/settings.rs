//! The parameters of the circuits' own proofs.

use plonky2::fri::FriConfig;
use plonky2::fri::reduction_strategies::FriReductionStrategy;
use plonky2::plonk::circuit_data::CircuitConfig;

use farthing_airs::Profile;

/// log₂ of the inverse rate; the gates' degree needs it.
const RATE_BITS: usize = 3;
/// log₂ of the nodes of a Merkle cap.
const CAP_HEIGHT: usize = 4;
/// log₂ of the folding arity, and of the final polynomial's length.
const LOG_ARITY: usize = 4;
const LOG_FINAL_POLY_LEN: usize = 5;

/// How often the arguments with base-field challenges are repeated: the permutation argument of
/// 2¹⁵ rows has no more than 80 proven bits with two.
const CHALLENGES: usize = 3;

/// What cost and soundness of a circuit's proofs depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CircuitSettings {
    /// Queries.
    pub queries: usize,
    /// Proof of work before the queries, bits.
    pub query_pow: u32,
}

impl CircuitSettings {
    /// The settings of a profile. Of the query phase alone: 94 proven bits by the Johnson bound,
    /// or 100 conjectured.
    pub const fn of(profile: Profile) -> Self {
        match profile {
            Profile::Proven => Self { queries: 52, query_pow: 16 },
            Profile::Conjectured => Self { queries: 28, query_pow: 16 },
        }
    }

    /// plonky2's configuration.
    pub(crate) fn config(&self) -> CircuitConfig {
        CircuitConfig {
            // plonky2 only compares it with the conjectured bits of the query phase.
            security_bits: self
                .queries
                .min(CircuitConfig::standard_recursion_config().security_bits),
            num_challenges: CHALLENGES,
            fri_config: FriConfig {
                rate_bits: RATE_BITS,
                cap_height: CAP_HEIGHT,
                proof_of_work_bits: self.query_pow,
                reduction_strategy: FriReductionStrategy::ConstantArityBits(
                    LOG_ARITY,
                    LOG_FINAL_POLY_LEN,
                ),
                num_query_rounds: self.queries,
            },
            ..CircuitConfig::standard_recursion_config()
        }
    }
}
