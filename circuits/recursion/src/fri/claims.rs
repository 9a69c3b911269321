//! What the batched claims come to before any query: with R the sum of a row's cells times powers
//! of alpha, a matrix opened at z contributes `(R(z) − R(x))/(z − x)` at its height, x the query's
//! point. The R(z) do not depend on the query, and matrices of one height and one point share a
//! division.

use std::collections::BTreeMap;

use plonky2::field::types::Field;
use plonky2::iop::target::Target;
use plonky2::util::reducing::ReducingFactorTarget;

use crate::field::{Builder, ExtTarget, F, coset_shift};
use crate::fri::ext_row;
use crate::proof::{InputOpening, ProofParts};
use crate::shape::Shape;

/// All claims, by log₂ of the codeword's length.
pub(super) struct Claims {
    alpha: ExtTarget,
    heights: BTreeMap<usize, Vec<Group>>,
}

/// The claims of one height at one point.
struct Group {
    point: ExtTarget,
    /// Σ alpha^offset · R(z)
    claimed: ExtTarget,
    members: Vec<Member>,
}

/// One matrix at one point. The powers of alpha go on through all matrices and points of a
/// height, so that a matrix's two points differ by a factor alone and its row is reduced once.
struct Member {
    round: usize,
    matrix: usize,
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
        let mut powers = BTreeMap::<usize, ExtTarget>::new();
        let mut heights = BTreeMap::<usize, Vec<Group>>::new();
        for (round, of_round) in shape.rounds.iter().enumerate() {
            let logs = shape.log_codewords(of_round);
            for (matrix, (of_matrix, log)) in of_round.matrices.iter().zip(logs).enumerate() {
                let step = builder.exp_u64_extension(alpha, of_matrix.width as u64);
                for (point, opened) in
                    points[round][matrix].iter().zip(&proof.openings[round][matrix])
                {
                    let one = builder.one_extension();
                    let power = *powers.entry(log).or_insert(one);
                    let next = builder.mul_extension(power, step);
                    powers.insert(log, next);
                    let value = ReducingFactorTarget::new(alpha).reduce(&ext_row(opened), builder);
                    let groups = heights.entry(log).or_default();
                    let group = group_of(builder, groups, *point);
                    group.claimed = builder.mul_add_extension(power, value, group.claimed);
                    group.members.push(Member { round, matrix, power });
                }
            }
        }
        Self { alpha, heights }
    }

    /// What the folding has to start from, and what joins it on the way, at a query whose rows
    /// are `inputs`: by log₂ of the length, `ys` likewise.
    pub(super) fn reduced(
        &self,
        builder: &mut Builder,
        inputs: &[InputOpening<Target>],
        ys: &[Target],
    ) -> BTreeMap<usize, ExtTarget> {
        let rows: Vec<Vec<ExtTarget>> = inputs
            .iter()
            .map(|input| {
                let reduce = |row: &Vec<Target>| {
                    ReducingFactorTarget::new(self.alpha).reduce_base(row, builder)
                };
                input.rows.iter().map(reduce).collect()
            })
            .collect();
        let mut reduced = BTreeMap::new();
        for (log, groups) in &self.heights {
            let y = builder.convert_to_ext(ys[*log]);
            let mut sum = builder.zero_extension();
            for group in groups {
                let mut numerator = group.claimed;
                for member in &group.members {
                    let row = rows[member.round][member.matrix];
                    numerator = builder.arithmetic_extension(
                        F::NEG_ONE,
                        F::ONE,
                        member.power,
                        row,
                        numerator,
                    );
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

fn group_of<'g>(
    builder: &mut Builder,
    groups: &'g mut Vec<Group>,
    point: ExtTarget,
) -> &'g mut Group {
    let place = groups.iter().position(|group| group.point == point).unwrap_or_else(|| {
        groups.push(Group { point, claimed: builder.zero_extension(), members: Vec::new() });
        groups.len() - 1
    });
    &mut groups[place]
}
