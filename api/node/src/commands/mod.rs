//! One file per verb.

mod account;
mod claim;
mod context;
mod exit;
mod keys;
mod l1;
mod license;
mod node;
mod pages;
mod pay;
mod restore;
mod status;
mod submit;
mod trace;
mod verify;
mod withdraw;

use crate::cli::{Cli, Command};
use crate::error::CliError;
use crate::{demo, dev};
pub(crate) use claim::base_units;
pub(crate) use context::Context;
pub(crate) use exit::ExitArgs;
pub(crate) use l1::succeeded;
pub(crate) use node::Signals;
pub(crate) use pages::all_pages;
pub(crate) use trace::{Payer, TraceArgs, TraceReport, Wallet};

/// Runs a command.
pub(crate) async fn run(cli: Cli) -> Result<(), CliError> {
    let context = Context::new(cli.global)?;
    match cli.command {
        Command::Demo(args) => demo::run(args, context.json).await,
        Command::Dev(args) => dev::run(args, context.json).await,
        Command::Trace(args) => trace::run(&context, args).await,
        Command::Node(args) => node::run(&context, args).await,
        Command::Keys(command) => keys::run(&context, command).await,
        Command::Account(command) => account::run(&context, command).await,
        Command::License(command) => license::run(&context, command).await,
        Command::Pay(args) => pay::run(&context, args).await,
        Command::Withdraw(args) => withdraw::run(&context, args).await,
        Command::Claim(args) => claim::run(&context, args).await,
        Command::Exit(args) => exit::run(&context, args).await,
        Command::Status(args) => status::run(&context, args).await,
        Command::Verify(args) => verify::run(&context, args).await,
        Command::Restore(args) => restore::run(&context, args).await,
        Command::Guard(args) => dev::guard(&args),
    }
}
