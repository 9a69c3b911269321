//! Reasons why a server does not start.

use std::net::SocketAddr;

use thiserror::Error;

use crate::config::ServerConfigError;
use crate::idempotency::IdempotencyError;
use crate::manifests::ManifestStoreError;
use crate::webhooks::WebhookStoreError;

/// A failure at the start of a server.
#[derive(Debug, Error)]
pub enum ServerError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// The system's error.
        #[source]
        source: std::io::Error,
    },
    /// A setting does not work.
    #[error(transparent)]
    Config(#[from] ServerConfigError),
    /// The data folder cannot be made.
    #[error("the data folder cannot be made")]
    Folder(#[source] std::io::Error),
    /// The OpenAPI document cannot be written as JSON.
    #[error("the OpenAPI document cannot be written as JSON")]
    Document(#[source] serde_json::Error),
    /// The store of idempotency keys does not open, or the clock has no valid date for its records.
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    /// The store of manifests does not open.
    #[error(transparent)]
    Manifests(#[from] ManifestStoreError),
    /// The store of webhooks does not open.
    #[error(transparent)]
    Webhooks(#[from] WebhookStoreError),
}
