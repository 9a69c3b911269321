//! Receipts.

use std::sync::Arc;

use farthing_api_types::ProblemCode;
use farthing_api_types::dto::{ReceiptBody, WireIntentId};

use super::declaration::route;
use super::intents::unknown_intent;
use crate::app::App;
use crate::convert::{from_query, receipt};
use crate::http::{Answer, ApiError, Request};
use crate::router::Route;

pub(super) const GET: Route = route! {
    /// The receipt of an intent whose batch is sealed. It verifies offline: intent → receipts root →
    /// batch → block → L1, up to the stage of the batch.
    get "/v1/intents/{id}/receipt" => get in Work,
    openapi(tag = "intents",
        params(("id" = WireIntentId, Path, description = "The intent's id")),
        responses((status = 200, description = "The receipt", body = ReceiptBody))),
    problems: [IntentNotFound, IntentHistoryUnavailable, ReceiptNotReady],
    links: ["get_intents_id": "id" = "id"],
};

async fn get(app: Arc<App>, request: Request) -> Result<Answer, ApiError> {
    let id: WireIntentId = request.param(0, "id")?;
    request.query.finish()?;
    if let Some(found) = app.aggregator.receipt(id.0).await.map_err(from_query)? {
        return Answer::ok(&receipt(&found, &app.aggregator.info()));
    }
    let known = app.aggregator.intent(id.0).await.map_err(from_query)?;
    match known {
        Some(_) => Err(ApiError::new(ProblemCode::ReceiptNotReady)),
        None => Err(unknown_intent(&app).await),
    }
}
