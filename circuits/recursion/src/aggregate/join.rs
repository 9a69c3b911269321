//! Two ranges to one, by the rules of [`farthing_protocol::BlockStatement::join`].
//!
//! The tree of batch digests grows to the right: the left range's is full, the right one's at most
//! as tall and filled up with empty leaves to the left's height, so that every range, finished or
//! not, has the root [`farthing_protocol::batches_root`] of its own batches.

use plonky2::field::types::Field;
use plonky2::hash::hash_types::HashOutTarget;
use plonky2::iop::target::{BoolTarget, Target};

use farthing_plonky2::{Builder, F};
use farthing_protocol::{Digest, TIME_BITS, compress};

use crate::batch_range::BatchRangeTargets;
use crate::enforced_checks::{Check, connect, is_enforced, range_check};
use crate::hash_gadget;
use crate::merkle;

/// log₂ of the most batches of a block.
pub const LOG_BATCHES_MAX: usize = 10;

/// Says that `right` follows `left`, and returns both as one.
pub(super) fn join(
    builder: &mut Builder,
    left: &BatchRangeTargets,
    right: &BatchRangeTargets,
) -> BatchRangeTargets {
    check_neighbours(builder, left, right);
    BatchRangeTargets {
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

fn check_neighbours(builder: &mut Builder, left: &BatchRangeTargets, right: &BatchRangeTargets) {
    connect(builder, Check::SameDomain, &left.domain.elements, &right.domain.elements);
    let next_batch = builder.add(left.first_batch, left.batches);
    if is_enforced(Check::NextNumber) {
        builder.connect(right.first_batch, next_batch);
    }
    connect(builder, Check::NextRoot, &left.new_root.elements, &right.old_root.elements);
    if is_enforced(Check::NextEntry) {
        builder.connect(left.queue_to, right.queue_from);
    }
    // Both times have as many bits, so a negative difference has more.
    let elapsed = builder.sub(right.first_time, left.last_time);
    range_check(builder, Check::LaterTime, elapsed, TIME_BITS as usize);
}

/// The root over a full left tree and a right one that is at most as tall.
fn join_roots(
    builder: &mut Builder,
    left: &BatchRangeTargets,
    right: &BatchRangeTargets,
) -> HashOutTarget {
    let left_height = one_hot(builder, left.log_leaves);
    let right_height = one_hot(builder, right.log_leaves);

    let mut full = builder.zero();
    for (log, flag) in left_height.iter().enumerate() {
        full = builder.mul_const_add(F::from_canonical_u64(1 << log), flag.target, full);
    }
    if is_enforced(Check::FullTree) {
        builder.connect(left.batches, full);
    }

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
        let sibling = hash_gadget::constant(builder, &empty);
        let unswapped = builder._false();
        let filled = merkle::compress(builder, root, sibling, unswapped);
        root = hash_gadget::select(builder, fill, filled, root);
        empty = compress(&empty, &empty);
    }
    if is_enforced(Check::NoTaller) {
        builder.assert_one(no_taller);
    }
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
    if is_enforced(Check::Height) {
        builder.assert_one(sum);
    }
    flags
}

#[cfg(test)]
pub(crate) mod tests {
    use plonky2::iop::witness::{PartialWitness, WitnessWrite};
    use plonky2::plonk::circuit_data::CircuitConfig;

    use farthing_plonky2::from_felt;
    use farthing_protocol::{Felt, MODULUS, Tag, batches_root, hash};

    use super::*;
    use crate::batch_range::{BATCH_RANGE_ELEMENTS, BatchRange};
    use crate::circuit::InnerCircuit;
    use crate::enforced_checks::{Verdict, omit_check, omit_element};

    struct JoinCircuit {
        circuit: InnerCircuit,
        ranges: [[Target; BATCH_RANGE_ELEMENTS]; 2],
    }

    fn circuit() -> JoinCircuit {
        let mut builder = Builder::new(CircuitConfig::standard_recursion_config());
        let ranges: [[Target; BATCH_RANGE_ELEMENTS]; 2] =
            core::array::from_fn(|_| core::array::from_fn(|_| builder.add_virtual_target()));
        let [left, right] = ranges.each_ref().map(BatchRangeTargets::from_elements);
        let joined = join(&mut builder, &left, &right);
        builder.register_public_inputs(&joined.elements());
        JoinCircuit { circuit: builder.build(), ranges }
    }

    impl JoinCircuit {
        fn join(&self, left: &BatchRange, right: &BatchRange) -> Option<BatchRange> {
            let mut witness = PartialWitness::new();
            for (targets, range) in self.ranges.iter().zip([left, right]) {
                for (target, value) in targets.iter().zip(range.elements()) {
                    witness.set_target(*target, value).expect("assigned once");
                }
            }
            let proof = self.circuit.prove(witness).ok()?;
            let range =
                proof.public_inputs.as_slice().try_into().ok().map(BatchRange::from_elements);
            self.circuit.verify(proof).ok().and(range)
        }
    }

    fn digest(i: u64) -> Digest {
        hash(Tag::Domain, &[Felt::new(i)])
    }

    /// Batches `from..to` of one sequence.
    fn range(from: u64, to: u64) -> BatchRange {
        let digests: Vec<Digest> = (from..to).map(|i| digest(1_000 + i)).collect();
        let count = to - from;
        BatchRange {
            domain: digest(1),
            log_leaves: u64::from(count.next_power_of_two().ilog2()),
            batches: count,
            batches_root: batches_root(&digests),
            first_batch: Felt::new(10 + from),
            first_time: Felt::new(500 + from / 2),
            last_time: Felt::new(500 + (to - 1) / 2),
            old_root: digest(from),
            new_root: digest(to),
            queue_from: Felt::new(3 * from),
            queue_to: Felt::new(3 * to),
        }
    }

    #[test]
    fn spans_join_to_their_whole() {
        let circuit = circuit();
        for (left, total) in [(1, 2), (2, 3), (2, 4), (4, 5), (4, 7), (8, 9), (16, 21), (512, 600)]
        {
            let joined = circuit.join(&range(0, left), &range(left, total));
            assert_eq!(joined, Some(range(0, total)), "{left} of {total}");
        }
        let most = 1 << LOG_BATCHES_MAX;
        assert_eq!(circuit.join(&range(0, most / 2), &range(most / 2, most)), Some(range(0, most)));
        assert_eq!(circuit.join(&range(0, most), &range(most, most + 1)), None, "too many");
    }

    /// A name and what it does to the right range.
    type Change = (&'static str, fn(&mut BatchRange));

    /// One rule broken at a time.
    #[test]
    fn others_do_not_join() {
        let circuit = circuit();
        let (left, right) = (range(4, 8), range(8, 11));
        let cases: [Change; 11] = [
            ("another domain", |range| range.domain = digest(2)),
            ("a gap in the numbers", |range| range.first_batch += Felt::new(1)),
            ("the number before", |range| range.first_batch -= Felt::new(1)),
            ("another root", |range| range.old_root = digest(9)),
            ("queue entries left out", |range| range.queue_from += Felt::new(1)),
            ("queue entries repeated", |range| range.queue_from -= Felt::new(1)),
            ("an earlier time", |range| range.first_time -= Felt::new(2)),
            ("a time far beyond", |range| range.first_time += Felt::new(1 << TIME_BITS)),
            ("a taller tree", |range| range.log_leaves = 3),
            ("no such height", |range| range.log_leaves = LOG_BATCHES_MAX as u64),
            ("a height below the leaves", |range| range.log_leaves = MODULUS - 1),
        ];
        assert!(circuit.join(&left, &right).is_some());
        for (name, change) in cases {
            let mut changed = right;
            change(&mut changed);
            assert_eq!(circuit.join(&left, &changed), None, "{name}");
        }
        assert_eq!(circuit.join(&right, &left), None, "exchanged");
        assert_eq!(circuit.join(&left, &left), None, "repeated");
        assert_eq!(circuit.join(&range(5, 8), &right), None, "three batches of four leaves");
        assert_eq!(circuit.join(&range(7, 8), &range(8, 10)), None, "the right one taller");
        let mut unfilled = range(4, 8);
        unfilled.log_leaves = 1;
        assert_eq!(circuit.join(&unfilled, &right), None, "more batches than leaves");
    }

    /// A digest that is another in one element.
    fn but(digest: Digest, element: usize) -> Digest {
        let mut elements = digest.elements();
        elements[element] += Felt::new(1);
        Digest::new(elements)
    }

    /// Neighbours that break one rule, in one element.
    pub(crate) fn forge(check: Check, element: usize) -> Verdict {
        let (left, right) = (range(4, 8), range(8, 11));
        let changed = |change: &dyn Fn(&mut BatchRange)| {
            let mut changed = right;
            change(&mut changed);
            (left, changed)
        };
        let forged = match (check, element) {
            (Check::SameDomain, _) => changed(&|range| range.domain = but(range.domain, element)),
            (Check::NextNumber, _) => changed(&|range| range.first_batch += Felt::new(1)),
            (Check::NextRoot, _) => changed(&|range| range.old_root = but(range.old_root, element)),
            (Check::NextEntry, _) => changed(&|range| range.queue_from += Felt::new(1)),
            (Check::LaterTime, 0) => changed(&|range| range.first_time -= Felt::new(2)),
            (Check::LaterTime, _) => {
                changed(&|range| range.first_time += Felt::new(1 << TIME_BITS))
            }
            (Check::FullTree, _) => (range(5, 8), right),
            (Check::NoTaller, _) => (range(7, 8), range(8, 10)),
            (other, _) => panic!("{other:?} is not of neighbours"),
        };
        let joins = |circuit: &JoinCircuit, (left, right): &(BatchRange, BatchRange)| {
            circuit.join(left, right).is_some()
        };
        let whole = circuit();
        Verdict {
            honest: joins(&whole, &(left, right)),
            whole: joins(&whole, &forged),
            weakened: joins(&omit_element(check, element, circuit), &forged),
        }
    }

    /// A height that no tree has is refused twice: by itself, and since it is not less than the
    /// left one's. So [`Check::Height`] is redundant; it is what the flags are made for.
    pub(crate) fn no_other_height_joins() -> bool {
        let (left, mut right) = (range(4, 8), range(8, 11));
        right.log_leaves = LOG_BATCHES_MAX as u64;
        let joins = |circuit: JoinCircuit| circuit.join(&left, &right).is_some();
        let neither = || omit_check(Check::Height, || omit_check(Check::NoTaller, circuit));
        !joins(circuit())
            && !joins(omit_check(Check::Height, circuit))
            && !joins(omit_check(Check::NoTaller, circuit))
            && joins(neither())
    }

    impl BatchRange {
        fn elements(&self) -> [F; BATCH_RANGE_ELEMENTS] {
            let numbers = [
                Felt::new(self.log_leaves),
                Felt::new(self.batches),
                self.first_batch,
                self.first_time,
                self.last_time,
                self.queue_from,
                self.queue_to,
            ];
            let digests = [self.domain, self.batches_root, self.old_root, self.new_root];
            let mut all = numbers.into_iter().chain(digests.into_iter().flat_map(|d| d.elements()));
            core::array::from_fn(|_| from_felt(all.next().expect("as many")))
        }
    }
}
