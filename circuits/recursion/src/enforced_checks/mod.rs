//! The circuits' checks by name: every comparison with a constant or with a claim, every range.
//!
//! A circuit that lacks a check accepts every honest proof as before. So each check here has a forgery
//! that a circuit without it accepts and the whole circuit refuses: the check is needed, and it is
//! this check that refuses. A check is made of elements, and a forgery is wrong in one of them alone:
//! a comparison of three elements of four would accept it. `tests` runs all of them and counts.
//!
//! Not listed is what honest proofs need as well: that gates are wired to what they compute on, that
//! the transcript absorbs what p3's does. Without it no proof is accepted, and every test is red.

#[cfg(test)]
mod left_out;
#[cfg(test)]
mod tests;

use plonky2::iop::target::Target;

#[cfg(test)]
use farthing_plonky2::D;
use farthing_plonky2::{Builder, ExtTarget};
#[cfg(test)]
use farthing_protocol::DIGEST_ELEMENTS;

#[cfg(test)]
pub(crate) use left_out::{
    Gadget, Verdict, is_enforced, omit_check, omit_element, verdict, with_challenges,
};

/// Elements of a range: that there is one, and its last bit.
#[cfg(test)]
const RANGE_ELEMENTS: usize = 2;
/// Bits of the proof of work whose forgeries each lack one.
#[cfg(test)]
pub(crate) const WORK_BITS: usize = 8;

/// The checks with how many elements each has.
macro_rules! checks {
    ($($(#[$doc:meta])* $name:ident: $elements:expr,)*) => {
        /// A check that a circuit makes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Check {
            $($(#[$doc])* $name,)*
        }

        #[cfg(test)]
        impl Check {
            /// All of them.
            const ALL: &[Self] = &[$(Self::$name),*];

            /// Elements that are compared one by one.
            const fn elements(self) -> usize {
                match self {
                    $(Self::$name => $elements,)*
                }
            }
        }
    };
}

checks! {
    /// A Merkle path ends in the cap.
    Path: DIGEST_ELEMENTS,
    /// A challenge is what the transcript gives.
    Challenge: 1,
    /// A proof of work has its zero bits.
    Work: WORK_BITS,
    /// The halves of an element make it up.
    HalvesSum: 1,
    /// The low half has 32 bits.
    LowHalf: 1,
    /// The high half has 32 bits.
    HighHalf: RANGE_ELEMENTS,
    /// The halves are those of the canonical form.
    CanonicalHalves: 1,
    /// A folded group holds what was folded before.
    FoldGroup: D,
    /// The last fold is on the final polynomial.
    FinalPolynomial: D,
    /// A table's constraints are a multiple of the vanishing polynomial.
    Quotient: D,
    /// The messages that all tables send and receive cancel.
    Terminals: D,
    /// The statement is of the protocol's version.
    Version: 1,
    /// The statement's time is a time.
    Time: RANGE_ELEMENTS,
    /// Neighbours are of one deployment.
    SameDomain: DIGEST_ELEMENTS,
    /// Numbers go on.
    NextNumber: 1,
    /// Roots go on.
    NextRoot: DIGEST_ELEMENTS,
    /// Queue entries go on.
    NextEntry: 1,
    /// Times do not go back.
    LaterTime: RANGE_ELEMENTS,
    /// A tree has one of the heights that there are.
    Height: 1,
    /// The left tree is full.
    FullTree: 1,
    /// The right tree is not taller.
    NoTaller: 1,
    /// The proof of the circuit below is valid: [`Below`].
    Child: Below::ALL.len(),
    /// A child's key digest is that of its commitment.
    KeyDigest: DIGEST_ELEMENTS,
    /// A child's key is one of those allowed.
    AllowedKey: 1,
    /// A lift's key is the constant that it is compared with.
    LiftKey: DIGEST_ELEMENTS,
    /// A joined child's key is the key of joins that is claimed here.
    OwnKey: DIGEST_ELEMENTS,
    /// A joined child claims the key of joins that is claimed here.
    SameClaim: DIGEST_ELEMENTS,
    /// The key of joins that the last node claims is the real one, a constant.
    RealKey: DIGEST_ELEMENTS,
}

/// Proof that a circuit verifies, as an element of [`Check::Child`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Below {
    /// The wrap, in a lift.
    Wrap,
    /// The left node, in a join.
    Left,
    /// The right node, in a join.
    Right,
    /// The last node, in the shrinking circuit.
    Last,
    /// The shrunk node, in the final circuit.
    Shrunk,
}

impl Below {
    const ALL: [Self; 5] = [Self::Wrap, Self::Left, Self::Right, Self::Last, Self::Shrunk];

    /// Tells whether circuits verify it: always, but in its test.
    pub(crate) fn verified(self) -> bool {
        let index = Self::ALL.iter().position(|below| *below == self);
        index.is_none_or(|index| is_compared(Check::Child, index))
    }
}

/// Tells whether circuits compare an element of a check: always, but in its test.
#[cfg(not(test))]
pub(crate) const fn is_compared(_: Check, _: usize) -> bool {
    true
}
#[cfg(test)]
pub(crate) use left_out::is_compared;

/// Tells whether circuits make a check of one element: always, but in its test.
#[cfg(not(test))]
pub(crate) const fn is_enforced(_: Check) -> bool {
    true
}

/// Asserts that elements are equal, one by one.
pub(crate) fn connect(builder: &mut Builder, check: Check, left: &[Target], right: &[Target]) {
    assert_eq!(left.len(), right.len(), "{check:?} compares as many elements");
    for (element, (left, right)) in left.iter().zip(right).enumerate() {
        if is_compared(check, element) {
            builder.connect(*left, *right);
        }
    }
}

/// Asserts that elements of the extension are equal.
pub(crate) fn connect_ext(builder: &mut Builder, check: Check, left: ExtTarget, right: ExtTarget) {
    connect(builder, check, &left.0, &right.0);
}

/// Asserts that a number has this many bits.
pub(crate) fn range_check(builder: &mut Builder, check: Check, number: Target, bits: usize) {
    if is_compared(check, 0) {
        let longer = usize::from(!is_compared(check, 1));
        builder.range_check(number, bits + longer);
    }
}

/// A challenge as circuits use it: what was squeezed or, without the check, anything.
pub(crate) fn challenge_target(builder: &mut Builder, squeezed: Target) -> Target {
    let used = if is_enforced(Check::Challenge) { squeezed } else { builder.add_virtual_target() };
    #[cfg(test)]
    left_out::record(used);
    used
}
