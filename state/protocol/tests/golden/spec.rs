//! Every hexadecimal example of `state/SPEC.md` stands in the vectors.
