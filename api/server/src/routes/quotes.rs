//! Quotes.

use std::sync::Arc;

use farthing_client::ProblemCode;
use farthing_client::dto::QuoteBody;
use farthing_protocol::Uses;

use crate::app::App;
use crate::http::{Answer, Failure, Request};
use crate::mapping::{from_quote, quote};

/// What a payment would give to whom, ancestors' holders included.
#[utoipa::path(get, path = "/v1/quotes", tag = "licenses",
    params(("license" = u32, Query, description = "The license's number"),
        ("uses" = u32, Query, description = "Uses to be paid for, 1 to 2²³")),
    responses((status = 200, description = "The quote", body = QuoteBody)))]
pub(super) async fn get(app: Arc<App>, mut request: Request) -> Result<Answer, Failure> {
    let license: u32 = request.query.require("license")?;
    let uses: u64 = request.query.require("uses")?;
    request.query.finish()?;
    let uses =
        Uses::new(uses).map_err(|error| Failure::because(ProblemCode::InvalidQuery, error))?;
    let found = app.aggregator.quote(license.into(), uses).await.map_err(from_quote)?;
    Answer::ok(&quote(&found, &app.aggregator.info()))
}
