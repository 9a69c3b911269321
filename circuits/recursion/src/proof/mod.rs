//! A proof with every Merkle path and every folded group written out.
//!
//! p3's proofs share Merkle nodes between queries and leave out what a verifier can recompute; a
//! circuit wants each query's own paths and whole groups. One struct holds them as values and as
//! targets.

mod error;
mod queries;
mod replay;

use plonky2::iop::target::Target;
use plonky2::iop::witness::{PartialWitness, WitnessWrite};
use thiserror::Error;

use farthing_airs::LOG_FINAL_POLY_LEN;
use farthing_plonky2::{Builder, D, F};
use farthing_protocol::DIGEST_ELEMENTS;

use crate::shape::{Round, Shape, cap_len, path_len};

pub use error::ReplayError;
pub(crate) use replay::replay;
#[cfg(test)]
pub(crate) use replay::{NativeChallenges, Replay};

/// The nodes of a cap, or siblings of a path.
pub(crate) type Digests<T> = Vec<[T; DIGEST_ELEMENTS]>;
/// Elements of the extension.
pub(crate) type ExtRow<T> = Vec<[T; D]>;

/// A proof, of values or of targets. Grinding witnesses exist where there is work.
#[derive(Clone, Debug)]
pub(crate) struct ProofParts<T> {
    /// Commitments of the rounds; none for the preprocessed columns, whose is a constant.
    pub(crate) caps: Vec<Option<Digests<T>>>,
    /// Claimed evaluations by round, matrix and point.
    pub(crate) openings: Vec<Vec<Vec<ExtRow<T>>>>,
    /// The sums of fractions of the tables that have lookups.
    pub(crate) terminals: ExtRow<T>,
    pub(crate) lookup_work: Option<T>,
    pub(crate) point_work: Option<T>,
    pub(crate) batch_work: Option<T>,
    pub(crate) query_work: Option<T>,
    pub(crate) folds: Vec<FoldCommitment<T>>,
    /// Coefficients, lowest first.
    pub(crate) final_polynomial: ExtRow<T>,
    pub(crate) queries: Vec<Query<T>>,
}

/// The commitment to a folded codeword.
#[derive(Clone, Debug)]
pub(crate) struct FoldCommitment<T> {
    pub(crate) cap: Digests<T>,
    pub(crate) work: Option<T>,
}

/// Openings of one query.
#[derive(Clone, Debug)]
pub(crate) struct Query<T> {
    pub(crate) inputs: Vec<InputOpening<T>>,
    pub(crate) folds: Vec<FoldOpening<T>>,
}

/// The rows of all matrices of a round.
#[derive(Clone, Debug)]
pub(crate) struct InputOpening<T> {
    pub(crate) rows: Vec<Vec<T>>,
    pub(crate) path: Digests<T>,
}

/// The group of a folded codeword that the query falls into, its own element included.
#[derive(Clone, Debug)]
pub(crate) struct FoldOpening<T> {
    pub(crate) group: ExtRow<T>,
    pub(crate) path: Digests<T>,
}

/// The values are of another shape than the circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the proof has {got} elements, the circuit takes {expected}")]
pub struct ElementCount {
    /// Elements that the circuit takes.
    pub expected: usize,
    /// Elements given.
    pub got: usize,
}

