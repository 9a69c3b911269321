//! The report's tables.

use std::fmt::Write as _;

use super::compare::Verdict;
use super::figures::CPU;
use super::metric::Unit;
use super::ratios::Compared;
use super::table::Table;
use super::{LeafDetail, Report, cells, goals, headline};
use crate::text::thousands;

/// Changes shown of a comparison: all regressions, and as many others as make this many.
const CHANGES_SHOWN: usize = 40;
/// Spans shown of a leaf: those open for at least this part of the time to prove.
const SPAN_SHARE_MIN: f64 = 0.005;
const MISSING: &str = "–";
/// Explanation of cells with two times.
const TIMES: &str = "In parentheses: processor time, user and system, of the process that was measured, \
                     beside times of a tenth of a second or more.";

/// All tables, in the order of reading.
pub(super) fn tables(report: &Report) -> Vec<Table> {
    let mut tables = vec![
        goals::table(report),
        classes(report),
        pipelines(report),
        baselines(report),
        phases(report),
    ];
    tables.extend(largest(report).map(|leaf| profile(report, leaf)));
    tables.extend(cells::of_report(report));
    tables.extend([
        circuits(report),
        conventional(report),
        http(report),
        gas(report),
        points(report),
    ]);
    tables.push(comparison(report));
    tables.push(machine(report));
    tables.retain(|table| !table.rows.is_empty());
    tables
}

/// The whole report.
pub(super) fn to_markdown(report: &Report) -> String {
    let mut text = String::from("# Farthing, measured\n\n");
    for warning in report.warnings() {
        let _ = writeln!(text, "> **Warning:** {warning}.\n");
    }
    let sections: Vec<String> = tables(report).iter().map(Table::to_markdown_section).collect();
    text + &sections.join("\n")
}

/// Ratios, absolute figures and their source: the part that the README at the root shows.
pub(super) fn figures(report: &Report) -> String {
    let [ratios, absolute] =
        [headline::ratios(report), headline::absolute(report)].map(|table| table.to_markdown());
    format!("{ratios}\n{}:\n\n{absolute}{}", on(report), source(report))
}

/// Goals, leaf proofs, blocks, baselines and HTTP: the part that `benches/README.md` shows.
pub(super) fn summary(report: &Report) -> String {
    let tables =
        [goals::table(report), classes(report), pipelines(report), baselines(report), http(report)];
    let tables = tables.iter().filter(|table| !table.rows.is_empty());
    let shown =
        |table: &Table| format!("**{}.** {}\n\n{}", table.title, table.note, table.to_markdown());
    tables.map(shown).collect::<Vec<_>>().join("\n") + &source(report)
}

/// The processor that absolute figures belong to.
fn on(report: &Report) -> String {
    let machine = &report.machine;
    format!("On {} ({}), {} cores", machine.cpu, machine.processor, machine.cores)
}

/// A note of a table of absolute figures, with the processor that they belong to.
fn absolute(report: &Report, note: &str) -> String {
    format!("{note} {}.", on(report))
}

/// Commit, machine and warnings of a run.
fn source(report: &Report) -> String {
    let machine = &report.machine;
    let mut text = format!(
        "\nCommit {}; {} ({}), {} cores, {} GiB, load {} when it began; {}; {} report.",
        machine.commit,
        machine.cpu,
        machine.processor,
        machine.cores,
        machine.memory_gib,
        machine.load,
        machine.flags,
        report.scale.name(),
    );
    for warning in report.warnings() {
        let _ = write!(text, " Warning: {warning}.");
    }
    text
}

fn shown(report: &Report, leaf: &str, figure: &str) -> String {
    let metric = report.metric(&format!("{leaf}/{figure}"));
    metric.map_or_else(|| MISSING.to_owned(), |metric| metric.shown())
}

/// A figure with its range; a time has its processor time beside it.
fn spread(report: &Report, leaf: &str, figure: &str) -> String {
    let metric = report.metric(&format!("{leaf}/{figure}"));
    let shown = metric.map_or_else(|| MISSING.to_owned(), |metric| metric.shown_with_spread());
    shown + &processor_time(report, leaf, figure)
}

