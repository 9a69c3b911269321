//! Circuits that lack a check or an element of one, and what they say of a forgery.

use std::cell::RefCell;

use plonky2::iop::target::Target;
use plonky2::iop::witness::{PartialWitness, WitnessWrite};

use farthing_plonky2::{Builder, F};

use super::Check;
use crate::circuit::InnerCircuit;
use crate::settings::CircuitSettings;

thread_local! {
    /// Without an element all of them are left out.
    static LEFT_OUT: RefCell<Vec<(Check, Option<usize>)>> = const { RefCell::new(Vec::new()) };
    static DRAWN: RefCell<Vec<Target>> = const { RefCell::new(Vec::new()) };
}

/// Tells whether circuits built on this thread compare an element of a check.
pub(crate) fn is_compared(check: Check, element: usize) -> bool {
    let left_out = |(one, which): &(Check, Option<usize>)| {
        *one == check && which.is_none_or(|which| which == element)
    };
    LEFT_OUT.with_borrow(|all| !all.iter().any(left_out))
}

/// Tells whether circuits built on this thread make a check of one element.
pub(crate) fn is_enforced(check: Check) -> bool {
    is_compared(check, 0)
}

/// Returns what `build` builds without a check.
pub(crate) fn omit_check<T>(check: Check, build: impl FnOnce() -> T) -> T {
    leaving_out((check, None), build)
}

/// Returns what `build` builds without an element of a check.
pub(crate) fn omit_element<T>(check: Check, element: usize, build: impl FnOnce() -> T) -> T {
    leaving_out((check, Some(element)), build)
}

fn leaving_out<T>(what: (Check, Option<usize>), build: impl FnOnce() -> T) -> T {
    LEFT_OUT.with_borrow_mut(|all| all.push(what));
    let built = build();
    LEFT_OUT.with_borrow_mut(Vec::pop);
    built
}

/// Returns what `build` builds, and the challenges that it draws.
pub(crate) fn with_challenges<T>(build: impl FnOnce() -> T) -> (T, Vec<Target>) {
    DRAWN.with_borrow_mut(Vec::clear);
    (build(), DRAWN.take())
}

pub(super) fn record(drawn: Target) {
    DRAWN.with_borrow_mut(|all| all.push(drawn));
}

/// Little soundness, for speed.
const CIRCUIT: CircuitSettings = CircuitSettings { queries: 2, query_pow: 2 };

/// A part of a circuit, over inputs that a prover chooses.
pub(crate) struct Gadget {
    circuit: InnerCircuit,
    inputs: Vec<Target>,
}

impl Gadget {
    /// The circuit that `build` makes; it returns its inputs.
    pub(crate) fn new(build: impl FnOnce(&mut Builder) -> Vec<Target>) -> Self {
        let mut builder = Builder::new(CIRCUIT.config());
        let inputs = build(&mut builder);
        Self { circuit: builder.build(), inputs }
    }

    /// Tells whether there is a valid proof with these inputs.
    pub(crate) fn accepts(&self, values: &[F]) -> bool {
        assert_eq!(values.len(), self.inputs.len());
        let mut witness = PartialWitness::new();
        for (target, value) in self.inputs.iter().zip(values) {
            witness.set_target(*target, *value).expect("assigned once");
        }
        let proof = self.circuit.prove(witness);
        proof.is_ok_and(|proof| self.circuit.verify(proof).is_ok())
    }
}

/// Verdict of circuits on a forgery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// The whole circuit accepts what is honest.
    pub(crate) honest: bool,
    /// The whole circuit accepts the forgery.
    pub(crate) whole: bool,
    /// The circuit without the element of the check accepts it.
    pub(crate) weakened: bool,
}

impl Verdict {
    /// A forgery that the element of the check alone refuses.
    pub(crate) const KILLED: Self = Self { honest: true, whole: false, weakened: true };
}

/// Verdict of a part of a circuit, with and without an element of a check, on inputs.
pub(crate) fn verdict(
    check: Check,
    element: usize,
    gadget: impl Fn() -> Gadget,
    honest: &[F],
    forged: &[F],
) -> Verdict {
    let whole = gadget();
    Verdict {
        honest: whole.accepts(honest),
        whole: whole.accepts(forged),
        weakened: omit_element(check, element, gadget).accepts(forged),
    }
}
