//! Every kind of element of a proof, changed.

use plonky2::field::types::Field;

use farthing_plonky2::F;

use super::harness::{SETTINGS, Setup, Verifier};
use super::toy_air::toys;
use crate::enforced_checks::{Check, omit_check};
use crate::proof::ProofParts;
use crate::shape::Shape;

/// Part of a proof that an element belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Commitment,
    /// Claimed, of one matrix at one point.
    Opening,
    Terminal,
    Work,
    FoldCommitment,
    FinalPolynomial,
    /// Of one matrix at one query.
    Row,
    Path,
    Group,
    FoldPath,
}

/// The parts of a proof in the order of [`ProofParts::elements`], each with its length.
pub(crate) fn parts_of(proof: &ProofParts<F>) -> Vec<(Part, usize)> {
    let digests = |d: &Vec<[F; 4]>| 4 * d.len();
    let mut parts = vec![];
    parts.extend(proof.caps.iter().flatten().map(|cap| (Part::Commitment, digests(cap))));
    let openings = proof.openings.iter().flatten().flatten();
    parts.extend(openings.map(|opening| (Part::Opening, 2 * opening.len())));
    parts.extend(proof.terminals.iter().map(|_| (Part::Terminal, 2)));
    let work = [proof.lookup_work, proof.point_work, proof.batch_work, proof.query_work];
    parts.extend(work.iter().flatten().map(|_| (Part::Work, 1)));
    for fold in &proof.folds {
        parts.push((Part::FoldCommitment, digests(&fold.cap)));
        parts.extend(fold.work.iter().map(|_| (Part::Work, 1)));
    }
    parts.push((Part::FinalPolynomial, 2 * proof.final_polynomial.len()));
    for query in &proof.queries {
        for input in &query.inputs {
            parts.extend(input.rows.iter().map(|row| (Part::Row, row.len())));
            parts.push((Part::Path, digests(&input.path)));
        }
        for fold in &query.folds {
            parts.push((Part::Group, 2 * fold.group.len()));
            parts.push((Part::FoldPath, digests(&fold.path)));
        }
    }
    parts
}

/// First and last element of each part: no change is accepted.
#[test]
fn changed_elements_are_refused() {
    let honest = toys();
    let setup = Setup::new(&honest, SETTINGS);
    let verifier = Verifier::new(&setup);
    let proof = setup.prove(&honest);
    let parts = setup.replay(&proof, &honest.public_values).parts;
    let elements = parts.elements();
    let mut start = 0;
    let mut changes = 0;
    for (part, len) in parts_of(&parts) {
        for index in [start, (start + len).saturating_sub(1)] {
            if len == 0 {
                continue;
            }
            let changed = changed(&setup, &elements, index);
            assert!(verifier.run(&changed, &honest.public_values).is_none(), "{part:?} {index}");
            changes += 1;
        }
        start += len;
    }
    assert_eq!(start, elements.len(), "every element is of a part");
    assert!(changes > 100);
}

/// The same with every Merkle path valid: a circuit that does not look at them refuses all that is
/// not a path's, each by the check that it is there for.
#[test]
fn changed_elements_are_refused_where_paths_are_valid() {
    let honest = toys();
    let setup = Setup::new(&honest, SETTINGS);
    let verifier = omit_check(Check::Path, || Verifier::new(&setup));
    let proof = setup.prove(&honest);
    let parts = setup.replay(&proof, &honest.public_values).parts;
    let elements = parts.elements();
    let mut start = 0;
    for (part, len) in parts_of(&parts) {
        let of_a_path = matches!(part, Part::Path | Part::FoldPath);
        for index in [start, start + len / 2].into_iter().take(len) {
            let changed = changed(&setup, &elements, index);
            let accepted = verifier.run(&changed, &honest.public_values).is_some();
            assert_eq!(accepted, of_a_path, "{part:?} {index}");
        }
        start += len;
    }
}

/// The proof with one element changed: construction asks for the elements in their order.
fn changed(setup: &Setup, elements: &[F], index: usize) -> ProofParts<F> {
    let mut values = elements.to_vec();
    values[index] += F::ONE;
    let shape = Shape::new(&setup.system()).expect("shape");
    let mut next = values.iter().copied();
    let parts = ProofParts::of_shape(&shape, &mut || next.next().expect("as many"));
    assert_eq!(parts.elements(), values, "construction and enumeration agree");
    parts
}

/// Terminals that still sum to zero.
#[test]
fn balanced_terminals_are_refused() {
    let honest = toys();
    let setup = Setup::new(&honest, SETTINGS);
    let proof = setup.prove(&honest);
    let mut parts = setup.replay(&proof, &honest.public_values).parts;
    parts.terminals[0][0] += F::ONE;
    parts.terminals[1][0] -= F::ONE;
    assert!(Verifier::new(&setup).run(&parts, &honest.public_values).is_none());
}

/// A valid query in another's place.
#[test]
fn exchanged_queries_are_refused() {
    let honest = toys();
    let setup = Setup::new(&honest, SETTINGS);
    let proof = setup.prove(&honest);
    let mut parts = setup.replay(&proof, &honest.public_values).parts;
    parts.queries.swap(0, 1);
    assert!(Verifier::new(&setup).run(&parts, &honest.public_values).is_none());
}