/// The median of a time, and its processor time beside it.
fn time(report: &Report, leaf: &str, figure: &str) -> String {
    shown(report, leaf, figure) + &processor_time(report, leaf, figure)
}

fn processor_time(report: &Report, leaf: &str, figure: &str) -> String {
    let metric = report.metric(&format!("{leaf}/{figure}{CPU}"));
    metric.map_or_else(String::new, |metric| format!(" ({})", metric.shown()))
}

/// Leaves of a workload, not points of a curve.
fn workloads(report: &Report) -> impl Iterator<Item = &LeafDetail> {
    let named = ["reference", "worst", "best", "trace"].map(|name| format!("leaf/{name}/"));
    report.leaves.iter().filter(move |leaf| named.iter().any(|name| leaf.id.starts_with(name)))
}

/// The largest leaf of the reference workload.
fn largest(report: &Report) -> Option<&LeafDetail> {
    report.leaves.iter().rfind(|leaf| leaf.id.starts_with("leaf/reference/"))
}

/// Rows of leaves, columns of figures.
fn leaves(report: &Report, mut table: Table, figures: &[(&str, bool)]) -> Table {
    table.rows = workloads(report)
        .map(|leaf| {
            let figure = |(name, range): &(&str, bool)| {
                if *range { spread(report, &leaf.id, name) } else { time(report, &leaf.id, name) }
            };
            let mut row = vec![leaf.name.clone()];
            row.extend(figures.iter().map(figure));
            row
        })
        .collect();
    table
}

fn classes(report: &Report) -> Table {
    let note = format!(
        "One leaf proof of as many payments as the class holds of the workload, from sealed batch to \
         proof; medians, ± half the range. {TIMES}"
    );
    let header = [
        "workload, class",
        "payments",
        "payments a second",
        "prove",
        "verify",
        "cells a payment",
        "codeword cells a payment",
        "proof",
        "public data a payment",
        "peak memory",
        "bits, proven",
        "bits, conjectured",
    ];
    let figures = [
        ("payments", false),
        ("payments_per_s", true),
        ("prove", false),
        ("verify", false),
        ("cells", false),
        ("codeword_cells", false),
        ("proof", false),
        ("public_data", false),
        ("peak_memory", false),
        ("proven_bits", false),
        ("conjectured_bits", false),
    ];
    leaves(report, Table::new("Leaf proofs", &absolute(report, &note), &header), &figures)
}

fn baselines(report: &Report) -> Table {
    let note = format!(
        "Of the same run. Floor: hashing and transforming as many cells, in matrices of the same \
         shapes, as the proof commits to. Conventional: plain plonky2, two accounts' Merkle paths a \
         payment, joined two by two, for {} payments, {} for class 64k, no signatures (100 \
         conjectured bits); here against the leaf alone, without its wrap: the table of blocks is like \
         for like. Native: the ledger's rules settle the batch in memory. Seal: with both trees, \
         public data and a synced write. {TIMES}",
        thousands(Compared::LARGE.payments as u128),
        thousands(Compared::HUGE.payments as u128),
    );
    let header = [
        "workload, class",
        "prove",
        "physical floor",
        "prove ÷ floor",
        "the same in processor time",
        "leaf alone × conventional, depth 32",
        "the same in processor time",
        "leaf alone × conventional, depth 20",
        "native",
        "prove ÷ native",
        "seal",
    ];
    let figures = [
        ("prove", true),
        ("floor", true),
        ("floor_ratio", true),
        ("floor_cpu_ratio", false),
        ("conventional_ratio_32", false),
        ("conventional_cpu_ratio_32", false),
        ("conventional_ratio_20", false),
        ("native", true),
        ("native_ratio", false),
        ("seal", false),
    ];
    leaves(report, Table::new("Against baselines", &absolute(report, &note), &header), &figures)
}

