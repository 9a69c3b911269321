//! The circuits' checks by name.
//!
//! A circuit that lacks a check accepts every honest proof as before. So each check here has a test
//! that builds the circuit without it ([`without`]) and shows a forgery that is then accepted, and
//! is refused by the whole circuit: the check is needed, and it is this check that refuses.
//!
//! Not listed is what honest proofs need as well: that gates are wired to what they compute on, that
//! the transcript absorbs what p3's does. Without it no proof is accepted, and every test is red.

use plonky2::iop::target::Target;

use crate::field::Builder;

/// A check that a circuit makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    /// A Merkle path ends in the cap.
    Path,
    /// A challenge is what the transcript gives.
    Drawn,
    /// A proof of work has its zero bits.
    Work,
    /// The halves of an element make it up.
    HalvesSum,
    /// The low half has 32 bits.
    LowHalf,
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
    /// A tree has one of the heights that there are.
    Height,
    /// The left tree is full.
    FullTree,
    /// The right tree is not taller.
    NoTaller,
    /// The proof of the circuit below is valid.
    Child,
    /// A child's key digest is that of its commitment.
    KeyDigest,
    /// A child's key is one of those allowed.
    AllowedKey,
    /// A joined child claims the key of joins that is claimed here.
    SameClaim,
}

/// Whether circuits make a check: always, but in its test.
#[cfg(not(test))]
pub(crate) const fn made(_: Check) -> bool {
    true
}

/// A challenge as circuits use it: what was squeezed or, without the check, anything.
pub(crate) fn drawn(builder: &mut Builder, squeezed: Target) -> Target {
    let used = if made(Check::Drawn) { squeezed } else { builder.add_virtual_target() };
    #[cfg(test)]
    left_out::record(used);
    used
}

#[cfg(test)]
pub(crate) use left_out::{drawing, made, without};

#[cfg(test)]
mod left_out {
    use std::cell::RefCell;

    use plonky2::iop::target::Target;

    use super::Check;

    thread_local! {
        static LEFT_OUT: RefCell<Vec<Check>> = const { RefCell::new(Vec::new()) };
        static DRAWN: RefCell<Vec<Target>> = const { RefCell::new(Vec::new()) };
    }

    /// Whether circuits built on this thread make a check.
    pub(crate) fn made(check: Check) -> bool {
        LEFT_OUT.with_borrow(|all| !all.contains(&check))
    }

    /// What `build` builds without a check.
    pub(crate) fn without<T>(check: Check, build: impl FnOnce() -> T) -> T {
        LEFT_OUT.with_borrow_mut(|all| all.push(check));
        let built = build();
        LEFT_OUT.with_borrow_mut(Vec::pop);
        built
    }

    /// What `build` builds, and the challenges that it draws.
    pub(crate) fn drawing<T>(build: impl FnOnce() -> T) -> (T, Vec<Target>) {
        DRAWN.with_borrow_mut(Vec::clear);
        (build(), DRAWN.take())
    }

    pub(super) fn record(drawn: Target) {
        DRAWN.with_borrow_mut(|all| all.push(drawn));
    }
}
