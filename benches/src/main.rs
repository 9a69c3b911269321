//! `farthing-benches`: runs and measures Farthing on its workloads.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use farthing_benches::baseline::conventional;
use farthing_benches::workload::WorkloadName;
use farthing_benches::{http, leaf, prove, report, scale, tables};
use farthing_protocol::BatchClass;

/// Runs and measures Farthing on its workloads.
#[derive(Parser)]
#[command(name = "farthing-benches", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Proves one batch of a workload, and prints what that cost as JSON.
    Leaf(LeafArguments),
    /// Proves a block of the reference workload, from witnesses to the contract's proof.
    Prove(ProveArguments),
    /// Counts rows used and cells paid for in the leaf's tables, by class. Seals batches and generates
    /// traces; proves nothing.
    Tables(TablesArguments),
    /// Loads the REST API with single intents and with batches, each durable before its answer.
    Http(HttpArguments),
    /// Proves payments as plain plonky2 would, two accounts' Merkle paths each, and prints what that
    /// cost as JSON.
    Conventional(ConventionalArguments),
    /// Proves blocks with many simulated provers over a real NATS server: each step sleeps for the time
    /// that it takes on two cores.
    Scale(ScaleArguments),
    /// Measures everything on this machine and writes report.html, report.md and report.json.
    Report(ReportArguments),
    /// Compares two report.json; fails if a figure is worse beyond the noise.
    Compare {
        /// The earlier one.
        before: PathBuf,
        /// The later one.
        now: PathBuf,
    },
}

#[derive(Args)]
struct LeafArguments {
    /// Workload to prove.
    #[arg(long, value_enum, default_value = "reference")]
    workload: WorkloadName,
    /// Class of the batch: tiny, 1k, 4k, 16k or 64k [default: the smallest for the payments].
    #[arg(long, value_parser = class)]
    class: Option<BatchClass>,
    /// Payments to prove [default: as many as the class holds].
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=65_536), required_unless_present = "class")]
    payments: Option<u32>,
    /// Payers, another number than the workload's.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1 << 20))]
    payers: Option<u32>,
    /// Licenses, another number than the workload's.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1 << 20))]
    licenses: Option<u32>,
    /// Accounts in the tree, among which payers and holders lie anywhere [default: none but theirs].
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=1 << 22))]
    accounts: u32,
    /// Requests to pay for: a CSV file, `TIMESTAMP,ContextTokens,GeneratedTokens`.
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Settings of the proof; all have the proven profile's security.
    #[arg(long, value_enum, default_value = "class")]
    settings: leaf::SettingsName,
    /// Measures the physical floor of the same proof, too.
    #[arg(long)]
    floor: bool,
}

