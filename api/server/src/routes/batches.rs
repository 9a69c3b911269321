//! Sealed batches.

use std::sync::Arc;

use farthing_api_types::ProblemCode;
use farthing_api_types::dto::{BatchBody, Page};
use farthing_protocol::BatchNumber;

use super::declaration::route;
use super::page::PageQuery;
use crate::app::App;
use crate::convert::{batch, from_query};
use crate::cursor::List;
use crate::http::{Answer, ApiError, Request};
use crate::router::Route;

pub(super) const LIST: Route = route! {
    /// Sealed batches, ascending.
    get "/v1/batches" => list in Work,
    openapi(tag = "batches",
        params(("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query)),
        responses((status = 200, description = "A page of batches", body = Page<BatchBody>))),
    problems: [InvalidCursor],
};

async fn list(app: Arc<App>, mut request: Request) -> Result<Answer, ApiError> {
    let page = PageQuery::take(&mut request.query, List::Batches, 0, 0)?;
    request.query.finish()?;
    let from: BatchNumber = page.start()?;
    let found = app.aggregator.batches(from, page.ask_for()).await.map_err(from_query)?;
    let number =
        |view: &farthing_aggregator::BatchView| (view.summary.statement.header.number.get(), 0);
    Answer::ok(&page.page(found, number, batch))
}

pub(super) const GET: Route = route! {
    /// A sealed batch.
    get "/v1/batches/{number}" => get in Work,
    openapi(tag = "batches",
        params(("number" = u64, Path, description = "The batch's number; the first is 0")),
        responses((status = 200, description = "The batch", body = BatchBody))),
    problems: [BatchNotFound],
};

async fn get(app: Arc<App>, request: Request) -> Result<Answer, ApiError> {
    let number: u64 = request.param(0, "number")?;
    request.query.finish()?;
    let missing = || ApiError::new(ProblemCode::BatchNotFound);
    let number = BatchNumber::new(number).map_err(|_| missing())?;
    let found = app.aggregator.batch(number).await.map_err(from_query)?;
    Answer::ok(&batch(&found.ok_or_else(missing)?))
}
