//! Counters for Prometheus: requests by route, events told, and what the aggregator counts.

mod events;
mod webhooks;

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use farthing_aggregator::{Aggregator, FleetSnapshot, Lag, MetricsSnapshot, QueryError, StepTimes};
use farthing_protocol::UnixTime;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use warp::http::{Method, StatusCode};

pub(crate) use events::EventMetrics;
pub(crate) use webhooks::WebhookMetrics;

/// Seconds: from a cached read to a request that runs into its time limit.
const BUCKETS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// `template` is the route's, never the path: there are as many series as routes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: &'static str,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: &'static str,
}

/// All counters.
#[derive(Debug)]
pub(crate) struct HttpMetrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    seconds: Family<RouteLabels, Histogram, fn() -> Histogram>,
    at_work: Gauge<u64, AtomicU64>,
    events: EventMetrics,
    webhooks: WebhookMetrics,
}

/// A request counted as at work.
pub(crate) struct AtWork(Gauge<u64, AtomicU64>);

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl HttpMetrics {
    pub(crate) fn new(aggregator: Aggregator) -> Self {
        let mut registry = Registry::with_prefix("farthing");
        let requests = Family::<RequestLabels, Counter>::default();
        let seconds =
            Family::<RouteLabels, Histogram, fn() -> Histogram>::new_with_constructor(|| {
                Histogram::new(BUCKETS)
            });
        let at_work = Gauge::<u64, AtomicU64>::default();
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register("http_request_seconds", "Time to answer", seconds.clone());
        registry.register("http_requests_at_work", "Requests not yet answered", at_work.clone());
        let events = EventMetrics::registered(&mut registry);
        let webhooks = WebhookMetrics::registered(&mut registry);
        registry.register_collector(Box::new(NodeCollector(aggregator)));
        Self { registry, requests, seconds, at_work, events, webhooks }
    }

    pub(crate) fn at_work(&self) -> AtWork {
        self.at_work.inc();
        AtWork(self.at_work.clone())
    }

    /// Counters of events told.
    pub(crate) const fn events(&self) -> &EventMetrics {
        &self.events
    }

    /// Counters of webhooks.
    pub(crate) const fn webhooks(&self) -> &WebhookMetrics {
        &self.webhooks
    }

    pub(crate) fn answered(
        &self,
        method: &Method,
        route: &'static str,
        status: StatusCode,
        elapsed: Duration,
    ) {
        let method = method_label(method);
        let labels = RequestLabels { method, route, status: status.as_u16() };
        self.requests.get_or_create(&labels).inc();
        self.seconds.get_or_create(&RouteLabels { route }).observe(elapsed.as_secs_f64());
    }

    /// The text that Prometheus reads.
    pub(crate) fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// Clients invent methods; labels must not grow with them.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        _ => "other",
    }
}

/// Reads the aggregator's counters when they are asked for.
struct NodeCollector(Aggregator);

impl fmt::Debug for NodeCollector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodeCollector").finish_non_exhaustive()
    }
}

impl Collector for NodeCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        for (name, help, value) in counters(&self.0.metrics()) {
            let counter = ConstCounter::new(value);
            let metric = encoder.encode_descriptor(name, help, None, counter.metric_type())?;
            counter.encode(metric)?;
        }
        encode_steps(&mut encoder, &self.0.latencies())?;
        let progress = *self.0.progress().borrow();
        let readiness = self.0.readiness();
        let open = u64::from(readiness.closed.is_none());
        let gauges = [
            ("batches_sequenced", "Batches sealed, ever", progress.sequenced.get()),
            ("batches_proven", "Batches proven, ever", progress.proven.get()),
            ("batches_finalized", "Batches final on L1, ever", progress.finalized.get()),
            ("admission_open", "1 while new work is acknowledged", open),
            ("sequencer_room", "Intents that could still wait", readiness.room as u64),
            ("ready", "1 while intents are taken", u64::from(readiness.is_ready())),
        ];
        let l1 = readiness.l1.map(|l1| {
            [
                ("l1_head", "The newest L1 block seen", l1.head),
                ("l1_reachable", "1 while L1 answers", u64::from(l1.reachable)),
                ("l1_diverged", "1 once L1 and this node have diverged", u64::from(l1.diverged)),
                ("l1_checked", "1 once L1 was compared with this node", u64::from(l1.checked)),
                ("l1_time_seconds", "Time of the newest L1 block seen", seconds_of(l1.time)),
                ("l1_frozen", "1 once the rollup is frozen", u64::from(l1.frozen)),
                ("l1_late", "1 while anyone may prove", u64::from(l1.late)),
                ("l1_paused", "1 while deposits and proofs are paused", u64::from(l1.paused)),
                (
                    "l1_reserve_too_small",
                    "1 while the rollup holds less than it owes",
                    u64::from(l1.reserve_needed.is_some()),
                ),
                ("l1_operator", "1 while the key is the operator's", u64::from(l1.operator)),
                ("l1_queue_waiting", "Queue entries not consumed on L1", l1.queue_waiting),
                (
                    "l1_queue_oldest_seconds",
                    "Time at which the oldest queue entry was recorded; 0 if none waits",
                    seconds_of(l1.queue_oldest),
                ),
                (
                    "l1_freeze_deadline_seconds",
                    "Time from which anyone may freeze the rollup; 0 if no entry waits",
                    seconds_of(l1.freeze_deadline),
                ),
                ("settler_stopped", "1 once the node settles no more", u64::from(l1.stopped)),
            ]
        });
        let unfinal = progress.sequenced.get().saturating_sub(progress.finalized.get());
        let lags = [
            ("batches_unproven", "Batches sealed and not proven", progress.unproven()),
            ("batches_unfinal", "Batches sealed and not final on L1", unfinal),
        ];
        let gauges =
            gauges.into_iter().chain(lags).chain(oldest(self.0.lag()).into_iter().flatten());
        let fleet = self.0.fleet().map(fleet_gauges);
        let gauges = gauges.chain(l1.into_iter().flatten()).chain(fleet.into_iter().flatten());
        for (name, help, value) in gauges {
            let gauge = ConstGauge::new(value);
            let metric = encoder.encode_descriptor(name, help, None, gauge.metric_type())?;
            gauge.encode(metric)?;
        }
        Ok(())
    }
}

