//! The conventional design, measured: circuits of several payments, joined two by two.

use std::time::Instant;

use farthing_protocol::TREE_DEPTH;
use farthing_recursion::baseline::{Baseline, BaselineError, BaselineTree, PaymentWitness};
use serde::{Deserialize, Serialize};

use crate::machine::{Machine, peak_memory_mib};

/// Accounts that pay each other, of the reference workload's order.
const ACCOUNTS: u32 = 2_000;
const BALANCE: u64 = 1 << 40;
const AMOUNT: u64 = 12_345;
/// Proofs of payments: enough for two joins of the first level, and one above them.
const PROOFS: usize = 4;
/// Steps between payer and receiver, coprime to the number of accounts.
const STRIDE: u32 = 613;

/// What to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Levels of the accounts tree.
    pub depth: usize,
    /// log₂ of the rows of a circuit of payments.
    pub log_rows: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { depth: TREE_DEPTH, log_rows: 13 }
    }
}

/// What payments cost, payment by payment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ConventionalReport {
    /// The machine and the program.
    pub machine: Machine,
    /// Levels of the accounts tree.
    pub depth: usize,
    /// log₂ of the rows of the circuit of payments and of the joins of both levels.
    pub log_rows: [usize; 3],
    /// Payments per circuit.
    pub payments: usize,
    /// Seconds to build the circuits.
    pub setup_s: f64,
    /// Seconds to prove the payments of a circuit, the mean.
    pub payments_s: f64,
    /// Seconds to join two such proofs, the mean.
    pub first_join_s: f64,
    /// Seconds to join two joins.
    pub join_s: f64,
    /// Most memory the process held, in MiB.
    pub peak_memory_mib: u64,
}

impl ConventionalReport {
    /// Seconds for `payments` payments: the circuits and joins it takes, at what each was measured
    /// to cost. A join on any level above the first costs as much as one on the second.
    pub fn seconds_for(&self, payments: usize) -> f64 {
        let circuits = payments.div_ceil(self.payments.max(1));
        let first = circuits / 2;
        let above = circuits.saturating_sub(1) - first;
        circuits as f64 * self.payments_s
            + first as f64 * self.first_join_s
            + above as f64 * self.join_s
    }

    /// Payments per second when there are `payments`.
    pub fn payments_per_s(&self, payments: usize) -> f64 {
        payments as f64 / self.seconds_for(payments)
    }
}

/// Builds the circuits, proves and joins. Trees are updated before any clock starts.
pub fn measure(options: Options) -> Result<ConventionalReport, BaselineError> {
    let setup = Instant::now();
    let baseline = Baseline::new(options.depth, options.log_rows)?;
    let setup_s = setup.elapsed().as_secs_f64();
    let payments = baseline.payments_per_proof();
    let mut tree = BaselineTree::new(options.depth, ACCOUNTS, BALANCE);
    let mut paid = 0..;
    let mut witnesses = || -> Result<Vec<PaymentWitness>, BaselineError> {
        let pay = |i: u32| tree.pay(i % ACCOUNTS, (i + STRIDE) % ACCOUNTS, AMOUNT);
        paid.by_ref().take(payments).map(pay).collect()
    };
    let (mut proofs, mut payments_s) = (Vec::new(), 0.0);
    for _ in 0..PROOFS {
        let witnesses = witnesses()?;
        proofs.push(timed(&mut payments_s, || baseline.prove(&witnesses))?);
    }
    let (mut first_join_s, mut join_s) = (0.0, 0.0);
    let left = timed(&mut first_join_s, || baseline.join(&proofs[0], &proofs[1]))?;
    let right = timed(&mut first_join_s, || baseline.join(&proofs[2], &proofs[3]))?;
    let all = timed(&mut join_s, || baseline.join_joined(&left, &right))?;
    baseline.verify(&all)?;
    Ok(ConventionalReport {
        machine: Machine::this(),
        depth: options.depth,
        log_rows: baseline.rows().map(|rows| rows.log_all),
        payments,
        setup_s,
        payments_s: payments_s / PROOFS as f64,
        first_join_s: first_join_s / 2.0,
        join_s,
        peak_memory_mib: peak_memory_mib(),
    })
}

fn timed<T>(seconds: &mut f64, step: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = step();
    *seconds += start.elapsed().as_secs_f64();
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(payments: usize) -> ConventionalReport {
        ConventionalReport {
            machine: Machine::default(),
            depth: 32,
            log_rows: [13, 13, 13],
            payments,
            setup_s: 0.0,
            payments_s: 8.0,
            first_join_s: 2.0,
            join_s: 1.0,
            peak_memory_mib: 0,
        }
    }

    /// A binary tree over n circuits has n − 1 joins, half of n on the lowest level.
    #[test]
    fn joins_are_counted() {
        let seconds = |payments| report(10).seconds_for(payments);
        assert_eq!(seconds(1), 8.0);
        assert_eq!(seconds(20), 2.0 * 8.0 + 2.0);
        assert_eq!(seconds(40), 4.0 * 8.0 + 2.0 * 2.0 + 1.0);
        assert_eq!(seconds(79), 8.0 * 8.0 + 4.0 * 2.0 + 3.0);
        assert_eq!(report(10).payments_per_s(20), 20.0 / 18.0);
    }
}
