//! The REST API under load: intents accepted per second, each checked and on disk before its
//! answer. Node and clients share the machine; what clients send is signed and written before.

mod load;
mod setup;

use std::collections::HashMap;
use std::time::Duration;

use farthing_aggregator::StepTimes;
use farthing_client::ClientError;
use farthing_client::dto::{IntentBatch, IntentBody};
use farthing_protocol::{AccountId, BatchClass, SignedIntent};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::bench_ledger::BenchLedgerError;
use crate::machine::Machine;
use load::{Phase, run};
use setup::Bench;

/// Intents of one batch request: a tenth of a second of the rate aimed at.
const BATCH_INTENTS: usize = 512;
/// Clients that send batches, each one request at a time.
const BATCH_CLIENTS: usize = 4;
/// Clients that send single intents.
const SINGLE_CLIENTS: usize = 64;
/// Intents signed for each second of a phase: more than the node takes.
const PREPARED_PER_SECOND: usize = 12_000;

/// Why nothing was measured.
#[derive(Debug, Error)]
pub enum HttpBenchError {
    /// The clock is before 1970.
    #[error("the clock is before 1970")]
    Clock(#[from] std::time::SystemTimeError),
    /// The ledger was not prepared.
    #[error(transparent)]
    Ledger(#[from] BenchLedgerError),
    /// The node did not start.
    #[error(transparent)]
    Start(#[from] farthing_aggregator::StartError),
    /// The server did not start.
    #[error(transparent)]
    Server(#[from] farthing_server::ServerError),
    /// A folder or a runtime is missing.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A request got no answer.
    #[error(transparent)]
    Request(#[from] reqwest::Error),
    /// The node did not say what it is.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A body could not be written or read.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The node refused what it should take.
    #[error("status {status}: {body}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The body of the response.
        body: Box<str>,
    },
    /// A client failed.
    #[error("a client was stopped")]
    Stopped,
}

/// Measurement of one kind of load.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Figures {
    /// Requests under way at once.
    pub clients: usize,
    /// Intents accepted.
    pub intents: u64,
    /// Seconds.
    pub seconds: f64,
    /// Intents accepted per second.
    pub intents_per_second: f64,
    /// Median response time in milliseconds.
    pub p50_ms: f64,
    /// 99th percentile of the response time in milliseconds.
    pub p99_ms: f64,
}

/// Measurements of the REST API.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// The machine and the program.
    pub machine: Machine,
    /// Intents of one batch request.
    pub batch_intents: usize,
    /// The batch endpoint, as fast as it goes.
    pub batch: Figures,
    /// The single endpoint, as fast as it goes.
    pub single: Figures,
    /// The single endpoint at half of that rate.
    pub single_at_half_load: Figures,
    /// Intents made durable with one write, on the average.
    pub intents_per_write: f64,
    /// Times of the sequencer's steps at half load.
    #[serde(default)]
    pub steps_at_half_load: Vec<StepFigures>,
}

/// Times of one step of the sequencer, by the bounds of a histogram.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StepFigures {
    /// The step.
    pub step: String,
    /// Number of measurements.
    pub count: u64,
    /// Mean time in milliseconds.
    pub mean_ms: f64,
    /// Bound above the median; `None` if the median is above every bound.
    pub p50_ms_below: Option<f64>,
    /// Bound above the 99th percentile.
    pub p99_ms_below: Option<f64>,
    /// Bound above the 99.9th percentile.
    pub p999_ms_below: Option<f64>,
}

impl StepFigures {
    fn of(times: &StepTimes) -> Self {
        let millis = |time: Duration| time.as_secs_f64() * 1_000.0;
        Self {
            step: times.step.name().to_owned(),
            count: times.count(),
            mean_ms: millis(times.total()) / times.count().max(1) as f64,
            p50_ms_below: times.quantile(500).map(millis),
            p99_ms_below: times.quantile(990).map(millis),
            p999_ms_below: times.quantile(999).map(millis),
        }
    }
}

/// Measures each kind of load for `seconds`, on a node that seals batches of `class`.
pub fn measure(class: BatchClass, seconds: u32) -> Result<Report, HttpBenchError> {
    let machine = Machine::this();
    let mut bench = Bench::prepare(class)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let node = bench.start().await?;
        let length = Duration::from_secs(seconds.into());
        let prepared = seconds as usize * PREPARED_PER_SECOND;
        let bodies = batches(&bench.sign(prepared)?)?;
        let batch = run(&node.url, &Phase::batches(bodies, length)).await?;
        let singles = singles(&bench.sign(prepared / 2)?)?;
        let single = run(&node.url, &Phase::singles(singles, length, None)).await?;
        let rate = single.intents_per_second / 2.0;
        let few = (rate * f64::from(seconds) * 1.2) as usize;
        let half = self::singles(&bench.sign(few)?)?;
        let before = node.aggregator.latencies();
        let half = run(&node.url, &Phase::singles(half, length, Some(rate))).await?;
        let steps = node.aggregator.latencies();
        let steps = steps.iter().zip(&before).map(|(now, before)| now.since(before));
        let steps_at_half_load = steps.map(|times| StepFigures::of(&times)).collect();
        let counted = node.aggregator.metrics();
        node.stop().await?;
        Ok(Report {
            machine,
            batch_intents: BATCH_INTENTS,
            batch,
            single,
            single_at_half_load: half,
            intents_per_write: counted.intents_accepted as f64 / counted.commits.max(1) as f64,
            steps_at_half_load,
        })
    })
}

