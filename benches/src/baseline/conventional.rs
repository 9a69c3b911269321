//! The conventional design, measured: circuits of several payments, joined two by two.

use farthing_conventional::{Baseline, BaselineError, BaselineTree, PaymentWitness};
use farthing_protocol::TREE_DEPTH;
use serde::{Deserialize, Serialize};

use crate::machine::{Machine, SpanTime, Stopwatch, peak_memory_mib, timed};

/// Accounts that pay each other, of the reference workload's order.
const ACCOUNTS: u32 = 2_000;
const BALANCE: u64 = 1 << 40;
const AMOUNT: u64 = 12_345;
/// Proofs of payments: enough for two joins of the first level, and one above them.
const PROOFS: usize = 4;
/// Steps between payer and receiver: odd, and no divisor of the number of accounts.
const STRIDE: u32 = 613;

/// Sizes of the measurement.
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

/// Measured cost of payments in the conventional design.
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
    /// To build the circuits.
    pub setup: SpanTime,
    /// To prove the payments of a circuit, the mean.
    pub prove: SpanTime,
    /// To join two such proofs, the mean.
    pub first_join: SpanTime,
    /// To join two joins.
    pub join: SpanTime,
    /// Most memory the process held, in MiB.
    pub peak_memory_mib: u64,
}

impl ConventionalReport {
    /// Computes the time for `payments` payments from the measured times of circuits and joins. A
    /// join on any level above the first costs as much as one on the second.
    pub fn time_for(&self, payments: usize) -> SpanTime {
        let circuits = payments.div_ceil(self.payments.max(1));
        let first = circuits / 2;
        let above = circuits.saturating_sub(1) - first;
        let steps = [(circuits, self.prove), (first, self.first_join), (above, self.join)];
        let sum = |of: fn(&SpanTime) -> f64| -> f64 {
            steps.iter().map(|(count, step)| *count as f64 * of(step)).sum()
        };
        SpanTime { wall_s: sum(|step| step.wall_s), cpu_s: sum(|step| step.cpu_s) }
    }
}

/// Builds the circuits, proves and joins. Trees are updated before any clock starts.
pub fn measure(options: Options) -> Result<ConventionalReport, BaselineError> {
    let watch = Stopwatch::start();
    let baseline = Baseline::new(options.depth, options.log_rows)?;
    let setup = watch.read();
    let payments = baseline.payments_per_proof();
    let accounts =
        1_u32.checked_shl(options.depth as u32).map_or(ACCOUNTS, |all| all.min(ACCOUNTS));
    let mut tree = BaselineTree::new(options.depth, accounts, BALANCE);
    let mut paid = 0..;
    let mut witnesses = || -> Result<Vec<PaymentWitness>, BaselineError> {
        let pay = |i: u32| tree.pay(i % accounts, (i + STRIDE) % accounts, AMOUNT);
        paid.by_ref().take(payments).map(pay).collect()
    };
    let (mut proofs, mut proving) = (Vec::new(), SpanTime::default());
    for _ in 0..PROOFS {
        let witnesses = witnesses()?;
        proofs.push(timed(&mut proving, || baseline.prove(&witnesses))?);
    }
    let (mut first, mut join) = (SpanTime::default(), SpanTime::default());
    let left = timed(&mut first, || baseline.join(&proofs[0], &proofs[1]))?;
    let right = timed(&mut first, || baseline.join(&proofs[2], &proofs[3]))?;
    let all = timed(&mut join, || baseline.join_joined(&left, &right))?;
    baseline.verify(&all)?;
    Ok(ConventionalReport {
        machine: Machine::this(),
        depth: options.depth,
        log_rows: baseline.log_rows(),
        payments,
        setup,
        prove: proving / PROOFS,
        first_join: first / 2,
        join,
        peak_memory_mib: peak_memory_mib(),
    })
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
            setup: SpanTime::default(),
            prove: SpanTime { wall_s: 8.0, cpu_s: 16.0 },
            first_join: SpanTime { wall_s: 2.0, cpu_s: 4.0 },
            join: SpanTime { wall_s: 1.0, cpu_s: 2.0 },
            peak_memory_mib: 0,
        }
    }

    /// A binary tree over n circuits has n − 1 joins, half of n on the lowest level.
    #[test]
    fn joins_are_counted() {
        let seconds = |payments| report(10).time_for(payments).wall_s;
        assert_eq!(seconds(1), 8.0);
        assert_eq!(seconds(20), 2.0 * 8.0 + 2.0);
        assert_eq!(seconds(40), 4.0 * 8.0 + 2.0 * 2.0 + 1.0);
        assert_eq!(seconds(79), 8.0 * 8.0 + 4.0 * 2.0 + 3.0);
        assert_eq!(report(10).time_for(79).cpu_s, 2.0 * seconds(79));
    }
}
