//! Bucket reduction: from the sums B_j of a window's buckets, j falling, to S = Σ B_j and
//! T = Σ j·B_j.
//!
//! `run` after row j is Σ_{i ≥ j} B_i and `total` is the sum of the `run`s of rows ≥ 1; the last row
//! of a window has S in `run` and T in `total`. The window's value Σ (2j + 1)·B_j is 2T + S.
//!
//! | columns | meaning | bound by |
//! | --- | --- | --- |
//! | window, index, top, step, bottom | preprocessed schedule: a window's first row, its other rows, its last row | the verification key |
//! | filled | the bucket has a run | boolean, bucket bus |
//! | bucket | B_j, neutral if the bucket is empty | bucket bus |
//! | run, total | the sums after this row | group law |
//! | to run, to total | slopes and cases of the two additions | group law |

mod air;
mod trace;

pub(crate) use air::{FIXED_COLUMNS, ReductionColumns, eval};
pub(crate) use trace::{WindowSums, fixed_trace, trace};
