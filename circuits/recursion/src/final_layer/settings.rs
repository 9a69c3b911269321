//! The parameters of the last circuits' proofs.

use farthing_airs::Profile;
use farthing_plonky2::ProofSettings;

/// The settings of both last circuits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FinalSettings {
    /// Of the circuit that shrinks a node's proof.
    pub shrink: ProofSettings,
    /// Of the circuit that the contract verifies.
    pub final_circuit: ProofSettings,
}

impl FinalSettings {
    /// The settings of a profile. Calldata sets the price of the final proof: a low rate with few
    /// queries, and folds by eight, whose openings are short. The shrinking proof has as many
    /// queries as fit 2¹² rows: a lower rate costs twice the time and memory.
    pub const fn of(profile: Profile) -> Self {
        let shrink = ProofSettings {
            log_blowup: 6,
            queries: 23,
            query_pow: 23,
            challenges: 3,
            log_arity: 4,
            log_final_poly_len: 5,
        };
        let final_circuit = ProofSettings {
            log_blowup: 8,
            queries: 18,
            query_pow: 22,
            challenges: 2,
            log_arity: 3,
            log_final_poly_len: 6,
        };
        match profile {
            Profile::Proven => Self { shrink, final_circuit },
            Profile::Conjectured => Self {
                shrink: ProofSettings { queries: 14, query_pow: 16, challenges: 2, ..shrink },
                final_circuit: ProofSettings { queries: 10, query_pow: 20, ..final_circuit },
            },
        }
    }
}
