//! Provenance manifests that a node keeps.

use serde::{Deserialize, Serialize};

use super::WireBytes32;

/// A manifest is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ManifestKept {
    /// The SHA-256 of its canonical bytes (RFC 8785): the provenance of its license.
    pub hash: WireBytes32,
    /// True if the node had it before.
    pub existed: bool,
}