#[derive(Args)]
struct ProveArguments {
    /// Payments of the block.
    #[arg(long, default_value_t = 1_024, value_parser = clap::value_parser!(u32).range(1..))]
    payments: u32,
    /// Batches to divide them among; the smallest class that holds them is taken.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_024))]
    leaves: u32,
    /// Directory of the circuits.
    #[arg(long, env = "FARTHING_CIRCUITS", default_value = "target/circuits")]
    cache: PathBuf,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct TablesArguments {
    /// Class to count, tiny, 1k, 4k, 16k or 64k; may be repeated.
    #[arg(long, value_parser = class, default_values = ["1k", "16k", "64k"])]
    class: Vec<BatchClass>,
    /// An inference trace to count, too.
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Markdown file whose marked part is replaced by the tables.
    #[arg(long, value_name = "FILE")]
    readme: Option<PathBuf>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct ConventionalArguments {
    /// Levels of the accounts tree.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u8).range(1..=32))]
    depth: u8,
    /// log₂ of the rows of a circuit; it holds as many payments as have room.
    #[arg(long, default_value_t = 13, value_parser = clap::value_parser!(u8).range(6..=18))]
    log_rows: u8,
}

#[derive(Args)]
struct ReportArguments {
    /// Extent of the measurements.
    #[arg(long, value_enum, default_value = "full")]
    scale: report::Scale,
    /// The same as `--scale quick`.
    #[arg(long, conflicts_with = "scale")]
    quick: bool,
    /// Folder of the files.
    #[arg(long, value_name = "DIR", default_value = "target/report")]
    out: PathBuf,
    /// The report.json of an earlier run; fails if a figure is worse beyond the noise.
    #[arg(long, value_name = "FILE")]
    compare: Option<PathBuf>,
    /// An inference trace to pay for, too.
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Markdown file whose marked part is replaced by the figures.
    #[arg(long, value_name = "FILE")]
    readme: Option<PathBuf>,
    /// Markdown file whose marked part is replaced by the tables.
    #[arg(long, value_name = "FILE")]
    tables: Option<PathBuf>,
    /// Folder of the contracts' gas snapshots.
    #[arg(long, value_name = "DIR", default_value = "l1-contracts/snapshots")]
    snapshots: PathBuf,
}

#[derive(Args)]
struct ScaleArguments {
    /// Numbers of provers, separated by commas.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 2, 4, 8, 16, 32, 64], value_parser = clap::value_parser!(u32).range(1..=256))]
    provers: Vec<u32>,
    /// Batches of a block, of class 64k.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=200))]
    batches: u32,
    /// Blocks to prove, times the provers for each batch of a block.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=100))]
    blocks: u32,
    /// Factor by which time is shortened.
    #[arg(long, default_value_t = 10.0, value_parser = positive)]
    speed: f64,
    /// URL of a NATS server [default: one is started].
    #[arg(long, value_name = "URL")]
    nats: Option<String>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

fn positive(text: &str) -> Result<f64, &'static str> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 1.0);
    number.ok_or("expected a number from 1 on")
}

#[derive(Args)]
struct HttpArguments {
    /// Class of the batches: tiny, 1k, 4k, 16k or 64k.
    #[arg(long, default_value = "16k", value_parser = class)]
    class: BatchClass,
    /// Seconds of each kind of load.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=60))]
    seconds: u32,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

fn class(name: &str) -> Result<BatchClass, &'static str> {
    BatchClass::from_name(name).ok_or("the classes are tiny, 1k, 4k, 16k and 64k")
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Leaf(arguments) => leaf(arguments),
        Command::Prove(arguments) => prove(&arguments),
        Command::Tables(arguments) => tables(arguments),
        Command::Http(arguments) => http(&arguments),
        Command::Conventional(arguments) => conventional(&arguments),
        Command::Scale(arguments) => scale(arguments),
        Command::Report(arguments) => report(arguments),
        Command::Compare { before, now } => compare(&before, &now),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

type Done = Result<(), Box<dyn std::error::Error>>;

fn leaf(arguments: LeafArguments) -> Done {
    let number = |number: Option<u32>| number.map(|number| number as usize);
    let report = leaf::measure(&leaf::Options {
        workload: arguments.workload,
        class: arguments.class,
        payments: number(arguments.payments),
        payers: number(arguments.payers),
        licenses: number(arguments.licenses),
        accounts: arguments.accounts,
        trace: arguments.trace,
        settings: arguments.settings,
        floor: arguments.floor,
    })?;
    println!("{}", serde_json::to_string_pretty(&report)?);
    Ok(())
}

fn conventional(arguments: &ConventionalArguments) -> Done {
    let report = conventional::measure(conventional::Options {
        depth: arguments.depth.into(),
        log_rows: arguments.log_rows.into(),
    })?;
    println!("{}", serde_json::to_string_pretty(&report)?);
    Ok(())
}

fn report(arguments: ReportArguments) -> Done {
    let out = arguments.out.clone();
    let report = report::run(&report::Options {
        scale: if arguments.quick { report::Scale::Quick } else { arguments.scale },
        out: arguments.out,
        compare: arguments.compare,
        trace: arguments.trace,
        readme: arguments.readme,
        tables: arguments.tables,
        snapshots: arguments.snapshots,
    })?;
    for warning in report.warnings() {
        eprintln!("warning: {warning}");
    }
    println!("{}", out.join("report.html").display());
    report.comparison.as_ref().map_or(Ok(()), no_regressions)
}

fn compare(before: &Path, now: &Path) -> Done {
    let (comparison, text) = report::compare(before, now)?;
    println!("{text}");
    no_regressions(&comparison)
}

fn no_regressions(comparison: &report::Comparison) -> Done {
    match comparison.regressions().count() {
        0 => Ok(()),
        count => Err(format!("{count} figures are worse beyond the noise").into()),
    }
}

fn prove(arguments: &ProveArguments) -> Done {
    let (payments, leaves) = (arguments.payments as usize, arguments.leaves as usize);
    let report = prove::measure(payments, leaves, &arguments.cache)?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{}", prove::print(&report));
    }
    Ok(())
}

fn tables(arguments: TablesArguments) -> Done {
    let TablesArguments { class, trace, readme, json } = arguments;
    // The command that makes the same tables; folders differ from machine to machine.
    let mut command = vec!["farthing-benches tables".to_owned()];
    command.extend(class.iter().map(|class| format!("--class {}", class.name)));
    let file = trace.as_deref().and_then(Path::file_name);
    command.extend(file.map(|file| format!("--trace {}", file.to_string_lossy())));
    let counted = tables::measure(&tables::Options { classes: class, trace })?;
    let text = report::tables(&counted, &command.join(" "), readme.as_deref())?;
    if json {
        println!("{}", serde_json::to_string_pretty(&counted)?);
    } else {
        print!("{text}");
    }
    Ok(())
}

fn scale(arguments: ScaleArguments) -> Done {
    let ScaleArguments { provers, batches, blocks, speed, nats, json } = arguments;
    let seconds = scale::StepSeconds::HUGE;
    let options = scale::Options { provers, batches, blocks, speed, seconds, nats };
    let report = scale::measure(&options).map_err(|error| error as Box<dyn std::error::Error>)?;
    if json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{}", scale::print(&report));
    }
    Ok(())
}

fn http(arguments: &HttpArguments) -> Done {
    let report = http::measure(arguments.class, arguments.seconds)?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{}", http::print(&report));
    }
    Ok(())
}
