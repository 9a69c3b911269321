//! `farthing-benches`: runs and measures Farthing on its workloads.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use farthing_airs::{FriSettings, Profile};
use farthing_benches::ledger_run::{self, Options};
use farthing_benches::workload::{Placement, Shape};
use farthing_benches::{figures, http, leaf, prove};
use farthing_protocol::BatchClass;

/// Payments of the worst case: each costs a license and 17 accounts to set up.
const WORST_PAYMENTS_DEFAULT: usize = 1_024;

/// Runs and measures Farthing on its workloads.
#[derive(Parser)]
#[command(name = "farthing-benches", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs a ledger on a workload, end to end, and prints what moved.
    Ledger(LedgerArguments),
    /// Proves one batch of the reference workload, and prints what that cost as JSON.
    Leaf(LeafArguments),
    /// Proves a block of the reference workload, from witnesses to the contract's proof.
    Prove(ProveArguments),
    /// Loads the REST API with single intents and with batches, each durable before its answer.
    Http(HttpArguments),
    /// Measures signatures, admission and sealing, and prints a Markdown table.
    Figures(FiguresArguments),
}

#[derive(Args)]
struct LedgerArguments {
    /// Payments at most [default: all of the trace, or 20000; 1024 of the worst workload].
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    payments: Option<u32>,
    /// Requests to pay for: a CSV file, `TIMESTAMP,ContextTokens,GeneratedTokens`.
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Who pays what.
    #[arg(long, value_enum, default_value = "reference")]
    workload: WorkloadName,
    /// Accounts in the tree, at least; those beyond the workload's own are empty.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=1 << 22))]
    accounts: u32,
    /// Class of the batches: tiny, 1k, 4k, 16k or 64k.
    #[arg(long, default_value = "16k", value_parser = class)]
    class: BatchClass,
    /// Seed of all that is drawn.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct LeafArguments {
    /// Payments to prove; the smallest class that holds them is taken.
    #[arg(long, default_value_t = 1_024, value_parser = clap::value_parser!(u32).range(1..=65_536))]
    payments: u32,
    /// How it is proven; all at the proven profile's security.
    #[arg(long, value_enum, default_value = "proven")]
    settings: SettingsName,
}

#[derive(Args)]
struct ProveArguments {
    /// Payments of the block.
    #[arg(long, default_value_t = 1_024, value_parser = clap::value_parser!(u32).range(1..))]
    payments: u32,
    /// Batches to divide them among; the smallest class that holds them is taken.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_024))]
    leaves: u32,
    /// Where circuits are kept.
    #[arg(long, env = "FARTHING_CIRCUITS", default_value = "target/circuits")]
    cache: PathBuf,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum SettingsName {
    /// The default: blow-up 8, S-boxes of degree 7.
    Proven,
    /// Blow-up 8, no constraint above degree 3.
    DegreeThree,
    /// Blow-up 2, no constraint above degree 3.
    Fast,
}

#[derive(Args)]
struct HttpArguments {
    /// Seconds of each kind of load.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=60))]
    seconds: u32,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct FiguresArguments {
    /// Repetitions of each measurement.
    #[arg(long, default_value_t = 11, value_parser = clap::value_parser!(u32).range(1..))]
    repetitions: u32,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum WorkloadName {
    /// 200 payers, 2,000 licenses of three holders, by Zipf's law.
    Reference,
    /// Every payment by another payer to another license of 16 holders.
    Worst,
    /// One payer, one license.
    Best,
}

fn class(name: &str) -> Result<BatchClass, &'static str> {
    BatchClass::from_name(name).ok_or("the classes are tiny, 1k, 4k, 16k and 64k")
}

impl LedgerArguments {
    fn options(self) -> Options {
        let mut payments = self.payments.map(|payments| payments as usize);
        let (name, shape) = match self.workload {
            WorkloadName::Reference => ("reference", Shape::REFERENCE),
            WorkloadName::Worst => {
                // As many payers and licenses as payments: none is drawn twice.
                let count = *payments.get_or_insert(WORST_PAYMENTS_DEFAULT);
                ("worst", Shape::worst(count))
            }
            WorkloadName::Best => ("best", Shape::BEST),
        };
        let placement = if self.accounts == 0 { Placement::First } else { Placement::Scattered };
        Options {
            shape: shape.with_accounts(self.accounts).placed(placement),
            workload: name.to_owned(),
            payments,
            trace: self.trace,
            seed: self.seed,
            class: self.class,
        }
    }
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Ledger(arguments) => ledger(arguments),
        Command::Leaf(arguments) => leaf(&arguments),
        Command::Prove(arguments) => prove(&arguments),
        Command::Http(arguments) => http(&arguments),
        Command::Figures(arguments) => figures(&arguments),
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

fn ledger(arguments: LedgerArguments) -> Done {
    let json = arguments.json;
    let report = ledger_run::run(&arguments.options())?;
    if json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{}", ledger_run::print(&report));
    }
    Ok(())
}

fn leaf(arguments: &LeafArguments) -> Done {
    let settings = match arguments.settings {
        SettingsName::Proven => FriSettings::of(Profile::Proven),
        SettingsName::DegreeThree => FriSettings::degree_three(),
        SettingsName::Fast => FriSettings::fast_leaf(),
    };
    let report = leaf::measure(arguments.payments as usize, settings)?;
    println!("{}", serde_json::to_string_pretty(&report)?);
    Ok(())
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

fn http(arguments: &HttpArguments) -> Done {
    let report = http::measure(arguments.seconds)?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{}", http::print(&report));
    }
    Ok(())
}

fn figures(arguments: &FiguresArguments) -> Done {
    let figures = figures::measure(arguments.repetitions as usize)?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&figures)?);
    } else {
        print!("{}", figures.to_markdown());
    }
    Ok(())
}
