//! Configuration: a TOML file, environment variables over it, flags over both.

use std::path::{Path, PathBuf};

use farthing_client::dto::{WireAddress, WireBytes32, WirePublicKey};
use farthing_server::ServerConfig;
use serde::Deserialize;
use thiserror::Error;

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
    #[error("{path}: {source}")]
    Syntax { path: PathBuf, source: Box<toml::de::Error> },
}

/// The whole file. Paths in it are relative to where it lies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// What commands that talk to a node use.
    pub(crate) client: ClientSettings,
    /// What a node is.
    pub(crate) node: NodeSettings,
    /// How L1 is reached.
    pub(crate) l1: L1Settings,
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
    /// Where everything durable lies.
    pub(crate) data: Option<PathBuf>,
    /// The class of batches: tiny, 1k, 4k, 16k or 64k.
    pub(crate) class: Option<String>,
    /// A batch is sealed when it is so old.
    pub(crate) seal_seconds: Option<u64>,
    /// A block is formed when its first batch has waited so long.
    pub(crate) block_seconds: Option<u64>,
    /// The most batches in a block.
    pub(crate) block_batches: Option<u32>,
    /// The key of account 0, which receives the fees.
    pub(crate) operator_key: Option<WirePublicKey>,
    /// The L1 owner of account 0.
    pub(crate) operator_owner: Option<WireAddress>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct L1Settings {
    /// A JSON-RPC endpoint.
    pub(crate) url: Option<String>,
    pub(crate) chain_id: Option<u64>,
    /// The rollup contract.
    pub(crate) contract: Option<WireAddress>,
    /// The L1 block that holds the contract's deployment.
    pub(crate) deployed_at: Option<u64>,
    /// keccak256 of the code of the contract's verifier, if it is not this build's.
    pub(crate) verifier_codehash: Option<WireBytes32>,
    /// Blocks on top of what counts.
    pub(crate) confirmations: Option<u64>,
    /// A file with the L1 private key that sends.
    pub(crate) key: Option<PathBuf>,
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
        let mut settings: Self = toml::from_str(&text).map_err(|source| SettingsError::Syntax {
            path: path.clone(),
            source: Box::new(source),
        })?;
        settings.resolve(path.parent().unwrap_or(Path::new("")));
        Ok(settings)
    }

    fn resolve(&mut self, folder: &Path) {
        let paths = [&mut self.client.key, &mut self.node.data, &mut self.l1.key];
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
        std::fs::write(&path, "[client]\nnod = 'x'")?;
        assert!(matches!(Settings::read(Some(&path)), Err(SettingsError::Syntax { .. })));
        let missing = dir.path().join("none.toml");
        assert!(matches!(Settings::read(Some(&missing)), Err(SettingsError::File { .. })));
        Ok(())
    }
}
