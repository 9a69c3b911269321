//! `farthing status`: a node, or an intent.

use farthing_client::dto::{VersionBody, WireIntentId};

use super::context::{Context, print_status, wait_for};
use crate::cli::StatusArgs;
use crate::error::CliError;

pub(crate) async fn run(context: &Context, args: StatusArgs) -> Result<(), CliError> {
    match args.intent {
        Some(id) => intent(context, &args, id).await,
        None => {
            let version = context.client()?.version().await?;
            context.print(&version, || print_version(&version))
        }
    }
}

async fn intent(context: &Context, args: &StatusArgs, id: WireIntentId) -> Result<(), CliError> {
    let client = context.client()?;
    let status = match args.wait.wait {
        Some(stage) => wait_for(&client, id.0, stage, args.wait.timeout).await?,
        None => client.intent(id.0).await?,
    };
    if let Some(path) = &args.receipt {
        let receipt = client.receipt(id.0).await?;
        let text = serde_json::to_string_pretty(&receipt).map_err(CliError::Json)?;
        std::fs::write(path, text)
            .map_err(|source| CliError::File { path: path.clone(), source })?;
    }
    context.print(&status, || print_status(&status))
}

fn print_version(version: &VersionBody) {
    println!("node      {} {}", version.name, version.version);
    println!("chain     {}", version.chain_id);
    println!("contract  {}", version.contract);
    println!("batches   {}", version.batch_class);
    println!("protocol  {}", version.protocol_version);
}
