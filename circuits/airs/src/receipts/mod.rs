//! Receipts table: the Merkle tree of depth 16 over the intents' challenges, two levels per row.
//!
//! Leaf i is the challenge of intent row i; an empty leaf is the zero digest. Row layout is
//! preprocessed: for each of the eight steps the nodes that a full batch of the class has.
//!
//! | columns | meaning | bound by |
//! | --- | --- | --- |
//! | step, position, is_root, empty (4) | preprocessed; `empty` is the digest of an empty subtree below | the verification key |
//! | children (4×4) | digests two levels down | receipt bus or `empty` |
//! | middle (2×4), parent (4) | compressions | hash bus |
//! | present (4) | the child is received, not empty | boolean, receipt bus |
//! | active | the row hashes and sends its parent | boolean |
//!
//! Every present node is received by its parent, so a chain of rows leads from each leaf to the
//! one row of the last step, whose parent is the statement's root.

mod air;
mod trace;

#[cfg(test)]
pub(crate) use air::{ACTIVE, PRESENT};
pub(crate) use air::{COLUMNS, FIXED_COLUMNS, eval};
pub(crate) use trace::{fixed_trace, trace};

/// Children of a row.
const ARITY: usize = 4;
/// Steps of two levels from leaf to root.
const STEPS: usize = farthing_protocol::RECEIPTS_DEPTH / 2;
