//! The circuits' checks by name.
//!
//! A circuit that lacks a check accepts every honest proof as before. So each check here has a test
//! that builds the circuit without it ([`without`]) and shows a forgery that is then accepted, and
//! is refused by the whole circuit: the check is needed, and it is this check that refuses.

/// A check that a circuit makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    /// A Merkle path ends in the cap.
    Path,
    /// A proof of work has its zero bits.
    Work,
    /// The halves of an element make it up.
    HalvesSum,
    /// The high half has 32 bits.
    HighHalf,
    /// The halves are those of the canonical form.
    CanonicalHalves,
    /// A folded group holds what was folded before.
    FoldGroup,
    /// The last fold is on the final polynomial.
    FinalPolynomial,
    /// A table's constraints are a multiple of the vanishing polynomial.
    Quotient,
    /// What all tables send and receive cancels.
    Terminals,
    /// The statement is of the protocol's version.
    Version,
    /// The statement's time is a time.
    Time,
    /// Neighbours are of one deployment.
    SameDomain,
    /// Numbers go on.
    NextNumber,
    /// Roots go on.
    NextRoot,
    /// Queue entries go on.
    NextEntry,
    /// Times do not go back.
    LaterTime,
    /// The left tree is full.
    FullTree,
    /// The right tree is not taller.
    NoTaller,
    /// A child's key digest is that of its commitment.
    KeyDigest,
    /// A child's key is one of those allowed.
    AllowedKey,
}

/// Whether circuits make a check: always, but in its test.
#[cfg(not(test))]
pub(crate) const fn made(_: Check) -> bool {
    true
}

#[cfg(test)]
pub(crate) use left_out::{made, without};

#[cfg(test)]
mod left_out {
    use std::cell::Cell;

    use super::Check;

    thread_local! {
        static LEFT_OUT: Cell<Option<Check>> = const { Cell::new(None) };
    }

    /// Whether circuits built on this thread make a check.
    pub(crate) fn made(check: Check) -> bool {
        LEFT_OUT.get() != Some(check)
    }

    /// What `build` builds without a check.
    pub(crate) fn without<T>(check: Check, build: impl FnOnce() -> T) -> T {
        LEFT_OUT.set(Some(check));
        let built = build();
        LEFT_OUT.set(None);
        built
    }
}
