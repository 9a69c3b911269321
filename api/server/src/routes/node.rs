//! The node itself: probes, version, counters, documentation.

use std::sync::Arc;

use farthing_client::ProblemCode;
use farthing_client::dto::{
    BATCH_INTENTS_MAX, LimitsBody, LivenessBody, NotReadyReason, PAGE_ITEMS_MAX, ReadinessBody,
    StatusBody, VersionBody,
};

use crate::app::App;
use crate::http::{Answer, Failure, Request};
use crate::mapping::{admission, from_query, node_status, not_ready};

/// What Prometheus expects of the text.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";

/// The process runs.
#[utoipa::path(get, path = "/livez", tag = "node",
    responses((status = 200, description = "It runs", body = LivenessBody)))]
pub(super) async fn livez(_: Arc<App>, _: Request) -> Result<Answer, Failure> {
    Answer::ok(&LivenessBody { live: true })
}

/// The node takes intents.
#[utoipa::path(get, path = "/readyz", tag = "node",
    responses((status = 200, description = "It takes intents", body = ReadinessBody)))]
pub(super) async fn readyz(app: Arc<App>, _: Request) -> Result<Answer, Failure> {
    let readiness = app.aggregator.readiness();
    match readiness.is_ready() {
        true => Answer::ok(&ReadinessBody { ready: true, room: readiness.room as u64 }),
        false => {
            let names: Vec<&str> =
                not_ready(&readiness).into_iter().map(NotReadyReason::as_str).collect();
            let names = names.join(", ");
            Err(match readiness.closed {
                Some(closed) => {
                    Failure::because(ProblemCode::NotReady, format!("{names}: {closed}"))
                }
                None => Failure::because(ProblemCode::NotReady, names),
            })
        }
    }
}

/// How the node is, how far its batches are, and what it sees of the rollup on L1.
#[utoipa::path(get, path = "/v1/status", tag = "node",
    responses((status = 200, description = "Status", body = StatusBody)))]
pub(super) async fn status(app: Arc<App>, request: Request) -> Result<Answer, Failure> {
    request.query.finish()?;
    let lag = app.aggregator.lag().map_err(from_query)?;
    let progress = *app.aggregator.progress().borrow();
    Answer::ok(&node_status(&app.aggregator.readiness(), &progress, &lag))
}

/// Which program this is, which deployment it serves, and its limits.
#[utoipa::path(get, path = "/version", tag = "node",
    responses((status = 200, description = "Version and deployment", body = VersionBody)))]
pub(super) async fn version(app: Arc<App>, _: Request) -> Result<Answer, Failure> {
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

/// Counters, as Prometheus reads them.
#[utoipa::path(get, path = "/metrics", tag = "node",
    responses((status = 200, description = "OpenMetrics text", body = String,
        content_type = "application/openmetrics-text")))]
pub(super) async fn metrics(app: Arc<App>, _: Request) -> Result<Answer, Failure> {
    let text = app.metrics.text().map_err(|error| Failure::internal(&error))?;
    Ok(Answer::text(OPENMETRICS, text))
}

/// This API, as an OpenAPI 3.1 document.
#[utoipa::path(get, path = "/openapi.json", tag = "node",
    responses((status = 200, description = "The document", body = serde_json::Value)))]
pub(super) async fn openapi(app: Arc<App>, _: Request) -> Result<Answer, Failure> {
    Ok(Answer::text(crate::http::JSON, app.documents.openapi.clone()))
}

/// This API, as a page to read.
#[utoipa::path(get, path = "/docs", tag = "node",
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
pub(super) async fn docs(app: Arc<App>, _: Request) -> Result<Answer, Failure> {
    Ok(Answer::text(HTML, app.documents.docs.clone()))
}
