//! One file per verb.

mod account;
mod claim;
mod context;
mod keys;
mod l1;
mod license;
mod node;
mod pay;
mod restore;
mod status;
mod verify;
mod withdraw;

use crate::cli::{Cli, Command};
use crate::error::CliError;
use context::Context;

/// Runs a command.
pub(crate) async fn run(cli: Cli) -> Result<(), CliError> {
    let context = Context::new(cli.global)?;
    match cli.command {
        Command::Node(args) => node::run(&context, args).await,
        Command::Keys(command) => keys::run(&context, command).await,
        Command::Account(command) => account::run(&context, command).await,
        Command::License(command) => license::run(&context, command).await,
        Command::Pay(args) => pay::run(&context, args).await,
        Command::Withdraw(args) => withdraw::run(&context, args).await,
        Command::Claim(args) => claim::run(&context, args).await,
        Command::Status(args) => status::run(&context, args).await,
        Command::Verify(args) => verify::run(&context, args).await,
        Command::Restore(args) => restore::run(&context, args).await,
    }
}
