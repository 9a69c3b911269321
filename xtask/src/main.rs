//! Tasks of development: `cargo xtask codegen` writes every generated file of the repository, with
//! `--check` it compares them with their sources.

mod codegen;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use codegen::Codegen;

/// Tasks of Farthing's development.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Writes generated files from their sources.
    Codegen(Codegen),
}

fn main() -> ExitCode {
    let Arguments { task: Task::Codegen(codegen) } = Arguments::parse();
    match codegen.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
