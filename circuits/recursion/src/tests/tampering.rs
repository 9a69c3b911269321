//! Every kind of element of a proof, changed.

use plonky2::field::types::Field;

use super::harness::{SETTINGS, Setup, Verifier};
use super::toy::toys;
use crate::checks::{Check, without};
use crate::field::F;
use crate::proof::ProofParts;
use crate::shape::Shape;

/// The places of each kind of element in [`ProofParts::elements`], one kind a range.
fn kinds(parts: &ProofParts<F>) -> Vec<(&'static str, usize)> {
    let digests = |d: &Vec<[F; 4]>| 4 * d.len();
    let mut kinds = vec![];
    for cap in parts.caps.iter().flatten() {
        kinds.push(("commitment", digests(cap)));
    }
    for opening in parts.openings.iter().flatten().flatten() {
        kinds.push(("claimed opening", 2 * opening.len()));
    }
    kinds.push(("terminals", 2 * parts.terminals.len()));
    let work = [parts.lookup_work, parts.point_work, parts.batch_work, parts.query_work];
    kinds.extend(work.iter().flatten().map(|_| ("work", 1)));
    for fold in &parts.folds {
        kinds.push(("fold commitment", digests(&fold.cap)));
        kinds.extend(fold.work.iter().map(|_| ("fold work", 1)));
    }
    kinds.push(("final polynomial", 2 * parts.final_polynomial.len()));
    for query in &parts.queries {
        for input in &query.inputs {
            kinds.extend(input.rows.iter().map(|row| ("row", row.len())));
            kinds.push(("path", digests(&input.path)));
        }
        for fold in &query.folds {
            kinds.push(("group", 2 * fold.group.len()));
            kinds.push(("fold path", digests(&fold.path)));
        }
    }
    kinds
}

/// First and last element of each kind: no change is accepted.
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
    for (kind, len) in kinds(&parts) {
        for place in [start, (start + len).saturating_sub(1)] {
            if len == 0 {
                continue;
            }
            let changed = changed(&setup, &elements, place);
            assert!(verifier.run(&changed, &honest.public_values).is_none(), "{kind} {place}");
            changes += 1;
        }
        start += len;
    }
    assert_eq!(start, elements.len(), "every element is of a kind");
    assert!(changes > 100);
}

/// The same with every Merkle path valid: a circuit that does not look at them refuses all that is
/// not a path's, each by the check that it is there for.
#[test]
fn changed_elements_are_refused_where_paths_are_valid() {
    let honest = toys();
    let setup = Setup::new(&honest, SETTINGS);
    let verifier = without(Check::Path, || Verifier::new(&setup));
    let proof = setup.prove(&honest);
    let parts = setup.replay(&proof, &honest.public_values).parts;
    let elements = parts.elements();
    let mut start = 0;
    for (kind, len) in kinds(&parts) {
        let of_a_path = matches!(kind, "path" | "fold path");
        for place in [start, start + len / 2].into_iter().take(len) {
            let changed = changed(&setup, &elements, place);
            let accepted = verifier.run(&changed, &honest.public_values).is_some();
            assert_eq!(accepted, of_a_path, "{kind} {place}");
        }
        start += len;
    }
}

/// The proof with one element changed: construction asks for the elements in their order.
fn changed(setup: &Setup, elements: &[F], place: usize) -> ProofParts<F> {
    let mut values = elements.to_vec();
    values[place] += F::ONE;
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
