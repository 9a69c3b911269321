//! Bucket table: one affine addition per row, a run of rows per bucket.
//!
//! Row i of a run adds the point of one term, its sign folded in, to the sum of the rows before.
//!
//! | columns | meaning | bound by |
//! | --- | --- | --- |
//! | window, index | the bucket; its digits are ±(2·index + 1) | constant in a run; only buckets that bucket reduction lists balance |
//! | negative | the term's digit is negative, the point here its opposite | boolean, term bus |
//! | fresh, add, cancel | the sum is the point; is sum + point; is neutral | boolean, at most one |
//! | end | last row of the run: its sum goes to bucket reduction | boolean |
//! | x, y | the point added | term bus |
//! | sum x, sum y | the sum after this row, zero if neutral | group law |
//! | slope | λ of the addition | group law |
//!
//! One run per bucket needs no sorting constraint: bucket reduction receives each bucket once, also
//! when a class has several bucket tables. Every exceptional case has a witness (equal points by
//! the tangent, opposite points by `cancel`), so for any points of the signers a batch is
//! provable.

mod air;
mod trace;

use crate::class::LeafClass;
use crate::gadgets::layout::Layout;
use crate::gadgets::sbox::SBox;
use crate::tables::{LeafBuilder, LeafTable, Part};

pub(crate) use air::BucketColumns;
pub(crate) use trace::{BucketSums, Term, traces};

/// The sums of the buckets, in one table or more.
#[derive(Clone, Debug)]
pub(crate) struct BucketTable(BucketColumns);

impl LeafTable for BucketTable {
    const NAME: &'static str = "buckets";
    const PART: Part = Part::Signature;
    const READS_NEXT_ROW: bool = true;

    fn new(_: &LeafClass, _: SBox) -> Self {
        Self(BucketColumns::new())
    }

    fn log_heights(class: &LeafClass) -> Vec<usize> {
        class.log_buckets.to_vec()
    }

    fn columns(&self) -> &dyn Layout {
        &self.0
    }

    fn eval<AB: LeafBuilder>(&self, builder: &mut AB) {
        air::eval(&self.0, builder);
    }
}
