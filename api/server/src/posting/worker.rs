//! The task that queues events for webhooks and posts them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use farthing_aggregator::QueryError;
use farthing_api_types::dto::{DeliveryState, WireBytes32};
use tokio::task::{JoinError, JoinSet};

use super::attempt::{Attempt, Post, Poster};
use super::backoff::pause_seconds;
use crate::app::{App, unix_now};
use crate::convert::event;
use crate::webhooks::{
    Delivery, DeliveryKey, NewDelivery, Webhook, WebhookStore, WebhookStoreError,
};

/// Events read and queued with one write.
const PAGE: usize = 128;
/// The pause between looks at what is due.
const TICK: Duration = Duration::from_secs(1);
/// Attempts at once to one webhook that takes what it is given.
const AT_ONCE: usize = 4;
/// Deliveries that one write forgets.
const FORGET: usize = 1_000;
/// Looks at what is due between two at what may be forgotten.
const FORGET_TICKS: u32 = 60;

/// Reason not to queue or post events now.
#[derive(Debug, thiserror::Error)]
enum WorkerError {
    #[error(transparent)]
    Store(#[from] WebhookStoreError),
    #[error(transparent)]
    Query(#[from] QueryError),
    #[error("an event cannot be written as JSON")]
    Json(#[from] serde_json::Error),
    #[error("a thread that reads the store is gone")]
    Thread(#[from] JoinError),
}

/// The state of one webhook between attempts.
#[derive(Clone, Copy, Debug, Default)]
struct Line {
    /// Attempts at work.
    posting: usize,
    /// The last attempt failed: until one succeeds, one at a time is enough.
    failing: bool,
    /// Too many of its events are pending: the rest is still in the sequence of events.
    full: bool,
}

/// Queues and posts.
pub(super) struct Worker {
    app: Arc<App>,
    poster: Poster,
    lines: HashMap<WireBytes32, Line>,
    at_work: HashSet<DeliveryKey>,
    attempts: JoinSet<(DeliveryKey, Attempt, u64)>,
    /// A webhook that was full has room again.
    room: bool,
}

impl Worker {
    pub(super) fn new(app: Arc<App>) -> Result<Self, reqwest::Error> {
        let config = &app.config.webhooks;
        let poster = Poster::new(config.private_addresses, config.attempt_timeout())?;
        let (lines, at_work, attempts) = Default::default();
        Ok(Self { app, poster, lines, at_work, attempts, room: false })
    }

    /// Works until the server ends. Attempts at work are dropped then: the next start makes them again.
    pub(super) async fn run(mut self) {
        let mut progress = self.app.aggregator.progress();
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let (mut queue, mut ticks) = (true, 0u32);
        loop {
            progress.mark_unchanged();
            let turn = self.turn(queue).await;
            // What is left, or could not be queued, is queued with the next look.
            queue = !matches!(turn, Ok(false));
            let more = turn.unwrap_or_else(|error| {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the store of webhooks failed: events wait and are posted later"
                );
                false
            });
            tokio::select! {
                () = self.app.ended() => return,
                Some(ended) = self.attempts.join_next() => {
                    self.ended(ended).await;
                    // One look serves all that have ended.
                    while let Some(ended) = self.attempts.try_join_next() {
                        self.ended(ended).await;
                    }
                }
                changed = progress.changed() => match changed {
                    Ok(()) => queue = true,
                    Err(_) => return,
                },
                () = self.app.webhooks.changed.notified() => queue = true,
                () = tokio::task::yield_now(), if more => {}
                _ = tick.tick() => {
                    queue |= std::mem::take(&mut self.room);
                    ticks = ticks.wrapping_add(1);
                    if ticks.is_multiple_of(FORGET_TICKS) {
                        self.forget().await;
                    }
                }
            }
        }
    }

    /// Queues what has happened, if `queue`, and posts what is due; true if there is more to queue.
    async fn turn(&mut self, queue: bool) -> Result<bool, WorkerError> {
        let mut webhooks = self.read(|store| store.webhooks()).await?;
        self.app.metrics.webhooks().count(webhooks.len());
        let known: HashSet<_> = webhooks.iter().map(|(id, _)| *id).collect();
        self.lines.retain(|id, line| line.posting > 0 || known.contains(id));
        let mut more = false;
        if queue {
            for (id, webhook) in &webhooks {
                more |= self.queue(*id, webhook).await?;
            }
        }
        // Those at the front of the list must not have all attempts.
        let count = webhooks.len();
        webhooks.rotate_left(rand::random_range(0..count.max(1)));
        for (id, webhook) in &webhooks {
            self.post_due(*id, webhook).await?;
        }
        Ok(more)
    }

    /// Queues the next events of a webhook; true if there may be more.
    async fn queue(&mut self, id: WireBytes32, webhook: &Webhook) -> Result<bool, WorkerError> {
        let most = self.app.config.webhooks.pending_max;
        let room = self.read(move |store| store.pending(id, most)).await? < most;
        self.lines.entry(id).or_default().full = !room;
        let position = self.read(move |store| store.position(id)).await?;
        // What there is no room for stays in the sequence of events.
        let Some(position) = position.filter(|_| room) else { return Ok(false) };
        let page = self.app.aggregator.events(position, webhook.event_filter(), PAGE).await?;
        if page.next == position {
            return Ok(false);
        }
        let mut events = Vec::new();
        for (told, _) in &page.events {
            let body = event(told);
            let kind = body.event.kind().as_str().to_owned();
            let (event, body) = (body.id, serde_json::to_vec(&body)?);
            events.push(NewDelivery { event, kind, body });
        }
        let times = self.app.webhooks.times(now());
        self.read(move |store| store.queue(id, events, &page.next, times)).await?;
        Ok(page.more)
    }

    /// Begins attempts of what is due, as many as there is room for.
    async fn post_due(&mut self, id: WireBytes32, webhook: &Webhook) -> Result<(), WorkerError> {
        let line = self.lines.get(&id).copied().unwrap_or_default();
        let at_once = if line.failing { 1 } else { AT_ONCE };
        let all = self.app.config.webhooks.attempts_at_once_max;
        let free = at_once.saturating_sub(line.posting);
        let free = free.min(all.saturating_sub(self.attempts.len()));
        if free == 0 {
            return Ok(());
        }
        let now = now();
        // Those at work are due until their attempt has ended.
        let look = free + line.posting;
        let due = self.read(move |store| store.due(id, now, look)).await?;
        let due: Vec<_> = due.into_iter().filter(|key| !self.at_work.contains(key)).collect();
        for key in due.into_iter().take(free) {
            let Some(delivery) = self.read(move |store| store.delivery(key)).await? else {
                continue;
            };
            let post = Post {
                webhook: id,
                event: key.event,
                url: webhook.url.clone(),
                secrets: webhook.secrets(now),
                body: delivery.body,
            };
            let poster = self.poster.clone();
            self.lines.entry(id).or_default().posting += 1;
            self.at_work.insert(key);
            self.attempts.spawn(async move { (key, poster.post(post, now).await, now) });
        }
        Ok(())
    }

    /// Stores the outcome of an attempt that has ended.
    async fn ended(&mut self, ended: Result<(DeliveryKey, Attempt, u64), JoinError>) {
        let (key, attempt, time) = match ended {
            Ok(ended) => ended,
            Err(error) => {
                tracing::error!(%error, "an attempt to post an event was lost");
                return;
            }
        };
        self.at_work.remove(&key);
        let line = self.lines.entry(key.webhook).or_default();
        line.posting = line.posting.saturating_sub(1);
        line.failing = attempt.fault.is_some();
        let full = line.full;
        let first = self.app.config.webhooks.retry_first();
        let spread = rand::random();
        let end = now();
        let stored = self
            .read(move |store| {
                store.attempted(key, |delivery| {
                    outcome(delivery, attempt, (time, end), (first, spread));
                })
            })
            .await;
        match stored {
            Ok(delivery) => {
                let state = delivery.map(|delivery| delivery.state);
                self.room |= full && state != Some(DeliveryState::Pending);
                let given_up = state == Some(DeliveryState::GivenUp);
                self.app.metrics.webhooks().attempted(attempt.fault.is_none(), given_up);
            }
            Err(error) => {
                tracing::error!(%error, "an attempt to post an event cannot be stored: it is made again");
            }
        }
    }

    async fn forget(&self) {
        let keep = self.app.config.webhooks.keep_seconds;
        loop {
            let before = now().saturating_sub(keep);
            match self.read(move |store| store.forget_before(before, FORGET)).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    tracing::error!(%error, "old deliveries of webhooks cannot be forgotten");
                    return;
                }
            }
        }
    }

    /// Reads or changes the store on a thread that may block.
    async fn read<T: Send + 'static, E: Send + 'static>(
        &self,
        ask: impl FnOnce(&WebhookStore) -> Result<T, E> + Send + 'static,
    ) -> Result<T, WorkerError>
    where
        WorkerError: From<E>,
    {
        let store = self.app.webhooks.store.clone();
        Ok(tokio::task::spawn_blocking(move || ask(&store)).await??)
    }
}

/// The delivery after an attempt that was begun and ended at two times. `pause` is the first pause,
/// and a random number.
fn outcome(
    delivery: &mut Delivery,
    attempt: Attempt,
    (begun, end): (u64, u64),
    (first, spread): (Duration, u32),
) {
    delivery.attempts = delivery.attempts.saturating_add(1);
    delivery.attempts_in_turn = delivery.attempts_in_turn.saturating_add(1);
    delivery.attempted = Some(begun);
    (delivery.status, delivery.fault) = (attempt.status, attempt.fault);
    if attempt.fault.is_none() {
        (delivery.state, delivery.due) = (DeliveryState::Delivered, None);
        return;
    }
    let next = end.saturating_add(pause_seconds(first, delivery.attempts_in_turn, spread));
    let in_time = next <= delivery.until;
    delivery.due = in_time.then_some(next);
    if !in_time {
        delivery.state = DeliveryState::GivenUp;
    }
}

/// Unix seconds; a clock before 1970 says 0, and nothing is due.
fn now() -> u64 {
    unix_now().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use farthing_api_types::dto::DeliveryFault;

    use super::*;

    #[test]
    fn a_delivery_is_tried_for_its_time_and_then_given_up() {
        let mut delivery = Delivery::new("batch.sealed".to_owned(), Vec::new(), 100, 130);
        let first = (Duration::from_secs(5), 0);
        let failed = Attempt { status: Some(500), fault: Some(DeliveryFault::Status) };
        outcome(&mut delivery, failed, (100, 101), first);
        assert_eq!((delivery.attempts, delivery.due), (1, Some(106)));
        outcome(&mut delivery, failed, (106, 106), first);
        assert_eq!((delivery.state, delivery.due), (DeliveryState::Pending, Some(116)));
        outcome(&mut delivery, failed, (116, 116), first);
        assert_eq!((delivery.state, delivery.due), (DeliveryState::GivenUp, None));
        assert_eq!((delivery.attempts, delivery.status), (3, Some(500)));
        let taken = Attempt { status: Some(204), fault: None };
        outcome(&mut delivery, taken, (200, 201), first);
        assert_eq!(
            (delivery.state, delivery.due, delivery.fault),
            (DeliveryState::Delivered, None, None)
        );
    }
}
