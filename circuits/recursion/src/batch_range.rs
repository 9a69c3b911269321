//! Statement of a proof of consecutive batches, in the positions of its public inputs: so much of the
//! block statement as neighbours have to agree on.

use plonky2::hash::hash_types::HashOutTarget;
use plonky2::iop::target::Target;

use farthing_plonky2::{Builder, F, to_felt};
use farthing_protocol::{
    BatchNumber, BlockStatement, Digest, Felt, QueueIndex, STATEMENT_ELEMENTS, Tag, UnixTime,
    canonical, position,
};

use crate::hash_gadget;

/// Consecutive batches, as one proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchRange {
    /// The deployment.
    pub domain: Digest,
    /// log₂ of the leaves of the tree of batch digests, empty ones included.
    pub log_leaves: u64,
    /// Number of batches.
    pub batches: u64,
    /// [`farthing_protocol::batches_root`] of their digests.
    pub batches_root: Digest,
    /// The number of the first.
    pub first_batch: Felt,
    /// The time of the first.
    pub first_time: Felt,
    /// The time of the last.
    pub last_time: Felt,
    /// The state root before.
    pub old_root: Digest,
    /// The state root after.
    pub new_root: Digest,
    /// The first queue entry consumed.
    pub queue_from: Felt,
    /// The first queue entry not consumed.
    pub queue_to: Felt,
}

/// Elements of a range among public inputs.
pub(crate) const BATCH_RANGE_ELEMENTS: usize = 23;

/// A range on wires.
#[derive(Clone, Copy)]
pub(crate) struct BatchRangeTargets {
    pub(crate) domain: HashOutTarget,
    pub(crate) log_leaves: Target,
    pub(crate) batches: Target,
    pub(crate) batches_root: HashOutTarget,
    pub(crate) first_batch: Target,
    pub(crate) first_time: Target,
    pub(crate) last_time: Target,
    pub(crate) old_root: HashOutTarget,
    pub(crate) new_root: HashOutTarget,
    pub(crate) queue_from: Target,
    pub(crate) queue_to: Target,
}

impl BatchRangeTargets {
    /// The range of one batch.
    pub(crate) fn of_batch(
        builder: &mut Builder,
        statement: &[Target; STATEMENT_ELEMENTS],
    ) -> Self {
        let of = |range: core::ops::Range<usize>| HashOutTarget {
            elements: core::array::from_fn(|i| statement[range.start + i]),
        };
        Self {
            domain: of(position::DOMAIN),
            log_leaves: builder.zero(),
            batches: builder.one(),
            batches_root: hash_gadget::hash(builder, Tag::BatchStatement, statement),
            first_batch: statement[position::NUMBER],
            first_time: statement[position::TIMESTAMP],
            last_time: statement[position::TIMESTAMP],
            old_root: of(position::OLD_ROOT),
            new_root: of(position::NEW_ROOT),
            queue_from: statement[position::QUEUE_FROM],
            queue_to: statement[position::QUEUE_TO],
        }
    }

    /// The elements in the order of public inputs.
    pub(crate) fn elements(&self) -> [Target; BATCH_RANGE_ELEMENTS] {
        let numbers = [
            self.log_leaves,
            self.batches,
            self.first_batch,
            self.first_time,
            self.last_time,
            self.queue_from,
            self.queue_to,
        ];
        let digests = [self.domain, self.batches_root, self.old_root, self.new_root];
        let mut all = numbers.into_iter().chain(digests.into_iter().flat_map(|one| one.elements));
        core::array::from_fn(|_| all.next().expect("seven numbers and four digests"))
    }

    /// The range among a child's public inputs.
    pub(crate) fn from_elements(elements: &[Target; BATCH_RANGE_ELEMENTS]) -> Self {
        let digest = |i: usize| HashOutTarget {
            elements: core::array::from_fn(|j| elements[DIGESTS + 4 * i + j]),
        };
        let [log_leaves, batches, first_batch, first_time, last_time, queue_from, queue_to, ..] =
            *elements;
        Self {
            domain: digest(0),
            log_leaves,
            batches,
            batches_root: digest(1),
            first_batch,
            first_time,
            last_time,
            old_root: digest(2),
            new_root: digest(3),
            queue_from,
            queue_to,
        }
    }
}

/// Position of the first digest.
const DIGESTS: usize = 7;
const _: () = assert!(DIGESTS + 4 * 4 == BATCH_RANGE_ELEMENTS);

impl BatchRange {
    /// The range among a proof's public inputs.
    pub(crate) fn from_elements(elements: &[F; BATCH_RANGE_ELEMENTS]) -> Self {
        let digest = |i: usize| hash_gadget::of_elements(&elements[DIGESTS + 4 * i..]);
        let number = |i: usize| to_felt(elements[i]);
        Self {
            domain: digest(0),
            log_leaves: canonical(number(0)),
            batches: canonical(number(1)),
            batches_root: digest(1),
            first_batch: number(2),
            first_time: number(3),
            last_time: number(4),
            old_root: digest(2),
            new_root: digest(3),
            queue_from: number(5),
            queue_to: number(6),
        }
    }

    /// The block statement; `None` if a number is out of its range, which no sequence of batch
    /// headers has.
    pub fn block_statement(&self) -> Option<BlockStatement> {
        Some(BlockStatement {
            domain: self.domain,
            first_batch: BatchNumber::new(canonical(self.first_batch)).ok()?,
            batches: u32::try_from(self.batches).ok()?,
            timestamp: UnixTime::new(canonical(self.last_time)).ok()?,
            old_root: self.old_root,
            new_root: self.new_root,
            queue_from: QueueIndex::new(canonical(self.queue_from)).ok()?,
            queue_to: QueueIndex::new(canonical(self.queue_to)).ok()?,
            batches_root: self.batches_root,
        })
    }
}
