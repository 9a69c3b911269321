//! Verdict on a forgery: refused by one rule alone, or by more.

use std::collections::{BTreeMap, BTreeSet};

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::Felt;

use super::forged_leaf::{ForgedLeaf, Word};
use crate::check::Report;
use crate::rules::{Register, Rule};

/// Rules and buses that refuse a forgery.
#[derive(Debug)]
pub(super) enum Verdict {
    /// Each of these alone.
    Alone(Vec<Refusal>),
    /// More than one.
    Several(BTreeSet<Rule>, BTreeSet<String>),
    Nothing,
}

/// A rule that alone refuses a forgery.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) rule: Rule,
    pub(super) without: Weakening,
}

/// Weakening of the rule with which the forgery passes.
#[derive(Clone, Debug)]
pub(super) enum Weakening {
    /// It is left out.
    LeftOut,
    /// Its messages are sent as often, and say anything: in these rows something else.
    Free(Vec<Word>),
}

/// More messages than this do not make up for each other.
const MOST_TIMES: u64 = 32;

pub(super) fn verdict(register: &Register, lie: &mut ForgedLeaf) -> Verdict {
    let report = lie.check();
    if report.is_clean() {
        return Verdict::Nothing;
    }
    let (rules, buses) = register.violated(&report, &lie.tables, &lie.traces);
    if rules.len() == 1 && buses.is_empty() {
        let left_out = |rule| Refusal { rule, without: Weakening::LeftOut };
        return Verdict::Alone(rules.into_iter().map(left_out).collect());
    }
    let refusals = if rules.is_empty() { of_messages(register, lie, &report) } else { Vec::new() };
    if refusals.is_empty() { Verdict::Several(rules, buses) } else { Verdict::Alone(refusals) }
}

type Said = (String, Vec<Felt>);

/// A message that a row sends, or receives if its count is negative.
struct Sent {
    word: Word,
    bus: String,
    count: Felt,
}

impl Sent {
    fn said(&self) -> Said {
        (self.bus.clone(), self.word.message.clone())
    }
}

/// The rules whose messages alone are why messages are not matched.
fn of_messages(register: &Register, lie: &ForgedLeaf, report: &Report) -> Vec<Refusal> {
    let open: BTreeMap<Said, Felt> = report
        .imbalances
        .iter()
        .map(|imbalance| ((imbalance.bus.clone(), imbalance.message.clone()), imbalance.count))
        .collect();
    let mut refusals = Vec::new();
    for (rule, sent) in by_rule(register, lie, &open) {
        if is_all(&sent, &open) {
            refusals.push(Refusal { rule: rule.clone(), without: Weakening::LeftOut });
        } else if let Some(words) = other_words(&sent, &open) {
            let mut free = lie.reworded(&register.freed(&lie.tables, rule), &words);
            if free.check().is_clean() {
                refusals.push(Refusal { rule: rule.clone(), without: Weakening::Free(words) });
            }
        }
    }
    refusals
}

fn by_rule<'a>(
    register: &'a Register,
    lie: &ForgedLeaf,
    open: &BTreeMap<Said, Felt>,
) -> BTreeMap<&'a Rule, Vec<Sent>> {
    let buses: BTreeSet<&str> = open.keys().map(|(bus, _)| bus.as_str()).collect();
    let mut all = BTreeMap::<&Rule, Vec<Sent>>::new();
    let checker = lie.checker();
    for (table, of) in lie.tables.iter().enumerate() {
        for row in 0..lie.height(table) {
            for sent in checker.messages(&lie.traces, table, row) {
                if !buses.contains(sent.bus.as_str()) {
                    continue;
                }
                if let Some(rule) = register.message(of.name(), sent.number) {
                    let word = Word { table, row, number: sent.number, message: sent.message };
                    let sent = Sent { word, bus: sent.bus, count: sent.count };
                    all.entry(rule).or_default().push(sent);
                }
            }
        }
    }
    all
}

/// Tells whether these messages are just those that are not matched.
fn is_all(sent: &[Sent], open: &BTreeMap<Said, Felt>) -> bool {
    let mut counts = BTreeMap::<Said, Felt>::new();
    for sent in sent {
        *counts.entry(sent.said()).or_default() += sent.count;
    }
    counts.retain(|_, count| *count != Felt::ZERO);
    counts == *open
}

/// Other words of some of these messages, with which all are matched.
fn other_words(sent: &[Sent], open: &BTreeMap<Said, Felt>) -> Option<Vec<Word>> {
    let is_some_times =
        |count: Felt, one: Felt| (1..=MOST_TIMES).any(|n| count == one * Felt::from_u64(n));
    let mut open = open.clone();
    let mut unmatched = Vec::new();
    for sent in sent {
        if let Some(count) = open.get_mut(&sent.said())
            && is_some_times(*count, sent.count)
        {
            *count -= sent.count;
            unmatched.push(sent);
        }
    }
    let mut words = Vec::new();
    for ((bus, message), count) in &mut open {
        while *count != Felt::ZERO {
            let missing = -*count;
            let fits = |sent: &&Sent| sent.bus == *bus && is_some_times(missing, sent.count);
            let sent = unmatched.remove(unmatched.iter().position(fits)?);
            *count += sent.count;
            words.push(Word { message: message.clone(), ..sent.word.clone() });
        }
    }
    (unmatched.is_empty() && !words.is_empty()).then_some(words)
}
