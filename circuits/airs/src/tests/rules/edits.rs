//! Small forgeries, found by search: a few cells of an honest batch are changed, all else follows as
//! far as it can, and one rule alone is left to refuse.
//!
//! `edits.txt` has one forgery a line: batch, then table, row, column and new value of each cell.
//! `FARTHING_REGENERATE=1 cargo test --release -p farthing-airs scoreboard` searches again for
//! rules that have none.

use core::fmt;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::{Felt, MODULUS, canonical};

use super::forged_leaf::ForgedLeaf;
use super::verdict::{Refusal, Verdict, verdict};
use crate::rules::{Register, Rule};
use crate::tests::state::batches::{everything, full, one_payment, settled_world, updates};
use crate::tests::state::test_ledger::{TestLedger, deposit};

const FILE: &str = "src/tests/rules/edits.txt";

/// The batches that are changed.
pub(crate) static BATCHES: LazyLock<BTreeMap<&'static str, ForgedLeaf>> = LazyLock::new(|| {
    let mut deposited = settled_world();
    deposited.consume(deposit(1, 5));
    let batches = [
        ("everything", everything()),
        ("payment", one_payment()),
        ("full", full()),
        ("empty", TestLedger::new().seal()),
        ("deposit", deposited.seal()),
        ("updates", updates()),
    ];
    let followed = |(name, witness): (&'static str, _)| {
        let mut lie = ForgedLeaf::from(&witness);
        lie.follow();
        let report = lie.check();
        let first = report.imbalances.first();
        assert!(report.is_clean(), "{name} {:?} {first:?}", report.culprits());
        (name, lie)
    };
    batches.into_iter().map(followed).collect()
});

/// A cell and what is written there; of the statement if the table is "statement".
#[derive(Clone, Debug, PartialEq, Eq)]
struct Edit {
    table: String,
    row: usize,
    column: usize,
    value: Felt,
}

/// Changed cells of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SmallForgery {
    batch: String,
    /// All else follows from the changes; otherwise only ranges are counted again.
    follows: bool,
    edits: Vec<Edit>,
}

impl SmallForgery {
    /// All that [`FILE`] has.
    pub(crate) fn all() -> Vec<Self> {
        super::lines("edits.txt").iter().map(|line| Self::read(line)).collect()
    }

    fn read(line: &str) -> Self {
        let mut words = line.split_whitespace();
        let mut batch = words.next().expect("a batch").to_owned();
        let follows = batch == "follows";
        if follows {
            batch = words.next().expect("a batch").to_owned();
        }
        let mut edits = Vec::new();
        while let Some(table) = words.next() {
            let mut number = || words.next().expect("row, column, value");
            edits.push(Edit {
                table: table.to_owned(),
                row: number().parse().expect("a row"),
                column: number().parse().expect("a column"),
                value: read_value(number()),
            });
        }
        Self { batch, follows, edits }
    }

    /// Rules that refuse it: none if a cell does not exist any more.
    pub(crate) fn verdict(&self, register: &Register) -> Verdict {
        self.lie().map_or(Verdict::Nothing, |mut lie| verdict(register, &mut lie))
    }

    /// The forged traces.
    pub(crate) fn lie(&self) -> Option<ForgedLeaf> {
        let mut lie = BATCHES.get(self.batch.as_str())?.clone();
        for edit in &self.edits {
            if edit.table == "statement" {
                *lie.statement.get_mut(edit.column)? = edit.value;
                continue;
            }
            let table = lie.tables.iter().position(|table| table.name() == edit.table)?;
            let trace = &mut lie.traces[table];
            let cell = edit.row * trace.width + edit.column;
            *trace.values.get_mut(cell)? = edit.value;
        }
        if self.follows {
            lie.follow();
        }
        Some(lie)
    }
}

impl fmt::Display for SmallForgery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.follows { "follows " } else { "" }, self.batch)?;
        for Edit { table, row, column, value } in &self.edits {
            write!(f, " {table} {row} {column} {}", write_value(*value))?;
        }
        Ok(())
    }
}

