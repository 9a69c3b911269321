//! A NATS server of its own for each test, a node on a temporary folder, provers in tasks.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::allow_attributes,
    reason = "each test file includes the module whole and uses its part of it"
)]

#[path = "../../../aggregator/tests/support/prover.rs"]
pub mod prover;

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use farthing_aggregator::{
    Aggregator, Components, Config, OpeningQuota, ProverBackend, ProverSource, SequencerConfig,
};
use farthing_ledger::Genesis;
use farthing_protocol::{AccountIdentity, BatchClass, BlockNumber};
use farthing_provers::{Dispatcher, NatsConfig, ProverConfig, Queue, run_prover};
use farthing_testkit::{TestResult, identity, key, owner};
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub const TIMEOUT: Duration = Duration::from_secs(120);

/// A server with JetStream on a port of this machine. It ends with this handle.
pub struct Nats {
    pub url: String,
    port: u16,
    folder: PathBuf,
    extra: String,
    child: Option<Child>,
    _dir: tempfile::TempDir,
}

impl Nats {
    pub fn start() -> TestResult<Self> {
        Self::start_with("")
    }

    /// With further lines of configuration.
    pub fn start_with(extra: &str) -> TestResult<Self> {
        // FARTHING_LOG=debug shows what node and provers do.
        let filter = tracing_subscriber::EnvFilter::from_env("FARTHING_LOG");
        let _ = tracing_subscriber::fmt().with_env_filter(filter).with_test_writer().try_init();
        let dir = tempfile::tempdir()?;
        let folder = dir.path().to_path_buf();
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let url = format!("nats://127.0.0.1:{port}");
        let mut nats = Self { url, port, folder, extra: extra.to_owned(), child: None, _dir: dir };
        nats.begin()?;
        Ok(nats)
    }

    /// With this configuration, in which `STORE` is the folder of the streams.
    pub fn start_configured(text: &str) -> TestResult<Self> {
        Self::start_with(&format!("# jetstream is configured here\n{text}"))
    }

    pub fn begin(&mut self) -> TestResult<()> {
        let file = self.folder.join("nats.conf");
        let store = self.folder.join("store");
        let limits = if self.extra.contains("jetstream") {
            self.extra.replace("STORE", &store.display().to_string())
        } else {
            format!("jetstream {{ store_dir: {:?} }}\n{}", store, self.extra)
        };
        std::fs::write(&file, format!("listen: 127.0.0.1:{}\n{limits}\n", self.port))?;
        let log = std::fs::File::create(self.folder.join("log"))?;
        let path = std::env::var("PATH").unwrap_or_default();
        let child = Command::new("nats-server")
            // Debian puts it where not every user looks.
            .env("PATH", format!("{path}:/usr/sbin"))
            .arg("-c")
            .arg(&file)
            .stderr(log)
            .stdout(Stdio::null())
            .spawn()
            .map_err(|error| format!("nats-server: {error}: run scripts/setup"))?;
        self.child = Some(child);
        for _ in 0..200 {
            if std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err(std::fs::read_to_string(self.folder.join("log"))?.into())
    }

    /// Ends the server as `kill -9` does.
    pub fn kill(&mut self) -> TestResult<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    pub fn config(&self) -> NatsConfig {
        NatsConfig { url: self.url.clone(), replicas: 1, ..NatsConfig::default() }
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

/// A node whose blocks have at most `batches` batches and are formed by hand or when they are full.
pub async fn start_node(
    path: &Path,
    nats: &NatsConfig,
    prover: ProverSource,
    batches: u32,
) -> TestResult<Aggregator> {
    let genesis = Genesis { domain: farthing_testkit::domain(), operator: identity(0) };
    let mut config = Config::new(path.to_path_buf(), genesis, BatchClass::TINY);
    config.sequencer = SequencerConfig {
        seal_age: Duration::from_secs(3600),
        openings: OpeningQuota { per_minute: u32::MAX, burst: u32::MAX },
        ..SequencerConfig::default()
    };
    config.blocks.batches_max = batches;
    config.blocks.age = Duration::from_secs(3600);
    let fleet = Arc::new(Dispatcher::start(nats).await?);
    let parts = Components { prover: Some(prover), fleet: Some(fleet), ..Components::default() };
    Ok(Aggregator::start(config, parts)?)
}

/// Seals batches of one new account each, from account `from` on.
pub async fn seal_batches(node: &Aggregator, from: u32, count: u32) -> TestResult<()> {
    for account in from..from + count {
        let domain = node.info().domain_digest;
        let signature = AccountIdentity::sign_opening(&key(account), owner(account), &domain);
        node.open_account(identity(account), &signature).await??;
        node.seal().await?.ok_or("a batch")?;
    }
    Ok(())
}

/// Waits until a block is proven; its proof.
pub async fn proof_of(node: &Aggregator, block: u64) -> TestResult<String> {
    let number = BlockNumber::new(block)?;
    let mut progress = node.progress();
    let end = async {
        loop {
            if let Some(block) = node.block(number).await?
                && block.state.is_proven()
            {
                return TestResult::Ok(());
            }
            progress.changed().await?;
        }
    };
    tokio::time::timeout(TIMEOUT, end).await??;
    let proof = node.block_proof(number).await?.here().ok_or("proof")?;
    Ok(String::from_utf8(proof)?)
}

/// Waits until this number of provers is there.
pub async fn provers_come(node: &Aggregator, count: u64) -> TestResult<()> {
    let come = async {
        while node.fleet().is_none_or(|fleet| fleet.provers < count) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    Ok(tokio::time::timeout(TIMEOUT, come).await?)
}

/// A prover in a task.
pub struct RunningProver {
    pub stop: watch::Sender<bool>,
    pub task: JoinHandle<()>,
}

/// Starts a prover of the tiny class.
pub fn start_prover(
    nats: &NatsConfig,
    name: &str,
    backend: Arc<dyn ProverBackend>,
) -> RunningProver {
    let queues = Queue::all(&[BatchClass::TINY]);
    let config = ProverConfig { nats: nats.clone(), name: name.to_owned(), queues };
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(async move {
        run_prover(config, backend, stopped).await.expect("the configuration is valid");
    });
    RunningProver { stop, task }
}

/// The prover of a source.
pub fn backend(mut source: ProverSource) -> Arc<dyn ProverBackend> {
    source().expect("a prover")
}
