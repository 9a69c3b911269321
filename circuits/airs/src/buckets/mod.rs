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
//! the tangent, opposite points by `cancel`), so whatever points signers choose, a batch is
//! provable.

pub(crate) mod air;
mod trace;

pub(crate) use air::{COLUMNS, eval};
pub(crate) use trace::{BucketSums, Term, traces};
