//! The scaling of block proofs with provers: a real node, its planner, and a real NATS server, with provers
//! that sleep for the measured time of each step.
//!
//! Proofs have the size of real ones and name what they prove, so that the node refuses a mistaken one.
//! Times may be divided by a factor, which makes the cost of the queue look that much larger.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use farthing_aggregator::{
    Aggregator, Cancel, Components, Config, OpeningQuota, ProofClaim, ProofJob, ProofRefused,
    ProverBackend, ProverError, ProverSource, SequencerConfig, StepKind,
};
use farthing_ledger::Genesis;
use farthing_protocol::{
    AccountIdentity, Address, BatchClass, BatchNumber, Bytes32, Domain, SecretKey,
};
use farthing_provers::{Dispatcher, NatsConfig, ProverConfig, Queue, job_id, run_prover};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::leaf;
use crate::machine::Machine;

/// Time in which no run may fail to end.
const TIMEOUT: Duration = Duration::from_secs(3_600);
/// Time in which a server or a prover comes.
const START: Duration = Duration::from_secs(30);

/// Error of any kind, for people.
pub type ScaleError = Box<dyn std::error::Error + Send + Sync>;

/// Seconds of each step, as measured on one machine.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct StepSeconds {
    /// A leaf proof.
    pub leaf: f64,
    /// A wrap and a lift.
    pub wrap: f64,
    /// A join.
    pub join: f64,
    /// The last layers.
    pub last: f64,
}

impl StepSeconds {
    /// Class 64k on two cores: the benchmark report of the README; its join is measured at 16k.
    pub const HUGE: Self = Self { leaf: 23.03, wrap: 7.81, join: 3.6, last: 8.69 };

    fn of(&self, kind: StepKind) -> f64 {
        match kind {
            StepKind::Setup => 0.0,
            StepKind::Leaf => self.leaf,
            StepKind::Wrap => self.wrap,
            StepKind::Join => self.join,
            StepKind::Final => self.last,
        }
    }

    /// Seconds of all steps of a block.
    fn block(&self, batches: f64) -> f64 {
        batches * (self.leaf + self.wrap + self.join) - self.join + self.last
    }
}

/// A simulation.
#[derive(Clone, Debug)]
pub struct Options {
    /// Numbers of provers.
    pub provers: Vec<u32>,
    /// Batches of a block.
    pub batches: u32,
    /// Blocks to prove for each prover: with few, the beginning and the end weigh too much.
    pub blocks: u32,
    /// Factor by which time is shortened.
    pub speed: f64,
    /// Seconds of the steps.
    pub seconds: StepSeconds,
    /// A NATS server that runs; `None` starts one.
    pub nats: Option<String>,
}

/// The measurement for one number of provers.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Point {
    /// Provers.
    pub provers: u32,
    /// Blocks proven.
    pub blocks: u32,
    /// Seconds from the first step to the last proof, as they would be without the factor.
    pub seconds: f64,
    /// Payments of class 64k proven per second.
    pub payments_per_second: f64,
    /// Part of the provers' time in which they made a step that counts.
    pub efficiency: f64,
    /// Real milliseconds between two steps of a prover while work waits: queue, object store, node.
    pub overhead_ms: f64,
}

/// All measurements.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScaleReport {
    /// The machine on which node, server and provers ran together.
    pub machine: Machine,
    /// Batches of a block.
    pub batches: u32,
    /// Factor by which time was shortened.
    pub speed: f64,
    /// Seconds of the steps.
    pub seconds: StepSeconds,
    /// Bytes of the witness of a full batch of class 64k, which a leaf's prover fetches.
    pub witness_bytes: usize,
    /// By number of provers.
    pub points: Vec<Point>,
}

/// A prover that sleeps.
struct Sleeper {
    seconds: StepSeconds,
    speed: f64,
    /// Microseconds slept by all provers of this value.
    slept: Arc<AtomicU64>,
}

/// The bytes of a real proof of this kind.
const fn proof_bytes(kind: StepKind) -> usize {
    match kind {
        StepKind::Leaf => 2_300_000,
        StepKind::Final => 89_428,
        _ => 150_000,
    }
}

impl Sleeper {
    /// The claim's name, filled up to the size of a proof.
    fn proof(&self, claim: &ProofClaim) -> Vec<u8> {
        let mut proof = job_id(claim, &self.key_set()).0.0.to_vec();
        proof.resize(proof_bytes(claim.kind()), 0x5a);
        proof
    }
}