/// Provers on other machines; absent if none are configured.
fn fleet_gauges(fleet: FleetSnapshot) -> [(&'static str, &'static str, u64); 6] {
    [
        ("provers_reachable", "1 while NATS answers", u64::from(fleet.connected)),
        ("provers", "Provers on other machines", fleet.provers),
        ("proof_leases", "Proof steps leased to other machines", fleet.leases),
        ("proof_lease_oldest_seconds", "Age of the oldest of them", fleet.oldest_lease.as_secs()),
        (
            "proofs_refused",
            "Proofs of other machines refused, since the start",
            fleet.proofs_refused,
        ),
        (
            "proof_steps_returned",
            "Proof steps that other machines failed too often, since the start",
            fleet.steps_returned,
        ),
    ]
}

/// The times of the oldest batches that are behind; absent if they cannot be read: 0 would say that
/// none is.
fn oldest(lag: Result<Lag, QueryError>) -> Option<[(&'static str, &'static str, u64); 2]> {
    let lag = lag.inspect_err(|error| tracing::error!(%error, "the lag of batches cannot be read"));
    let Lag { oldest_unproven, oldest_unfinal } = lag.ok()?;
    Some([
        (
            "oldest_unproven_seconds",
            "Time of the oldest batch not proven; 0 if all are",
            seconds_of(oldest_unproven),
        ),
        (
            "oldest_unfinal_seconds",
            "Time of the oldest batch not final on L1; 0 if all are",
            seconds_of(oldest_unfinal),
        ),
    ])
}

/// Unix seconds; 0 for no time.
fn seconds_of(time: Option<UnixTime>) -> u64 {
    time.map_or(0, UnixTime::get)
}

/// Times of the steps of the sequencer.
fn encode_steps(
    encoder: &mut DescriptorEncoder<'_>,
    steps: &[StepTimes],
) -> Result<(), fmt::Error> {
    let help = "Time of the sequencer's steps between a request and its answer";
    let kind = MetricType::Histogram;
    let mut family = encoder.encode_descriptor("sequencer_step_seconds", help, None, kind)?;
    for times in steps {
        let buckets: Vec<(f64, u64)> = times
            .buckets()
            .map(|(bound, count)| (bound.map_or(f64::INFINITY, |bound| bound.as_secs_f64()), count))
            .collect();
        let (sum, count) = (times.total().as_secs_f64(), times.count());
        let labels = [("step", times.step.name())];
        family
            .encode_family(&labels)?
            .encode_histogram::<NoLabelSet>(sum, count, &buckets, None)?;
    }
    Ok(())
}

macro_rules! counters_of {
    ($($name:ident: $help:literal,)* ; $($millis:ident as $seconds:literal: $about:literal,)*) => {
        /// Every counter of the aggregator: one that is missing here does not compile.
        fn counters(snapshot: &MetricsSnapshot) -> Vec<(&'static str, &'static str, f64)> {
            let MetricsSnapshot { $($name,)* $($millis,)* } = *snapshot;
            vec![
                $((stringify!($name), $help, $name as f64),)*
                $(($seconds, $about, $millis as f64 / 1_000.0),)*
            ]
        }
    };
}

counters_of! {
    intents_accepted: "Intents acknowledged for the first time",
    intents_repeated: "Intents answered as repeats of accepted ones",
    intents_rejected: "Intents refused",
    intents_overloaded: "Intents refused because the queue was full",
    intents_closed: "Intents refused because nothing new is acknowledged",
    accounts_opened: "Accounts opened by request",
    queue_consumed: "L1 queue entries consumed",
    commits: "Writes that made intents durable",
    batches_sealed: "Batches sealed since the start",
    leaves_proven: "Leaf proofs made",
    wraps_proven: "Leaves wrapped",
    joins_proven: "Joins made",
    blocks_proven: "Blocks proven since the start",
    proof_retries: "Proof steps that failed and are tried again",
    l1_transactions: "L1 transactions sent",
    l1_fee_bumps: "L1 transactions sent again with a higher fee",
    l1_reorgs: "Blocks that left L1 by a reorganisation",
    l1_errors: "Calls to L1 that failed",
    rebases: "Times that batches were remade on L1's state",
    intents_dropped: "Acknowledged intents that L1's state made impossible",
    blocks_finalized: "Blocks final on L1 since the start",
    ;
    leaf_millis as "leaf_seconds": "Time of leaf proofs",
    wrap_millis as "wrap_seconds": "Time of wraps",
    join_millis as "join_seconds": "Time of joins",
    final_millis as "final_seconds": "Time of final layers",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lag_that_cannot_be_read_is_absent_and_not_zero() {
        assert_eq!(oldest(Err(QueryError::Stopped)), None);
        let none = oldest(Ok(Lag::default())).map(|gauges| gauges.map(|(_, _, value)| value));
        assert_eq!(none, Some([0, 0]));
    }
}
