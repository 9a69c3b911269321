//! Counters of the node.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::latency::Latency;

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        #[derive(Debug, Default)]
        struct Counters {
            $($name: AtomicU64,)*
        }

        /// All counters at one time. They start at 0 with the process.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct MetricsSnapshot {
            $($(#[$doc])* pub $name: u64,)*
        }

        impl Counters {
            fn snapshot(&self) -> MetricsSnapshot {
                MetricsSnapshot { $($name: self.$name.load(Ordering::Relaxed),)* }
            }
        }

        impl Metrics {
            $(
                pub(crate) fn $name(&self, more: u64) {
                    self.0.$name.fetch_add(more, Ordering::Relaxed);
                }
            )*
        }
    };
}

counters! {
    /// Intents acknowledged for the first time.
    intents_accepted,
    /// Intents answered as repeats of accepted ones.
    intents_repeated,
    /// Intents refused.
    intents_rejected,
    /// Intents refused because the queue was full.
    intents_overloaded,
    /// Intents refused because nothing new is acknowledged.
    intents_closed,
    /// Accounts opened by request.
    accounts_opened,
    /// Queue entries consumed.
    queue_consumed,
    /// Writes that made intents durable.
    commits,
    /// Batches sealed.
    batches_sealed,
    /// Leaf proofs made.
    leaves_proven,
    /// Milliseconds of leaf proofs.
    leaf_millis,
    /// Leaves wrapped.
    wraps_proven,
    /// Milliseconds of wraps.
    wrap_millis,
    /// Joins made.
    joins_proven,
    /// Milliseconds of joins.
    join_millis,
    /// Blocks proven.
    blocks_proven,
    /// Milliseconds of final layers.
    final_millis,
    /// Proof steps that failed and are tried again.
    proof_retries,
    /// L1 transactions sent.
    l1_transactions,
    /// L1 transactions sent again with a higher fee.
    l1_fee_bumps,
    /// Blocks that left L1 by a reorganisation.
    l1_reorgs,
    /// Calls to L1 that failed.
    l1_errors,
    /// Times that batches were remade on L1's state.
    rebases,
    /// Acknowledged intents that L1's state made impossible.
    intents_dropped,
    /// Blocks final on L1.
    blocks_finalized,
}

/// The counters of a process. Clones count together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metrics(Arc<Counters>, Latency);

impl Metrics {
    pub(crate) fn snapshot(&self) -> MetricsSnapshot {
        self.0.snapshot()
    }

    /// The times of the sequencer's steps.
    pub(crate) const fn latency(&self) -> &Latency {
        &self.1
    }
}

/// Whole milliseconds.
pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