fn pipelines(report: &Report) -> Table {
    let note = format!(
        "Full batches of the reference workload, from sealed batches to the proof that the contract \
         takes. The first rate is without the last layers, which a block pays for once however many \
         batches it has. Ratios are like for like: to one aggregated plonky2 proof, Farthing's with \
         leaves, wraps, lifts and joins, the conventional design's with proofs of payments and joins, \
         for as many payments as a batch has. {TIMES}"
    );
    let header = [
        "class",
        "batches",
        "× conventional, like for like, depth 32",
        "the same in processor time",
        "the same, depth 20",
        "payments a second",
        "with last layers",
        "leaves",
        "wraps",
        "joins",
        "last layers",
        "verify",
        "proof",
        "peak memory",
    ];
    let figures = [
        "leaves",
        "conventional_ratio_32",
        "conventional_cpu_ratio_32",
        "conventional_ratio_20",
        "payments_per_s",
        "payments_per_s_with_last_layers",
        "leaf",
        "wrap",
        "join",
        "last_layers",
        "verify",
        "proof",
        "peak_memory",
    ];
    let mut table = Table::new("Blocks", &absolute(report, &note), &header);
    let cases = report.metrics.iter().filter_map(|metric| {
        metric.id.strip_suffix("/payments_per_s").filter(|id| id.starts_with("pipeline/"))
    });
    table.rows = cases
        .map(|id| {
            let mut row = vec![id.trim_start_matches("pipeline/").to_owned()];
            row.extend(figures.iter().map(|figure| spread(report, id, figure)));
            row
        })
        .collect();
    table
}

fn circuits(report: &Report) -> Table {
    let mut table = Table::new("Circuits of blocks", "", &["circuit", "rows in use", "rows"]);
    table.rows = report
        .circuits
        .iter()
        .map(|(id, cost)| {
            let name = format!("{}: {}", id.trim_start_matches("pipeline/"), cost.circuit);
            let rows = thousands(cost.rows as u128);
            vec![name, rows, format!("2^{}", cost.log_rows)]
        })
        .collect();
    table
}

fn phases(report: &Report) -> Table {
    let note = format!(
        "Commit: transforming and hashing traces, lookups and quotients, and evaluating them. \
         Quotient: evaluating the constraints and transforming what they give. Open: FRI. The \
         physical floor has its share of transforms beside. {TIMES}"
    );
    let header = [
        "workload, class",
        "traces",
        "commit",
        "quotient",
        "open",
        "all",
        "floor",
        "of it transforms",
        "key, once",
    ];
    let figures = [
        ("trace", true),
        ("commit", true),
        ("quotient", true),
        ("open", true),
        ("prove", true),
        ("floor", false),
        ("floor_transform", false),
        ("setup", false),
    ];
    leaves(
        report,
        Table::new("Phases of the leaf prover", &absolute(report, &note), &header),
        &figures,
    )
}

fn profile(report: &Report, leaf: &LeafDetail) -> Table {
    let title = format!("Spans of the leaf prover: {}", leaf.name);
    let note = format!(
        "Time in which a span of this name was open. Spans contain spans, and those of several tables \
         overlap; so does what the processors did meanwhile. {}.",
        leaf.settings
    );
    let header = ["span", "time", "of proving", "of all processors"];
    let mut table = Table::new(&title, &note, &header);
    let whole = report.metric(&format!("{}/prove", leaf.id)).map_or(0.0, |m| m.summary.median);
    let mut spans: Vec<_> = leaf.spans.iter().collect();
    spans.sort_by(|a, b| b.1[0].median.total_cmp(&a.1[0].median));
    let large = spans.into_iter().filter(|(_, [wall, _])| wall.median >= whole * SPAN_SHARE_MIN);
    table.rows = large
        .map(|(name, [wall, cpu])| {
            let share = format!("{:.1} %", wall.median / whole * 100.0);
            let [wall, cpu] = [wall, cpu].map(|time| Unit::Seconds.show(time.median));
            vec![name.clone(), wall, share, cpu]
        })
        .collect();
    table
}

