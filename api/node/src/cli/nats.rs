//! Arguments of `farthing prover`, and of other commands that use NATS.

use std::path::PathBuf;

use clap::Args;

use super::path_value;
use crate::circuits::ClassArg;

/// The connection to NATS.
#[derive(Debug, Args)]
pub(crate) struct NatsArgs {
    /// URLs of NATS servers of one cluster, separated by commas: nats://host:4222 or tls://host:4222.
    #[arg(long, env = "FARTHING_NATS", hide_env_values = true, value_name = "URL")]
    pub(crate) nats: Option<String>,
    /// File with NATS credentials: a JWT and the seed of its NKEY.
    #[arg(long, env = "FARTHING_NATS_CREDENTIALS", hide_env_values = true, value_name = "FILE", conflicts_with = "nats_nkey", value_parser = path_value())]
    pub(crate) nats_credentials: Option<PathBuf>,
    /// File with the seed of an NKEY.
    #[arg(long, env = "FARTHING_NATS_NKEY", hide_env_values = true, value_name = "FILE", value_parser = path_value())]
    pub(crate) nats_nkey: Option<PathBuf>,
    /// File of the certificates that sign those of the servers, in PEM.
    #[arg(long, env = "FARTHING_NATS_CA", hide_env_values = true, value_name = "FILE", value_parser = path_value())]
    pub(crate) nats_ca: Option<PathBuf>,
    /// File with this machine's certificate for the servers, in PEM.
    #[arg(long, env = "FARTHING_NATS_CERT", hide_env_values = true, value_name = "FILE", requires = "nats_cert_key", value_parser = path_value())]
    pub(crate) nats_cert: Option<PathBuf>,
    /// File with the key of that certificate, in PEM.
    #[arg(long, env = "FARTHING_NATS_CERT_KEY", hide_env_values = true, value_name = "FILE", requires = "nats_cert", value_parser = path_value())]
    pub(crate) nats_cert_key: Option<PathBuf>,
}

/// A name that is a token of a subject.
fn prover_name(text: &str) -> Result<String, &'static str> {
    let fits = (1..=32).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    fits.then(|| text.to_owned()).ok_or("expected 1 to 32 letters, digits, - and _")
}

/// Arguments of `farthing prover`.
#[derive(Debug, Args)]
pub(crate) struct ProverArgs {
    #[command(flatten)]
    pub(crate) nats: NatsArgs,
    /// Class of the batches to prove: tiny, 1k, 4k, 16k or 64k; repeatable [default: all that this
    /// machine has the memory for].
    #[arg(long = "class", env = "FARTHING_CLASS", hide_env_values = true, value_name = "CLASS")]
    pub(crate) classes: Vec<ClassArg>,
    /// Name of this prover, which no other has: letters, digits, - and _ [default: a random one].
    #[arg(long, value_name = "NAME", value_parser = prover_name)]
    pub(crate) name: Option<String>,
    /// Folder of the circuits [default: farthing/circuits in the user's cache folder]. They are
    /// built once, which takes minutes.
    #[arg(long, env = "FARTHING_CIRCUITS", hide_env_values = true, value_name = "FOLDER", value_parser = path_value())]
    pub(crate) circuits: Option<PathBuf>,
}
