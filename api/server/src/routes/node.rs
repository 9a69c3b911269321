//! The node itself: probes, version, counters, documentation.

use std::sync::Arc;

use farthing_api_types::ProblemCode;
use farthing_api_types::dto::{
    BATCH_INTENTS_MAX, LimitsBody, LivenessBody, NotReadyReason, PAGE_ITEMS_MAX, ReadinessBody,
    StatusBody, VersionBody,
};

use super::declaration::route;
use crate::app::App;
use crate::convert::{admission, from_query, node_status, not_ready};
use crate::http::{Answer, ApiError, Request};
use crate::router::Route;

/// The media type that Prometheus expects.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";

pub(super) const LIVEZ: Route = route! {
    /// The process runs.
    get "/livez" => livez in Probe,
    openapi(tag = "node",
        responses((status = 200, description = "The process runs", body = LivenessBody))),
    problems: [],
};

async fn livez(_: Arc<App>, _: Request) -> Result<Answer, ApiError> {
    Answer::ok(&LivenessBody { live: true })
}

pub(super) const READYZ: Route = route! {
    /// The node accepts intents.
    get "/readyz" => readyz in Probe,
    openapi(tag = "node",
        responses((status = 200, description = "The node accepts intents", body = ReadinessBody))),
    problems: [NotReady],
};

async fn readyz(app: Arc<App>, _: Request) -> Result<Answer, ApiError> {
    let readiness = app.aggregator.readiness();
    match readiness.is_ready() {
        true => Answer::ok(&ReadinessBody { ready: true, room: readiness.room as u64 }),
        false => {
            let names: Vec<&str> =
                not_ready(&readiness).into_iter().map(NotReadyReason::as_str).collect();
            let names = names.join(", ");
            Err(match readiness.closed {
                Some(closed) => {
                    ApiError::because(ProblemCode::NotReady, format!("{names}: {closed}"))
                }
                None => ApiError::because(ProblemCode::NotReady, names),
            })
        }
    }
}

pub(super) const STATUS: Route = route! {
    /// The status of the node: readiness, progress of its batches, the rollup on L1 as it sees it.
    get "/v1/status" => status in Work,
    openapi(tag = "node",
        responses((status = 200, description = "Status", body = StatusBody))),
    problems: [],
};

async fn status(app: Arc<App>, request: Request) -> Result<Answer, ApiError> {
    request.query.finish()?;
    let lag = app.aggregator.lag().map_err(from_query)?;
    let progress = *app.aggregator.progress().borrow();
    Answer::ok(&node_status(&app.aggregator.readiness(), &progress, &lag))
}

pub(super) const VERSION: Route = route! {
    /// The program's version, the deployment that it serves, and its limits.
    get "/version" => version in Work,
    openapi(tag = "node",
        responses((status = 200, description = "Version and deployment", body = VersionBody))),
    problems: [],
};

async fn version(app: Arc<App>, _: Request) -> Result<Answer, ApiError> {
    let info = app.aggregator.info();
    Answer::ok(&VersionBody {
        name: "farthing".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        protocol_version: info.protocol_version,
        chain_id: info.domain.chain_id,
        contract: info.domain.contract.into(),
        domain: info.domain_digest.into(),
        batch_class: info.class.name.to_owned(),
        admission: admission(&info),
        limits: LimitsBody {
            body_bytes_max: app.config.body_bytes_max,
            batch_intents_max: BATCH_INTENTS_MAX as u64,
            wait_seconds_max: app.config.wait_seconds_max,
            page_items_max: PAGE_ITEMS_MAX.into(),
            requests_per_second: app.config.requests_per_second,
            requests_burst: app.config.requests_burst,
        },
    })
}

pub(super) const METRICS: Route = route! {
    /// Metrics for Prometheus.
    get "/metrics" => metrics in Work,
    openapi(tag = "node",
        responses((status = 200, description = "OpenMetrics text", body = String,
            content_type = "application/openmetrics-text"))),
    problems: [],
};

async fn metrics(app: Arc<App>, _: Request) -> Result<Answer, ApiError> {
    let text = app.metrics.text().map_err(|error| ApiError::internal(&error))?;
    Ok(Answer::text(OPENMETRICS, text))
}

pub(super) const OPENAPI: Route = route! {
    /// This API, as an OpenAPI 3.1 document.
    get "/openapi.json" => openapi in Work,
    openapi(tag = "node",
        responses((status = 200, description = "The document", body = serde_json::Value))),
    problems: [],
};

async fn openapi(app: Arc<App>, _: Request) -> Result<Answer, ApiError> {
    Ok(Answer::text(crate::http::JSON, app.documents.openapi.clone()))
}

pub(super) const DOCS: Route = route! {
    /// This API, as an HTML page.
    get "/docs" => docs in Work,
    openapi(tag = "node",
        responses((status = 200, description = "The page", body = String, content_type = "text/html"))),
    problems: [],
};

async fn docs(app: Arc<App>, _: Request) -> Result<Answer, ApiError> {
    Ok(Answer::text(HTML, app.documents.docs.clone()))
}
