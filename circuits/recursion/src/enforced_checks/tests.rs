//! The register of forgeries: every element of every check has one, which it alone refuses.

use super::{Below, Check, Verdict};
use crate::{aggregate, canonical_split, final_layer, fri, merkle, stark, transcript, wrap};

/// Evidence that an element of a check is needed.
enum Shown {
    /// A forgery that circuits without the element accept.
    Forged(fn(Check, usize) -> Verdict),
    /// Another check implies it: true of circuits that lack either and both.
    Implied(Check, fn() -> bool),
}

/// The forgery of a check: one without does not compile.
fn shown(check: Check) -> Shown {
    use Shown::{Forged, Implied};
    match check {
        Check::Path => Forged(merkle::tests::forge),
        Check::Challenge => Forged(transcript::tests::forge_challenge),
        Check::Work => Forged(transcript::tests::forge_work),
        Check::HalvesSum | Check::LowHalf | Check::HighHalf | Check::CanonicalHalves => {
            Forged(canonical_split::tests::forge)
        }
        Check::FoldGroup | Check::FinalPolynomial => Forged(fri::tests::forge),
        Check::Quotient => Forged(stark::tests::forge_quotient),
        Check::Terminals => Forged(stark::tests::forge_terminals),
        Check::Version | Check::Time => Forged(wrap::tests::forge),
        Check::SameDomain
        | Check::NextNumber
        | Check::NextRoot
        | Check::NextEntry
        | Check::LaterTime
        | Check::FullTree
        | Check::NoTaller => Forged(aggregate::join::tests::forge),
        Check::Height => Implied(Check::NoTaller, aggregate::join::tests::no_other_height_joins),
        Check::Child => Forged(child),
        Check::KeyDigest => Forged(aggregate::keys::tests::forge_digest),
        Check::AllowedKey | Check::LiftKey | Check::OwnKey | Check::SameClaim | Check::RealKey => {
            Forged(aggregate::keys::tests::forge)
        }
    }
}

fn child(_: Check, element: usize) -> Verdict {
    let below = Below::ALL[element];
    match below {
        Below::Wrap | Below::Left | Below::Right => aggregate::tests::forge_child(below, element),
        Below::Last | Below::Shrunk => final_layer::tests::forge_child(below, element),
    }
}

/// The score, which is committed.
const SCORE: &str = include_str!("score.txt");

/// Prints the score too, with `--nocapture`.
#[test]
fn every_statement_has_its_forgery() {
    let (mut statements, mut killed, mut redundant, mut alive) = (0, 0, 0, Vec::new());
    for check in Check::ALL.iter().copied() {
        for element in 0..check.elements() {
            statements += 1;
            match shown(check) {
                Shown::Forged(forge) => match forge(check, element) {
                    Verdict::KILLED => killed += 1,
                    verdict => alive.push(format!("{check:?}, element {element}: {verdict:?}")),
                },
                Shown::Implied(by, holds) if holds() => {
                    println!("recursion: {check:?} is implied by {by:?}");
                    redundant += 1;
                }
                Shown::Implied(by, _) => alive.push(format!("{check:?} is not implied by {by:?}")),
            }
        }
    }
    let score = format!(
        "recursion: statements {statements}, killed {killed}, redundant {redundant}, not held {}",
        alive.len()
    );
    println!("{score}");
    assert!(alive.is_empty(), "no forgery that it alone refuses: {alive:#?}");
    assert_eq!(SCORE.trim_end(), score, "src/enforced_checks/score.txt");
}
