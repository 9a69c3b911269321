//! REST API of Farthing.
//!
//! [`Server`] puts an [`Aggregator`](farthing_aggregator::Aggregator) behind HTTP. Reading order:
//! `http` (connections, bodies, answers), `router` (the table of routes), `dispatch` (what happens
//! to every request), `limits` and `idempotency`, `routes` (one handler per route), `events`, `manifests` and `webhooks`,
//! `convert` (aggregator types to wire types), `openapi` and `docs`, `web` (the application at `/`).

mod app;
mod config;
mod convert;
mod cursor;
mod dispatch;
mod docs;
mod error;
mod events;
mod examples;
mod http;
mod idempotency;
mod limits;
mod manifests;
mod metrics;
mod once;
mod openapi;
mod posting;
mod router;
mod routes;
mod schema;
mod server;
mod signed;
mod wanted;
mod web;
mod webhooks;
mod x402;

pub use config::{
    EventsConfig, IdempotencyConfig, ManifestsConfig, ServerConfig, ServerConfigError,
    WebhooksConfig,
};
pub use error::ServerError;
pub use http::OriginError;
pub use idempotency::IdempotencyError;
pub use manifests::ManifestStoreError;
pub use openapi::openapi_document;
pub use server::Server;
pub use webhooks::WebhookStoreError;
