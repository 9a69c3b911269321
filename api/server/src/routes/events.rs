//! Streams of events.

use std::sync::Arc;

use farthing_aggregator::EventPosition;
use farthing_api_types::ProblemCode;
use farthing_api_types::dto::{EventBody, EventFilterBody, EventType, NotAnEventType};
use farthing_protocol::{AccountId, BlockNumber, LicenseId};

use super::declaration::route;
use crate::app::App;
use crate::convert::from_query;
use crate::events::{open_stream, parse_position};
use crate::http::{ApiError, EventStream, ParamText, Request};
use crate::router::Route;
use crate::wanted::event_filter;

/// The value of `after` that stands for the beginning of the rollup.
const START: &str = "start";

pub(super) const STREAM: Route = route! {
    /// Events as they happen, as `text/event-stream`: batches sealed, licenses paid and updated, blocks
    /// proven and final, payouts claimable. The id of each is a position in the sequence of all events: a client that
    /// sends it back as `Last-Event-ID` misses nothing, also after a restart of the node. An event may
    /// be sent twice, with the same `id` in its data. Without an id the stream begins now.
    get "/v1/events" => stream in Stream,
    openapi(tag = "events",
        params(
            ("account" = Option<u32>, Query, description =
                "Only events that pay this account: licenses in which it holds shares, payouts of its owner"),
            ("license" = Option<u32>, Query, description = "Only payments and updates of this license"),
            ("block" = Option<u64>, Query, description = "Only steps of this block and payouts in it"),
            ("types" = Option<String>, Query, description = "Only these types, separated by commas"),
            ("after" = Option<String>, Query, description =
                "The id after which the stream begins, or `start`; `Last-Event-ID` takes precedence"),
            ("Last-Event-ID" = Option<String>, Header, description =
                "The id of the last event that the client has seen"),
        ),
        responses((status = 200, description =
            "Events. `event` is the type, `data` the event as JSON; an event without data is a \
             keep-alive, and its id counts too",
            content_type = "text/event-stream", body = EventBody))),
    problems: [InvalidCursor, AccountNotFound, LicenseNotFound],
};

async fn stream(app: Arc<App>, mut request: Request) -> Result<EventStream, ApiError> {
    let block = request.query.take::<u64>("block")?.map(BlockNumber::new).transpose();
    let wanted = EventFilterBody {
        types: request.query.take::<EventTypes>("types")?.map_or_else(Vec::new, |types| types.0),
        account: request.query.take::<u32>("account")?.map(AccountId::from),
        license: request.query.take::<u32>("license")?.map(LicenseId::from),
        block: block.map_err(|range| invalid("block", &range))?.map(Into::into),
    };
    let after: Option<String> = request.query.take("after")?;
    request.query.finish()?;
    let position = match (&request.last_event_id, &after) {
        (Some(id), _) => Some(position("Last-Event-ID", id)?),
        (None, Some(start)) if start == START => Some(EventPosition::START),
        (None, Some(id)) => Some(position("after", id)?),
        (None, None) => None,
    };
    let position = match position {
        Some(position) => position,
        None => app.aggregator.events_end().await.map_err(from_query)?,
    };
    let filter = event_filter(&app, &wanted).await?;
    Ok(open_stream(app, position, filter))
}

fn position(name: &str, text: &str) -> Result<EventPosition, ApiError> {
    parse_position(text).map_err(|refused| {
        ApiError::because(ProblemCode::InvalidCursor, format_args!("{name}: {refused}"))
    })
}

fn invalid(name: &str, error: &impl std::fmt::Display) -> ApiError {
    ApiError::because(ProblemCode::InvalidQuery, format_args!("{name}: {error}"))
}

/// Types as a list in a query.
struct EventTypes(Vec<EventType>);

impl ParamText for EventTypes {
    type Error = NotAnEventType;
    fn parse(text: &str) -> Result<Self, NotAnEventType> {
        text.split(',').map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}
