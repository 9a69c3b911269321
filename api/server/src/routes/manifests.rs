//! Provenance manifests, and views of them in other licence languages.

use std::sync::Arc;

use farthing_api_types::ProblemCode;
use farthing_api_types::dto::{ManifestKept, WireBytes32};
use farthing_manifest::{Manifest, ManifestError, View};
use farthing_protocol::Bytes32;
use warp::http::StatusCode;

use super::declaration::route;
use crate::app::App;
use crate::examples;
use crate::http::{Answer, ApiError, Request, is_json};
use crate::manifests::{KeepError, ManifestStoreError};
use crate::router::Route;
use crate::signed::signed_by;

pub(super) const KEEP: Route = route! {
    /// Keeps a provenance manifest, under the SHA-256 of its canonical bytes (RFC 8785): the provenance of
    /// its license. The node checks that it follows the schema, not that its claims are true. An account
    /// signs the request; a manifest that the node has is not kept twice.
    post "/v1/manifests" => keep in Signed,
    openapi(tag = "manifests",
        request_body(content = serde_json::Value, description = "The manifest, at most 64 KiB: \
            api/manifest/README.md has the schema"),
        responses((status = 201, description = "Kept", body = ManifestKept),
            (status = 200, description = "Had been kept before", body = ManifestKept))),
    problems: [InvalidManifest, TooManyManifests],
    request: examples::manifest,
    links: ["get_manifests_hash": "hash" = "hash"],
};

async fn keep(app: Arc<App>, request: Request) -> Result<Answer, ApiError> {
    request.query.finish()?;
    let by = signed_by(&app, &request).await?;
    let manifest =
        Manifest::parse(&request.body).map_err(|error| refused(&request.body, &error))?;
    let hash = Bytes32(manifest.hash().to_bytes()).into();
    let (store, limits) = (app.manifests.clone(), app.config.manifests.clone());
    let kept = tokio::task::spawn_blocking(move || store.keep(by.account, &manifest, &limits));
    let kept = kept.await.unwrap_or(Err(ManifestStoreError::Closed.into()));
    let existed = kept.map_err(|error| match error {
        KeepError::Store(error) => ApiError::internal(&error),
        KeepError::TooMany(_) => ApiError::because(ProblemCode::TooManyManifests, error),
    })?;
    let status = if existed { StatusCode::OK } else { StatusCode::CREATED };
    Answer::json(status, &ManifestKept { hash, existed })
}

fn refused(body: &[u8], error: &ManifestError) -> ApiError {
    let code = match error {
        ManifestError::TooLarge { .. } => ProblemCode::BodyTooLarge,
        ManifestError::Json(_) if !is_json(body) => ProblemCode::MalformedJson,
        ManifestError::Json(_) | ManifestError::Field { .. } => ProblemCode::InvalidManifest,
    };
    ApiError::because(code, error)
}

pub(super) const GET: Route = route! {
    /// A manifest in canonical form: the SHA-256 of these bytes is its hash.
    get "/v1/manifests/{hash}" => get in Work,
    openapi(tag = "manifests",
        params(("hash" = WireBytes32, Path, description = "The hash of the manifest")),
        responses((status = 200, description = "The manifest", body = serde_json::Value))),
    problems: [ManifestNotFound],
};

async fn get(app: Arc<App>, request: Request) -> Result<Answer, ApiError> {
    let manifest = manifest(&app, &request).await?;
    Ok(Answer::raw_json(StatusCode::OK, manifest.canonical().as_bytes().to_vec()))
}

pub(super) const RSL: Route = route! {
    /// A manifest in Really Simple Licensing 1.0.
    get "/v1/manifests/{hash}/rsl" => rsl in Work,
    openapi(tag = "manifests",
        params(("hash" = WireBytes32, Path, description = "The hash of the manifest")),
        responses((status = 200, description = "XML", body = String,
            content_type = "application/rsl+xml"))),
    problems: [ManifestNotFound],
};

async fn rsl(app: Arc<App>, request: Request) -> Result<Answer, ApiError> {
    view(&app, &request, View::Rsl).await
}

pub(super) const ODRL: Route = route! {
    /// A manifest as an offer of ODRL 2.2.
    get "/v1/manifests/{hash}/odrl" => odrl in Work,
    openapi(tag = "manifests",
        params(("hash" = WireBytes32, Path, description = "The hash of the manifest")),
        responses((status = 200, description = "JSON-LD", body = serde_json::Value,
            content_type = "application/ld+json"))),
    problems: [ManifestNotFound],
};

async fn odrl(app: Arc<App>, request: Request) -> Result<Answer, ApiError> {
    view(&app, &request, View::Odrl).await
}

pub(super) const CONTENT_USAGE: Route = route! {
    /// The preferences of a manifest for crawlers: lines for robots.txt or for the head of an answer, by
    /// the drafts of the IETF's AIPREF group (`Content-Usage`), and `Content-Signal`.
    get "/v1/manifests/{hash}/content-usage" => content_usage in Work,
    openapi(tag = "manifests",
        params(("hash" = WireBytes32, Path, description = "The hash of the manifest")),
        responses((status = 200, description = "No line, one or two", body = String,
            content_type = "text/plain"))),
    problems: [ManifestNotFound],
};

async fn content_usage(app: Arc<App>, request: Request) -> Result<Answer, ApiError> {
    view(&app, &request, View::ContentUsage).await
}

pub(super) const PIL: Route = route! {
    /// The terms of a manifest under the names of the Programmable IP License, and the parts of it for
    /// which that has none.
    get "/v1/manifests/{hash}/pil" => pil in Work,
    openapi(tag = "manifests",
        params(("hash" = WireBytes32, Path, description = "The hash of the manifest")),
        responses((status = 200, description = "JSON", body = serde_json::Value))),
    problems: [ManifestNotFound],
};

async fn pil(app: Arc<App>, request: Request) -> Result<Answer, ApiError> {
    view(&app, &request, View::Pil).await
}

async fn view(app: &App, request: &Request, view: View) -> Result<Answer, ApiError> {
    Ok(Answer::text(view.media_type(), view.render(&manifest(app, request).await?)))
}

/// The manifest of the path.
async fn manifest(app: &App, request: &Request) -> Result<Manifest, ApiError> {
    request.query.finish()?;
    let hash: WireBytes32 = request.param(0, "hash")?;
    let store = app.manifests.clone();
    let found = tokio::task::spawn_blocking(move || store.manifest(hash.0)).await;
    let found = found.unwrap_or(Err(ManifestStoreError::Closed));
    let found = found.map_err(|error| ApiError::internal(&error))?;
    found.ok_or_else(|| ApiError::new(ProblemCode::ManifestNotFound))
}
