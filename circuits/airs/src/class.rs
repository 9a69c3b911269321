//! Batch classes: the heights of all tables, as data.

use crate::schedule::Schedule;

/// log₂ of the least height: with the final polynomial of [`crate::config`] FRI folds nothing
/// shorter, and the extended table is taller than a Merkle cap, below which p3 binds nothing.
pub(crate) const LOG_MIN_HEIGHT: usize = 6;

/// The shape of a batch: one verification key per class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchClass {
    /// Its number in the statement.
    pub id: u64,
    /// log₂ of the most intents.
    pub log_intents: usize,
    /// log₂ of the signers table's height, one row of which is the generator.
    pub log_signers: usize,
    /// log₂ of the carries table's height.
    pub log_carries: usize,
    /// log₂ of the heights of the bucket tables, filled one after the other.
    pub log_buckets: &'static [usize],
    /// log₂ of the heights of the Poseidon2 tables, filled one after the other.
    pub log_poseidon2: &'static [usize],
    /// Windows and limbs.
    pub schedule: Schedule,
}

impl BatchClass {
    /// 16 intents, for tests.
    pub const TINY: Self = Self {
        id: 1,
        log_intents: 4,
        log_signers: 6,
        log_carries: 10,
        log_buckets: &[10, 10],
        log_poseidon2: &[7, 6],
        schedule: Schedule::new(4, 28, 4, 4),
    };
    /// 1,024 intents.
    pub const K1: Self = Self {
        id: 2,
        log_intents: 10,
        log_signers: 7,
        log_carries: 12,
        log_buckets: &[14, 13],
        log_poseidon2: &[12, 11],
        schedule: Schedule::new(7, 16, 5, 10),
    };
    /// 4,096 intents.
    pub const K4: Self = Self {
        id: 3,
        log_intents: 12,
        log_signers: 9,
        log_carries: 13,
        log_buckets: &[16],
        log_poseidon2: &[14, 13],
        schedule: Schedule::new(9, 12, 5, 12),
    };
    /// 16,384 intents.
    pub const K16: Self = Self {
        id: 4,
        log_intents: 14,
        log_signers: 9,
        log_carries: 13,
        log_buckets: &[17, 16],
        log_poseidon2: &[16, 15],
        schedule: Schedule::new(11, 10, 9, 14),
    };
    /// 65,536 intents.
    pub const K64: Self = Self {
        id: 5,
        log_intents: 16,
        log_signers: 12,
        log_carries: 16,
        log_buckets: &[19, 18],
        log_poseidon2: &[18, 17],
        schedule: Schedule::new(11, 10, 9, 16),
    };

    /// Every class.
    pub const ALL: [&'static Self; 5] = [&Self::TINY, &Self::K1, &Self::K4, &Self::K16, &Self::K64];

    /// Most signed intents of a batch.
    pub fn intents(&self) -> usize {
        1 << self.log_intents
    }

    /// Most distinct signers of a batch: rows of the signers table without the generator's, of
    /// which the carries table can serve so many.
    pub fn signers(&self) -> usize {
        let chains = (1 << self.log_carries) / self.schedule.positions();
        chains.min(1 << self.log_signers) - 1
    }

    pub(crate) fn log_intents_height(&self) -> usize {
        self.log_intents.max(LOG_MIN_HEIGHT)
    }

    pub(crate) fn log_weights_height(&self) -> usize {
        (self.log_intents - crate::weights::LOG_WEIGHTS_PER_BLOCK).max(LOG_MIN_HEIGHT)
    }

    pub(crate) fn log_receipts_height(&self) -> usize {
        crate::receipts::log_height(self.intents()).max(LOG_MIN_HEIGHT)
    }

    pub(crate) fn log_bucket_reduction_height(&self) -> usize {
        let rows: usize = self.schedule.windows().iter().map(|window| window.buckets()).sum();
        rows.next_power_of_two().ilog2() as usize
    }
}
