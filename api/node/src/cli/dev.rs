//! Arguments of `farthing demo` and `farthing dev`, and of the guard that they start.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::path_value;
use crate::circuits::ClassArg;

/// Arguments of `farthing demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Pays for this inference log, as `farthing simulate` reads it [default: a generated one].
    #[arg(long, value_name = "FILE", value_parser = path_value())]
    pub(crate) log: Option<PathBuf>,
    /// Number of payments.
    #[arg(long, default_value_t = 2_000, value_name = "NUMBER")]
    pub(crate) payments: usize,
    /// Class of the batches: tiny, 1k, 4k, 16k or 64k.
    #[arg(long, default_value = "4k")]
    pub(crate) class: ClassArg,
    /// Keeps the node running after the demo, until Ctrl-C.
    #[arg(long)]
    pub(crate) serve: bool,
    /// Address of the REST server [default: any free port of 127.0.0.1; 8080 with --serve].
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    #[command(flatten)]
    pub(crate) folders: FolderArgs,
}

/// Arguments of `farthing dev`.
#[derive(Debug, Args)]
pub(crate) struct DevArgs {
    #[command(flatten)]
    pub(crate) folders: FolderArgs,
    /// Class of the batches: tiny, 1k, 4k, 16k or 64k.
    #[arg(long, default_value = "1k")]
    pub(crate) class: ClassArg,
    /// Address of the REST server; port 0 takes any free one.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
}

/// Folders of a rollup for development.
#[derive(Debug, Args)]
pub(crate) struct FolderArgs {
    /// Folder of its data; must be empty or not exist [default: a temporary folder].
    #[arg(long, value_name = "FOLDER", value_parser = path_value())]
    pub(crate) data: Option<PathBuf>,
    /// Folder of the circuits [default: farthing/circuits in the user's cache folder].
    #[arg(long, env = "FARTHING_CIRCUITS", hide_env_values = true, value_name = "FOLDER", value_parser = path_value())]
    pub(crate) circuits: Option<PathBuf>,
    /// The folder l1-contracts, whose npm packages hold anvil [default: looked for from the working
    /// folder upwards; without it, anvil is taken from PATH].
    #[arg(long, env = "FARTHING_L1_CONTRACTS", hide_env_values = true, value_name = "FOLDER", value_parser = path_value())]
    pub(crate) l1_contracts: Option<PathBuf>,
}

/// Arguments of the guard.
#[derive(Debug, Args)]
pub(crate) struct GuardArgs {
    /// The process to end.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) pid: i32,
    /// The temporary folder to remove.
    #[arg(long, value_name = "FOLDER", value_parser = path_value())]
    pub(crate) folder: Option<PathBuf>,
}