fn conventional(report: &Report) -> Table {
    let note = format!(
        "Measured: a circuit full of payments, a join of two, a join of two joins. Rates are for {} \
         and {} payments: as many circuits as they fill, half as many first joins, and joins above. \
         {TIMES}",
        thousands(Compared::LARGE.payments as u128),
        thousands(Compared::HUGE.payments as u128),
    );
    let header = [
        "tree and circuit",
        "payments a circuit",
        "prove",
        "first join",
        "join above",
        "payments a second, 16,384",
        "payments a second, 65,536",
        "peak memory",
    ];
    let mut table = Table::new("The conventional design", &absolute(report, &note), &header);
    let cases = report.metrics.iter().filter_map(|metric| {
        metric.id.strip_suffix("/payments_per_s").filter(|id| id.starts_with("conventional/"))
    });
    let figures = [
        "payments",
        "prove",
        "first_join",
        "join",
        Compared::LARGE.rate,
        Compared::HUGE.rate,
        "peak_memory",
    ];
    table.rows = cases
        .map(|id| {
            let name = id.trim_start_matches("conventional/").replace('/', ", ").replace('-', " ");
            let mut row = vec![name];
            row.extend(figures.iter().map(|figure| time(report, id, figure)));
            row
        })
        .collect();
    table
}

fn http(report: &Report) -> Table {
    let note =
        "A node under load on the same machine as its clients, each answer after a synced write.";
    let note = absolute(report, note);
    let mut table = Table::new("Intents over HTTP", &note, &["figure", "measured"]);
    let figures = [
        ("batch endpoint, intents a second", "intents_per_s"),
        ("single endpoint, intents a second", "single_intents_per_s"),
        ("single endpoint at half of that, median", "half_load_p50"),
        ("single endpoint at half of that, 99 of 100", "half_load_p99"),
        ("intents made durable with one write", "intents_per_write"),
    ];
    if report.metric("http/intents_per_s").is_some() {
        let row = |(name, id): (&str, &str)| vec![name.to_owned(), spread(report, "http", id)];
        table.rows = figures.into_iter().map(row).collect();
    }
    table
}

fn gas(report: &Report) -> Table {
    let note = "As the contracts' tests measured it, on an EVM; the same on every machine.";
    let mut table = Table::new("Gas on L1", note, &["what", "gas"]);
    let metrics = report.metrics.iter();
    table.rows = metrics
        .filter_map(|metric| Some((metric.id.strip_prefix("gas/")?, metric)))
        .map(|(name, metric)| vec![name.to_owned(), metric.shown()])
        .collect();
    table
}

fn points(report: &Report) -> Table {
    let note = "The reference workload with one number changed, in batches as full as they get.";
    let header = [
        "of the reference workload",
        "payments in the batch",
        "time a payment",
        "processor time a payment",
        "cells a payment",
    ];
    let mut table = Table::new("How cost grows", &absolute(report, note), &header);
    let curves = report.curves.iter();
    table.rows = curves
        .flat_map(|curve| curve.points.iter().map(move |point| (curve, point)))
        .map(|(curve, point)| {
            vec![
                format!("{} {}, class {}", thousands(point.x as u128), curve.axis, point.class),
                thousands(point.payments as u128),
                Unit::Seconds.show(point.seconds_per_payment.median),
                point
                    .cpu_seconds_per_payment
                    .map_or_else(|| MISSING.to_owned(), |cpu| Unit::Seconds.show(cpu.median)),
                Unit::Count.show(point.cells_per_payment),
            ]
        })
        .collect();
    table
}

