//! Batched claims before any query: with R the sum of a row's cells times powers
//! of alpha, a matrix opened at z contributes `(R(z) − R(x))/(z − x)` at its height, x the query's
//! point. The R(z) do not depend on the query, and matrices of one height and one point share a
//! division.

use std::collections::BTreeMap;

use plonky2::field::types::Field;
use plonky2::iop::target::Target;
use plonky2::util::reducing::ReducingFactorTarget;

use farthing_plonky2::{Builder, ExtTarget, F, coset_shift};

use crate::fri::ext_row;
use crate::proof::{InputOpening, ProofParts};
use crate::shape::Shape;

/// All claims, by log₂ of the codeword's length.
pub(super) struct Claims {
    alpha: ExtTarget,
    runs: Vec<Run>,
    heights: BTreeMap<usize, Vec<Group>>,
}

/// Matrices of one round and height whose cells take consecutive powers of alpha, and so are reduced
/// as one row: those that are opened at one point only, one after the other.
struct Run {
    round: usize,
    log_height: usize,
    points: usize,
    matrices: Vec<usize>,
}

/// The claims of one height at one point.
struct Group {
    point: ExtTarget,
    /// Σ alpha^offset · R(z)
    claimed: ExtTarget,
    members: Vec<Member>,
}

/// One run at one point. The powers of alpha go on through all runs and points of a height, so that
/// a run's two points differ by a factor alone and its row is reduced once.
struct Member {
    run: usize,
    /// alpha^offset
    power: ExtTarget,
}

impl Claims {
    pub(super) fn new(
        builder: &mut Builder,
        shape: &Shape,
        proof: &ProofParts<Target>,
        points: &[Vec<Vec<ExtTarget>>],
        alpha: ExtTarget,
    ) -> Self {
        let runs = runs(shape);
        let mut powers = BTreeMap::<usize, ExtTarget>::new();
        let mut heights = BTreeMap::<usize, Vec<Group>>::new();
        for (index, run) in runs.iter().enumerate() {
            let matrices = &shape.rounds[run.round].matrices;
            let width: usize = run.matrices.iter().map(|matrix| matrices[*matrix].width).sum();
            let step = builder.exp_u64_extension(alpha, width as u64);
            for (at, point) in points[run.round][run.matrices[0]].iter().enumerate() {
                let opened = |matrix: &usize| ext_row(&proof.openings[run.round][*matrix][at]);
                let opened: Vec<ExtTarget> = run.matrices.iter().flat_map(opened).collect();
                let one = builder.one_extension();
                let power = *powers.entry(run.log_height).or_insert(one);
                let next = builder.mul_extension(power, step);
                powers.insert(run.log_height, next);
                let value = ReducingFactorTarget::new(alpha).reduce(&opened, builder);
                let groups = heights.entry(run.log_height).or_default();
                let group = group_of(builder, groups, *point);
                group.claimed = builder.mul_add_extension(power, value, group.claimed);
                group.members.push(Member { run: index, power });
            }
        }
        Self { alpha, runs, heights }
    }

    /// Values that the folding starts from, and those that join it on the way, at a query whose rows
    /// are `inputs`: by log₂ of the length, `ys` likewise.
    pub(super) fn reduced(
        &self,
        builder: &mut Builder,
        inputs: &[InputOpening<Target>],
        ys: &[Target],
    ) -> BTreeMap<usize, ExtTarget> {
        let rows: Vec<ExtTarget> = self
            .runs
            .iter()
            .map(|run| {
                let cells = run.matrices.iter().flat_map(|matrix| &inputs[run.round].rows[*matrix]);
                let cells: Vec<Target> = cells.copied().collect();
                ReducingFactorTarget::new(self.alpha).reduce_base(&cells, builder)
            })
            .collect();
        let mut reduced = BTreeMap::new();
        for (log, groups) in &self.heights {
            let y = builder.convert_to_ext(ys[*log]);
            let mut sum = builder.zero_extension();
            for group in groups {
                let mut numerator = group.claimed;
                for member in &group.members {
                    let (minus, row) = (F::NEG_ONE, rows[member.run]);
                    numerator =
                        builder.arithmetic_extension(minus, F::ONE, member.power, row, numerator);
                }
                let one = builder.one_extension();
                let denominator =
                    builder.arithmetic_extension(-coset_shift(), F::ONE, y, one, group.point);
                // Says that the denominator is not zero.
                sum = builder.div_add_extension(numerator, denominator, sum);
            }
            reduced.insert(*log, sum);
        }
        reduced
    }
}

/// The runs of all rounds, in the order in which p3 batches the openings of a height.
fn runs(shape: &Shape) -> Vec<Run> {
    let mut runs = Vec::new();
    for (round, of_round) in shape.rounds.iter().enumerate() {
        let mut last_of_height = BTreeMap::<usize, usize>::new();
        let logs = shape.log_codewords(of_round);
        for (matrix, (of_matrix, log_height)) in of_round.matrices.iter().zip(logs).enumerate() {
            let points = of_matrix.points;
            let before = last_of_height.get(&log_height).map(|last: &usize| &mut runs[*last]);
            match before {
                Some(Run { points: 1, matrices, .. }) if points == 1 => matrices.push(matrix),
                _ => {
                    last_of_height.insert(log_height, runs.len());
                    runs.push(Run { round, log_height, points, matrices: vec![matrix] });
                }
            }
        }
    }
    runs
}

fn group_of<'g>(
    builder: &mut Builder,
    groups: &'g mut Vec<Group>,
    point: ExtTarget,
) -> &'g mut Group {
    let index = groups.iter().position(|group| group.point == point).unwrap_or_else(|| {
        groups.push(Group { point, claimed: builder.zero_extension(), members: Vec::new() });
        groups.len() - 1
    });
    &mut groups[index]
}
