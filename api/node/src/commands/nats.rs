//! The connection to NATS.

use std::path::PathBuf;

use farthing_provers::NatsConfig;

use super::context::Context;
use crate::cli::NatsArgs;
use crate::error::CliError;

/// The connection to NATS, from flags, environment and file; `None` without a URL.
pub(super) fn nats_config(
    context: &Context,
    args: &NatsArgs,
) -> Result<Option<NatsConfig>, CliError> {
    let file = &context.settings.nats;
    let Some(url) = args.nats.clone().or_else(|| file.url.clone()) else { return Ok(None) };
    let or = |flag: &Option<PathBuf>, set: &Option<PathBuf>| flag.clone().or_else(|| set.clone());
    let certificate =
        match (or(&args.nats_cert, &file.cert), or(&args.nats_cert_key, &file.cert_key)) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            _ => {
                let how = "set both [nats] cert and cert_key";
                return Err(CliError::Missing { what: "the certificate for NATS or its key", how });
            }
        };
    Ok(Some(NatsConfig {
        url,
        credentials: or(&args.nats_credentials, &file.credentials),
        nkey: or(&args.nats_nkey, &file.nkey),
        authority: or(&args.nats_ca, &file.ca),
        certificate,
        replicas: file.replicas.unwrap_or(1),
    }))
}