fn read_value(word: &str) -> Felt {
    match word.strip_prefix('-') {
        Some(word) => -Felt::new(word.parse().expect("a number")),
        None => Felt::new(word.parse().expect("a number")),
    }
}

fn write_value(value: Felt) -> String {
    let value = canonical(value);
    if value > MODULUS / 2 { format!("-{}", MODULUS - value) } else { value.to_string() }
}

/// Searches batches for small forgeries of rules that `held` does not have.
struct Search<'a> {
    register: &'a Register,
    held: BTreeSet<Rule>,
    found: Vec<SmallForgery>,
    /// Tries of a forgery by rule.
    tries: BTreeMap<Rule, usize>,
}

/// Tries of one rule in one batch before it is given up.
const TRIES: usize = 12;

impl Search<'_> {
    fn run(&mut self, batch: &'static str) {
        let mut lie = BATCHES[batch].clone();
        for element in 0..lie.statement.len() {
            let value = lie.statement[element] + Felt::ONE;
            let edit = Edit { table: "statement".to_owned(), row: 0, column: element, value };
            let forgery =
                SmallForgery { batch: batch.to_owned(), follows: false, edits: vec![edit] };
            self.keep(&forgery, None);
        }
        for table in 0..lie.tables.len() {
            let name = lie.tables[table].name();
            if name == "range" || lie.place(name) != table {
                continue;
            }
            for row in rows_to_try(&lie, table) {
                self.carried(batch, &mut lie, table, row);
                for column in 0..lie.traces[table].width {
                    self.cell(batch, &mut lie, table, row, column, None);
                }
            }
        }
    }

    /// A number stays the same while one of its pieces takes more bits than it has.
    fn carried(&mut self, batch: &'static str, lie: &mut ForgedLeaf, table: usize, row: usize) {
        let numbers: Vec<Vec<(usize, usize)>> =
            lie.tables[table].numbers().iter().map(|number| number.lookups().collect()).collect();
        let name = lie.tables[table].name();
        for pair in numbers.iter().flat_map(|pieces| pieces.windows(2)) {
            let [(low, bits), (high, _)] = [pair[0], pair[1]];
            let cells = lie.at(table, row);
            let values = [cells[low] + Felt::from_u64(1 << bits), cells[high] - Felt::ONE];
            let rule = self.register.out_of_range(name, low, values[0]).cloned();
            if rule.is_none_or(|rule| self.held.contains(&rule)) {
                continue;
            }
            let edits = [low, high].into_iter().zip(values).map(|(column, value)| Edit {
                table: name.to_owned(),
                row,
                column,
                value,
            });
            let edits = edits.collect();
            let forgery = SmallForgery { batch: batch.to_owned(), follows: false, edits };
            self.keep(&forgery, None);
        }
    }

    fn pairs(&mut self, batch: &'static str, names: &[&str]) {
        let mut lie = BATCHES[batch].clone();
        for name in names {
            let table = lie.place(name);
            let width = lie.traces[table].width;
            for row in rows_to_try(&lie, table) {
                for other in 0..width {
                    for step in [0, 1] {
                        let at = (row + step) % lie.height(table);
                        for value in values(&mut lie, table, at, other) {
                            let honest = core::mem::replace(&mut lie.at(table, at)[other], value);
                            let first =
                                Edit { table: (*name).to_owned(), row: at, column: other, value };
                            for column in 0..width {
                                if (row, column) != (at, other) {
                                    self.cell(batch, &mut lie, table, row, column, Some(&first));
                                }
                            }
                            lie.at(table, at)[other] = honest;
                        }
                    }
                }
            }
        }
    }

    /// Tries other values of a cell, after `first`.
    fn cell(
        &mut self,
        batch: &'static str,
        lie: &mut ForgedLeaf,
        table: usize,
        row: usize,
        column: usize,
        first: Option<&Edit>,
    ) {
        let name = lie.tables[table].name();
        for value in values(lie, table, row, column) {
            let report = lie.check_fault(table, row, column, value);
            let mut rules = report
                .violations
                .iter()
                .map(|v| self.register.constraint(v.name, v.constraint))
                .collect::<BTreeSet<_>>();
            let out = self.register.out_of_range(name, column, value);
            rules.extend(out);
            let [rule] = rules.into_iter().collect::<Vec<_>>()[..] else { continue };
            let rule = rule.clone();
            if self.held.contains(&rule) || self.tries.get(&rule).is_some_and(|n| *n > TRIES) {
                continue;
            }
            *self.tries.entry(rule.clone()).or_default() += 1;
            let edit = Edit { table: name.to_owned(), row, column, value };
            let edits = first.cloned().into_iter().chain([edit]).collect();
            let forgery = SmallForgery { batch: batch.to_owned(), follows: false, edits };
            self.keep(&forgery, Some(&rule));
        }
    }

    fn write(&self) {
        let lines: Vec<String> = self.found.iter().map(ToString::to_string).collect();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
        std::fs::write(path, lines.join("\n") + "\n").expect("written");
    }

    fn keep(&mut self, forgery: &SmallForgery, expected: Option<&Rule>) {
        for follows in [false, true] {
            let forgery = SmallForgery { follows, ..forgery.clone() };
            let Some(mut lie) = forgery.lie() else { continue };
            let Verdict::Alone(refusals) = verdict(self.register, &mut lie) else { continue };
            let Refusal { rule, .. } = refusals[0].clone();
            if expected.is_some_and(|expected| *expected != rule) || !self.held.insert(rule.clone())
            {
                continue;
            }
            println!("{rule}: {forgery}");
            self.found.push(forgery);
            return;
        }
    }
}

