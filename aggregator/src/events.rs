//! Events, as the handle tells them.

use crate::aggregator::Aggregator;
use crate::error::QueryError;
use crate::query::{EventFilter, EventPage, EventPlace, QueryService};

impl Aggregator {
    /// The place after all events that have happened.
    pub async fn events_end(&self) -> Result<EventPlace, QueryError> {
        self.ask(QueryService::events_end).await
    }

    /// Events from a place on that meet a filter, at most `limit`. More happen when
    /// [`Aggregator::progress`] changes.
    pub async fn events(
        &self,
        from: EventPlace,
        filter: EventFilter,
        limit: usize,
    ) -> Result<EventPage, QueryError> {
        self.ask(move |queries| queries.events(from, &filter, limit)).await
    }
}