/// A report for people.
pub fn print(report: &Report) -> String {
    let line = |name: &str, figures: &Figures| {
        format!(
            "{name:<24} {:>9.0} intents/s   p50 {:>7.1} ms   p99 {:>7.1} ms   {} clients\n",
            figures.intents_per_second, figures.p50_ms, figures.p99_ms, figures.clients
        )
    };
    let batch = format!("batches of {}", report.batch_intents);
    [
        line(&batch, &report.batch),
        line("single", &report.single),
        line("single at half load", &report.single_at_half_load),
        format!("{:<24} {:>9.1} on the average\n", "intents per write", report.intents_per_write),
        steps(&report.steps_at_half_load),
        format!(
            "{}, {} cores, load {}\n",
            report.machine.cpu, report.machine.cores, report.machine.load
        ),
    ]
    .concat()
}

/// Formats the times of the sequencer's steps at half load.
fn steps(steps: &[StepFigures]) -> String {
    let below = |ms: Option<f64>| ms.map_or("more".to_owned(), |ms| format!("≤ {ms}"));
    let line = |figures: &StepFigures| {
        format!(
            "  {:<22} {:>9} times   mean {:>6.1} ms   p50 {:>6}   p99 {:>6}   p99.9 {:>6} ms\n",
            figures.step,
            figures.count,
            figures.mean_ms,
            below(figures.p50_ms_below),
            below(figures.p99_ms_below),
            below(figures.p999_ms_below),
        )
    };
    steps.iter().map(line).collect()
}

/// Requests of one client: those of an account go to one client, in their order.
fn by_client(intents: &[SignedIntent], clients: usize) -> Vec<Vec<IntentBody>> {
    let mut ordinals: HashMap<AccountId, usize> = HashMap::new();
    let mut requests = vec![Vec::new(); clients];
    for signed in intents {
        let next = ordinals.len();
        let client = *ordinals.entry(signed.intent.account).or_insert(next) % clients;
        requests[client].push(IntentBody::from(signed));
    }
    requests
}

fn batches(intents: &[SignedIntent]) -> Result<Vec<Vec<Vec<u8>>>, HttpBenchError> {
    let write = |chunk: &[IntentBody]| serde_json::to_vec(&IntentBatch { intents: chunk.to_vec() });
    let clients = by_client(intents, BATCH_CLIENTS).into_iter();
    let bodies = clients.map(|own| own.chunks(BATCH_INTENTS).map(write).collect());
    Ok(bodies.collect::<Result<_, serde_json::Error>>()?)
}

fn singles(intents: &[SignedIntent]) -> Result<Vec<Vec<Vec<u8>>>, HttpBenchError> {
    let clients = by_client(intents, SINGLE_CLIENTS).into_iter();
    let bodies = clients.map(|own| own.iter().map(serde_json::to_vec).collect());
    Ok(bodies.collect::<Result<_, serde_json::Error>>()?)
}
