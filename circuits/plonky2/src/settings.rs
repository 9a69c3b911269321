//! Parameters of a circuit's proofs.

use plonky2::fri::FriConfig;
use plonky2::fri::reduction_strategies::FriReductionStrategy;
use plonky2::plonk::circuit_data::CircuitConfig;

/// log₂ of the nodes of a Merkle cap.
const CAP_HEIGHT: usize = 4;

/// Parameters that set the cost and the soundness of a circuit's proofs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProofSettings {
    /// log₂ of the inverse rate.
    pub log_blowup: usize,
    /// Queries.
    pub queries: usize,
    /// Proof of work before the queries, bits.
    pub query_pow: u32,
    /// Repetitions of the arguments with challenges from the base field.
    pub challenges: usize,
    /// log₂ of the folding arity.
    pub log_arity: usize,
    /// log₂ of the final polynomial's greatest length.
    pub log_final_poly_len: usize,
}

impl ProofSettings {
    /// plonky2's configuration.
    pub fn config(&self) -> CircuitConfig {
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
