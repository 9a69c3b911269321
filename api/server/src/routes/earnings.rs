//! Earnings of licenses and accounts, as JSON and as CSV.

use std::sync::Arc;

use farthing_aggregator::{EarningsRange, Period};
use farthing_api_types::dto::{AccountEarningsPage, EarningsPage, PAGE_ITEMS_MAX};
use farthing_api_types::{CSV_MEDIA_TYPE, ProblemCode, account_earnings_csv, license_earnings_csv};
use farthing_protocol::{AccountId, LicenseId, UnixTime};

use super::declaration::route;
use super::licenses;
use super::page::PageQuery;
use crate::app::App;
use crate::convert::{account_earnings, from_query, license_earnings};
use crate::cursor::List;
use crate::http::{Answer, ApiError, Query, Request};
use crate::router::Route;

pub(super) const OF_LICENSE: Route = route! {
    /// The earnings of a license: what it received, from whom, and what went to each holder, a line for
    /// each sealed batch that touched it, ascending. A page has fewer lines than `limit` if they have many
    /// payers. As CSV, each payer and each derivative of a batch has a line, whose amounts sum to what the
    /// license received, and the header `Link` names the next page.
    get "/v1/licenses/{id}/earnings" => of_license in Work,
    openapi(tag = "licenses",
        params(("id" = u32, Path, description = "The license's number"),
            ("from" = Option<u64>, Query), ("to" = Option<u64>, Query),
            ("format" = Option<String>, Query),
            ("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query)),
        responses((status = 200, description = "A page of lines",
            content((EarningsPage = "application/json"), (String = "text/csv"))))),
    problems: [LicenseNotFound, InvalidCursor],
};

pub(super) const OF_ACCOUNT: Route = route! {
    /// The earnings of an account: its royalties and every other movement of its balance, a line for each
    /// sealed batch that moved it, ascending. A page has fewer lines than `limit` if they have many
    /// movements. As CSV, each movement has a line, whose amounts sum to the change of the balance, and the
    /// header `Link` names the next page.
    get "/v1/accounts/{id}/earnings" => of_account in Work,
    openapi(tag = "accounts",
        params(("id" = u32, Path, description = "The account's number"),
            ("from" = Option<u64>, Query), ("to" = Option<u64>, Query),
            ("format" = Option<String>, Query),
            ("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query)),
        responses((status = 200, description = "A page of lines",
            content((AccountEarningsPage = "application/json"), (String = "text/csv"))))),
    problems: [AccountNotFound, InvalidCursor],
};

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Json,
    Csv,
}

/// A question about earnings.
struct EarningsQuery {
    page: PageQuery,
    period: Period,
    format: Format,
}

impl EarningsQuery {
    fn take(request: &mut Request, list: List, subject: u32) -> Result<Self, ApiError> {
        let format = format(&mut request.query, request.accepts_csv)?;
        let page = PageQuery::take(&mut request.query, list, subject, 0)?;
        let period =
            Period { from: time(&mut request.query, "from")?, to: time(&mut request.query, "to")? };
        request.query.finish()?;
        Ok(Self { page, period, format })
    }

    fn range(&self) -> Result<EarningsRange, ApiError> {
        let Self { page, period, .. } = self;
        Ok(EarningsRange { start: page.start()?, period: *period, limit: page.limit })
    }

    /// A page of CSV, with a link to the next one.
    fn csv(&self, text: String, next: Option<&str>) -> Answer {
        let answer = Answer::text(CSV_MEDIA_TYPE, text);
        let Some(cursor) = next else { return answer };
        let time = |name: &str, time: Option<UnixTime>| {
            time.map_or_else(String::new, |time| format!("&{name}={}", time.get()))
        };
        let (from, to) = (time("from", self.period.from), time("to", self.period.to));
        let limit = self.page.limit.min(PAGE_ITEMS_MAX as usize);
        answer.with_next(&format!("?format=csv&cursor={cursor}&limit={limit}{from}{to}"))
    }
}

/// `format` of the query wins over `Accept`.
fn format(query: &mut Query, accepts_csv: bool) -> Result<Format, ApiError> {
    let given: Option<String> = query.take("format")?;
    match given.as_deref() {
        Some("csv") => Ok(Format::Csv),
        Some("json") => Ok(Format::Json),
        Some(_) => {
            Err(ApiError::because(ProblemCode::InvalidQuery, "format: expected json or csv"))
        }
        None if accepts_csv => Ok(Format::Csv),
        None => Ok(Format::Json),
    }
}

fn time(query: &mut Query, name: &str) -> Result<Option<UnixTime>, ApiError> {
    let given: Option<u64> = query.take(name)?;
    let time = given.map(UnixTime::new).transpose();
    time.map_err(|error| {
        ApiError::because(ProblemCode::InvalidQuery, format_args!("{name}: {error}"))
    })
}

async fn of_license(app: Arc<App>, mut request: Request) -> Result<Answer, ApiError> {
    let id: LicenseId = request.param::<u32>(0, "id")?.into();
    let query = EarningsQuery::take(&mut request, List::Earnings, id.get())?;
    let range = query.range()?;
    licenses::find(&app, id).await?;
    let found = app.aggregator.license_earnings(id, range).await.map_err(from_query)?;
    let next = found.next.map(|batch| query.page.cursor(batch.get()));
    let page = license_earnings(&found, next);
    match query.format {
        Format::Json => Answer::ok(&page),
        Format::Csv => {
            let text = license_earnings_csv(id, &page.items);
            Ok(query.csv(text, page.next_cursor.as_deref()))
        }
    }
}

async fn of_account(app: Arc<App>, mut request: Request) -> Result<Answer, ApiError> {
    let id: AccountId = request.param::<u32>(0, "id")?.into();
    let query = EarningsQuery::take(&mut request, List::AccountEarnings, id.get())?;
    let range = query.range()?;
    let account = app.aggregator.account(id).await.map_err(from_query)?;
    account.ok_or_else(|| ApiError::new(ProblemCode::AccountNotFound))?;
    let found = app.aggregator.account_earnings(id, range).await.map_err(from_query)?;
    let next = found.next.map(|batch| query.page.cursor(batch.get()));
    let page = account_earnings(&found, next);
    match query.format {
        Format::Json => Answer::ok(&page),
        Format::Csv => {
            let text = account_earnings_csv(id, &page.items);
            Ok(query.csv(text, page.next_cursor.as_deref()))
        }
    }
}
