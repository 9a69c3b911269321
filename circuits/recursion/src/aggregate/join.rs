//! Two spans to one, by the rules of [`farthing_protocol::BlockStatement::join`].
//!
//! The tree of batch digests grows to the right: the left span's is full, the right one's at most
//! as tall and filled up with empty leaves to the left's height, so that every span, finished or
//! not, has the root [`farthing_protocol::batches_root`] of its own batches.

use plonky2::field::types::Field;
use plonky2::hash::hash_types::HashOutTarget;
use plonky2::iop::target::{BoolTarget, Target};

use farthing_protocol::{Digest, TIME_BITS, compress};

use crate::digest;
use crate::field::{Builder, F};
use crate::merkle;
use crate::span::SpanTargets;

/// log₂ of the most batches of a block.
pub const LOG_BATCHES_MAX: usize = 10;

/// Says that `right` follows `left`, and returns both as one.
pub(super) fn join(builder: &mut Builder, left: &SpanTargets, right: &SpanTargets) -> SpanTargets {
    check_neighbours(builder, left, right);
    SpanTargets {
        domain: left.domain,
        log_leaves: builder.add_const(left.log_leaves, F::ONE),
        batches: builder.add(left.batches, right.batches),
        batches_root: join_roots(builder, left, right),
        first_batch: left.first_batch,
        first_time: left.first_time,
        last_time: right.last_time,
        old_root: left.old_root,
        new_root: right.new_root,
        queue_from: left.queue_from,
        queue_to: right.queue_to,
    }
}

fn check_neighbours(builder: &mut Builder, left: &SpanTargets, right: &SpanTargets) {
    builder.connect_hashes(left.domain, right.domain);
    let next_batch = builder.add(left.first_batch, left.batches);
    builder.connect(right.first_batch, next_batch);
    builder.connect_hashes(left.new_root, right.old_root);
    builder.connect(left.queue_to, right.queue_from);
    // Both times have as many bits, so a negative difference has more.
    let elapsed = builder.sub(right.first_time, left.last_time);
    builder.range_check(elapsed, TIME_BITS as usize);
}

/// The root over a full left tree and a right one that is at most as tall.
fn join_roots(builder: &mut Builder, left: &SpanTargets, right: &SpanTargets) -> HashOutTarget {
    let left_height = one_hot(builder, left.log_leaves);
    let right_height = one_hot(builder, right.log_leaves);

    let mut full = builder.zero();
    for (log, flag) in left_height.iter().enumerate() {
        full = builder.mul_const_add(F::from_canonical_u64(1 << log), flag.target, full);
    }
    builder.connect(left.batches, full);

    // Level by level: has the right tree ended, and does the left one go on?
    let mut root = right.batches_root;
    let mut empty = Digest::ZERO;
    let mut ended = builder.zero();
    let mut remaining = builder.one();
    let mut no_taller = builder.zero();
    for (left_ends, right_ends) in left_height.iter().zip(&right_height) {
        ended = builder.add(ended, right_ends.target);
        remaining = builder.sub(remaining, left_ends.target);
        no_taller = builder.mul_add(left_ends.target, ended, no_taller);
        let fill = builder.mul(ended, remaining);
        // A product of two sums of a one-hot vector's flags.
        let fill = BoolTarget::new_unsafe(fill);
        let sibling = digest::constant(builder, &empty);
        let unswapped = builder._false();
        let filled = merkle::compress(builder, root, sibling, unswapped);
        root = digest::select(builder, fill, filled, root);
        empty = compress(&empty, &empty);
    }
    builder.assert_one(no_taller);
    let unswapped = builder._false();
    merkle::compress(builder, left.batches_root, root, unswapped)
}

/// Flags of which the one at `index` is set; there is none for an index out of range.
fn one_hot(builder: &mut Builder, index: Target) -> [BoolTarget; LOG_BATCHES_MAX] {
    let flags: [BoolTarget; LOG_BATCHES_MAX] = core::array::from_fn(|i| {
        let i = builder.constant(F::from_canonical_usize(i));
        builder.is_equal(index, i)
    });
    let sum = builder.add_many(flags.iter().map(|flag| flag.target));
    builder.assert_one(sum);
    flags
}