/// Active rows, the first padding and the last rows, not more than some dozens.
fn rows_to_try(lie: &ForgedLeaf, table: usize) -> Vec<usize> {
    let height = lie.height(table);
    let trace = &lie.traces[table];
    let row = |i: usize| &trace.values[i * trace.width..(i + 1) * trace.width];
    let padding = (1..height).rev().find(|i| row(*i - 1) != row(height - 2)).unwrap_or(0);
    let near = |at: usize| at.saturating_sub(3)..(at + 3).min(height);
    let rows: BTreeSet<usize> = (0..24.min(height))
        .chain(near(padding))
        .chain(near(height - 1))
        .chain([height - 1])
        .collect();
    rows.into_iter().rev().collect()
}

/// Values worth trying in a cell.
fn values(lie: &mut ForgedLeaf, table: usize, row: usize, column: usize) -> BTreeSet<Felt> {
    let height = lie.height(table);
    let honest = lie.at(table, row)[column];
    let beside = [
        lie.at(table, (row + 1) % height)[column],
        lie.at(table, (row + height - 1) % height)[column],
    ];
    let constants = [Felt::ZERO, Felt::ONE, Felt::TWO, -Felt::ONE];
    let steps = [honest + Felt::ONE, honest - Felt::ONE];
    let mut values: BTreeSet<Felt> = constants.into_iter().chain(steps).chain(beside).collect();
    values.remove(&honest);
    values
}

/// Searches for rules that nothing in `held` holds, and writes what it found behind what there is.
pub(crate) fn search(register: &Register, held: BTreeSet<Rule>, kept: Vec<SmallForgery>) {
    let mut search = Search { register, held, found: kept, tries: BTreeMap::new() };
    for batch in ["empty", "payment", "deposit", "everything", "full", "updates"] {
        search.tries.clear();
        search.run(batch);
        search.write();
    }
    if farthing_testkit::full() {
        for batch in ["payment", "everything"] {
            search.tries.clear();
            let tables = [
                "queue",
                "withdrawals",
                "accounts",
                "registrations",
                "licenses",
                "royalty_split",
                "public_data",
                "merkle",
            ];
            search.pairs(batch, &tables);
        }
    }
    search.write();
}
