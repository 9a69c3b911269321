//! The tables' heights in each batch class, as data.

use farthing_protocol::BatchClass;

use crate::schedule::Schedule;

/// log₂ of the least height: with the final polynomial of [`crate::config`] FRI folds nothing
/// shorter, and the extended table is taller than a Merkle cap, below which p3 binds nothing.
pub(crate) const LOG_MIN_HEIGHT: usize = 6;

/// Rows of one bucket that a class counts with. Buckets are chosen by hashes: in the fullest class
/// a bucket has 64 terms on average, and four times as many with probability below 2⁻¹⁰⁰. No
/// bucket has more rows than the batch has intents, signers and the generator.
const LONGEST_RUN: usize = 256;

/// The shape of a leaf proof: one verification key per class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafClass {
    /// Number, name and capacity.
    pub batch: BatchClass,
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

impl LeafClass {
    /// 16 intents, for tests.
    pub const TINY: Self = Self {
        batch: BatchClass::TINY,
        log_intents: 4,
        log_signers: 6,
        log_carries: 10,
        log_buckets: &[10, 10],
        log_poseidon2: &[7, 6],
        schedule: Schedule::new(4, 28, 4, 4),
    };
    /// 1,024 intents.
    pub const SMALL: Self = Self {
        batch: BatchClass::SMALL,
        log_intents: 10,
        log_signers: 7,
        log_carries: 12,
        log_buckets: &[14, 13],
        log_poseidon2: &[12, 11],
        schedule: Schedule::new(7, 16, 5, 10),
    };
    /// 4,096 intents.
    pub const MEDIUM: Self = Self {
        batch: BatchClass::MEDIUM,
        log_intents: 12,
        log_signers: 9,
        log_carries: 13,
        log_buckets: &[16],
        log_poseidon2: &[14, 13],
        schedule: Schedule::new(9, 12, 5, 12),
    };
    /// 16,384 intents.
    pub const LARGE: Self = Self {
        batch: BatchClass::LARGE,
        log_intents: 14,
        log_signers: 9,
        log_carries: 13,
        log_buckets: &[17, 16],
        log_poseidon2: &[16, 15],
        schedule: Schedule::new(11, 10, 9, 14),
    };
    /// 65,536 intents.
    pub const HUGE: Self = Self {
        batch: BatchClass::HUGE,
        log_intents: 16,
        log_signers: 12,
        log_carries: 16,
        log_buckets: &[19, 18],
        log_poseidon2: &[18, 17],
        schedule: Schedule::new(11, 10, 9, 16),
    };

    /// Every class.
    pub const ALL: [&'static Self; 5] =
        [&Self::TINY, &Self::SMALL, &Self::MEDIUM, &Self::LARGE, &Self::HUGE];

    /// Most signed intents of a batch.
    pub fn intents(&self) -> usize {
        1 << self.log_intents
    }

    /// Most distinct signers of a full batch: rows of the signers table without the generator's,
    /// chains of the carries table, terms that the bucket tables hold beside the intents'.
    pub fn signers(&self) -> usize {
        let rows = 1 << self.log_signers;
        let chains = (1 << self.log_carries) / self.schedule.positions();
        let buckets: usize = self.log_buckets.iter().map(|log_height| 1 << log_height).sum();
        // A run that does not fit at the end of a table leaves its rows empty.
        let lost = (self.log_buckets.len() - 1) * LONGEST_RUN.min(2 * self.intents() + 1);
        let intents = self.intents() * self.schedule.low_windows();
        let terms = (buckets - lost - intents) / self.schedule.windows().len();
        rows.min(chains).min(terms) - 1
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
