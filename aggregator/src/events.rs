//! Queries for events on the aggregator's handle.

use crate::aggregator::Aggregator;
use crate::error::QueryError;
use crate::query::{EventFilter, EventPage, EventPosition, QueryService};

impl Aggregator {
    /// The position after all events that have happened.
    pub async fn events_end(&self) -> Result<EventPosition, QueryError> {
        self.ask(QueryService::events_end).await
    }

    /// Events from a position on that meet a filter, at most `limit`. New events may exist when
    /// [`Aggregator::progress`] has changed.
    pub async fn events(
        &self,
        from: EventPosition,
        filter: EventFilter,
        limit: usize,
    ) -> Result<EventPage, QueryError> {
        self.ask(move |queries| queries.events(from, &filter, limit)).await
    }
}
