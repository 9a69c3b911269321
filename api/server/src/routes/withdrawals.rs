//! Withdrawals, and refused deposits: what L1 pays.

use std::sync::Arc;

use farthing_client::dto::{Page, WireAddress, WithdrawalBody};
use farthing_protocol::BatchNumber;

use super::page::PageQuery;
use crate::app::App;
use crate::cursor::{List, subject_of};
use crate::http::{Answer, Failure, Request};
use crate::mapping::{from_query, withdrawal};

/// What L1 pays to an owner, ascending; with all that a claim needs once it is final.
#[utoipa::path(get, path = "/v1/withdrawals/{owner}", tag = "withdrawals",
    params(("owner" = WireAddress, Path, description = "The owner's L1 address"),
        ("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query)),
    responses((status = 200, description = "A page of payouts", body = Page<WithdrawalBody>)))]
pub(super) async fn list(app: Arc<App>, mut request: Request) -> Result<Answer, Failure> {
    let owner: WireAddress = request.param(0, "owner")?;
    let subject = subject_of(&owner.0.0);
    let page = PageQuery::take(&mut request.query, List::Withdrawals, subject, 0)?;
    request.query.finish()?;
    let from: (BatchNumber, u32) = (page.start()?, page.index);
    let found = app.aggregator.payouts(owner.0, from, page.ask_for()).await.map_err(from_query)?;
    let info = app.aggregator.info();
    let place =
        |view: &farthing_aggregator::PayoutView| (view.payout.batch.get(), view.payout.index);
    Answer::ok(&page.page(found, place, |view| withdrawal(view, &info)))
}
