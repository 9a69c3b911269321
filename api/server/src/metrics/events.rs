//! Counters of events sent to clients.

use std::sync::atomic::AtomicU64;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// Counters of streams.
#[derive(Debug, Default)]
pub(crate) struct EventMetrics {
    streams: Gauge<u64, AtomicU64>,
    streamed: Counter,
    too_slow: Counter,
}

/// A stream counted as open.
pub(crate) struct OpenStream(Gauge<u64, AtomicU64>);

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl EventMetrics {
    /// Counters that a registry knows.
    pub(crate) fn registered(registry: &mut Registry) -> Self {
        let Self { streams, streamed, too_slow } = Self::default();
        registry.register("event_streams", "Open streams of events", streams.clone());
        registry.register("events_streamed", "Events given to streams", streamed.clone());
        let help = "Streams ended because the client did not read";
        registry.register("event_streams_too_slow", help, too_slow.clone());
        Self { streams, streamed, too_slow }
    }

    pub(crate) fn stream_opened(&self) -> OpenStream {
        self.streams.inc();
        OpenStream(self.streams.clone())
    }

    pub(crate) fn streamed(&self) {
        self.streamed.inc();
    }

    pub(crate) fn stream_too_slow(&self) {
        self.too_slow.inc();
    }
}
