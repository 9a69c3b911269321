//! A node on the reference workload behind a server.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, SystemTime, SystemTimeError, UNIX_EPOCH};

use farthing_aggregator::{Aggregator, Components, Config, SequencerConfig};
use farthing_ledger::Durability;
use farthing_protocol::{BatchClass, SignedIntent, UnixTime};
use farthing_server::{Server, ServerConfig};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::HttpBenchError;
use crate::bench_ledger::BenchLedger;
use crate::workload::{Payment, Payments, Population, Shape, generated_requests, sign_all};

const SEED: u64 = 1;
/// The aggregator's folder for the ledger under its data folder.
const LEDGER_FOLDER: &str = "ledger";

/// The workload, and a folder with its accounts and licenses.
pub(super) struct Bench {
    folder: TempDir,
    population: Population,
    class: BatchClass,
    /// Payments already drawn: nonces go on from there.
    drawn: usize,
}

/// Less than the week that nodes take.
const VALID_FOR: Duration = Duration::from_secs(24 * 3_600);

fn since_epoch() -> Result<Duration, SystemTimeError> {
    SystemTime::now().duration_since(UNIX_EPOCH)
}

/// A running node.
pub(super) struct Node {
    pub(super) aggregator: Aggregator,
    pub(super) url: String,
    end: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

impl Bench {
    pub(super) fn prepare(class: BatchClass) -> Result<Self, HttpBenchError> {
        let folder = tempfile::tempdir()?;
        let population = Population::new(&Shape::REFERENCE, SEED);
        let now = UnixTime::new(since_epoch()?.as_secs()).unwrap_or(UnixTime::MAX);
        let ledger = folder.path().join(LEDGER_FOLDER);
        std::fs::create_dir_all(&ledger)?;
        let mut bench = BenchLedger::create(&ledger, &population, class, Durability::Buffered)?;
        bench.open_accounts(now, &population)?;
        bench.register_licenses(now, &population)?;
        Ok(Self { folder, population, class, drawn: 0 })
    }

    /// The next payments of the workload, valid for longer than any measurement.
    pub(super) fn sign(&mut self, count: usize) -> Result<Vec<SignedIntent>, SystemTimeError> {
        let requests = generated_requests(SEED);
        let payments = Payments::new(&self.population, &Shape::REFERENCE, requests, SEED);
        let mut payments: Vec<Payment> = payments.skip(self.drawn).take(count).collect();
        self.drawn += count;
        let until = (since_epoch()? + VALID_FOR).as_secs();
        for payment in &mut payments {
            payment.intent.valid_until = UnixTime::new(until).unwrap_or(UnixTime::MAX);
        }
        Ok(sign_all(&self.population, &payments))
    }

    /// Starts the node. Batches are sealed when they are full, under load as it comes.
    pub(super) async fn start(&self) -> Result<Node, HttpBenchError> {
        let data = self.folder.path().to_path_buf();
        let mut config = Config::new(data.clone(), self.population.genesis, self.class);
        config.sequencer =
            SequencerConfig { seal_age: Duration::from_secs(60), ..SequencerConfig::default() };
        let aggregator = Aggregator::start(config, Components::default())?;
        let limits = ServerConfig {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            requests_per_second: 1_000_000,
            requests_burst: 1_000_000,
            ..ServerConfig::default()
        };
        let server = Server::bind(aggregator.clone(), limits, &data).await?;
        let url = format!("http://{}", server.address());
        let (end, ended) = oneshot::channel::<()>();
        let server = tokio::spawn(server.run(async {
            // A sender that is gone ends the server too.
            let _ = ended.await;
        }));
        Ok(Node { aggregator, url, end, server })
    }
}

impl Node {
    pub(super) async fn stop(self) -> Result<(), HttpBenchError> {
        drop(self.end);
        self.server.await.map_err(|_| HttpBenchError::Stopped)?;
        self.aggregator.stop().await;
        Ok(())
    }
}
