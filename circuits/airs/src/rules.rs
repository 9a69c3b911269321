//! The register of rules: all that a proof demands of its tables, each with the line that makes it.
//!
//! A rule is a constraint statement (one line of the sources in one table, however many constraints
//! it makes), a range-checked number, or a message on a bus. Each can be left out of its table, to
//! show that a forged trace is refused by it alone; a message can also be let say anything, as
//! often as before.

use core::fmt;
use std::collections::{BTreeMap, BTreeSet};

use p3_air::{Air, AirBuilder, BaseAir, WindowAccess};
use p3_lookup::{Count, InteractionBuilder};
use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::Felt;

use crate::check::{Checker, Line, Report};
use crate::prove::Statement;
use crate::tables::Table;

/// Files whose functions a table may call more than once: each call makes statements of its own.
const SHARED: [&str; 3] = ["boundary.rs", "fp5.rs", "group_law.rs"];
/// The table that provides ranges, and the stand-in for the tables of the state.
const WITHOUT_RULES: [&str; 2] = ["range", "state_stub"];

/// Kind of demand of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Demand {
    /// A constraint statement.
    Constraint,
    /// Bits of a number.
    Range,
    /// A message is matched on its bus.
    Message,
}

/// Something that a proof demands of a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Rule {
    pub(crate) table: &'static str,
    pub(crate) demand: Demand,
    /// File below `src`, with its folder.
    pub(crate) file: &'static str,
    pub(crate) line: u32,
    /// Which of the rules that this line makes in this table.
    pub(crate) call: usize,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, demand, file, line, call } = self;
        write!(f, "{table}: {demand:?} {file}:{line}")?;
        if *call > 0 { write!(f, " ({})", call + 1) } else { Ok(()) }
    }
}

/// Numbers of constraints and messages of a table, and columns of range look-ups, to leave out; and
/// messages that may say anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Off {
    pub(crate) constraints: BTreeSet<usize>,
    pub(crate) messages: BTreeSet<usize>,
    pub(crate) columns: BTreeSet<usize>,
    /// Messages that say what stands in columns behind the table's, by the first of them.
    pub(crate) free: BTreeMap<usize, usize>,
}

impl Off {
    pub(crate) fn is_empty(&self) -> bool {
        self.constraints.is_empty()
            && self.messages.is_empty()
            && self.columns.is_empty()
            && self.free.is_empty()
    }
}

/// A table in which the messages of one rule may say anything.
#[derive(Clone, Debug)]
pub(crate) struct FreeTable {
    pub(crate) table: Table,
    /// Columns behind those of the table, which hold what is said.
    pub(crate) more: usize,
    /// The first of them by message.
    pub(crate) free: BTreeMap<usize, usize>,
}

impl BaseAir<Felt> for FreeTable {
    fn width(&self) -> usize {
        self.table.width() + self.more
    }

    fn preprocessed_width(&self) -> usize {
        self.table.preprocessed_width()
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<Felt>> {
        self.table.preprocessed_trace()
    }

    fn main_next_row_columns(&self) -> Vec<usize> {
        self.table.main_next_row_columns()
    }

    fn preprocessed_next_row_columns(&self) -> Vec<usize> {
        self.table.preprocessed_next_row_columns()
    }

    fn num_public_values(&self) -> usize {
        self.table.num_public_values()
    }
}

impl<AB: AirBuilder<F = Felt> + InteractionBuilder> Air<AB> for FreeTable {
    fn eval(&self, builder: &mut AB) {
        self.table.eval(builder);
    }
}

/// The rules of one table.
#[derive(Clone, Debug, Default)]
struct TableRules {
    constraints: Vec<Rule>,
    messages: Vec<MessageRule>,
    numbers: Vec<RangedNumber>,
}

/// A message of a table.
#[derive(Clone, Debug)]
struct MessageRule {
    /// `None` is a look-up of a range.
    rule: Option<Rule>,
    bus: String,
    elements: usize,
}

/// A range-checked number: its rule, its columns with their bits, and the numbers of its look-ups.
type RangedNumber = (Rule, Vec<(usize, usize)>, BTreeSet<usize>);

/// All rules of a set of tables.
#[derive(Clone, Debug)]
pub(crate) struct Register {
    tables: BTreeMap<&'static str, TableRules>,
}

impl Register {
    /// The rules of `tables`, read off the first row of any traces of theirs.
    pub(crate) fn new(
        tables: &[Table],
        statement: &Statement,
        traces: &[RowMajorMatrix<Felt>],
    ) -> Self {
        let checker = Checker::new(tables, statement);
        let mut all = BTreeMap::new();
        for (i, table) in tables.iter().enumerate() {
            if !WITHOUT_RULES.contains(&table.name()) {
                all.entry(table.name()).or_insert_with(|| {
                    let lines = checker.lines(traces, i);
                    let mut number = Numbering::new(table.name());
                    let constraints =
                        lines.constraints.iter().map(|line| number.constraint(line)).collect();
                    let messages = lines.messages.iter();
                    let messages: Vec<_> = messages
                        .map(|sent| MessageRule {
                            rule: (sent.bus != "range").then(|| number.message(&sent.line)),
                            bus: sent.bus.clone(),
                            elements: sent.elements,
                        })
                        .collect();
                    let lookups = (0..messages.len()).filter(|i| lines.messages[*i].bus == "range");
                    let lookups: Vec<usize> = lookups.collect();
                    let mut start = 0;
                    let numbers = table.numbers().iter().map(|decomposition| {
                        let columns: Vec<_> = decomposition.lookups().collect();
                        let own = lookups[start..start + columns.len()].iter().copied().collect();
                        start += columns.len();
                        (number.range(decomposition.line), columns, own)
                    });
                    let numbers = numbers.collect();
                    TableRules { constraints, messages, numbers }
                });
            }
        }
        Self { tables: all }
    }

