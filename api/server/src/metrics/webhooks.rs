//! Counters of webhooks.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabels {
    outcome: &'static str,
}

/// Counters of webhooks.
#[derive(Debug, Default)]
pub(crate) struct WebhookMetrics {
    webhooks: Gauge<u64, AtomicU64>,
    attempts: Family<OutcomeLabels, Counter>,
    given_up: Counter,
}

impl WebhookMetrics {
    /// Counters that a registry knows.
    pub(crate) fn registered(registry: &mut Registry) -> Self {
        let Self { webhooks, attempts, given_up } = Self::default();
        registry.register("webhooks", "Webhooks registered", webhooks.clone());
        registry.register("webhook_attempts", "Attempts to post an event", attempts.clone());
        let help = "Events not delivered to their webhook in time";
        registry.register("webhook_events_given_up", help, given_up.clone());
        Self { webhooks, attempts, given_up }
    }

    pub(crate) fn count(&self, webhooks: usize) {
        self.webhooks.set(webhooks as u64);
    }

    pub(crate) fn attempted(&self, taken: bool, given_up: bool) {
        let outcome = if taken { "taken" } else { "failed" };
        self.attempts.get_or_create(&OutcomeLabels { outcome }).inc();
        if given_up {
            self.given_up.inc();
        }
    }
}
