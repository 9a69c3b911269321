//! Every rule has a forged trace that it alone refuses: with the rule left out the checker is clean.
//!
//! `additions` and `signatures` make forgeries by hand, `edits` finds small ones by search. A rule
//! without a forgery is either redundant, with what implies it, or counted in `not_held.txt`, which
//! may only shrink: `cargo test --release -p farthing-airs scoreboard -- --nocapture`.

mod additions;
mod edits;
mod follow;
mod half;
pub(crate) mod lie;
mod messages;
mod names;
mod points;
mod roots;
mod scoreboard;
mod signatures;
mod state;

use std::collections::{BTreeMap, BTreeSet};

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::Felt;

use crate::check::Report;
use crate::rules::{Register, Rule};

use additions::Forged;
use edits::BATCHES;
use lie::Lie;

/// Lines of a list beside this page.
fn lines(name: &str) -> Vec<String> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/rules").join(name);
    let text = std::fs::read_to_string(path).expect("a list");
    text.lines().map(ToOwned::to_owned).collect()
}

/// Forgeries made by hand.
fn by_hand() -> Vec<Forged> {
    [additions::ALL, signatures::ALL, state::ALL, messages::ALL].concat()
}

fn register() -> Register {
    let lie = &BATCHES["everything"];
    Register::new(&lie.tables, &lie.statement, &lie.traces)
}

/// What refuses a forgery.
#[derive(Debug)]
enum Verdict {
    /// Each of these rules alone: one constraint or range, or messages that nothing matches.
    Alone(Vec<Rule>),
    /// More than one.
    Several(BTreeSet<Rule>, BTreeSet<String>),
    Nothing,
}

fn verdict(register: &Register, lie: &mut Lie) -> Verdict {
    let report = lie.check();
    if report.is_clean() {
        return Verdict::Nothing;
    }
    let (rules, buses) = register.violated(&report, &lie.tables, &lie.traces);
    if rules.len() == 1 && buses.is_empty() {
        return Verdict::Alone(rules.into_iter().collect());
    }
    let messages = if rules.is_empty() { unmatched(register, lie, &report) } else { Vec::new() };
    if messages.is_empty() { Verdict::Several(rules, buses) } else { Verdict::Alone(messages) }
}

/// The rules whose messages are just those that are not matched.
fn unmatched(register: &Register, lie: &Lie, report: &Report) -> Vec<Rule> {
    let open: BTreeMap<(&str, &[Felt]), Felt> = report
        .imbalances
        .iter()
        .map(|imbalance| ((imbalance.bus.as_str(), &imbalance.message[..]), imbalance.count))
        .collect();
    let buses: BTreeSet<&str> = open.keys().map(|(bus, _)| *bus).collect();
    let mut sent = BTreeMap::<&Rule, BTreeMap<(String, Vec<Felt>), Felt>>::new();
    let checker = lie.checker();
    for (table, of) in lie.tables.iter().enumerate() {
        for row in 0..lie.height(table) {
            for message in checker.messages(&lie.traces, table, row) {
                if !buses.contains(message.bus.as_str()) {
                    continue;
                }
                if let Some(rule) = register.message(of.name(), message.number) {
                    let count = sent.entry(rule).or_default();
                    *count.entry((message.bus, message.message)).or_default() += message.count;
                }
            }
        }
    }
    let zero = Felt::ZERO;
    let alone = |messages: &BTreeMap<(String, Vec<Felt>), Felt>| {
        let mut messages = messages.iter().filter(|(_, count)| **count != zero);
        let all = messages.clone().count() == open.len();
        all && messages
            .all(|((bus, message), count)| open.get(&(bus.as_str(), &message[..])) == Some(count))
    };
    sent.iter().filter(|(_, messages)| alone(messages)).map(|(rule, _)| (*rule).clone()).collect()
}
