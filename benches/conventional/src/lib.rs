//! The conventional rollup in plain plonky2, to compare with: payment by payment, each with the
//! Merkle paths of both accounts.
//!
//! For each payment the payer's leaf is shown to be under the root, replaced by one of a lower
//! balance and the next nonce, and the receiver's likewise under the root between: four paths of
//! the tree's depth. Balances and amounts are range-checked. Left out, in its favour: signatures,
//! royalty splits, fees, the queue, receipts, public data. Several payments share a circuit, and
//! proofs are joined two by two. Stock Poseidon gate, stock configuration, 100 conjectured bits.

mod circuits;
#[cfg(test)]
mod tests;
mod tree;

use thiserror::Error;
use tracing::instrument;

use circuits::{BaselineProof, JoinCircuit, PaymentsCircuit};
pub use tree::{BaselineTree, PaymentWitness};

/// A proof is not made, or refused.
#[derive(Debug, Error)]
pub enum BaselineError {
    /// A circuit of this size has too few rows for one payment.
    #[error("no payment of depth {depth} fits 2^{log_rows} rows")]
    Rows {
        /// Depth of the tree.
        depth: usize,
        /// log₂ of the rows.
        log_rows: usize,
    },
    /// The circuit takes another number of payments.
    #[error("the circuit takes {expected} payments, got {got}")]
    Payments {
        /// Payments that the circuit takes.
        expected: usize,
        /// Payments given.
        got: usize,
    },
    /// The account has less than the payment.
    #[error("account {account} has {balance}, {amount} were to be paid")]
    Funds {
        /// The payer.
        account: u32,
        /// The payer's balance.
        balance: u64,
        /// The amount of the payment.
        amount: u64,
    },
    /// The circuit cannot be satisfied.
    #[error("the circuit refuses the witness")]
    Circuit(#[source] anyhow::Error),
    /// The proof is not valid.
    #[error("the proof is not valid")]
    Invalid(#[source] anyhow::Error),
}

/// A proof that payments took one root to another.
pub struct PaymentsProof(BaselineProof);

/// A join of two proofs of payments, or of two joins.
pub struct JoinedProof {
    proof: BaselineProof,
    level: Level,
}

/// Which circuit joined: the first level joins payments, the second joins of the first level.
/// Levels above cost what the second does: they verify a circuit of as many rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    First,
    Second,
}

/// The circuits of the conventional design.
pub struct Baseline {
    payments: PaymentsCircuit,
    first: JoinCircuit,
    second: JoinCircuit,
}

impl Baseline {
    /// As many payments per circuit as have room in 2^`log_rows` rows, over trees of `depth`.
    #[instrument(name = "baseline setup", skip_all)]
    pub fn new(depth: usize, log_rows: usize) -> Result<Self, BaselineError> {
        let payments = PaymentsCircuit::filling(depth, log_rows)?;
        let first = JoinCircuit::over(&payments.circuit);
        let second = JoinCircuit::over(&first.circuit);
        Ok(Self { payments, first, second })
    }

    /// Payments that one proof takes.
    pub fn payments_per_proof(&self) -> usize {
        self.payments.slots.len()
    }

    /// log₂ of the circuits' rows: payments, the first join, the joins above.
    pub fn log_rows(&self) -> [usize; 3] {
        [
            self.payments.circuit.common.degree_bits(),
            self.first.circuit.common.degree_bits(),
            self.second.circuit.common.degree_bits(),
        ]
    }

    /// Proves as many payments as a proof takes.
    #[instrument(name = "baseline payments", skip_all)]
    pub fn prove(&self, witnesses: &[PaymentWitness]) -> Result<PaymentsProof, BaselineError> {
        self.payments.prove(witnesses).map(PaymentsProof)
    }

    /// Joins two proofs of payments.
    #[instrument(name = "baseline first join", skip_all)]
    pub fn join(
        &self,
        left: &PaymentsProof,
        right: &PaymentsProof,
    ) -> Result<JoinedProof, BaselineError> {
        let proof = self.first.prove(&left.0, &right.0)?;
        Ok(JoinedProof { proof, level: Level::First })
    }

    /// Joins two joins of the first level.
    #[instrument(name = "baseline join", skip_all)]
    pub fn join_joined(
        &self,
        left: &JoinedProof,
        right: &JoinedProof,
    ) -> Result<JoinedProof, BaselineError> {
        let proof = self.second.prove(&left.proof, &right.proof)?;
        Ok(JoinedProof { proof, level: Level::Second })
    }

    /// Accepts a valid join.
    pub fn verify(&self, joined: &JoinedProof) -> Result<(), BaselineError> {
        let circuit = match joined.level {
            Level::First => &self.first,
            Level::Second => &self.second,
        };
        circuit.circuit.verify(joined.proof.clone()).map_err(BaselineError::Invalid)
    }
}
