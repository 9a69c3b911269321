//! The time of the prover's spans, by the clock on the wall and by the processors.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tracing::span::{Attributes, Id};
use tracing::{Subscriber, subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

use crate::machine::{SpanTime, cpu_time};

/// Spans of one name: how long at least one of them was open. Tables are worked on side by side,
/// so the sum over spans would count the same second twice.
#[derive(Clone, Copy, Debug, Default)]
struct Total {
    open: usize,
    since: Option<(Instant, Duration)>,
    wall: Duration,
    cpu: Duration,
}

impl Total {
    fn opened(&mut self, now: (Instant, Duration)) {
        self.open += 1;
        self.since.get_or_insert(now);
    }

    fn closed(&mut self, (wall, cpu): (Instant, Duration)) {
        self.open = self.open.saturating_sub(1);
        if self.open == 0
            && let Some(since) = self.since.take()
        {
            self.wall += wall.duration_since(since.0);
            self.cpu += cpu.saturating_sub(since.1);
        }
    }

    fn time(&self) -> SpanTime {
        SpanTime { wall_s: self.wall.as_secs_f64(), cpu_s: self.cpu.as_secs_f64() }
    }
}

/// The time in which any span of a name was open, by name.
#[derive(Clone, Default)]
pub(crate) struct Spans(Arc<Mutex<BTreeMap<&'static str, Total>>>);

impl Spans {
    /// Watches the spans of the whole process, from now on.
    pub(crate) fn install() -> Result<Self, subscriber::SetGlobalDefaultError> {
        let spans = Self::default();
        let layered = tracing_subscriber::registry().with(spans.clone());
        subscriber::set_global_default(layered)?;
        Ok(spans)
    }

    /// By name.
    pub(crate) fn total(&self, name: &str) -> SpanTime {
        let totals = self.0.lock();
        totals.ok().and_then(|totals| Some(totals.get(name)?.time())).unwrap_or_default()
    }

    /// All.
    pub(crate) fn times(&self) -> BTreeMap<String, SpanTime> {
        let time = |(name, total): (&&str, &Total)| ((*name).to_owned(), total.time());
        self.0.lock().map(|totals| totals.iter().map(time).collect()).unwrap_or_default()
    }

    fn with(&self, name: &'static str, change: impl FnOnce(&mut Total, (Instant, Duration))) {
        let now = (Instant::now(), cpu_time());
        if let Ok(mut totals) = self.0.lock() {
            change(totals.entry(name).or_default(), now);
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        self.with(attributes.metadata().name(), Total::opened);
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        if let Some(span) = context.span(&id) {
            self.with(span.name(), Total::closed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_spans_count_once() {
        let start = Instant::now();
        let at = |ms| (start + Duration::from_millis(ms), Duration::from_millis(2 * ms));
        let mut total = Total::default();
        total.opened(at(0));
        total.opened(at(5));
        total.closed(at(10));
        total.closed(at(20));
        total.opened(at(100));
        total.closed(at(101));
        assert_eq!((total.wall, total.cpu), (Duration::from_millis(21), Duration::from_millis(42)));
    }
}
