//! Configuration: a TOML file, environment variables over it, flags over both.

use std::path::{Path, PathBuf};
use std::time::Duration;

use farthing_aggregator::SequencerConfig;
use farthing_client::dto::{WireAddress, WireBytes32, WirePublicKey};
use farthing_protocol::Fee;
use farthing_server::ServerConfig;
use serde::Deserialize;
use thiserror::Error;

use crate::redact::unquoted;

/// Read without being named, if it is there.
const DEFAULT_FILE: &str = "farthing.toml";

/// Why a configuration file cannot be used.
#[derive(Debug, Error)]
pub(crate) enum SettingsError {
    #[error("{path}: cannot be read")]
    File {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// The cause is free of what the file quotes: a key may have been written in it by mistake.
    #[error("{path}, line {line}: {cause}")]
    Syntax { path: PathBuf, line: usize, cause: String },
    #[error("{path}: {name} is 0, expected 1 or more")]
    Zero { path: PathBuf, name: &'static str },
}

/// The whole file. Paths in it are relative to where it lies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// Settings of commands that talk to a node.
    pub(crate) client: ClientSettings,
    /// Settings of a node.
    pub(crate) node: NodeSettings,
    /// Settings of L1.
    pub(crate) l1: L1Settings,
    /// The connection to NATS.
    pub(crate) nats: NatsSettings,
    /// The node's REST server.
    pub(crate) server: ServerConfig,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ClientSettings {
    pub(crate) node: Option<String>,
    pub(crate) key: Option<PathBuf>,
    pub(crate) account: Option<u32>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct NodeSettings {
    /// The folder of everything durable.
    pub(crate) data: Option<PathBuf>,
    /// The class of batches: tiny, 1k, 4k, 16k or 64k.
    pub(crate) class: Option<String>,
    /// A batch is sealed at this age.
    pub(crate) seal_seconds: Option<u64>,
    /// A block is formed when its first batch has waited this long.
    pub(crate) block_seconds: Option<u64>,
    /// The most batches in a block.
    pub(crate) block_batches: Option<u32>,
    /// The key of account 0, which receives the fees.
    pub(crate) operator_key: Option<WirePublicKey>,
    /// The L1 owner of account 0.
    pub(crate) operator_owner: Option<WireAddress>,
    /// Rules for intents and for requests for accounts beyond the protocol.
    pub(crate) admission: AdmissionSettings,
}

/// Settings that are absent have the aggregator's defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AdmissionSettings {
    /// A nonce, read as microseconds since 1970, is at most this far ahead of the clock.
    pub(crate) nonce_ahead_seconds_max: Option<u64>,
    /// An intent is valid for at most this long.
    pub(crate) validity_seconds_max: Option<u64>,
    /// The least fee of a payment.
    pub(crate) pay_fee_nano_min: Option<u32>,
    /// The least fee of a transfer.
    pub(crate) transfer_fee_nano_min: Option<u32>,
    /// The least fee of a withdrawal.
    pub(crate) withdraw_fee_nano_min: Option<u32>,
    /// The least fee of a registration.
    pub(crate) register_license_fee_nano_min: Option<u32>,
    /// The least fee of an update of a license.
    pub(crate) update_license_fee_nano_min: Option<u32>,
    /// Accounts opened by request, on the average, for all clients together.
    pub(crate) accounts_per_minute: Option<u32>,
    /// The most accounts opened by request at once.
    pub(crate) accounts_burst: Option<u32>,
    /// Nothing new is acknowledged while this many batches wait for a proof.
    pub(crate) unproven_batches_max: Option<u32>,
    /// Nothing new is acknowledged while the clock is this far ahead of L1's.
    pub(crate) clock_ahead_seconds_max: Option<u64>,
}

impl AdmissionSettings {
    /// Puts what is set into the sequencer's configuration.
    pub(crate) fn apply(&self, config: &mut SequencerConfig) {
        let fees = &mut config.rules.least_fees;
        for (fee, set) in [
            (&mut fees.pay, self.pay_fee_nano_min),
            (&mut fees.transfer, self.transfer_fee_nano_min),
            (&mut fees.withdraw, self.withdraw_fee_nano_min),
            (&mut fees.register_license, self.register_license_fee_nano_min),
            (&mut fees.update_license, self.update_license_fee_nano_min),
        ] {
            // Every number of 32 bits is a fee.
            *fee = set.and_then(|set| Fee::new(set.into()).ok()).unwrap_or(*fee);
        }
        for (time, set) in [
            (&mut config.rules.nonce_ahead_max, self.nonce_ahead_seconds_max),
            (&mut config.rules.validity_max, self.validity_seconds_max),
            (&mut config.clock_ahead_max, self.clock_ahead_seconds_max),
        ] {
            *time = set.map_or(*time, Duration::from_secs);
        }
        for (count, set) in [
            (&mut config.openings.per_minute, self.accounts_per_minute),
            (&mut config.openings.burst, self.accounts_burst),
            (&mut config.unproven_batches_max, self.unproven_batches_max),
        ] {
            *count = set.unwrap_or(*count);
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct L1Settings {
    /// A JSON-RPC endpoint.
    pub(crate) url: Option<String>,
    pub(crate) chain_id: Option<u64>,
    /// The rollup contract.
    pub(crate) contract: Option<WireAddress>,
    /// The settlement token: it owns no account.
    pub(crate) token: Option<WireAddress>,
    /// The L1 block that holds the contract's deployment.
    pub(crate) deployed_at: Option<u64>,
    /// keccak256 of the code of the contract's verifier, if it is not this build's.
    pub(crate) verifier_codehash: Option<WireBytes32>,
    /// Blocks on top of what counts.
    pub(crate) confirmations: Option<u64>,
    /// A file with the L1 private key that sends.
    pub(crate) key: Option<PathBuf>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct NatsSettings {
    /// URLs of servers of one cluster, separated by commas.
    pub(crate) url: Option<String>,
    /// A file of credentials: a JWT and the seed of its NKEY.
    pub(crate) credentials: Option<PathBuf>,
    /// A file with the seed of an NKEY.
    pub(crate) nkey: Option<PathBuf>,
    /// A file of the certificates that sign those of the servers.
    pub(crate) ca: Option<PathBuf>,
    /// A file with this machine's certificate.
    pub(crate) cert: Option<PathBuf>,
    /// A file with its key.
    pub(crate) cert_key: Option<PathBuf>,
    /// Number of servers that keep each message: 1, or 3 in a cluster.
    pub(crate) replicas: Option<usize>,
}

impl Settings {
    /// Reads `path`, or `farthing.toml` if there is one; else nothing is set.
    pub(crate) fn read(path: Option<&Path>) -> Result<Self, SettingsError> {
        let (path, required) = match path {
            Some(path) => (path.to_owned(), true),
            None => (PathBuf::from(DEFAULT_FILE), false),
        };
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if !required && error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(source) => return Err(SettingsError::File { path, source }),
        };
        let mut settings: Self = toml::from_str(&text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or("");
            let line = 1 + before.matches('\n').count();
            SettingsError::Syntax { path: path.clone(), line, cause: unquoted(error.message()) }
        })?;
        settings.check(&path)?;
        settings.resolve(path.parent().unwrap_or(Path::new("")));
        Ok(settings)
    }

    /// Refuses times and numbers of 0, which would mean without end, or never.
    fn check(&self, path: &Path) -> Result<(), SettingsError> {
        let zeros = [
            ("[node] seal_seconds", self.node.seal_seconds == Some(0)),
            ("[node] block_seconds", self.node.block_seconds == Some(0)),
            ("[node] block_batches", self.node.block_batches == Some(0)),
            ("[l1] chain_id", self.l1.chain_id == Some(0)),
            ("[nats] replicas", self.nats.replicas == Some(0)),
        ];
        match zeros.into_iter().find(|(_, zero)| *zero) {
            Some((name, _)) => Err(SettingsError::Zero { path: path.to_owned(), name }),
            None => Ok(()),
        }
    }

    fn resolve(&mut self, folder: &Path) {
        let nats = &mut self.nats;
        let paths = [
            &mut self.client.key,
            &mut self.node.data,
            &mut self.l1.key,
            &mut nats.credentials,
            &mut nats.nkey,
            &mut nats.ca,
            &mut nats.cert,
            &mut nats.cert_key,
        ];
        for path in paths.into_iter().flatten() {
            *path = folder.join(&*path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_strictly_and_its_paths_are_its_own() -> Result<(), Box<dyn std::error::Error>>
    {
        let dir = tempfile::tempdir()?;
        let path = dir.path().join("node.toml");
        let text = "[client]\nkey = 'keys/alice'\naccount = 7\n[server]\nrequests_burst = 5\n\
                    listen = '127.0.0.1:9000'\n[node]\nclass = '1k'";
        std::fs::write(&path, text)?;
        let settings = Settings::read(Some(&path))?;
        assert_eq!(settings.client.key, Some(dir.path().join("keys/alice")));
        assert_eq!(settings.server.requests_burst, 5);
        assert_eq!(settings.server.body_bytes_max, ServerConfig::default().body_bytes_max);
        let text = "[node.admission]\npay_fee_nano_min = 7\nvalidity_seconds_max = 60\n\
                    unproven_batches_max = 3\naccounts_per_minute = 5";
        std::fs::write(&path, text)?;
        let (mut config, default) = (SequencerConfig::default(), SequencerConfig::default());
        Settings::read(Some(&path))?.node.admission.apply(&mut config);
        assert_eq!(config.rules.least_fees.pay.get(), 7);
        assert_eq!(config.rules.least_fees.transfer, default.rules.least_fees.transfer);
        assert_eq!(config.rules.validity_max, Duration::from_secs(60));
        assert_eq!(config.rules.nonce_ahead_max, default.rules.nonce_ahead_max);
        assert_eq!((config.unproven_batches_max, config.openings.per_minute), (3, 5));
        assert_eq!(config.openings.burst, default.openings.burst);
        std::fs::write(&path, "[client]\nnod = 'x'")?;
        assert!(matches!(Settings::read(Some(&path)), Err(SettingsError::Syntax { line: 2, .. })));
        for name in ["seal_seconds", "block_seconds", "block_batches"] {
            std::fs::write(&path, format!("[node]\n{name} = 0"))?;
            assert!(
                matches!(Settings::read(Some(&path)), Err(SettingsError::Zero { .. })),
                "{name}"
            );
        }
        let secret = "ab".repeat(32);
        for line in ["account = '0xSECRET'", "key = 0xSECRET", "0xSECRET", "'SECRET' = 1"] {
            let line = line.replace("SECRET", &secret);
            std::fs::write(&path, format!("[client]\n{line}\n"))?;
            let error = Settings::read(Some(&path)).err().ok_or("an error")?;
            assert!(!format!("{error} {error:?}").contains(&secret), "{error}");
        }
        let missing = dir.path().join("none.toml");
        assert!(matches!(Settings::read(Some(&missing)), Err(SettingsError::File { .. })));
        Ok(())
    }
}
