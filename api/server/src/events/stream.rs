//! A stream of events: reads pages of events as they happen, and sends them at the client's pace.

use std::sync::Arc;
use std::time::Duration;

use farthing_aggregator::{EventFilter, EventPosition, QueryError};
use tokio::sync::mpsc;
use tokio::time::Instant;
use warp::sse;

use super::position_text;
use crate::app::App;
use crate::convert::event;
use crate::http::EventStream;

/// Events that wait for a connection. What does not fit stays in the stores.
const WAITING_MAX: usize = 16;
/// Events read at once.
const PAGE: usize = 64;
/// The pause after which a client that lost its connection comes back.
const RECONNECT: Duration = Duration::from_secs(2);
/// The pause before events are read again that could not be read for a moment.
const READ_PAUSE: Duration = Duration::from_secs(1);

/// Opens a stream of the events from `position` on that meet `filter`.
pub(crate) fn open_stream(
    app: Arc<App>,
    position: EventPosition,
    filter: EventFilter,
) -> EventStream {
    let (sender, receiver) = mpsc::channel(WAITING_MAX);
    let event_sender =
        EventSender { app, position, filter, sender, next_heartbeat: Instant::now() };
    tokio::spawn(event_sender.run());
    EventStream::new(receiver)
}

/// Sends events to one client.
struct EventSender {
    app: Arc<App>,
    /// The position after all that was told or passed over.
    position: EventPosition,
    filter: EventFilter,
    sender: mpsc::Sender<sse::Event>,
    /// The time of the next sign of life.
    next_heartbeat: Instant,
}

/// Reason for the end of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The client went away.
    Gone,
    /// The client takes nothing.
    Slow,
    /// The node ends, or cannot read its events: the log says why.
    Node,
}

impl EventSender {
    async fn run(mut self) {
        let app = Arc::clone(&self.app);
        let _open = app.metrics.events().stream_opened();
        let Err(end) = self.send_events().await;
        if end == End::Slow {
            app.metrics.events().stream_too_slow();
        }
        tracing::debug!(?end, "the stream of events ends");
    }

    async fn send_events(&mut self) -> Result<std::convert::Infallible, End> {
        let mut progress = self.app.aggregator.progress();
        // A client that is cut off before the first event knows its position.
        self.send(sse::Event::default().retry(RECONNECT), self.position).await?;
        loop {
            progress.mark_unchanged();
            if self.tell_page().await? {
                continue;
            }
            tokio::select! {
                changed = progress.changed() => changed.map_err(|_| End::Node)?,
                () = tokio::time::sleep_until(self.next_heartbeat) => {
                    self.send(sse::Event::default().comment(""), self.position).await?;
                }
                () = self.sender.closed() => return Err(End::Gone),
                () = self.app.ended() => return Err(End::Node),
            }
        }
    }

    /// Tells what has happened; true if there may be more now.
    async fn tell_page(&mut self) -> Result<bool, End> {
        let read = self.app.aggregator.events(self.position, self.filter.clone(), PAGE);
        let page = match read.await {
            Ok(page) => page,
            Err(QueryError::Rebasing) => {
                tokio::time::sleep(READ_PAUSE).await;
                return Ok(true);
            }
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "events cannot be read");
                return Err(End::Node);
            }
        };
        for (told, position) in page.events {
            let body = event(&told);
            let kind = body.event.kind().as_str();
            let line = sse::Event::default().event(kind).json_data(&body);
            self.send(line.map_err(|_| End::Node)?, position).await?;
            self.app.metrics.events().streamed();
        }
        self.position = page.next;
        Ok(page.more)
    }

    /// Sends a line that moves the client to `position`, within the time that a client may take.
    async fn send(&mut self, line: sse::Event, position: EventPosition) -> Result<(), End> {
        let id = position_text(&position).map_err(|_| End::Node)?;
        let config = &self.app.config.events;
        let sent = self.sender.send(line.id(id));
        match tokio::time::timeout(config.send_timeout(), sent).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Err(End::Gone),
            Err(_) => return Err(End::Slow),
        }
        self.next_heartbeat = Instant::now() + config.heartbeat();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use farthing_aggregator::{Aggregator, Components, Config};
    use farthing_ledger::Genesis;
    use farthing_protocol::{AccountIdentity, BatchClass, Deposit, QueueEntry, QueueIndex};

    use super::*;
    use crate::app::Documents;
    use crate::config::{EventsConfig, ServerConfig};

    /// The queue of a client is bounded, and so is the time that it waits.
    #[tokio::test]
    async fn a_client_that_takes_nothing_is_let_go() -> Result<(), Box<dyn std::error::Error>> {
        let dir = tempfile::tempdir()?;
        let operator = AccountIdentity::default();
        let genesis = Genesis { domain: farthing_testkit::domain(), operator };
        let config = Config::new(dir.path().join("node"), genesis, BatchClass::TINY);
        let aggregator = Aggregator::start(config, Components::default())?;
        let identity = farthing_testkit::identity(1);
        for index in 0..=WAITING_MAX as u64 {
            let deposit = Deposit::new(identity.owner, identity.key.to_words(), 1_000)?;
            let entries = vec![QueueEntry::Deposit(deposit)];
            aggregator.consume_queue(QueueIndex::new(index)?, entries).await?;
            let batch = aggregator.seal().await?.ok_or("a batch")?;
            aggregator.progress().wait_for(|progress| progress.indexed > batch).await?;
        }
        let events = EventsConfig { send_seconds_max: 1, ..EventsConfig::default() };
        let server = ServerConfig { events, ..ServerConfig::default() };
        let (origins, documents) = (server.origins()?, Documents::default());
        let keys = dir.path().join("keys");
        let app = Arc::new(App::open(aggregator, server, origins, &keys, documents)?);
        let stream = open_stream(app.clone(), EventPosition::START, EventFilter::default());
        let text = |app: &App| app.metrics.text();
        let slow = async {
            while !text(&app)?.contains("farthing_event_streams_too_slow_total 1") {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Ok::<_, std::fmt::Error>(())
        };
        tokio::time::timeout(Duration::from_secs(10), slow).await??;
        assert!(text(&app)?.contains("farthing_event_streams 0"), "nothing is held for it");
        let told = format!("farthing_events_streamed_total {}", WAITING_MAX - 1);
        assert!(text(&app)?.contains(&told), "as many as wait, the first line besides");
        drop(stream);
        Ok(())
    }
}
