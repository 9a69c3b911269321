//! Sealed batches.

use std::sync::Arc;

use farthing_client::ProblemCode;
use farthing_client::dto::{BatchBody, Page};
use farthing_protocol::BatchNumber;

use super::page::PageQuery;
use crate::app::App;
use crate::cursor::List;
use crate::http::{Answer, Failure, Request};
use crate::mapping::{batch, from_query};

/// Sealed batches, ascending.
#[utoipa::path(get, path = "/v1/batches", tag = "batches",
    params(("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query)),
    responses((status = 200, description = "A page of batches", body = Page<BatchBody>)))]
pub(super) async fn list(app: Arc<App>, mut request: Request) -> Result<Answer, Failure> {
    let page = PageQuery::take(&mut request.query, List::Batches, 0, 0)?;
    request.query.finish()?;
    let from: BatchNumber = page.start()?;
    let found = app.aggregator.batches(from, page.ask_for()).await.map_err(from_query)?;
    let number =
        |view: &farthing_aggregator::BatchView| (view.summary.statement.header.number.get(), 0);
    Answer::ok(&page.page(found, number, batch))
}

/// A sealed batch.
#[utoipa::path(get, path = "/v1/batches/{number}", tag = "batches",
    params(("number" = u64, Path, description = "The batch's number; the first is 0")),
    responses((status = 200, description = "The batch", body = BatchBody)))]
pub(super) async fn get(app: Arc<App>, request: Request) -> Result<Answer, Failure> {
    let number: u64 = request.param(0, "number")?;
    request.query.finish()?;
    let missing = || Failure::new(ProblemCode::BatchNotFound);
    let number = BatchNumber::new(number).map_err(|_| missing())?;
    let found = app.aggregator.batch(number).await.map_err(from_query)?;
    Answer::ok(&batch(&found.ok_or_else(missing)?))
}
