//! One query, from the opened rows down to the final polynomial.

use std::collections::BTreeMap;

use plonky2::field::types::Field;
use plonky2::gates::coset_interpolation::CosetInterpolationGate;
use plonky2::hash::hash_types::HashOutTarget;
use plonky2::iop::ext_target::ExtensionTarget;
use plonky2::iop::target::{BoolTarget, Target};
use plonky2::util::reducing::ReducingFactorTarget;

use farthing_plonky2::{Builder, D, ExtTarget, F, two_adic};

use crate::enforced_checks::{Check, connect_ext};
use crate::fri::claims::Claims;
use crate::fri::{ext_row, hashes};
use crate::merkle::{OpenedRow, verify_opening};
use crate::proof::{FoldOpening, Query};
use crate::shape::Shape;

/// Values that all queries share.
pub(super) struct Folding<'a> {
    pub(super) log_top: usize,
    pub(super) log_arities: &'a [usize],
    pub(super) caps: Vec<Vec<HashOutTarget>>,
    pub(super) challenges: &'a [ExtTarget],
    pub(super) final_polynomial: Vec<ExtTarget>,
}

pub(super) fn verify_query(
    builder: &mut Builder,
    shape: &Shape,
    caps: &[Vec<HashOutTarget>],
    claims: &Claims,
    folding: &Folding<'_>,
    index: &[BoolTarget],
    query: &Query<Target>,
) {
    for ((round, input), cap) in shape.rounds.iter().zip(&query.inputs).zip(caps) {
        // A tree shorter than the tallest is opened at the index's high bits.
        let index = &index[shape.log_top - shape.log_leaves(round)..];
        let rows: Vec<_> = shape
            .log_codewords(round)
            .into_iter()
            .zip(&input.rows)
            .map(|(log_height, cells)| OpenedRow { log_height, cells })
            .collect();
        verify_opening(builder, cap, index, &rows, &hashes(&input.path));
    }
    let ys = query_points(builder, shape.log_top, shape.log_final(), index);
    let reduced = claims.reduced(builder, &query.inputs, &ys);
    fold(builder, folding, index, &ys, &reduced, &query.folds);
}

/// yₕ for h from the tallest codeword's down to the final one's; zero below.
pub(super) fn query_points(
    builder: &mut Builder,
    log_top: usize,
    log_final: usize,
    index: &[BoolTarget],
) -> Vec<Target> {
    let mut ys = vec![builder.zero(); log_top + 1];
    let mut y = builder.one();
    for (j, bit) in index.iter().rev().enumerate() {
        y = multiply_if(builder, *bit, y, two_adic(log_top).exp_power_of_2(j));
    }
    ys[log_top] = y;
    for log in (log_final..log_top).rev() {
        ys[log] = builder.square(ys[log + 1]);
    }
    ys
}

/// `bit ? x · constant : x`
fn multiply_if(builder: &mut Builder, bit: BoolTarget, x: Target, constant: F) -> Target {
    builder.arithmetic(constant - F::ONE, F::ONE, bit.target, x, x)
}

/// Folds from the reduced opening of the tallest codewords down; each group is authenticated and
/// holds at the query's place what was carried there.
pub(super) fn fold(
    builder: &mut Builder,
    folding: &Folding<'_>,
    index: &[BoolTarget],
    ys: &[Target],
    reduced: &BTreeMap<usize, ExtTarget>,
    openings: &[FoldOpening<Target>],
) {
    let mut log = folding.log_top;
    let mut carried = reduced[&log];
    let mut index = index;
    for (round, opening) in openings.iter().enumerate() {
        let (log_arity, beta) = (folding.log_arities[round], folding.challenges[round]);
        let (position_bits, row) = index.split_at(log_arity);
        let group = ext_row(&opening.group);
        let position = builder.le_sum(position_bits.iter());
        let own = builder.random_access_extension(position, group.clone());
        connect_ext(builder, Check::FoldGroup, own, carried);

        let cells: Vec<Target> = opening.group.concat();
        let leaf = OpenedRow { log_height: log - log_arity, cells: &cells };
        verify_opening(builder, &folding.caps[round], row, &[leaf], &hashes(&opening.path));

        // The first point of the group's coset: y without what the place's bits put into it.
        let start = position_bits.iter().enumerate().fold(ys[log], |start, (i, bit)| {
            multiply_if(builder, *bit, start, two_adic(i + 1).inverse())
        });
        carried = interpolate(builder, log_arity, start, &group, beta);
        log -= log_arity;
        index = row;
        if let Some(joining) = reduced.get(&log) {
            let factor = builder.exp_power_of_2_extension(beta, log_arity);
            carried = builder.mul_add_extension(factor, *joining, carried);
        }
    }
    let x = builder.convert_to_ext(ys[log]);
    let last = ReducingFactorTarget::new(x).reduce(&folding.final_polynomial, builder);
    connect_ext(builder, Check::FinalPolynomial, last, carried);
}

/// The value at `beta` of the polynomial that is `group[j]` at start·g^{rev(j)}, g of order
/// 2^`log_arity`.
fn interpolate(
    builder: &mut Builder,
    log_arity: usize,
    start: Target,
    group: &[ExtTarget],
    beta: ExtTarget,
) -> ExtTarget {
    if let [at_start, at_minus] = group {
        return interpolate_pair(builder, start, *at_start, *at_minus, beta);
    }
    // The gate takes the coset's points in the order of plonky2's generator.
    let gate_points = F::two_adic_subgroup(log_arity);
    let row = builder.add_gate(CosetInterpolationGate::<F, D>::new(log_arity), vec![]);
    // Its wires: the shift, then in the extension all values, the point and the result.
    let wires = |i: usize| ExtensionTarget::from_range(row, 1 + D * i..1 + D * (i + 1));
    builder.connect(start, Target::wire(row, 0));
    for (j, value) in group.iter().enumerate() {
        let reversed = j.reverse_bits() >> (usize::BITS as usize - log_arity);
        let point = two_adic(log_arity).exp_u64(reversed as u64);
        let slot = gate_points.iter().position(|p| *p == point);
        builder.connect_extension(*value, wires(slot.expect("both generate one subgroup")));
    }
    builder.connect_extension(beta, wires(group.len()));
    wires(group.len() + 1)
}

/// (a + b)/2 + (a − b)/2 · beta/start, of values a at start and b at −start.
fn interpolate_pair(
    builder: &mut Builder,
    start: Target,
    a: ExtTarget,
    b: ExtTarget,
    beta: ExtTarget,
) -> ExtTarget {
    let half = F::TWO.inverse();
    let inverse = builder.inverse(start);
    let inverse = builder.convert_to_ext(inverse);
    let slope = builder.sub_extension(a, b);
    let slope = builder.mul_extension(slope, inverse);
    let sum = builder.add_extension(a, b);
    // Both halves at once.
    builder.arithmetic_extension(half, half, slope, beta, sum)
}
