//! Receipts.

use std::sync::Arc;

use farthing_client::ProblemCode;
use farthing_client::dto::{ReceiptBody, WireIntentId};

use super::intents::unknown_intent;
use crate::app::App;
use crate::http::{Answer, Failure, Request};
use crate::mapping::{from_query, receipt};

/// The receipt of an intent whose batch is sealed: verifies offline, intent → receipts root →
/// batch → block → L1, as far as the batch has come.
#[utoipa::path(get, path = "/v1/receipts/{id}", tag = "intents",
    params(("id" = WireIntentId, Path, description = "The intent's name")),
    responses((status = 200, description = "The receipt", body = ReceiptBody)))]
pub(super) async fn get(app: Arc<App>, request: Request) -> Result<Answer, Failure> {
    let id: WireIntentId = request.param(0, "id")?;
    request.query.finish()?;
    if let Some(found) = app.aggregator.receipt(id.0).await.map_err(from_query)? {
        return Answer::ok(&receipt(&found, &app.aggregator.info()));
    }
    let known = app.aggregator.intent(id.0).await.map_err(from_query)?;
    match known {
        Some(_) => Err(Failure::new(ProblemCode::ReceiptNotReady)),
        None => Err(unknown_intent(&app).await),
    }
}
