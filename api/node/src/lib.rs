//! The farthing program: node and command line. The library exists for the binary, and for tests that
//! walk over its commands.

#![warn(clippy::print_stdout, clippy::print_stderr)]

mod circuits;
mod cli;
mod commands;
mod demo;
mod dev;
mod error;
mod inference_log;
mod journal;
mod keyfile;
mod log_time;
mod note;
mod output;
mod progress;
mod redact;
mod run;
mod settings;
mod settlement;
mod tokens;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser as _};
use serde_json::json;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::prelude::*;

use cli::Cli;
use error::{CliError, EXIT_USAGE, ErrorReport};
use note::note;
use redact::ScrubbedStderr;

/// The command line as `clap` knows it: every command, option and environment variable.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs the command that the process was given.
pub fn run() -> ExitCode {
    no_core_dumps();
    remember_secrets();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let json = cli.global.json;
    match log(&cli).and_then(|()| start(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error, json);
            ExitCode::from(error.exit_code())
        }
    }
}

/// Keeps keys in memory out of files: the kernel writes none when the process crashes, and other
/// processes of the user cannot read its memory. A system that refuses this is none to refuse work on.
fn no_core_dumps() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{
            DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit,
        };
        let none = Rlimit { current: Some(0), maximum: Some(0) };
        let _ = setrlimit(Resource::Core, none);
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

/// Remembers what must not be printed, before anything can be.
fn remember_secrets() {
    let arguments: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    arguments.iter().for_each(|argument| redact::hide(argument));
    let variables =
        std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("FARTHING_"));
    variables.for_each(|(_, value)| redact::hide(&value.to_string_lossy()));
}

/// Tells of a command line that cannot be understood, or prints help and version.
fn usage(error: &clap::Error) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let written = output::result(&redact::redact(error.to_string().trim_end()));
        return written
            .map_or_else(|error| ExitCode::from(error.exit_code()), |()| ExitCode::SUCCESS);
    }
    let arguments: Vec<String> =
        std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let words: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|word| !word.starts_with('-')).collect();
    // A mnemonic without quotes: any message about one of its words would show that word.
    let mnemonic = words.windows(12).any(|words| redact::is_mnemonic(&words.join(" ")));
    let text = match mnemonic {
        true => {
            "error: the command line holds what looks like a mnemonic; keys are taken from files"
                .to_owned()
        }
        false => redact::redact(error.to_string().trim_end()),
    };
    match arguments.iter().any(|argument| argument == "--json") {
        true => {
            let message = text.trim_start_matches("error: ");
            let error = json!({ "code": "usage", "message": message, "exit_code": EXIT_USAGE });
            note(&json!({ "error": error }).to_string());
        }
        false => note(&text),
    }
    ExitCode::from(EXIT_USAGE)
}

fn report(error: &CliError, json: bool) {
    if json {
        note(&error.to_json().to_string());
        return;
    }
    note(&format!("error: {}", ErrorReport(error)));
    if let Some(hint) = error.hint() {
        note(&format!("hint: {hint}"));
    }
}

/// Starts the log, on standard error: standard output is for results.
fn log(cli: &Cli) -> Result<(), CliError> {
    let level = if cli.command.shows_steps() { "warn" } else { "info" };
    let filter = match std::env::var_os("FARTHING_LOG").filter(|filter| !filter.is_empty()) {
        None => EnvFilter::new(level),
        Some(filter) => {
            let filter = filter.into_string().map_err(|_| CliError::LogFilter)?;
            EnvFilter::builder().parse(filter).map_err(|_| CliError::LogFilter)?
        }
    };
    let layer = tracing_subscriber::fmt::layer().with_writer(ScrubbedStderr);
    tracing_subscriber::registry().with(layer.with_filter(filter)).init();
    Ok(())
}

fn start(cli: Cli) -> Result<(), CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(CliError::Runtime)?.block_on(run::run(cli))
}
