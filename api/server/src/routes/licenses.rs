//! Licenses: registered, looked up, accounted for.

use std::sync::Arc;

use farthing_aggregator::LicenseStatementPage;
use farthing_client::ProblemCode;
use farthing_client::dto::{IntentAccepted, IntentBody, LicenseBody, Page, StatementPage};
use farthing_protocol::{BatchNumber, LicenseId, Operation};

use super::intents::{call_of, parse_intent, submit_one};
use super::page::PageQuery;
use crate::app::App;
use crate::cursor::List;
use crate::http::{Answer, Failure, Request};
use crate::mapping::{from_query, license, statement_page};
use crate::once::once;

/// Registers a license: a signed intent with the operation `register_license`. The answer says the
/// license's number.
#[utoipa::path(post, path = "/v1/licenses", tag = "licenses", request_body = IntentBody,
    responses((status = 201, description = "Accepted", body = IntentAccepted),
        (status = 200, description = "Had been accepted before", body = IntentAccepted)))]
pub(super) async fn register(app: Arc<App>, request: Request) -> Result<Answer, Failure> {
    request.query.finish()?;
    let signed = parse_intent(&request.body)?;
    if !matches!(signed.intent.operation, Operation::RegisterLicense(_)) {
        let detail = "operation: expected register_license";
        return Err(Failure::because(ProblemCode::InvalidBody, detail));
    }
    let call = call_of("/v1/licenses", &app, &request, [&signed]);
    once(&app, call, submit_one(&app, signed)).await
}

/// A license: its terms, and what the last sealed batch left of it.
#[utoipa::path(get, path = "/v1/licenses/{id}", tag = "licenses",
    params(("id" = u32, Path, description = "The license's number")),
    responses((status = 200, description = "The license", body = LicenseBody)))]
pub(super) async fn get(app: Arc<App>, request: Request) -> Result<Answer, Failure> {
    let id = request.param::<u32>(0, "id")?.into();
    request.query.finish()?;
    Answer::ok(&find(&app, id).await?)
}

async fn find(app: &App, id: LicenseId) -> Result<LicenseBody, Failure> {
    let view = app.aggregator.license(id).await.map_err(from_query)?;
    let view = view.ok_or_else(|| Failure::new(ProblemCode::LicenseNotFound))?;
    Ok(license(&view))
}

/// Settled licenses, ascending.
#[utoipa::path(get, path = "/v1/licenses", tag = "licenses",
    params(("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query)),
    responses((status = 200, description = "A page of licenses", body = Page<LicenseBody>)))]
pub(super) async fn list(app: Arc<App>, mut request: Request) -> Result<Answer, Failure> {
    let page = PageQuery::take(&mut request.query, List::Licenses, 0, 0)?;
    request.query.finish()?;
    let from: LicenseId = page.start()?;
    let found = app.aggregator.licenses(from, page.ask_for()).await.map_err(from_query)?;
    Answer::ok(&page.page(found, |view| (view.id.get().into(), 0), license))
}

/// What a license received and what went to each holder: a line for each sealed batch that touched
/// it, ascending.
#[utoipa::path(get, path = "/v1/licenses/{id}/statement", tag = "licenses",
    params(("id" = u32, Path, description = "The license's number"),
        ("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query)),
    responses((status = 200, description = "A page of lines", body = StatementPage)))]
pub(super) async fn statement(app: Arc<App>, mut request: Request) -> Result<Answer, Failure> {
    let id: u32 = request.param(0, "id")?;
    let page = PageQuery::take(&mut request.query, List::Statement, id, 0)?;
    request.query.finish()?;
    let from: BatchNumber = page.start()?;
    find(&app, id.into()).await?;
    let found = app.aggregator.license_statement(id.into(), from, page.limit).await;
    let LicenseStatementPage { lines, next, not_kept } = found.map_err(from_query)?;
    let next = next.map(|batch| page.cursor(batch.get()));
    Answer::ok(&statement_page(&lines, next, &not_kept))
}
