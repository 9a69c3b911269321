//! Arguments of `farthing simulate`.

use std::path::PathBuf;

use clap::Args;

use super::path_value;
use crate::inference_log::Tokens;

/// Arguments of `farthing simulate`.
#[derive(Debug, Args)]
pub(crate) struct SimulateArgs {
    /// Payers and licenses: JSON with `payers`, each an `account` and the `seed` of its key, and
    /// `licenses`, those that the model uses, the most used first.
    #[arg(long, value_name = "FILE", value_parser = path_value())]
    pub(crate) payers: PathBuf,
    /// The inference log: CSV with a header, or of time, context tokens, generated tokens, or JSON Lines
    /// of Mooncake; also in gzip [default: a generated one].
    #[arg(long, value_name = "FILE", value_parser = path_value())]
    pub(crate) log: Option<PathBuf>,
    /// Number of inferences to pay for, from the first on [default: all of the log, or 2000 generated
    /// ones].
    #[arg(long, value_name = "NUMBER")]
    pub(crate) payments: Option<usize>,
    /// Tokens that count as uses.
    #[arg(long, value_enum, default_value_t, value_name = "TOKENS")]
    pub(crate) tokens: Tokens,
    /// Name of the log in the ids of rows without an id [default: the file's name, without .gz].
    #[arg(long, value_name = "NAME")]
    pub(crate) source: Option<String>,
    /// File to which signed payments are written before they are sent [default: beside the payers,
    /// named after payers and log].
    #[arg(long, value_name = "FILE", value_parser = path_value())]
    pub(crate) journal: Option<PathBuf>,
    /// Pays for the whole log again; the existing journal is renamed.
    #[arg(long)]
    pub(crate) restart: bool,
}
