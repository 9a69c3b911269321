//! Arguments of `farthing trace`.

use std::path::PathBuf;

use clap::Args;

use super::path_value;

/// What `farthing trace` is told.
#[derive(Debug, Args)]
pub(crate) struct TraceArgs {
    /// Who pays for what: JSON with `payers`, each an `account` and the `seed` of its key, and
    /// `licenses`, those that the model uses, the most used first.
    #[arg(long, value_name = "FILE", value_parser = path_value())]
    pub(crate) wallet: PathBuf,
    /// CSV with a header, or of time, context tokens, generated tokens [default: a generated one].
    #[arg(long, value_name = "FILE", value_parser = path_value())]
    pub(crate) trace: Option<PathBuf>,
    /// How many inferences to pay for.
    #[arg(long, default_value_t = 2_000, value_name = "NUMBER")]
    pub(crate) payments: usize,
    /// Where signed payments are written before they are sent [default: beside the wallet, named after
    /// wallet and trace].
    #[arg(long, value_name = "FILE", value_parser = path_value())]
    pub(crate) journal: Option<PathBuf>,
    /// Pays for the whole trace again; the journal that is there is renamed.
    #[arg(long)]
    pub(crate) restart: bool,
}
