//! Dispatch of a command line to its command.

use crate::cli::{Cli, Command};
use crate::commands::{
    Context, account, claim, exit, intent, keys, license, manifest, node, pay, prover, receipt,
    restore, simulate, statement, status, webhooks, withdraw,
};
use crate::error::CliError;
use crate::{demo, dev};

/// Runs a command.
pub(crate) async fn run(cli: Cli) -> Result<(), CliError> {
    let context = Context::new(cli.global)?;
    match cli.command {
        Command::Demo(args) => demo::run(args, context.json).await,
        Command::Dev(args) => dev::run(args, context.json).await,
        Command::Simulate(args) => simulate::run(&context, args).await,
        Command::Node(args) => node::run(&context, *args).await,
        Command::Prover(args) => prover::run(&context, args).await,
        Command::Keys(command) => keys::run(&context, command).await,
        Command::Account(command) => account::run(&context, command).await,
        Command::License(command) => license::run(&context, command).await,
        Command::Manifest(command) => manifest::run(&context, command),
        Command::Pay(args) => pay::run(&context, args).await,
        Command::Withdraw(args) => withdraw::run(&context, args).await,
        Command::Claim(args) => claim::run(&context, args).await,
        Command::Exit(args) => exit::run(&context, args).await,
        Command::Status(args) => status::run(&context, args).await,
        Command::Intent(command) => intent::run(&context, command).await,
        Command::Receipt(command) => receipt::run(&context, command).await,
        Command::Statement(command) => statement::run(&context, command).await,
        Command::Webhooks(command) => webhooks::run(&context, command).await,
        Command::Restore(args) => restore::run(&context, args).await,
        Command::Guard(args) => dev::guard(&args),
    }
}
