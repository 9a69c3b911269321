//! Clients that send what was written before, and how long each answer took.

use std::sync::Arc;
use std::time::{Duration, Instant};

use farthing_client::dto::{IntentAnswer, IntentBatchAnswer};
use tokio::task::JoinSet;

use super::{Figures, HttpBenchError};

/// One kind of load.
pub(super) struct Phase {
    path: &'static str,
    /// By client; each sends its own one after the other.
    bodies: Arc<Vec<Vec<Vec<u8>>>>,
    length: Duration,
    /// Requests per second of all clients together; as fast as they are answered if `None`.
    rate: Option<f64>,
}

/// Accepted intents and response times of one client.
#[derive(Default)]
struct Seen {
    intents: u64,
    times: Vec<Duration>,
}

impl Phase {
    pub(super) fn batches(bodies: Vec<Vec<Vec<u8>>>, length: Duration) -> Self {
        Self { path: "/v1/intents/batch", bodies: Arc::new(bodies), length, rate: None }
    }

    pub(super) fn singles(bodies: Vec<Vec<Vec<u8>>>, length: Duration, rate: Option<f64>) -> Self {
        Self { path: "/v1/intents", bodies: Arc::new(bodies), length, rate }
    }
}

/// Runs a phase to its end, or until everything is sent.
pub(super) async fn run(node: &str, phase: &Phase) -> Result<Figures, HttpBenchError> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let clients = phase.bodies.len();
    let pause = phase.rate.map(|rate| Duration::from_secs_f64(clients as f64 / rate));
    let url: Arc<str> = format!("{node}{}", phase.path).into();
    let start = Instant::now();
    let end = start + phase.length;
    let mut tasks = JoinSet::new();
    for client in 0..clients {
        let (http, url, bodies) = (http.clone(), url.clone(), phase.bodies.clone());
        // Clients begin one after the other, so that paced requests are spread evenly.
        let begin = pause.map(|pause| start + pause.mul_f64(client as f64 / clients as f64));
        tasks.spawn(async move { send(&http, &url, &bodies[client], begin.zip(pause), end).await });
    }
    let mut all = Seen::default();
    while let Some(seen) = tasks.join_next().await {
        let seen = seen.map_err(|_| HttpBenchError::Stopped)??;
        all.intents += seen.intents;
        all.times.extend(seen.times);
    }
    let seconds = start.elapsed().as_secs_f64();
    all.times.sort_unstable();
    Ok(Figures {
        clients,
        intents: all.intents,
        seconds,
        intents_per_second: all.intents as f64 / seconds,
        p50_ms: quantile_ms(&all.times, 50),
        p99_ms: quantile_ms(&all.times, 99),
    })
}

/// Of sorted times.
fn quantile_ms(times: &[Duration], percent: usize) -> f64 {
    let index = (times.len() * percent / 100).min(times.len().saturating_sub(1));
    times.get(index).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
}

/// A paced request's time counts from when it was due: a late start is the node's delay too.
async fn send(
    http: &reqwest::Client,
    url: &str,
    bodies: &[Vec<u8>],
    pace: Option<(Instant, Duration)>,
    end: Instant,
) -> Result<Seen, HttpBenchError> {
    let mut seen = Seen::default();
    for (body, count) in bodies.iter().zip(0u32..) {
        let due = match pace {
            Some((begin, pause)) => begin + pause * count,
            None => Instant::now(),
        };
        if due >= end {
            break;
        }
        tokio::time::sleep_until(due.into()).await;
        let request = http.post(url).header("content-type", "application/json");
        let response = request.body(body.clone()).send().await?;
        let status = response.status().as_u16();
        let answer = response.bytes().await?;
        seen.times.push(due.elapsed());
        seen.intents += accepted(status, &answer)?;
    }
    Ok(seen)
}

/// Number of intents accepted; an error unless all were.
fn accepted(status: u16, answer: &[u8]) -> Result<u64, HttpBenchError> {
    let refused = |body: &[u8]| HttpBenchError::Refused {
        status,
        body: String::from_utf8_lossy(body).into(),
    };
    match status {
        201 => Ok(1),
        200 => {
            let answer: IntentBatchAnswer = serde_json::from_slice(answer)?;
            for result in &answer.results {
                if let IntentAnswer::Rejected(problem) = result {
                    return Err(refused(problem.to_string().as_bytes()));
                }
            }
            Ok(answer.results.len() as u64)
        }
        _ => Err(refused(answer)),
    }
}