impl ProverBackend for Sleeper {
    fn prove(&self, job: &ProofJob, _: &Cancel) -> Result<Vec<u8>, ProverError> {
        let claim = job.claim();
        let time = Duration::from_secs_f64(self.seconds.of(claim.kind()) / self.speed);
        std::thread::sleep(time);
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.slept.fetch_add(micros, Ordering::Relaxed);
        Ok(self.proof(&claim))
    }

    fn verify(&self, claim: &ProofClaim, proof: &[u8]) -> Result<(), ProofRefused> {
        match proof == self.proof(claim) {
            true => Ok(()),
            false => Err(ProofRefused("the proof is of another step".into())),
        }
    }

    fn key_set(&self) -> Bytes32 {
        Bytes32([0x51; 32])
    }
}

/// A server of this simulation.
struct Server {
    child: Child,
    _folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended is gone as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start_server() -> Result<(Server, String), ScaleError> {
    let folder = tempfile::tempdir()?;
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let path = std::env::var("PATH").unwrap_or_default();
    let child = Command::new("nats-server")
        // Debian puts it where not every user looks.
        .env("PATH", format!("{path}:/usr/sbin"))
        .args(["-js", "-a", "127.0.0.1", "-p", &port.to_string(), "-sd"])
        .arg(folder.path())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("nats-server does not start: {error}: run scripts/setup"))?;
    let server = Server { child, _folder: folder };
    let begin = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        if begin.elapsed() > START {
            return Err("nats-server does not listen".into());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok((server, format!("nats://127.0.0.1:{port}")))
}

/// Simulates each number of provers in turn.
pub fn measure(options: &Options) -> Result<ScaleReport, ScaleError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        // A sleeping prover holds a thread.
        .max_blocking_threads(512)
        .build()?;
    let mut points = Vec::new();
    for provers in &options.provers {
        // A server for each: what a run leaves behind must not weigh on the next.
        let started = match &options.nats {
            None => Some(start_server()?),
            Some(_) => None,
        };
        let url = started.as_ref().map(|(_, url)| url.clone()).or_else(|| options.nats.clone());
        let nats =
            NatsConfig { url: url.unwrap_or_default(), replicas: 1, ..NatsConfig::default() };
        points.push(runtime.block_on(simulate(options, *provers, &nats))?);
    }
    let Options { batches, speed, seconds, .. } = *options;
    let witness_bytes = witness_bytes()?;
    Ok(ScaleReport { machine: Machine::this(), batches, speed, seconds, witness_bytes, points })
}

/// Bytes of the witness of a full batch of the reference workload.
fn witness_bytes() -> Result<usize, ScaleError> {
    let options = leaf::Options { class: Some(BatchClass::HUGE), ..leaf::Options::default() };
    let (_, filled) = leaf::seal(&options)?;
    let witness = postcard::to_allocvec(&ProofJob::Leaf(Box::new(filled.witness)))?;
    Ok(witness.len())
}

