//! `farthing intent`: the stage of one intent.

use super::context::Context;
use super::submit::{wait_for, write_status};
use crate::cli::{IntentCommand, IntentStatusArgs};
use crate::error::CliError;

pub(crate) async fn run(context: &Context, command: IntentCommand) -> Result<(), CliError> {
    match command {
        IntentCommand::Status(args) => status(context, args).await,
    }
}

async fn status(context: &Context, args: IntentStatusArgs) -> Result<(), CliError> {
    let (client, id) = (context.client()?, args.intent);
    let status = match args.wait.wait {
        Some(stage) => wait_for(&client, id, stage, args.wait.timeout).await?,
        None => client.intent(id.0).await?,
    };
    context.print(&status, |out| write_status(out, &status))
}