impl<T: Copy> ProofParts<T> {
    /// A proof of this shape, each element made by `new`.
    pub(crate) fn of_shape(shape: &Shape, new: &mut impl FnMut() -> T) -> Self {
        let settings = &shape.settings;
        let log_fold_leaves = shape.log_fold_leaves();
        let caps = shape.rounds.iter().map(|round| {
            let len = cap_len(shape.log_leaves(round));
            (round.round != Round::Preprocessed).then(|| arrays(len, new))
        });
        let caps = caps.collect();
        let openings = shape.rounds.iter().map(|round| {
            let matrices = round.matrices.iter();
            matrices.map(|m| (0..m.points).map(|_| arrays(m.width, new)).collect()).collect()
        });
        let openings = openings.collect();
        let with_lookups = shape.instances.iter().filter(|one| one.lookups() > 0).count();
        let terminals = arrays(with_lookups, new);
        let lookup_work = (shape.has_lookups() && settings.lookup_pow > 0).then(&mut *new);
        let mut work = |bits: usize| (bits > 0).then(&mut *new);
        let point_work = work(settings.point_pow);
        let batch_work = work(settings.batch_pow);
        let query_work = work(settings.query_pow);
        let folds = log_fold_leaves.iter().map(|log_leaves| FoldCommitment {
            cap: arrays(cap_len(*log_leaves), new),
            work: (settings.commit_pow > 0).then(&mut *new),
        });
        let folds = folds.collect();
        let final_polynomial = arrays(1 << LOG_FINAL_POLY_LEN, new);
        let queries = (0..settings.queries).map(|_| Query::of_shape(shape, &log_fold_leaves, new));
        Self {
            caps,
            openings,
            terminals,
            lookup_work,
            point_work,
            batch_work,
            query_work,
            folds,
            final_polynomial,
            queries: queries.collect(),
        }
    }

    /// Every element, in one order for values and targets.
    pub(crate) fn elements(&self) -> Vec<T> {
        let work = [self.lookup_work, self.point_work, self.batch_work, self.query_work];
        let mut all: Vec<T> = self.caps.iter().flatten().flatten().flatten().copied().collect();
        all.extend(self.openings.iter().flatten().flatten().flatten().flatten());
        all.extend(self.terminals.iter().flatten());
        all.extend(work.iter().flatten());
        for fold in &self.folds {
            all.extend(fold.cap.iter().flatten().chain(&fold.work));
        }
        all.extend(self.final_polynomial.iter().flatten());
        for query in &self.queries {
            for input in &query.inputs {
                all.extend(input.rows.iter().flatten().chain(input.path.iter().flatten()));
            }
            for fold in &query.folds {
                all.extend(fold.group.iter().flatten().chain(fold.path.iter().flatten()));
            }
        }
        all
    }
}

impl<T: Copy> Query<T> {
    fn of_shape(shape: &Shape, log_fold_leaves: &[usize], new: &mut impl FnMut() -> T) -> Self {
        let inputs = shape.rounds.iter().map(|round| InputOpening {
            rows: round.matrices.iter().map(|m| (0..m.width).map(|_| new()).collect()).collect(),
            path: arrays(path_len(shape.log_leaves(round)), new),
        });
        let inputs = inputs.collect();
        let folds = shape.log_arities.iter().zip(log_fold_leaves);
        let folds = folds.map(|(log_arity, log_leaves)| FoldOpening {
            group: arrays(1 << log_arity, new),
            path: arrays(path_len(*log_leaves), new),
        });
        Self { inputs, folds: folds.collect() }
    }
}

impl ProofParts<Target> {
    /// Targets for a proof of this shape.
    pub(crate) fn virtual_targets(builder: &mut Builder, shape: &Shape) -> Self {
        Self::of_shape(shape, &mut || builder.add_virtual_target())
    }

    /// Assigns a proof's values.
    pub(crate) fn assign(
        &self,
        witness: &mut PartialWitness<F>,
        values: &ProofParts<F>,
    ) -> Result<(), ElementCount> {
        let (targets, values) = (self.elements(), values.elements());
        let (expected, got) = (targets.len(), values.len());
        if expected != got {
            return Err(ElementCount { expected, got });
        }
        for (target, value) in targets.into_iter().zip(values) {
            witness.set_target(target, value).expect("every target is assigned once");
        }
        Ok(())
    }
}

fn arrays<T, const N: usize>(len: usize, new: &mut impl FnMut() -> T) -> Vec<[T; N]> {
    (0..len).map(|_| core::array::from_fn(|_| new())).collect()
}
