//! Arguments of `farthing simulate`.

use std::path::PathBuf;

use clap::Args;

use super::path_value;

/// Arguments of `farthing simulate`.
#[derive(Debug, Args)]
pub(crate) struct SimulateArgs {
    /// Payers and licenses: JSON with `payers`, each an `account` and the `seed` of its key, and
    /// `licenses`, those that the model uses, the most used first.
    #[arg(long, value_name = "FILE", value_parser = path_value())]
    pub(crate) payers: PathBuf,
    /// The inference log: CSV with a header, or of time, context tokens, generated tokens [default:
    /// a generated one].
    #[arg(long, value_name = "FILE", value_parser = path_value())]
    pub(crate) log: Option<PathBuf>,
    /// Number of inferences to pay for.
    #[arg(long, default_value_t = 2_000, value_name = "NUMBER")]
    pub(crate) payments: usize,
    /// File to which signed payments are written before they are sent [default: beside the payers,
    /// named after payers and log].
    #[arg(long, value_name = "FILE", value_parser = path_value())]
    pub(crate) journal: Option<PathBuf>,
    /// Pays for the whole log again; the journal that is there is renamed.
    #[arg(long)]
    pub(crate) restart: bool,
}
