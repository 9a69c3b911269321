//! The parameters of the circuits' own proofs.

use plonky2::plonk::circuit_data::CircuitConfig;

use farthing_airs::Profile;
use farthing_plonky2::ProofSettings;

/// log₂ of the inverse rate; the gates' degree needs it.
const LOG_BLOWUP: usize = 3;
/// log₂ of the folding arity, and of the final polynomial's length.
const LOG_ARITY: usize = 4;
const LOG_FINAL_POLY_LEN: usize = 5;

/// Repetitions of the arguments with base-field challenges: the permutation argument of
/// 2¹⁵ rows has no more than 80 proven bits with two.
const CHALLENGES: usize = 3;

/// Parameters that cost and soundness of a circuit's proofs depend on.
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
        let Self { queries, query_pow } = *self;
        ProofSettings {
            log_blowup: LOG_BLOWUP,
            queries,
            query_pow,
            challenges: CHALLENGES,
            log_arity: LOG_ARITY,
            log_final_poly_len: LOG_FINAL_POLY_LEN,
        }
        .config()
    }
}