    /// Every rule once.
    pub(crate) fn rules(&self) -> BTreeSet<Rule> {
        let of = |table: &TableRules| {
            let constraints = table.constraints.iter().cloned();
            let messages = table.messages.iter().filter_map(|message| message.rule.clone());
            let numbers = table.numbers.iter().map(|(rule, ..)| rule.clone());
            constraints.chain(messages).chain(numbers).collect::<Vec<_>>()
        };
        self.tables.values().flat_map(of).collect()
    }

    /// The constraint statements and ranges that traces violate, and the other unbalanced buses.
    pub(crate) fn violated(
        &self,
        report: &Report,
        tables: &[Table],
        traces: &[RowMajorMatrix<Felt>],
    ) -> (BTreeSet<Rule>, BTreeSet<String>) {
        let constraint = |name: &str, number: usize| self.tables[name].constraints[number].clone();
        let mut rules: BTreeSet<Rule> = report
            .violations
            .iter()
            .map(|violation| constraint(violation.name, violation.constraint))
            .collect();
        let mut buses: BTreeSet<String> =
            report.imbalances.iter().map(|imbalance| imbalance.bus.clone()).collect();
        if buses.remove("range") {
            for (table, trace) in tables.iter().zip(traces) {
                let Some(of_table) = self.tables.get(table.name()) else { continue };
                for (rule, columns, _) in &of_table.numbers {
                    let out = |row: &[Felt]| {
                        columns.iter().any(|(column, bits)| {
                            farthing_protocol::canonical(row[*column]) >> bits != 0
                        })
                    };
                    if trace.values.chunks_exact(trace.width).any(out) {
                        rules.insert(rule.clone());
                    }
                }
            }
        }
        (rules, buses)
    }

    /// The statement that makes a constraint.
    pub(crate) fn constraint(&self, table: &str, number: usize) -> &Rule {
        &self.tables[table].constraints[number]
    }

    /// The number whose range a value in this column is out of.
    pub(crate) fn out_of_range(&self, table: &str, column: usize, value: Felt) -> Option<&Rule> {
        let numbers = &self.tables.get(table)?.numbers;
        let (rule, columns, _) =
            numbers.iter().find(|(_, columns, _)| columns.iter().any(|(c, _)| *c == column))?;
        let (_, bits) = columns.iter().find(|(c, _)| *c == column)?;
        (farthing_protocol::canonical(value) >> bits != 0).then_some(rule)
    }

    /// The rule of a message that a table sends.
    pub(crate) fn message(&self, table: &str, number: usize) -> Option<&Rule> {
        self.tables.get(table)?.messages.get(number)?.rule.as_ref()
    }

    /// The rules of what a table sends or receives on a bus, in order.
    pub(crate) fn on_bus(&self, table: &str, bus: &str) -> Vec<&Rule> {
        let messages = self.tables[table].messages.iter();
        messages.filter(|message| message.bus == bus).filter_map(|m| m.rule.as_ref()).collect()
    }

    /// `tables` with the messages of one rule free to say anything.
    pub(crate) fn freed(&self, tables: &[Table], rule: &Rule) -> Vec<FreeTable> {
        let messages = &self.tables[rule.table].messages;
        let of = |table: &Table| {
            let mut free = FreeTable { table: table.clone(), more: 0, free: BTreeMap::new() };
            if table.name() != rule.table {
                return free;
            }
            for (number, message) in messages.iter().enumerate() {
                if message.rule.as_ref() == Some(rule) {
                    free.free.insert(number, table.columns() + free.more);
                    free.more += message.elements;
                }
            }
            assert!(free.more > 0, "{rule} is not a message");
            free.table = table.without(Off { free: free.free.clone(), ..Off::default() });
            free
        };
        tables.iter().map(of).collect()
    }

