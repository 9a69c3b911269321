//! Every value that the transcript absorbs changes every challenge that is drawn after it.
//!
//! A circuit without its comparisons draws challenges for a changed proof, too: every value that is absorbed
//! is seen in what is drawn, and nothing else refuses.

use p3_field::PrimeCharacteristicRing;
use plonky2::field::types::Field;
use rayon::prelude::*;

use farthing_plonky2::F;
use farthing_protocol::{Felt, STATEMENT_ELEMENTS};
use farthing_testkit::full;

use super::{FIXTURE, Wrap};
use crate::enforced_checks::{Check, omit_check};
use crate::tests::{Part, parts_of};

/// All that says whether a proof is valid.
const COMPARISONS: [Check; 8] = [
    Check::Path,
    Check::Work,
    Check::FoldGroup,
    Check::FinalPolynomial,
    Check::Quotient,
    Check::Terminals,
    Check::Version,
    Check::Time,
];

fn without_all(checks: &[Check]) -> Wrap {
    match checks.split_first() {
        Some((check, rest)) => omit_check(*check, || without_all(rest)),
        None => Wrap::new(&FIXTURE.key),
    }
}

/// The first challenge that is another; all behind it have to be.
fn first_change(honest: &[F], changed: &[F]) -> Option<usize> {
    let first = honest.iter().zip(changed).position(|(honest, changed)| honest != changed)?;
    let others = honest[first..].iter().zip(&changed[first..]);
    others.clone().all(|(honest, changed)| honest != changed).then_some(first)
}

const fn absorbed(part: Part) -> bool {
    !matches!(part, Part::Row | Part::Path | Part::Group | Part::FoldPath)
}

/// The middle element of each part that is absorbed, with `FARTHING_FULL=1` every one; and every word
/// of the statement.
#[test]
fn absorbed_values_change_all_later_challenges() {
    let fixture = &*FIXTURE;
    let wrap = without_all(&COMPARISONS);
    let elements = fixture.parts.elements();
    let honest = wrap.challenges(&fixture.statement, &elements);
    assert_eq!(honest, fixture.challenges, "the circuit draws what the whole one does");
    let (mut indices, mut start) = (Vec::new(), 0);
    for (part, len) in parts_of(&fixture.parts) {
        let of_part = if full() { 0..len } else { len / 2..(len / 2 + 1).min(len) };
        indices.extend(of_part.filter(|_| absorbed(part)).map(|index| (part, start + index)));
        start += len;
    }
    let firsts: Vec<(Part, usize)> = indices
        .par_iter()
        .map(|(part, index)| {
            let mut changed = elements.clone();
            changed[*index] += F::ONE;
            let changed = wrap.challenges(&fixture.statement, &changed);
            let first = first_change(&honest, &changed);
            (*part, first.unwrap_or_else(|| panic!("{part:?}, element {index}")))
        })
        .collect();
    println!("{} of {start} elements are absorbed or tried", firsts.len());
    // In the order in which a prover has to commit.
    let of = |part: Part| firsts.iter().filter(move |(of, _)| *of == part).map(|one| one.1);
    let last = |part: Part| of(part).max().expect("such a part");
    assert_eq!(of(Part::Commitment).min(), Some(0), "commitments to the tables come first");
    assert!(of(Part::Terminal).all(|first| first > 0 && first < last(Part::Commitment)));
    assert!(of(Part::Opening).all(|first| first > last(Part::Commitment)));
    let folds: Vec<usize> = of(Part::FoldCommitment).collect();
    assert!(folds.is_sorted() && folds[0] > last(Part::Opening));
    assert!(of(Part::FinalPolynomial).all(|first| first > last(Part::FoldCommitment)));

    (0..STATEMENT_ELEMENTS).into_par_iter().for_each(|word| {
        let mut statement = fixture.statement;
        statement[word] += Felt::ONE;
        let changed = wrap.challenges(&statement, &elements);
        assert_eq!(first_change(&honest, &changed), Some(0), "word {word}");
    });
}
