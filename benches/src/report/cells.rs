//! Tables of where cells go: rows used of rows paid for, columns, codeword cells per payment.

use std::fmt::Write as _;

use super::Report;
use super::table::Table;
use crate::tables::{BatchTables, TableRows, USED_MIN, Workload};
use crate::text::thousands;

/// Mark of a table that is taller than its use asks for.
const LOW: &str = "▼";
/// Tables named as the reason of a difference between classes.
const REASONS: usize = 3;
/// Classes whose cost is compared, the smaller one first.
const COMPARED: [&str; 2] = ["16k", "64k"];

/// A table for each class.
pub(super) fn tables(batches: &[BatchTables]) -> Vec<Table> {
    let mut classes: Vec<&str> = batches.iter().map(|batch| batch.class.as_str()).collect();
    classes.dedup();
    classes.into_iter().map(|class| of_class(class, batches)).collect()
}

/// The same for the report, with the reason why the classes differ.
pub(super) fn of_report(report: &Report) -> Vec<Table> {
    let mut tables = tables(&report.tables);
    let times = COMPARED.map(|class| {
        let figure = |name| {
            let metric = report.metric(&format!("leaf/reference/{class}/{name}"))?;
            Some(metric.summary.median)
        };
        Some(figure("prove")? / figure("payments")?)
    });
    if let (Some(last), Some(why)) = (tables.last_mut(), why(&report.tables, times)) {
        let _ = write!(last.note, " {why}");
    }
    tables
}

/// All tables with their command, as Markdown.
pub(super) fn to_markdown(batches: &[BatchTables], command: &str) -> String {
    let mut text = format!("Written by `{command}`; nothing in it depends on the machine.\n\n");
    if let Some(why) = why(batches, [None; 2]) {
        let _ = writeln!(text, "{why}\n");
    }
    let shown =
        |table: &Table| format!("**{}.** {}\n\n{}", table.title, table.note, table.to_markdown());
    text + &tables(batches).iter().map(shown).collect::<Vec<_>>().join("\n")
}

fn of_class(class: &str, batches: &[BatchTables]) -> Table {
    let batches: Vec<&BatchTables> = batches.iter().filter(|batch| batch.class == class).collect();
    let mut header = vec!["table".to_owned(), "rows".to_owned(), "columns".to_owned()];
    header.extend(batches.iter().map(|batch| format!("used, {}", batch.workload.name())));
    header
        .extend(batches.iter().map(|batch| format!("cells a payment, {}", batch.workload.name())));
    let mut table = Table {
        title: format!("Where cells go, class {class}"),
        note: note(&batches),
        header,
        rows: Vec::new(),
    };
    let Some(first) = batches.first() else { return table };
    // Heights and columns are the class's, so one order serves all workloads.
    let mut order: Vec<usize> = (0..first.tables.len()).collect();
    order.sort_by_key(|index| core::cmp::Reverse(first.tables[*index].cells()));
    table.rows = order.into_iter().map(|index| row(index, first, &batches)).collect();
    table.rows.push(total(first, &batches));
    table
}

fn note(batches: &[&BatchTables]) -> String {
    let Some(first) = batches.first() else { return String::new() };
    let payments = batches.iter().map(|batch| {
        format!("{} of the {}", thousands(batch.payments as u128), workload(batch.workload))
    });
    format!(
        "Payments: {}. Cells are those of codewords: committed cells × the blow-up of {}, quotients \
         apart. {LOW}: less than {:.0} % of the rows are used.",
        payments.collect::<Vec<_>>().join(", "),
        1 << first.log_blowup,
        USED_MIN * 100.0,
    )
}

fn workload(workload: Workload) -> &'static str {
    match workload {
        Workload::Reference => "reference workload",
        Workload::Trace => "inference trace",
    }
}

fn row(index: usize, first: &BatchTables, batches: &[&BatchTables]) -> Vec<String> {
    let table = &first.tables[index];
    let mut row = vec![
        table.table.clone(),
        format!("{} = 2^{}", thousands(table.paid() as u128), table.log_rows),
        table.columns.to_string(),
    ];
    let same = |batch: &&&BatchTables| batch.tables.get(index).is_some();
    let batches = || batches.iter().filter(same);
    row.extend(batches().map(|batch| used(&batch.tables[index])));
    row.extend(batches().map(|batch| cells(batch.codeword_cells(&batch.tables[index]))));
    row
}

fn used(table: &TableRows) -> String {
    let mark = if table.is_low() { format!("{LOW} ") } else { String::new() };
    format!("{mark}{} = {:.1} %", thousands(table.used as u128), table.share() * 100.0)
}

fn cells(cells: f64) -> String {
    if cells >= 100.0 { thousands(cells.round() as u128) } else { format!("{cells:.1}") }
}

fn total(first: &BatchTables, batches: &[&BatchTables]) -> Vec<String> {
    let columns: usize = first.tables.iter().map(|table| table.columns).sum();
    let mut row = vec!["all, by cells".to_owned(), String::new(), columns.to_string()];
    row.extend(batches.iter().map(|batch| format!("{:.1} %", batch.share() * 100.0)));
    row.extend(batches.iter().map(|batch| cells(batch.all_codeword_cells())));
    row
}

