//! A whole leaf proof of the tiny class whose openings are changed and committed to again: every Merkle
//! path is compared and valid, so that what is opened is refused for what it is.
//!
//! The challenges are the honest proof's, as in [`super::tampering`]: a prover who commits again draws
//! others, and has to be lucky.

use std::sync::LazyLock;

use plonky2::field::types::Field;
use plonky2::hash::hash_types::HashOut;
use plonky2::plonk::config::Hasher;

use farthing_plonky2::{F, Poseidon2Hash};

use super::tampering::{FIXTURE, Wrap};
use crate::enforced_checks::{Check, omit_check};
use crate::proof::{Digests, ProofParts};
use crate::shape::Shape;

/// The wrap whose challenges may be anything.
static ANY_CHALLENGES: LazyLock<Wrap> =
    LazyLock::new(|| omit_check(Check::Challenge, || Wrap::new(&FIXTURE.key)));

fn refuses(parts: &ProofParts<F>, expected: bool) -> bool {
    let witness = ANY_CHALLENGES.witness(&FIXTURE.statement, &parts.elements());
    ANY_CHALLENGES.refuses(witness, &FIXTURE.challenges, expected)
}

/// The index in the cap where a path from these rows ends, and what it ends in. Rows are those of the
/// leaf and of the layers above it that they join, with log₂ of the layer's nodes.
fn end_of_path(
    rows: &[(usize, Vec<F>)],
    path: &Digests<F>,
    log_leaves: usize,
    mut index: usize,
) -> (usize, [F; 4]) {
    let hash_of = |log: usize| {
        let of_height = rows.iter().filter(|(height, _)| *height == log);
        let cells: Vec<F> = of_height.flat_map(|(_, cells)| cells).copied().collect();
        (!cells.is_empty()).then(|| Poseidon2Hash::hash_no_pad(&cells))
    };
    let mut node = hash_of(log_leaves).expect("the tree is as tall as its tallest matrix");
    for (layer, sibling) in path.iter().enumerate() {
        let sibling = HashOut { elements: *sibling };
        node = match index & 1 {
            0 => Poseidon2Hash::two_to_one(node, sibling),
            _ => Poseidon2Hash::two_to_one(sibling, node),
        };
        index >>= 1;
        if let Some(joining) = hash_of(log_leaves - layer - 1) {
            node = Poseidon2Hash::two_to_one(node, joining);
        }
    }
    (index, node.elements)
}

/// Commits again to what a query opens of a round; nothing if the commitment is a constant.
fn recommit(parts: &mut ProofParts<F>, shape: &Shape, query: usize, round: usize) {
    let of_round = &shape.rounds[round];
    let log_leaves = shape.log_leaves(of_round);
    let input = &parts.queries[query].inputs[round];
    let heights = shape.log_codewords(of_round).into_iter();
    let rows: Vec<_> = heights.zip(input.rows.iter().cloned()).collect();
    let index = FIXTURE.indices[query] >> (shape.log_top - log_leaves);
    let (cap_index, node) = end_of_path(&rows, &input.path, log_leaves, index);
    if let Some(cap) = &mut parts.caps[round] {
        cap[cap_index] = node;
    }
}

/// The same for a folded codeword.
fn recommit_fold(parts: &mut ProofParts<F>, shape: &Shape, query: usize, fold: usize) {
    let log_leaves = shape.log_fold_leaves()[fold];
    let opening = &parts.queries[query].folds[fold];
    let rows = [(log_leaves, opening.group.concat())];
    let index = FIXTURE.indices[query] >> (shape.log_top - log_leaves);
    let (cap_index, node) = end_of_path(&rows, &opening.path, log_leaves, index);
    parts.folds[fold].cap[cap_index] = node;
}

#[test]
fn rows_committed_to_anew_are_refused() {
    let (honest, shape) = (&FIXTURE.parts, &ANY_CHALLENGES.circuit.shape);
    for query in 0..honest.queries.len() {
        for round in 0..shape.rounds.len() {
            let what = format!("query {query}, {:?}", shape.rounds[round].round);
            // The paths are valid: another node on one is accepted, once it is committed to.
            let mut parts = honest.clone();
            parts.queries[query].inputs[round].path[0][0] += F::ONE;
            assert!(refuses(&parts, true), "{what}: a path that ends elsewhere");
            recommit(&mut parts, shape, query, round);
            let constant = parts.caps[round].is_none();
            assert_eq!(refuses(&parts, constant), constant, "{what}: a path");
            for matrix in 0..shape.rounds[round].matrices.len() {
                let mut parts = honest.clone();
                *parts.queries[query].inputs[round].rows[matrix].last_mut().expect("a cell") +=
                    F::ONE;
                recommit(&mut parts, shape, query, round);
                assert!(refuses(&parts, true), "{what}: matrix {matrix}");
            }
        }
    }
}

#[test]
fn groups_committed_to_anew_are_refused() {
    let (honest, shape) = (&FIXTURE.parts, &ANY_CHALLENGES.circuit.shape);
    for query in 0..honest.queries.len() {
        for fold in 0..honest.folds.len() {
            let what = format!("query {query}, fold {fold}");
            let mut parts = honest.clone();
            if let Some(sibling) = parts.queries[query].folds[fold].path.first_mut() {
                sibling[0] += F::ONE;
                assert!(refuses(&parts, true), "{what}: a path that ends elsewhere");
                recommit_fold(&mut parts, shape, query, fold);
                assert!(!refuses(&parts, false), "{what}: a path");
            }
            for element in 0..honest.queries[query].folds[fold].group.len() {
                let mut parts = honest.clone();
                parts.queries[query].folds[fold].group[element][1] += F::ONE;
                recommit_fold(&mut parts, shape, query, fold);
                assert!(refuses(&parts, true), "{what}: element {element}");
            }
        }
    }
}
