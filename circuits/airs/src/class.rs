//! The tables' heights in each batch class, as data.

use farthing_protocol::BatchClass;

use crate::schedule::Schedule;

/// log₂ of the least height: with the final polynomial of [`crate::config`] FRI folds nothing
/// shorter, and the extended table is taller than a Merkle cap, below which p3 binds nothing.
pub(crate) const LOG_MIN_HEIGHT: usize = 6;

/// Rows of one bucket that a class counts with where one bucket table ends and the next begins.
///
/// In a full batch that is in a window of the weights, whose buckets are chosen by hashes: in the
/// fullest class a bucket has 64 terms on average, and four times as many with probability below
/// 2⁻¹⁰⁰. (In the topmost windows all signers meet in few buckets; if a table ends there, the next
/// one is all but empty.) No bucket has more rows than intents, signers and the generator.
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
    /// log₂ of the receipts table's height.
    pub log_receipts: usize,
    /// log₂ of the carries table's height.
    pub log_carries: usize,
    /// log₂ of the heights of the bucket tables, filled one after the other.
    pub log_buckets: &'static [usize],
    /// log₂ of the heights of the Poseidon2 tables, filled one after the other.
    pub log_poseidon2: &'static [usize],
    /// Heights of the tables of the state.
    pub state: StateHeights,
    /// Windows and limbs.
    pub schedule: Schedule,
    /// Leaf proofs are of the least blow-up, which is cheapest where the leaf costs more than
    /// the wrap: the wrap's cost does not grow with the class. The wrap of such a class has 2¹⁶ rows
    /// and few to spare; every height that no other table has costs 2 to 4 % of them, so some
    /// tables are taller than the capacity needs.
    pub low_blowup: bool,
}

/// log₂ of the heights of the tables of the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateHeights {
    /// Queue entries and opened accounts, and a row of padding.
    pub log_queue: usize,
    /// Withdrawals, and a row of padding.
    pub log_withdrawals: usize,
    /// Touched accounts, and a row of padding.
    pub log_accounts: usize,
    /// Registrations and parents, and a row of padding.
    pub log_registrations: usize,
    /// Touched licenses, and a row of padding.
    pub log_licenses: usize,
    /// Holders of touched licenses.
    pub log_royalty_split: usize,
    /// Touched inner nodes of both trees, and the state root.
    pub log_merkle: usize,
    /// Blocks of public data.
    pub log_public_data: usize,
}

impl LeafClass {
    /// 16 intents, for tests.
    pub const TINY: Self = Self {
        batch: BatchClass::TINY,
        log_intents: 4,
        log_signers: 6,
        log_receipts: 6,
        log_carries: 10,
        log_buckets: &[10, 10],
        log_poseidon2: &[11],
        state: StateHeights {
            log_queue: 6,
            log_withdrawals: 6,
            log_accounts: 6,
            log_registrations: 6,
            log_licenses: 6,
            log_royalty_split: 7,
            log_merkle: 9,
            log_public_data: 7,
        },
        schedule: Schedule::new(4, 28, 4, 4),
        low_blowup: false,
    };
    /// 1,024 intents.
    pub const SMALL: Self = Self {
        batch: BatchClass::SMALL,
        log_intents: 10,
        log_signers: 7,
        log_receipts: 9,
        log_carries: 12,
        log_buckets: &[14, 13],
        log_poseidon2: &[15],
        state: StateHeights {
            log_queue: 8,
            log_withdrawals: 9,
            log_accounts: 11,
            log_registrations: 8,
            log_licenses: 10,
            log_royalty_split: 12,
            log_merkle: 13,
            log_public_data: 11,
        },
        schedule: Schedule::new(7, 16, 5, 10),
        low_blowup: false,
    };
    /// 4,096 intents.
    pub const MEDIUM: Self = Self {
        batch: BatchClass::MEDIUM,
        log_intents: 12,
        log_signers: 9,
        log_receipts: 11,
        log_carries: 13,
        log_buckets: &[16],
        log_poseidon2: &[15],
        state: StateHeights {
            log_queue: 10,
            log_withdrawals: 10,
            log_accounts: 11,
            log_registrations: 9,
            log_licenses: 10,
            log_royalty_split: 12,
            log_merkle: 12,
            log_public_data: 10,
        },
        schedule: Schedule::new(9, 12, 5, 12),
        low_blowup: false,
    };
    /// 16,384 intents.
    pub const LARGE: Self = Self {
        batch: BatchClass::LARGE,
        log_intents: 14,
        log_signers: 9,
        log_receipts: 13,
        log_carries: 13,
        log_buckets: &[17, 16],
        log_poseidon2: &[17],
        state: StateHeights {
            log_queue: 12,
            log_withdrawals: 12,
            log_accounts: 13,
            log_registrations: 12,
            log_licenses: 12,
            log_royalty_split: 14,
            log_merkle: 14,
            log_public_data: 12,
        },
        schedule: Schedule::new(11, 10, 9, 14),
        low_blowup: true,
    };
    /// 65,536 intents.
    pub const HUGE: Self = Self {
        batch: BatchClass::HUGE,
        log_intents: 16,
        log_signers: 13,
        log_receipts: 16,
        log_carries: 16,
        log_buckets: &[19, 19],
        log_poseidon2: &[19],
        state: StateHeights {
            log_queue: 14,
            log_withdrawals: 14,
            log_accounts: 16,
            log_registrations: 13,
            log_licenses: 14,
            log_royalty_split: 16,
            log_merkle: 16,
            log_public_data: 14,
        },
        schedule: Schedule::new(11, 10, 9, 16),
        low_blowup: true,
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
}
