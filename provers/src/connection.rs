//! The connection to NATS.

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_nats::{Client, ConnectOptions, ServerAddr};
use thiserror::Error;

/// Time for which a request waits for the server.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Addresses and credentials of NATS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NatsConfig {
    /// URLs of servers of one cluster, separated by commas: `nats://host:4222` or `tls://host:4222`.
    pub url: String,
    /// A file of credentials: a JWT and the seed of its NKEY.
    pub credentials: Option<PathBuf>,
    /// A file with the seed of an NKEY.
    pub nkey: Option<PathBuf>,
    /// A file of certificates that sign the servers' certificates, in PEM.
    pub authority: Option<PathBuf>,
    /// Files of this client's certificate and of its key, in PEM.
    pub certificate: Option<(PathBuf, PathBuf)>,
    /// Number of servers that keep each message and object: 1 on one machine, 3 in production.
    pub replicas: usize,
}

/// Reason why NATS is not reached.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// An address is not a URL of NATS.
    /// It is not shown: it may hold a password, or be a secret that was given by mistake.
    #[error("invalid NATS URL: expected nats://host[:port] or tls://host[:port]")]
    Url,
    /// A file cannot be read. Its content is a secret and not shown.
    #[error("{path}: cannot be read")]
    File {
        /// The file.
        path: PathBuf,
        /// Reason.
        #[source]
        source: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{path}: expected {expected}")]
    Content {
        /// The file.
        path: PathBuf,
        /// Its proper content.
        expected: &'static str,
    },
    /// The options are not valid, or the server refuses them.
    #[error("no connection to NATS")]
    Connect(#[from] async_nats::ConnectError),
}

impl NatsConfig {
    /// Connects as `name` in a role, `node` or `prover`, whose inboxes are its own. If no server
    /// answers yet, the connection is made later.
    pub(crate) async fn connect(&self, role: &str, name: &str) -> Result<Client, ConnectError> {
        let (servers, options) = self.options(role, name)?;
        Ok(options.connect(servers).await?)
    }

    /// Checks addresses and files without a connection.
    pub fn check(&self) -> Result<(), ConnectError> {
        self.options("", "").map(drop)
    }

    fn options(
        &self,
        role: &str,
        name: &str,
    ) -> Result<(Vec<ServerAddr>, ConnectOptions), ConnectError> {
        let mut servers = Vec::new();
        for got in self.url.split(',').map(str::trim) {
            let server: Result<ServerAddr, _> = got.parse();
            let server =
                server.ok().filter(|server| got.contains("://") && !server.host().is_empty());
            servers.push(server.ok_or_else(|| ConnectError::Url)?);
        }
        let mut options = ConnectOptions::new()
            .name(format!("farthing {role} {name}"))
            .custom_inbox_prefix(format!("_INBOX_{role}"))
            .retry_on_initial_connect()
            .request_timeout(Some(REQUEST_TIMEOUT));
        if let Some(path) = &self.credentials {
            let text = read(path)?;
            let expected = "credentials: a JWT and the seed of an NKEY";
            let content = |_| ConnectError::Content { path: path.clone(), expected };
            options = options.credentials(&text).map_err(content)?;
        }
        if let Some(path) = &self.nkey {
            let seed = read(path)?.trim().to_owned();
            if !seed.starts_with('S') || !seed.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                let expected = "the seed of an NKEY, such as nsc or nk writes it";
                return Err(ConnectError::Content { path: path.clone(), expected });
            }
            options = options.nkey(seed);
        }
        if let Some(path) = &self.authority {
            // Read here, so that an error names the file.
            read(path)?;
            options = options.add_root_certificates(path.clone());
        }
        if let Some((certificate, key)) = &self.certificate {
            read(certificate)?;
            read(key)?;
            options = options.add_client_certificate(certificate.clone(), key.clone());
        }
        Ok((servers, options))
    }
}

fn read(path: &Path) -> Result<String, ConnectError> {
    std::fs::read_to_string(path)
        .map_err(|source| ConnectError::File { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_bad_configuration_is_named_without_its_secrets() {
        for url in ["nats//host", "", "nats://ok:4222,host", "user:secret@host"] {
            let config = NatsConfig { url: url.to_owned(), replicas: 1, ..NatsConfig::default() };
            let failure = config.check().expect_err("not a URL");
            assert!(matches!(failure, ConnectError::Url), "{failure:?}");
        }
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("seed");
        let url = "nats://127.0.0.1:1".to_owned();
        let with = |credentials: bool, file: &Path| NatsConfig {
            url: url.clone(),
            credentials: credentials.then(|| file.to_owned()),
            nkey: (!credentials).then(|| file.to_owned()),
            ..NatsConfig::default()
        };
        for credentials in [true, false] {
            let failure =
                with(credentials, &file).connect("node", "test").await.expect_err("no file");
            assert!(matches!(failure, ConnectError::File { .. }));
        }
        std::fs::write(&file, "0123456789abcdef secret").expect("written");
        for credentials in [true, false] {
            let failure =
                with(credentials, &file).connect("node", "test").await.expect_err("no seed");
            assert!(matches!(failure, ConnectError::Content { .. }));
            assert!(!format!("{failure} {failure:?}").contains("abcdef"), "{failure:?}");
        }
    }
}
