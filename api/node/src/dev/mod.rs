//! A rollup for development on one machine: an L1, the contracts, a node.

mod account;
mod chain;
mod command;
mod folder;
mod guard;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use farthing_aggregator::{
    Aggregator, BlockConfig, Components, Config, Profile, SequencerConfig, plonky2_backend,
};
use farthing_client::Client;
use farthing_ledger::Genesis;
use farthing_protocol::{Address, BatchClass, NANO_PER_BASE_UNIT};
use farthing_server::{Server, ServerConfig, WebhooksConfig};
use tokio::sync::oneshot;

use crate::error::CliError;

pub(crate) use account::DevAccount;
pub(crate) use chain::LocalChain;
pub(crate) use command::{banner, run};
pub(crate) use folder::DevFolder;
pub(crate) use guard::guard;

/// Seconds until deposits must be credited.
const DEPOSIT_SECONDS: u64 = 120;
const POLL: Duration = Duration::from_millis(200);

/// Configuration of a development node.
pub(crate) struct DevConfig {
    pub(crate) data: PathBuf,
    /// The folder of the circuits.
    pub(crate) circuits: PathBuf,
    pub(crate) class: BatchClass,
    pub(crate) listen: SocketAddr,
    /// A batch is sealed at this age.
    pub(crate) seal_age: Duration,
    pub(crate) blocks: BlockConfig,
}

/// An L1, the contracts and a node, all of this process. Ends when dropped.
pub(crate) struct DevNode {
    pub(crate) chain: LocalChain,
    pub(crate) aggregator: Aggregator,
    pub(crate) url: String,
    end: oneshot::Sender<()>,
    serving: tokio::task::JoinHandle<()>,
}

impl DevNode {
    /// Starts on a chain made for it.
    pub(crate) async fn start(chain: LocalChain, config: DevConfig) -> Result<Self, CliError> {
        let genesis = Genesis { domain: chain.domain, operator: operator()?.identity() };
        let mut aggregator = Config::new(config.data.clone(), genesis, config.class);
        aggregator.sequencer =
            SequencerConfig { seal_age: config.seal_age, ..SequencerConfig::default() };
        aggregator.sequencer.rules.token = Some(Address(chain.token.address().into_array()));
        aggregator.blocks = config.blocks;
        let prover = plonky2_backend(config.circuits, Profile::Proven, vec![config.class]);
        let l1 = Some(chain.l1_config());
        let parts = Components { prover: Some(prover), l1, ..Components::default() };
        let aggregator = Aggregator::start(aggregator, parts)?;
        // A receiver that somebody develops is on this machine.
        let webhooks = WebhooksConfig { private_addresses: true, ..WebhooksConfig::default() };
        let server = ServerConfig { listen: config.listen, webhooks, ..ServerConfig::default() };
        let server = Server::bind(aggregator.clone(), server, &config.data).await?;
        let url = format!("http://{}", server.address());
        let (end, ended) = oneshot::channel();
        let serving = tokio::spawn(server.run(async {
            // A sender that is gone ends the server too.
            let _ = ended.await;
        }));
        Ok(Self { chain, aggregator, url, end, serving })
    }

    /// Speaks to its REST server.
    pub(crate) fn client(&self) -> Result<Client, CliError> {
        Ok(Client::new(&self.url)?)
    }

    /// Deposits base units for each account on L1, and waits until L2 has credited them.
    pub(crate) async fn deposit(
        &self,
        accounts: &[DevAccount],
        units: u64,
    ) -> Result<(), CliError> {
        self.chain.deposit(accounts, units).await?;
        let client = self.client()?;
        let credited = async {
            for account in accounts {
                while client.account(account.id).await?.spendable.0.get()
                    < units * NANO_PER_BASE_UNIT
                {
                    tokio::time::sleep(POLL).await;
                }
            }
            Ok::<_, CliError>(())
        };
        let late = CliError::Late { what: "deposits on L2", seconds: DEPOSIT_SECONDS };
        let timeout = Duration::from_secs(DEPOSIT_SECONDS);
        tokio::time::timeout(timeout, credited).await.map_err(|_| late)?
    }

    /// Answers what it has taken, then ends.
    pub(crate) async fn stop(self) {
        drop(self.end);
        // A server that panicked has ended too.
        let _ = self.serving.await;
        self.aggregator.stop().await;
    }
}

/// The account that receives the fees.
pub(crate) fn operator() -> Result<DevAccount, CliError> {
    DevAccount::named("operator".to_owned())
}

/// Makes the folder of a new rollup: its L1 has no history, so it must have none.
pub(crate) fn new_folder(path: &Path) -> Result<(), CliError> {
    let failed = |source| CliError::File { path: path.to_owned(), source };
    std::fs::create_dir_all(path).map_err(failed)?;
    match std::fs::read_dir(path).map_err(failed)?.next() {
        None => Ok(()),
        Some(_) => Err(CliError::NotEmpty { path: path.to_owned() }),
    }
}
