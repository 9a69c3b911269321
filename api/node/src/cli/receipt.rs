//! Arguments of `farthing receipt`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use farthing_client::dto::WireIntentId;

use super::help::{RECEIPT_GET_HELP, RECEIPT_VERIFY_HELP};
use super::{L1Args, path_value};

#[derive(Debug, Subcommand)]
pub(crate) enum ReceiptCommand {
    /// Saves the receipt of an intent whose batch is sealed.
    #[command(after_help = RECEIPT_GET_HELP)]
    Get(ReceiptGetArgs),
    /// Checks a receipt against L1, without a node.
    #[command(after_help = RECEIPT_VERIFY_HELP)]
    Verify(VerifyArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ReceiptGetArgs {
    /// The intent.
    pub(crate) intent: WireIntentId,
    /// The file to write; an existing file is replaced [default: standard output].
    #[arg(long, value_name = "FILE", value_parser = path_value())]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The receipt.
    #[arg(value_parser = path_value())]
    pub(crate) receipt: PathBuf,
    #[command(flatten)]
    pub(crate) l1: L1Args,
    /// The L1 block that holds the contract's deployment: its logs are read from there on
    /// [default: 0].
    #[arg(long, env = "FARTHING_DEPLOYED_AT", hide_env_values = true, value_name = "NUMBER")]
    pub(crate) deployed_at: Option<u64>,
    /// Checks only that the receipt is consistent, and does not ask L1.
    #[arg(long)]
    pub(crate) offline: bool,
}
