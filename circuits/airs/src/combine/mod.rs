//! Combination: Horner over the windows from the highest, Σ 2^offset·(2T + S), which must be the
//! neutral element.
//!
//! For each window: as many doublings as it has bits, T added before the last of them, S after it.
//!
//! | columns | meaning | bound by |
//! | --- | --- | --- |
//! | part, load, adds, doubles, last | preprocessed schedule | the verification key |
//! | sum | the sum after this row | group law |
//! | operand | S or T, or the sum itself | window bus, or equality |
//! | addition | slope and case | group law |

mod air;
mod trace;

pub(crate) use air::{CombineColumns, FIXED_COLUMNS, eval};
pub(crate) use trace::{fixed_trace, log_height, trace};
