//! The scoreboard: which rules are held, which are redundant, which are not held yet.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::edits::{SmallForgery, search};
use super::names::Names;
use super::verdict::{Refusal, Verdict, Weakening, verdict};
use super::{by_hand, lines, messages, register, words};
use crate::rules::{Demand, Register, Rule};

/// The score, which is committed.
const SCORE: &str = "score.txt";

/// All rules, and by which forgery each is held.
struct Board {
    register: Register,
    names: Names,
    held: BTreeMap<Rule, String>,
    /// Those of them that are held by what a message says, not by being there.
    by_words: BTreeSet<Rule>,
    /// Forgeries that are refused by several rules, or by none.
    failed: Vec<String>,
}

impl Board {
    fn new() -> Self {
        let register = register();
        let names = Names::new(&register.rules());
        let (held, by_words) = (BTreeMap::new(), BTreeSet::new());
        let mut board = Self { register, names, held, by_words, failed: Vec::new() };
        let by_hand: Vec<(String, Verdict)> = by_hand()
            .into_par_iter()
            .map(|(name, forge)| {
                let lie = std::panic::catch_unwind(forge);
                let verdict =
                    lie.map_or(Verdict::Nothing, |mut lie| verdict(&board.register, &mut lie));
                (name.to_owned(), verdict)
            })
            .collect();
        let small: Vec<(String, Verdict)> = SmallForgery::all()
            .into_par_iter()
            .map(|forgery| (forgery.to_string(), forgery.verdict(&board.register)))
            .collect();
        for (name, verdict) in by_hand.into_iter().chain(small) {
            board.count(name, verdict);
        }
        board.count_messages();
        board
    }

    fn count(&mut self, name: String, verdict: Verdict) {
        match verdict {
            Verdict::Alone(refusals) => {
                refusals.into_iter().for_each(|refusal| self.hold(refusal, &name));
            }
            Verdict::Nothing => self.failed.push(format!("{name}: not refused")),
            Verdict::Several(rules, buses) => {
                let rules: Vec<String> = rules.iter().map(|rule| self.names.of(rule)).collect();
                self.failed.push(format!("{name}: refused by {rules:?} and {buses:?}"));
            }
        }
    }

    /// Messages whose counterpart the rest of a batch can do without, and limbs.
    fn count_messages(&mut self) {
        let messages = self.open(Demand::Message);
        let held: Vec<Refusal> = messages
            .into_par_iter()
            .filter_map(|rule| {
                let without = messages::without(&self.register, &rule);
                let mut lies = without.chain(words::other_limb(&self.register, &rule));
                lies.find_map(|mut lie| match verdict(&self.register, &mut lie) {
                    Verdict::Alone(held) => held.into_iter().find(|refusal| refusal.rule == rule),
                    _ => None,
                })
            })
            .collect();
        held.into_iter().for_each(|refusal| self.hold(refusal, "a batch made for it"));
    }

    fn hold(&mut self, Refusal { rule, without }: Refusal, name: &str) {
        match without {
            Weakening::LeftOut => self.by_words.remove(&rule),
            Weakening::Free(_) if self.held.contains_key(&rule) => false,
            Weakening::Free(_) => self.by_words.insert(rule.clone()),
        };
        self.held.entry(rule).or_insert_with(|| name.to_owned());
    }

    fn all(&self, demand: Demand) -> usize {
        self.register.rules().iter().filter(|rule| rule.demand == demand).count()
    }

    /// Rules that no forgery holds.
    fn open(&self, demand: Demand) -> Vec<Rule> {
        let rules = self.register.rules().into_iter();
        rules.filter(|rule| rule.demand == demand && !self.held.contains_key(rule)).collect()
    }
}

/// Prints the scoreboard. Every rule has a forgery, is redundant, or is counted as not yet held; and
/// nothing is counted that need not be.
#[test]
fn every_rule_is_held() {
    let board = Board::new();
    if std::env::var_os("FARTHING_REGENERATE").is_some() {
        let held = board.held.keys().cloned().collect();
        let kept = SmallForgery::all()
            .into_iter()
            .filter(|small| matches!(small.verdict(&board.register), Verdict::Alone(_)))
            .collect();
        for failed in &board.failed {
            println!("FAILED {failed}");
        }
        search(&board.register, held, kept);
        return;
    }
    let listed = lines("redundant.txt");
    let redundant: BTreeMap<&str, &str> = listed
        .iter()
        .map(|line| line.split_once(" <= ").expect("a rule and what implies it"))
        .collect();
    let mut open = BTreeSet::new();
    let mut implied = BTreeSet::new();
    for demand in [Demand::Constraint, Demand::Range, Demand::Message] {
        let (all, rules) = (board.all(demand), board.open(demand));
        let (known, missing): (Vec<_>, Vec<_>) =
            rules.iter().partition(|rule| redundant.contains_key(board.names.of(rule).as_str()));
        println!(
            "leaf, {demand:?}: {all} statements, {} killed, {} redundant, {} not yet held",
            all - rules.len(),
            known.len(),
            missing.len(),
        );
        for rule in missing {
            println!("    not held: {} at {rule}", board.names.of(rule));
            open.insert(board.names.of(rule));
        }
        implied.extend(known.into_iter().map(|rule| board.names.of(rule)));
    }
    let score = format!(
        "leaf: statements {}, killed {}, redundant {}, not held {}",
        board.register.rules().len(),
        board.held.len(),
        implied.len(),
        open.len(),
    );
    println!("{score}");
    println!("leaf: {} messages are held by what they say alone", board.by_words.len());
    for failed in &board.failed {
        println!("FAILED {failed}");
    }
    assert!(board.failed.is_empty());
    let listed: BTreeSet<String> = redundant.keys().map(|name| (*name).to_owned()).collect();
    assert_eq!(implied, listed, "redundant rules that are held or gone");
    let budget: BTreeSet<String> = lines("not_held.txt").into_iter().collect();
    let new: Vec<_> = open.difference(&budget).collect();
    assert!(new.is_empty(), "these rules have no forgery: {new:#?}");
    let done: Vec<_> = budget.difference(&open).collect();
    assert!(done.is_empty(), "these are held or gone, take them off not_held.txt: {done:#?}");
    assert_eq!(lines(SCORE), [score], "src/tests/rules/{SCORE}");
}