/// One sentence: by how much a payment of the larger class costs more, and which tables' heights are the
/// reason. `times` are seconds per payment of both classes, if they were measured.
fn why(batches: &[BatchTables], times: [Option<f64>; 2]) -> Option<String> {
    let of = |class: &str| {
        let mut reference = batches.iter().filter(|batch| batch.workload == Workload::Reference);
        reference.find(|batch| batch.class == class)
    };
    let [small_name, large_name] = COMPARED;
    let (small, large) = (of(small_name)?, of(large_name)?);
    let more = |before: f64, now: f64| (now / before - 1.0) * 100.0;
    let hashing = more(small.all_codeword_cells(), large.all_codeword_cells());
    let transforms = more(small.transform_steps(), large.transform_steps());
    let time = match times {
        [Some(before), Some(now)] => format!(
            " takes {:+.0} % time, of which heights explain at most {:+.0} %: it",
            more(before, now),
            hashing.max(transforms),
        ),
        _ => String::new(),
    };
    let mut reasons: Vec<Reason> =
        kinds(large).into_iter().map(|kind| Reason::of(kind, small, large)).collect();
    reasons.sort_by(|a, b| b.more_cells.total_cmp(&a.more_cells));
    let reasons = reasons.iter().take(REASONS).map(Reason::shown);
    Some(format!(
        "Against class {small_name}, a payment of class {large_name}{time} has {hashing:+.0} % codeword \
         cells to hash and {transforms:+.0} % steps of transforms, because of tables with more rows a \
         payment: above all {}.",
        reasons.collect::<Vec<_>>().join(", "),
    ))
}

/// Tables of one kind in two classes.
struct Reason {
    kind: String,
    /// Codeword cells a payment that the larger class has more.
    more_cells: f64,
    /// Rows a payment in both classes.
    rows: [f64; 2],
    /// Part of the larger class's rows that is used.
    used: f64,
}

impl Reason {
    fn of(kind: String, small: &BatchTables, large: &BatchTables) -> Self {
        let tables = |batch: &BatchTables| {
            let tables = batch.tables.iter().filter(|table| kind_of(table) == kind);
            tables.cloned().collect::<Vec<TableRows>>()
        };
        let [before, now] = [small, large].map(tables);
        let cells = |batch: &BatchTables, tables: &[TableRows]| -> f64 {
            tables.iter().map(|table| batch.codeword_cells(table)).sum()
        };
        let paid = |tables: &[TableRows]| tables.iter().map(TableRows::paid).sum::<usize>() as f64;
        let used: usize = now.iter().map(|table| table.used).sum();
        Self {
            more_cells: cells(large, &now) - cells(small, &before),
            rows: [paid(&before) / small.payments as f64, paid(&now) / large.payments as f64],
            used: used as f64 / paid(&now),
            kind,
        }
    }

    fn shown(&self) -> String {
        let Self { kind, more_cells, rows: [before, now], used } = self;
        let used = used * 100.0;
        format!("{kind} {more_cells:+.0} cells ({before:.2} → {now:.2} rows, {used:.0} % used)")
    }
}

/// A table's name without its number among those of its kind.
fn kind_of(table: &TableRows) -> &str {
    table.table.split(' ').next().unwrap_or_default()
}

fn kinds(batch: &BatchTables) -> Vec<String> {
    let tables = batch.tables.iter();
    let mut kinds: Vec<String> = tables.map(|table| kind_of(table).to_owned()).collect();
    kinds.dedup();
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(table: &str, used: usize, log_rows: usize, columns: usize) -> TableRows {
        TableRows { table: table.to_owned(), used, log_rows, columns }
    }

    fn batch(workload: Workload, class: &str, payments: usize, tall: usize) -> BatchTables {
        let tables = vec![
            table("intents", payments, 14, 100),
            table("buckets 1", 100_000, tall, 10),
            table("buckets 2", 0, 13, 10),
        ];
        BatchTables { workload, class: class.to_owned(), payments, log_blowup: 1, tables }
    }

    #[test]
    fn low_tables_are_marked_and_workloads_are_side_by_side() {
        let batches = [
            batch(Workload::Reference, "16k", 16_384, 17),
            batch(Workload::Trace, "16k", 8_192, 17),
        ];
        let text = to_markdown(&batches, "farthing-benches tables");
        for line in [
            "| intents | 16,384 = 2^14 | 100 | 16,384 = 100.0 % | ▼ 8,192 = 50.0 % | 200 | 400 |",
            "| buckets 1 | 131,072 = 2^17 | 10 | ▼ 100,000 = 76.3 % | ▼ 100,000 = 76.3 % | 160 | 320 |",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        assert!(
            text.contains("Payments: 16,384 of the reference workload, 8,192 of the"),
            "{text}"
        );
        assert!(text.contains("the blow-up of 2"), "{text}");
        assert!(!text.contains("Against class"), "one class has nothing to be compared with");
    }

    #[test]
    fn the_larger_class_is_explained_by_its_tables() {
        let batches = [
            batch(Workload::Reference, "16k", 16_384, 16),
            batch(Workload::Reference, "64k", 16_384, 17),
        ];
        let text = why(&batches, [Some(1.0), Some(1.3)]).expect("both classes are there");
        let time = "class 64k takes +30 % time, of which heights explain at most +34 %: it has";
        assert!(text.contains(time), "{text}");
        assert!(text.contains("has +28 % codeword cells to hash and +34 % steps of"), "{text}");
        assert!(text.contains("buckets +80 cells (4.50 → 8.50 rows, 72 % used)"), "{text}");
        let heights = why(&batches, [None; 2]).expect("both classes are there");
        assert!(
            heights.starts_with("Against class 16k, a payment of class 64k has +28 %"),
            "{heights}"
        );
        assert!(why(&batches[..1], [None; 2]).is_none());
    }
}
