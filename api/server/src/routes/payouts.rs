//! Payouts: withdrawals and refused deposits, which L1 pays.

use std::sync::Arc;

use farthing_api_types::dto::{Page, PayoutBody, WireAddress};
use farthing_protocol::BatchNumber;

use super::declaration::route;
use super::page::PageQuery;
use crate::app::App;
use crate::convert::{from_query, payout};
use crate::cursor::{List, subject_of};
use crate::http::{Answer, ApiError, Request};
use crate::router::Route;

pub(super) const LIST: Route = route! {
    /// The payouts of an owner, ascending, each with the arguments of its claim once it is final.
    get "/v1/owners/{address}/payouts" => list in Work,
    openapi(tag = "payouts",
        params(("address" = WireAddress, Path, description = "The owner's L1 address"),
            ("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query)),
        responses((status = 200, description = "A page of payouts", body = Page<PayoutBody>))),
    problems: [InvalidCursor],
};

async fn list(app: Arc<App>, mut request: Request) -> Result<Answer, ApiError> {
    let owner: WireAddress = request.param(0, "address")?;
    let subject = subject_of(&owner.0.0);
    let page = PageQuery::take(&mut request.query, List::Payouts, subject, 0)?;
    request.query.finish()?;
    let from: (BatchNumber, u32) = (page.start()?, page.index);
    let found = app.aggregator.payouts(owner.0, from, page.ask_for()).await.map_err(from_query)?;
    let info = app.aggregator.info();
    let position =
        |view: &farthing_aggregator::PayoutView| (view.payout.batch.get(), view.payout.index);
    Answer::ok(&page.page(found, position, |view| payout(view, &info)))
}
