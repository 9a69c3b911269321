//! Tables that serve all others: permutations and ranges.

pub(crate) mod poseidon2;
pub(crate) mod range;
