//! Licenses: terms, versions, quotes, openings.

use std::sync::Arc;

use farthing_aggregator::QueryError;
use farthing_api_types::ProblemCode;
use farthing_api_types::dto::{
    LicenseBody, LicenseOpeningBody, LicenseVersionLineBody, Page, QuoteBody,
};
use farthing_ledger::PastStateError;
use farthing_protocol::{BatchNumber, LicenseId, Uses};

use super::declaration::route;
use super::page::PageQuery;
use crate::app::App;
use crate::convert::{self, from_query, from_quote, license, license_opening, license_version};
use crate::cursor::List;
use crate::http::{Answer, ApiError, Request};
use crate::router::Route;

pub(super) const GET: Route = route! {
    /// A license: its terms, the version that counts now, and its state after the last sealed batch.
    get "/v1/licenses/{id}" => get in Work,
    openapi(tag = "licenses",
        params(("id" = u32, Path, description = "The license's number")),
        responses((status = 200, description = "The license", body = LicenseBody))),
    problems: [LicenseNotFound],
    links: ["get_accounts_id": "id" = "licensor", "get_licenses_id_earnings": "id" = "id",
        "get_licenses_id_versions": "id" = "id"],
};

async fn get(app: Arc<App>, request: Request) -> Result<Answer, ApiError> {
    let id = request.param::<u32>(0, "id")?.into();
    request.query.finish()?;
    Answer::ok(&find(&app, id).await?)
}

pub(super) async fn find(app: &App, id: LicenseId) -> Result<LicenseBody, ApiError> {
    let view = app.aggregator.license(id).await.map_err(from_query)?;
    let view = view.ok_or_else(|| ApiError::new(ProblemCode::LicenseNotFound))?;
    Ok(license(&view))
}

pub(super) const LIST: Route = route! {
    /// Settled licenses, ascending.
    get "/v1/licenses" => list in Work,
    openapi(tag = "licenses",
        params(("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query)),
        responses((status = 200, description = "A page of licenses", body = Page<LicenseBody>))),
    problems: [InvalidCursor],
};

async fn list(app: Arc<App>, mut request: Request) -> Result<Answer, ApiError> {
    let page = PageQuery::take(&mut request.query, List::Licenses, 0, 0)?;
    request.query.finish()?;
    let from: LicenseId = page.start()?;
    let found = app.aggregator.licenses(from, page.ask_for()).await.map_err(from_query)?;
    Answer::ok(&page.page(found, |view| (view.id.get().into(), 0), license))
}

pub(super) const QUOTE: Route = route! {
    /// The shares of a payment: what each holder would receive, ancestors' holders included. A license that is
    /// not active, or that another account alone may pay, has a quote too: `status` and `licensee` say so.
    get "/v1/licenses/{id}/quote" => quote in Work,
    openapi(tag = "licenses",
        params(("id" = u32, Path, description = "The license's number"),
            ("uses" = u32, Query, description = "Uses to be paid for, 1 to 2²³")),
        responses((status = 200, description = "The quote", body = QuoteBody))),
    problems: [LicenseNotFound, AmountTooLarge],
};

async fn quote(app: Arc<App>, mut request: Request) -> Result<Answer, ApiError> {
    let license: u32 = request.param(0, "id")?;
    let uses: u64 = request.query.require("uses")?;
    request.query.finish()?;
    let uses =
        Uses::new(uses).map_err(|error| ApiError::because(ProblemCode::InvalidQuery, error))?;
    let found = app.aggregator.quote(license.into(), uses).await.map_err(from_quote)?;
    Answer::ok(&convert::quote(&found, &app.aggregator.info()))
}

pub(super) const PROOF: Route = route! {
    /// A license as a batch that is final on L1 left it, with its Merkle path to the state root in the batch's
    /// statement. L1 has the statement's digest, so two such openings prove what the license received in
    /// between. Keep the latest: a node that is rebuilt from L1 opens no state before that.
    get "/v1/licenses/{id}/proof" => proof in Work,
    openapi(tag = "licenses",
        params(("id" = u32, Path, description = "The license's number"),
            ("batch" = Option<u64>, Query, description = "The batch; the last final one if absent")),
        responses((status = 200, description = "The license and its path", body = LicenseOpeningBody))),
    problems: [LicenseNotFound, LicenseNotFinal, StateNotKept],
};

async fn proof(app: Arc<App>, mut request: Request) -> Result<Answer, ApiError> {
    let id: LicenseId = request.param::<u32>(0, "id")?.into();
    let batch: Option<u64> = request.query.take("batch")?;
    request.query.finish()?;
    let batch = batch.map(BatchNumber::new).transpose();
    let batch = batch.map_err(|error| ApiError::because(ProblemCode::InvalidQuery, error))?;
    find(&app, id).await?;
    match app.aggregator.final_license(id, batch).await {
        Ok(Some(found)) => Answer::ok(&license_opening(found, &app.aggregator.info())?),
        Ok(None) => Err(ApiError::new(ProblemCode::LicenseNotFinal)),
        Err(QueryError::PastState(error @ PastStateError::NotKept { .. })) => {
            Err(ApiError::because(ProblemCode::StateNotKept, error))
        }
        Err(error) => Err(from_query(error)),
    }
}

pub(super) const VERSIONS: Route = route! {
    /// Versions of a license, newest first: what each sealed batch that registered or updated it set. The last
    /// one is as registered.
    get "/v1/licenses/{id}/versions" => versions in Work,
    openapi(tag = "licenses",
        params(("id" = u32, Path, description = "The license's number"),
            ("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query)),
        responses((status = 200, description = "A page of versions",
            body = Page<LicenseVersionLineBody>))),
    problems: [LicenseNotFound, InvalidCursor],
};

async fn versions(app: Arc<App>, mut request: Request) -> Result<Answer, ApiError> {
    let id: u32 = request.param(0, "id")?;
    let newest = BatchNumber::MAX.get();
    let page = PageQuery::take(&mut request.query, List::Versions, id, newest)?;
    request.query.finish()?;
    let until: BatchNumber = page.start()?;
    find(&app, id.into()).await?;
    let found = app.aggregator.license_versions(id.into(), until, page.ask_for()).await;
    let found = found.map_err(from_query)?;
    Answer::ok(&page.page(found, |view| (view.batch.get(), 0), license_version))
}