    /// `tables` with one rule left out.
    pub(crate) fn without(&self, tables: &[Table], rule: &Rule) -> Vec<Table> {
        let off = self.off(rule);
        let leave = |table: &Table| match table.name() == rule.table {
            true => table.without(off.clone()),
            false => table.clone(),
        };
        tables.iter().map(leave).collect()
    }

    fn off(&self, rule: &Rule) -> Off {
        let table = &self.tables[rule.table];
        let places =
            |same: &dyn Fn(usize) -> bool, count: usize| (0..count).filter(|i| same(*i)).collect();
        let mut off = Off {
            constraints: places(&|i| table.constraints[i] == *rule, table.constraints.len()),
            messages: places(
                &|i| table.messages[i].rule.as_ref() == Some(rule),
                table.messages.len(),
            ),
            ..Off::default()
        };
        for (number, columns, lookups) in &table.numbers {
            if number == rule {
                off.messages.extend(lookups);
                off.columns.extend(columns.iter().map(|(column, _)| *column));
            }
        }
        assert!(!off.is_empty(), "{rule} is not a rule");
        off
    }
}

/// Numbers the rules that one line makes.
struct Numbering {
    table: &'static str,
    last: Option<Line>,
    calls: BTreeMap<(Demand, &'static str, u32), usize>,
}

impl Numbering {
    fn new(table: &'static str) -> Self {
        Self { table, last: None, calls: BTreeMap::new() }
    }

    fn constraint(&mut self, line: &Line) -> Rule {
        let shared =
            SHARED.iter().any(|file| line.file().ends_with(&format!("src/gadgets/{file}")));
        let again = shared && self.last != Some(line);
        self.last = Some(line);
        self.rule(Demand::Constraint, line, again)
    }

    fn message(&mut self, line: &Line) -> Rule {
        self.rule(Demand::Message, line, false)
    }

    fn range(&mut self, line: Line) -> Rule {
        self.rule(Demand::Range, &line, true)
    }

    /// `again` starts another rule of the same line.
    fn rule(&mut self, demand: Demand, line: &Line, again: bool) -> Rule {
        let file = line.file();
        let file = file.rsplit_once("src/").map_or(file, |(_, file)| file);
        let calls = self.calls.entry((demand, file, line.line())).or_default();
        *calls += usize::from(again);
        let call = calls.saturating_sub(1);
        Rule { table: self.table, demand, file, line: line.line(), call }
    }
}

/// A builder without some constraints and messages.
pub(crate) struct Without<'a, AB> {
    inner: &'a mut AB,
    off: &'a Off,
    constraints: usize,
    messages: usize,
}

impl<'a, AB> Without<'a, AB> {
    pub(crate) fn new(inner: &'a mut AB, off: &'a Off) -> Self {
        Self { inner, off, constraints: 0, messages: 0 }
    }
}

impl<AB: AirBuilder> AirBuilder for Without<'_, AB> {
    type F = AB::F;
    type Expr = AB::Expr;
    type Var = AB::Var;
    type PreprocessedWindow = AB::PreprocessedWindow;
    type MainWindow = AB::MainWindow;
    type PublicVar = AB::PublicVar;
    type PeriodicVar = AB::PeriodicVar;

    fn main(&self) -> Self::MainWindow {
        self.inner.main()
    }

    fn preprocessed(&self) -> &Self::PreprocessedWindow {
        self.inner.preprocessed()
    }

    fn is_first_row(&self) -> Self::Expr {
        self.inner.is_first_row()
    }

    fn is_last_row(&self) -> Self::Expr {
        self.inner.is_last_row()
    }

    fn is_transition(&self) -> Self::Expr {
        self.inner.is_transition()
    }

    fn assert_zero<I: Into<Self::Expr>>(&mut self, x: I) {
        if !self.off.constraints.contains(&self.constraints) {
            self.inner.assert_zero(x);
        }
        self.constraints += 1;
    }

    fn public_values(&self) -> &[Self::PublicVar] {
        self.inner.public_values()
    }
}

impl<AB: InteractionBuilder> InteractionBuilder for Without<'_, AB> {
    fn push_interaction<E: Into<Self::Expr>>(
        &mut self,
        bus_name: &str,
        fields: impl IntoIterator<Item = E>,
        count: impl Into<Count<Self::Expr>>,
    ) {
        if let Some(first) = self.off.free.get(&self.messages) {
            let main = self.inner.main();
            let cells = &main.current_slice()[*first..];
            let said = fields.into_iter().zip(cells).map(|(_, cell)| (*cell).into());
            let said: Vec<Self::Expr> = said.collect();
            self.inner.push_interaction(bus_name, said, count);
        } else if !self.off.messages.contains(&self.messages) {
            self.inner.push_interaction(bus_name, fields, count);
        }
        self.messages += 1;
    }

    fn push_local_interaction(
        &mut self,
        tuples: impl IntoIterator<Item = (Vec<Self::Expr>, Count<Self::Expr>)>,
    ) {
        self.inner.push_local_interaction(tuples);
    }
}