pub(super) fn comparison(report: &Report) -> Table {
    let Some(comparison) = &report.comparison else { return Table::default() };
    let mut note = format!(
        "With the run at commit {}: {} of {} figures are worse beyond the noise.",
        comparison.with,
        comparison.regressions().count(),
        comparison.changes.len(),
    );
    for caveat in &comparison.caveats {
        let _ = write!(note, " Not alike: {caveat}.");
    }
    if !comparison.missing.is_empty() {
        let _ = write!(note, " {} figures are not measured any more.", comparison.missing.len());
    }
    let header = ["figure", "then", "now", "now ÷ then", "noise", "verdict"];
    let mut table = Table::new("Compared", &note, &header);
    let telling = comparison.changes.iter().filter(|change| change.verdict != Verdict::Same);
    let same = comparison.changes.iter().filter(|change| change.verdict == Verdict::Same);
    let changes = comparison.regressions().count();
    let improved = telling.clone().count() - changes;
    let room = CHANGES_SHOWN.saturating_sub(changes + improved);
    table.rows = telling
        .chain(same.take(room))
        .map(|change| {
            let verdict = match change.verdict {
                Verdict::Worse => "WORSE",
                Verdict::Improved => "better",
                Verdict::Same => "same",
            };
            let [then, now] = change.shown.clone();
            let ratio = format!("{:.3}", change.ratio);
            let noise = format!("± {:.1} %", change.noise * 100.0);
            vec![change.id.clone(), then, now, ratio, noise, verdict.to_owned()]
        })
        .collect();
    table
}

fn machine(report: &Report) -> Table {
    let mut table = Table::new("Machine and program", "", &["what", "which"]);
    let machine = &report.machine;
    let mut row = |what: &str, which: String| table.rows.push(vec![what.to_owned(), which]);
    row("processor", machine.cpu.clone());
    row("details", machine.processor.to_string());
    row("cores", machine.cores.to_string());
    row("memory", format!("{} GiB", machine.memory_gib));
    row("load when it began", machine.load.clone());
    let percent = |part: f64| format!("{:.1} %", part * 100.0);
    row("processors' time used by others", percent(report.noise.others));
    row("processors' time stolen", percent(report.noise.stolen));
    row("median of range ÷ median", percent(report.noise.spread));
    row("commit", machine.commit.clone());
    row("flags", machine.flags.clone());
    for (name, version) in &report.versions {
        row(name, version.clone());
    }
    row("began, unix seconds", report.began.to_string());
    row("took", Unit::Seconds.show(report.took_s));
    table
}

#[cfg(test)]
mod tests {
    use super::super::metric::{Better, Metric};
    use super::super::summary::Summary;
    use super::*;

    fn report() -> Report {
        let metric = |figure: &str, unit, values: &[f64]| Metric {
            id: format!("leaf/reference/1k/{figure}"),
            unit,
            better: Better::Lower,
            summary: Summary::of(values.iter().copied()).expect("values"),
        };
        let prove = metric("prove", Unit::Seconds, &[1.0, 1.1, 0.9]);
        let span = |seconds| [seconds, 2.0 * seconds].map(|s| Summary::of([s]).expect("a value"));
        let leaf = LeafDetail {
            id: "leaf/reference/1k".to_owned(),
            name: "reference, 1k".to_owned(),
            class: "1k".to_owned(),
            settings: "settings".to_owned(),
            spans: [("long".to_owned(), span(0.5)), ("short".to_owned(), span(0.001))].into(),
        };
        let cpu = metric("prove_cpu", Unit::Seconds, &[1.9]);
        let failed = vec!["class 64k was left out".to_owned()];
        Report { metrics: vec![prove, cpu], leaves: vec![leaf], failed, ..Report::default() }
    }

    #[test]
    fn a_report_shows_medians_ranges_and_warnings() {
        let text = to_markdown(&report());
        assert!(text.contains("> **Warning:** class 64k was left out."), "{text}");
        assert!(text.contains("| reference, 1k | 1.00 s ± 10 % (1.90 s) |"), "{text}");
        assert!(text.contains("| long | 500.0 ms | 50.0 % | 1.00 s |"), "{text}");
        assert!(!text.contains("| short |"), "{text}");
        assert!(!text.contains("Gas on L1"), "tables without rows are left out");
    }

    #[test]
    fn both_parts_name_their_source() {
        let mut report = report();
        report.machine.commit = "abc".to_owned();
        report.machine.cpu = "EPYC".to_owned();
        report.machine.processor.family = Some(25);
        for text in [figures(&report), summary(&report)] {
            assert!(text.contains("Commit abc; EPYC (family 25, model unknown,"), "{text}");
            assert!(text.contains("On EPYC (family 25,"), "{text}");
            assert!(text.contains("Warning: class 64k was left out."), "{text}");
        }
    }
}
