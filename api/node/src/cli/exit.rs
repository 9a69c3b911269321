//! Arguments of `farthing exit`.

use clap::Args;
use farthing_client::dto::WireAddress;

use super::{L1Args, address};

/// Arguments of `farthing exit`.
#[derive(Debug, Args)]
pub(crate) struct ExitArgs {
    /// The account.
    pub(crate) account: u32,
    #[command(flatten)]
    pub(crate) l1: L1Args,
    /// The L1 block that holds the contract's deployment, or an earlier one.
    #[arg(long, env = "FARTHING_DEPLOYED_AT", value_name = "NUMBER")]
    pub(crate) deployed_at: Option<u64>,
    /// The account's L1 owner, for an account that L2 has not opened yet [default: the L1 key's].
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub(crate) owner: Option<WireAddress>,
    /// Repeats the steps, and waits for the operator, until nothing is left to withdraw.
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) wait: bool,
    /// Shows the state of the exit, but sends nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Seconds between two queries of L1 with --wait.
    #[arg(long, value_name = "SECONDS", default_value_t = 12, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub(crate) poll: u64,
}
