//! The parameters of the last circuits' proofs.

use plonky2::fri::FriConfig;
use plonky2::fri::reduction_strategies::FriReductionStrategy;
use plonky2::plonk::circuit_data::CircuitConfig;

use farthing_airs::Profile;

/// log₂ of the nodes of a Merkle cap.
const CAP_HEIGHT: usize = 4;

/// What cost and soundness of one of the last circuits' proofs depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerSettings {
    /// log₂ of the inverse rate.
    pub log_blowup: usize,
    /// Queries.
    pub queries: usize,
    /// Proof of work before the queries, bits.
    pub query_pow: u32,
    /// How often the arguments with base-field challenges are repeated.
    pub challenges: usize,
    /// log₂ of the folding arity.
    pub log_arity: usize,
    /// log₂ of the final polynomial's greatest length.
    pub log_final_poly_len: usize,
}

/// The settings of both last circuits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FinalSettings {
    /// Of the circuit that shrinks a node's proof.
    pub shrink: LayerSettings,
    /// Of the circuit that the contract verifies.
    pub outer: LayerSettings,
}

impl FinalSettings {
    /// The settings of a profile. Calldata sets the price of the outer proof: a low rate with few
    /// queries, and folds by eight, whose openings are short. The shrinking proof has as many
    /// queries as fit 2¹² rows: a lower rate costs twice the time and memory.
    pub const fn of(profile: Profile) -> Self {
        let shrink = LayerSettings {
            log_blowup: 6,
            queries: 23,
            query_pow: 23,
            challenges: 3,
            log_arity: 4,
            log_final_poly_len: 5,
        };
        let outer = LayerSettings {
            log_blowup: 8,
            queries: 18,
            query_pow: 22,
            challenges: 2,
            log_arity: 3,
            log_final_poly_len: 6,
        };
        match profile {
            Profile::Proven => Self { shrink, outer },
            Profile::Conjectured => Self {
                shrink: LayerSettings { queries: 14, query_pow: 16, challenges: 2, ..shrink },
                outer: LayerSettings { queries: 10, query_pow: 20, ..outer },
            },
        }
    }
}

impl LayerSettings {
    /// plonky2's configuration.
    pub(crate) fn config(&self) -> CircuitConfig {
        let standard = CircuitConfig::standard_recursion_config();
        CircuitConfig {
            // plonky2 only compares it with the conjectured bits of the query phase.
            security_bits: self.queries.min(standard.security_bits),
            num_challenges: self.challenges,
            fri_config: FriConfig {
                rate_bits: self.log_blowup,
                cap_height: CAP_HEIGHT,
                proof_of_work_bits: self.query_pow,
                reduction_strategy: FriReductionStrategy::ConstantArityBits(
                    self.log_arity,
                    self.log_final_poly_len,
                ),
                num_query_rounds: self.queries,
            },
            ..standard
        }
    }
}
