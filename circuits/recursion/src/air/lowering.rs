//! Symbolic expressions to circuit arithmetic.
//!
//! An expression is a graph whose shared parts are shared nodes: each node is lowered once, found
//! again by its address. Lowering keeps its own stack, so that a deep expression costs memory and
//! not the thread's stack. A product under a sum shares the sum's operation.

use std::collections::HashMap;

use p3_air::symbolic::{
    BaseEntry, BaseLeaf, ExtEntry, ExtLeaf, SymbolicExpr, SymbolicExpression, SymbolicExpressionExt,
};
use plonky2::field::types::Field;
use plonky2::iop::target::Target;

use farthing_airs::Challenge;
use farthing_plonky2::{Builder, ExtTarget, F, from_challenge, from_felt};
use farthing_protocol::Felt;

use crate::air::Selectors;

/// Values of the leaves of a table's expressions; of two rows, this one and the next.
pub(crate) struct Opened<'a> {
    pub(crate) main: [&'a [ExtTarget]; 2],
    pub(crate) preprocessed: [&'a [ExtTarget]; 2],
    /// The lookup argument's columns, over the extension.
    pub(crate) permutation: [&'a [ExtTarget]; 2],
    pub(crate) public_values: &'a [Target],
    /// Of each fraction column: the prefix of its bus, and beta.
    pub(crate) lookup_challenges: &'a [ExtTarget],
    /// The sum of the table's fractions, if it has lookups.
    pub(crate) terminal: Option<ExtTarget>,
    pub(crate) selectors: Selectors,
}

type ExtLeafOf = ExtLeaf<Felt, Challenge>;
type Memo<L> = HashMap<*const SymbolicExpr<L>, ExtTarget>;

/// Lowers the expressions of one table. Addresses name nodes: all expressions outlive it.
pub(super) struct Lowering<'a, 'o> {
    builder: &'a mut Builder,
    opened: &'a Opened<'o>,
    base: Memo<BaseLeaf<Felt>>,
    extension: Memo<ExtLeafOf>,
}

impl<'a, 'o> Lowering<'a, 'o> {
    pub(super) fn new(builder: &'a mut Builder, opened: &'a Opened<'o>) -> Self {
        Self { builder, opened, base: Memo::new(), extension: Memo::new() }
    }

    /// Lowers an expression over the base field.
    pub(super) fn base(&mut self, root: &SymbolicExpression<Felt>) -> ExtTarget {
        self.lower(root, |this| &mut this.base, Self::base_leaf)
    }

    /// Lowers an expression over the extension.
    pub(super) fn extension(&mut self, root: &SymbolicExpressionExt<Felt, Challenge>) -> ExtTarget {
        self.lower(root, |this| &mut this.extension, Self::extension_leaf)
    }

    fn lower<L>(
        &mut self,
        root: &SymbolicExpr<L>,
        memo: fn(&mut Self) -> &mut Memo<L>,
        leaf: fn(&mut Self, &L) -> ExtTarget,
    ) -> ExtTarget {
        let mut pending = vec![root];
        while let Some(node) = pending.last().copied() {
            if memo(self).contains_key(&core::ptr::from_ref(node)) {
                pending.pop();
                continue;
            }
            let operation = Operation::of(node);
            let known = pending.len();
            let missing =
                operation.operands().filter(|o| !memo(self).contains_key(&core::ptr::from_ref(*o)));
            pending.extend(missing);
            if pending.len() > known {
                continue;
            }
            let value = match operation {
                Operation::Leaf(of) => leaf(self, of),
                Operation::Arithmetic(of) => {
                    let value = of
                        .operands
                        .map(|operand| operand.map(|node| memo(self)[&core::ptr::from_ref(node)]));
                    self.arithmetic(of.signs, value)
                }
            };
            memo(self).insert(core::ptr::from_ref(node), value);
            pending.pop();
        }
        memo(self)[&core::ptr::from_ref(root)]
    }

    /// `±x·y ± z`, where what is absent is one, or zero for z.
    fn arithmetic(&mut self, signs: [F; 2], [x, y, z]: [Option<ExtTarget>; 3]) -> ExtTarget {
        let one = self.builder.one_extension();
        let zero = self.builder.zero_extension();
        let [x, y] = [x, y].map(|factor| factor.unwrap_or(one));
        self.builder.arithmetic_extension(signs[0], signs[1], x, y, z.unwrap_or(zero))
    }

    fn base_leaf(&mut self, leaf: &BaseLeaf<Felt>) -> ExtTarget {
        let opened = self.opened;
        match leaf {
            BaseLeaf::Variable(variable) => match variable.entry {
                BaseEntry::Main { offset } => opened.main[offset][variable.index],
                BaseEntry::Preprocessed { offset } => opened.preprocessed[offset][variable.index],
                BaseEntry::Public => {
                    self.builder.convert_to_ext(opened.public_values[variable.index])
                }
                BaseEntry::Periodic => unreachable!("tables with periodic columns are refused"),
            },
            BaseLeaf::IsFirstRow => opened.selectors.first_row,
            BaseLeaf::IsLastRow => opened.selectors.last_row,
            BaseLeaf::IsTransition => opened.selectors.transition,
            BaseLeaf::Constant(felt) => self.builder.constant_extension(from_felt(*felt).into()),
        }
    }

    fn extension_leaf(&mut self, leaf: &ExtLeafOf) -> ExtTarget {
        let opened = self.opened;
        match leaf {
            ExtLeaf::Base(expression) => self.base(expression),
            ExtLeaf::ExtVariable(variable) => match variable.entry {
                ExtEntry::Permutation { offset } => opened.permutation[offset][variable.index],
                ExtEntry::Challenge => opened.lookup_challenges[variable.index],
                ExtEntry::PermutationValue => {
                    opened.terminal.expect("a table with lookups has a terminal")
                }
            },
            ExtLeaf::ExtConstant(constant) => {
                self.builder.constant_extension(from_challenge(*constant))
            }
        }
    }
}

enum Operation<'e, L> {
    Leaf(&'e L),
    Arithmetic(Arithmetic<'e, L>),
}

/// `±x·y ± z`.
struct Arithmetic<'e, L> {
    operands: [Option<&'e SymbolicExpr<L>>; 3],
    signs: [F; 2],
}

impl<'e, L> Operation<'e, L> {
    fn of(node: &'e SymbolicExpr<L>) -> Self {
        let arithmetic = |operands, signs| Self::Arithmetic(Arithmetic { operands, signs });
        let (plus, minus) = (F::ONE, F::NEG_ONE);
        match node {
            SymbolicExpr::Leaf(leaf) => Self::Leaf(leaf),
            SymbolicExpr::Mul { x, y, .. } => {
                arithmetic([Some(&**x), Some(&**y), None], [plus, plus])
            }
            SymbolicExpr::Neg { x, .. } => arithmetic([Some(&**x), None, None], [minus, plus]),
            SymbolicExpr::Add { x, y, .. } => match (&**x, &**y) {
                (SymbolicExpr::Mul { x, y, .. }, z) | (z, SymbolicExpr::Mul { x, y, .. }) => {
                    arithmetic([Some(&**x), Some(&**y), Some(z)], [plus, plus])
                }
                (x, z) => arithmetic([Some(x), None, Some(z)], [plus, plus]),
            },
            SymbolicExpr::Sub { x, y, .. } => match (&**x, &**y) {
                (SymbolicExpr::Mul { x, y, .. }, z) => {
                    arithmetic([Some(&**x), Some(&**y), Some(z)], [plus, minus])
                }
                (z, SymbolicExpr::Mul { x, y, .. }) => {
                    arithmetic([Some(&**x), Some(&**y), Some(z)], [minus, plus])
                }
                (x, z) => arithmetic([Some(x), None, Some(z)], [plus, minus]),
            },
        }
    }

    fn operands(&self) -> impl Iterator<Item = &'e SymbolicExpr<L>> + use<'e, L> {
        let operands = match self {
            Self::Leaf(_) => [None; 3],
            Self::Arithmetic(of) => of.operands,
        };
        operands.into_iter().flatten()
    }
}