async fn simulate(options: &Options, provers: u32, nats: &NatsConfig) -> Result<Point, ScaleError> {
    let slept = Arc::new(AtomicU64::new(0));
    let (seconds, speed) = (options.seconds, options.speed);
    let sleeper = {
        let slept = Arc::clone(&slept);
        move || -> Arc<dyn ProverBackend> {
            Arc::new(Sleeper { seconds, speed, slept: Arc::clone(&slept) })
        }
    };
    // The node's own prover would count as one more; steps that it makes are slow enough to show.
    let source: ProverSource = {
        let sleeper = sleeper.clone();
        Box::new(move || Ok(sleeper()))
    };
    let blocks = options.blocks * provers.div_ceil(options.batches).max(1);
    let folder = tempfile::tempdir()?;
    let node = start_node(folder.path().to_path_buf(), options, source, nats).await?;
    let (stop, stopped) = watch::channel(false);
    let mut tasks = Vec::new();
    for number in 0..provers {
        let queues = Queue::all(&[BatchClass::TINY]);
        let config = ProverConfig { nats: nats.clone(), name: format!("p{number}"), queues };
        tasks.push(tokio::spawn(run_prover(config, sleeper(), stopped.clone())));
    }
    // One batch makes the queue ready; it is a block of its own and not measured.
    seal(&node, 0, 1).await?;
    node.form_block().await?;
    proven(&node, 1).await?;
    let come = async {
        while node.fleet().is_none_or(|fleet| fleet.provers < u64::from(provers)) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(START, come).await?;
    slept.store(0, Ordering::Relaxed);
    let begin = Instant::now();
    let batches = blocks * options.batches;
    seal(&node, 1, batches).await?;
    proven(&node, u64::from(batches) + 1).await?;
    let took = begin.elapsed().as_secs_f64();
    stop.send(true)?;
    for task in tasks {
        task.await??;
    }
    node.stop().await;
    let work = seconds.block(options.batches.into()) * f64::from(blocks);
    let provers_f = f64::from(provers);
    let steps = f64::from(blocks) * f64::from(3 * options.batches);
    let idle = took * provers_f - slept.load(Ordering::Relaxed) as f64 / 1e6;
    let payments = f64::from(batches) * f64::from(BatchClass::HUGE.capacity.intents);
    Ok(Point {
        provers,
        blocks,
        seconds: took * speed,
        payments_per_second: payments / (took * speed),
        efficiency: work / (took * speed * provers_f),
        overhead_ms: 1_000.0 * idle / steps,
    })
}

async fn start_node(
    data: PathBuf,
    options: &Options,
    source: ProverSource,
    nats: &NatsConfig,
) -> Result<Aggregator, ScaleError> {
    let domain = Domain { chain_id: 31_337, contract: Address([0x11; 20]) };
    let mut config =
        Config::new(data, Genesis { domain, operator: identity(u32::MAX) }, BatchClass::TINY);
    config.sequencer = SequencerConfig {
        seal_age: TIMEOUT,
        openings: OpeningQuota { per_minute: u32::MAX, burst: u32::MAX },
        unproven_batches_max: u32::MAX,
        ..SequencerConfig::default()
    };
    config.blocks.batches_max = options.batches;
    config.blocks.age = TIMEOUT;
    let fleet = Arc::new(Dispatcher::start(nats).await?);
    let parts = Components { prover: Some(source), fleet: Some(fleet), ..Components::default() };
    Ok(Aggregator::start(config, parts)?)
}

fn key(number: u32) -> SecretKey {
    let mut seed = [0x2a; 32];
    seed[..4].copy_from_slice(&number.to_be_bytes());
    SecretKey::from_seed(&seed)
}

fn owner(number: u32) -> Address {
    let mut bytes = [0x33; 20];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    Address(bytes)
}

fn identity(number: u32) -> AccountIdentity {
    AccountIdentity { key: *key(number).public_key(), owner: owner(number) }
}

/// Seals batches of one new account each.
async fn seal(node: &Aggregator, from: u32, count: u32) -> Result<(), ScaleError> {
    let domain = node.info().domain_digest;
    for number in from..from + count {
        let signature = AccountIdentity::sign_opening(&key(number), owner(number), &domain);
        node.open_account(identity(number), &signature).await??;
        node.seal().await?.ok_or("no batch is open")?;
    }
    Ok(())
}

async fn proven(node: &Aggregator, batches: u64) -> Result<(), ScaleError> {
    let end = BatchNumber::new(batches)?;
    let mut progress = node.progress();
    let reached = progress.wait_for(|progress| progress.proven >= end);
    tokio::time::timeout(TIMEOUT, reached).await??;
    Ok(())
}

/// The report as a table.
pub fn print(report: &ScaleReport) -> String {
    let mut text = String::from(
        "| provers | blocks | seconds | payments a second | efficiency | queue, ms a step |\n\
         | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for point in &report.points {
        let rate = crate::text::thousands(point.payments_per_second.round() as u64);
        text += &format!(
            "| {} | {} | {:.0} | {rate} | {:.1} % | {:.0} |\n",
            point.provers,
            point.blocks,
            point.seconds,
            100.0 * point.efficiency,
            point.overhead_ms
        );
    }
    let megabytes = report.witness_bytes as f64 / 1e6;
    text + &format!("\nThe witness of a full batch of class 64k has {megabytes:.1} MB.\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_takes_a_leaf_and_a_wrap_a_batch_and_one_join_less() {
        let seconds = StepSeconds { leaf: 1.0, wrap: 10.0, join: 100.0, last: 1_000.0 };
        assert!((seconds.block(1.0) - 1_011.0).abs() < 1e-9);
        assert!((seconds.block(4.0) - 1_344.0).abs() < 1e-9);
    }

    /// Two provers, at a speed at which the queue weighs a hundred times as much as it does.
    #[test]
    fn a_simulation_proves_every_block() -> Result<(), ScaleError> {
        let options = Options {
            provers: vec![2],
            batches: 2,
            blocks: 1,
            speed: 100.0,
            seconds: StepSeconds::HUGE,
            nats: None,
        };
        let report = measure(&options)?;
        let [point] = report.points[..] else { return Err("one point".into()) };
        assert_eq!((point.provers, point.blocks), (2, 1));
        assert!(point.efficiency > 0.0 && point.efficiency <= 1.5, "{point:?}");
        assert!(print(&report).contains("| 2 | 1 |"));
        Ok(())
    }
}
