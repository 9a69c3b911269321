//! Provenance manifests that the node keeps.

use farthing_api_types::dto::{ManifestKept, WireBytes32};
use reqwest::Method;

use super::{Client, ClientError};
use crate::signer::Signer;

const MANIFESTS: &str = "/v1/manifests";

impl Client {
    /// Gives the node a manifest, in JSON, to keep. The same manifest is kept once.
    pub async fn keep_manifest(
        &self,
        signer: &Signer,
        manifest: &str,
    ) -> Result<ManifestKept, ClientError> {
        let body = manifest.as_bytes().to_vec();
        self.call_signed(signer, Method::POST, MANIFESTS.to_owned(), Some(body)).await
    }

    /// The manifest with a hash. `farthing-manifest` checks that it has the hash.
    pub async fn manifest(&self, hash: WireBytes32) -> Result<serde_json::Value, ClientError> {
        self.get(format!("{MANIFESTS}/{hash}")).await
    }
}
