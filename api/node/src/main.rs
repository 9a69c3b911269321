//! The farthing binary: node and command line.

mod circuits;
mod cli;
mod commands;
mod demo;
mod dev;
mod error;
mod keyfile;
mod screen;
mod settings;
mod tokens;
mod trace;

use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::prelude::*;

use cli::Cli;

fn main() -> ExitCode {
    let cli = Cli::parse();
    // What a command prints is for pipes; what it logs is for people.
    let level = if cli.command.shows_steps() { "warn" } else { "info" };
    let filter = EnvFilter::try_from_env("FARTHING_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    tracing_subscriber::registry().with(layer.with_filter(filter)).init();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", error::Chain(&error));
            if let Some(hint) = error.hint() {
                eprintln!("hint: {hint}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<(), error::CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(error::CliError::Runtime)?.block_on(commands::run(cli))
}
