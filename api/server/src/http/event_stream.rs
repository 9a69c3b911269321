//! An answer that stays open: events as `text/event-stream` (the HTML standard, section 9.2).

use std::convert::Infallible;

use futures_util::{Stream, stream};
use tokio::sync::mpsc;
use warp::http::header::HeaderValue;
use warp::reply::Reply as _;
use warp::sse::Event;

use super::RequestId;
use super::answer::describe;

/// Events for one connection, as they come, until their sender is gone.
#[derive(Debug)]
pub(crate) struct EventStream<H = ()> {
    events: mpsc::Receiver<Event>,
    /// Held as long as the connection has the stream.
    held: H,
}

impl EventStream {
    pub(crate) const fn new(events: mpsc::Receiver<Event>) -> Self {
        Self { events, held: () }
    }

    /// Holds a value until the connection ends.
    pub(crate) fn holding<H>(self, held: H) -> EventStream<H> {
        EventStream { events: self.events, held }
    }
}

impl<H: Send + Sync + 'static> EventStream<H> {
    pub(crate) fn into_response(self, id: &RequestId) -> warp::reply::Response {
        let mut response = warp::sse::reply(self.into_events()).into_response();
        let headers = response.headers_mut();
        describe(headers, id);
        // Proxies of the nginx family hold answers back unless told not to.
        headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
        response
    }

    fn into_events(self) -> impl Stream<Item = Result<Event, Infallible>> + Send + Sync {
        let Self { mut events, held } = self;
        stream::poll_fn(move |context| {
            let _ = &held;
            events.poll_recv(context).map(|event| event.map(Ok))
        })
    }
}
