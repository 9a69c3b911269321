//! A node on a temporary folder behind a server on a free port; no prover, no L1: the test plays
//! L1's queue.

#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    clippy::allow_attributes,
    reason = "each test file includes the module whole and uses its part of it"
)]

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use farthing_aggregator::{Aggregator, Components, Config, SequencerConfig};
use farthing_client::{Client, Problem, RecipientCheck, Retry, Signer};
use farthing_ledger::Genesis;
use farthing_protocol::{
    AccountId, AccountIdentity, Address, BatchClass, Bytes32, Deposit, Digest, Domain, Holder,
    HolderShares, LicenseId, Price, QueueEntry, QueueIndex, SecretKey, ShareTable, Shares, Uses,
};
use farthing_server::{Server, ServerConfig};
use tokio::sync::oneshot;

pub use farthing_testkit::TestResult;
pub use farthing_testkit::{domain, identity, key};

/// Nano that every funded account begins with.
pub const FUNDS: u64 = 1 << 40;
/// Nano per use of every license registered here.
pub const PRICE: u64 = 250;

pub fn domain_digest() -> Digest {
    domain().digest()
}

/// A node behind a server.
pub struct Node {
    pub aggregator: Aggregator,
    pub url: String,
    pub address: SocketAddr,
    end: oneshot::Sender<()>,
    server: tokio::task::JoinHandle<()>,
}

/// No limit that a test would run into by accident.
pub fn generous() -> ServerConfig {
    ServerConfig {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        requests_per_second: 1_000_000,
        requests_burst: 1_000_000,
        ..ServerConfig::default()
    }
}

pub fn node_config(path: &Path, class: BatchClass) -> Config {
    let genesis = Genesis { domain: domain(), operator: identity(0) };
    let mut config = Config::new(path.to_path_buf(), genesis, class);
    config.sequencer =
        SequencerConfig { seal_age: Duration::from_secs(3_600), ..SequencerConfig::default() };
    config
}

impl Node {
    pub async fn start(path: &Path) -> TestResult<Self> {
        Self::start_with(node_config(path, BatchClass::TINY), generous()).await
    }

    pub async fn start_with(config: Config, server: ServerConfig) -> TestResult<Self> {
        let data = config.data.clone();
        let aggregator = Aggregator::start(config, Components::default())?;
        let server = Server::bind(aggregator.clone(), server, &data).await?;
        let address = server.address();
        let (end, ended) = oneshot::channel::<()>();
        let server = tokio::spawn(server.run(async {
            // A sender that is gone ends the server too.
            let _ = ended.await;
        }));
        Ok(Self { aggregator, url: format!("http://{address}"), address, end, server })
    }

    /// Ends server and node; everything is closed on return.
    pub async fn stop(self) -> TestResult {
        let _ = self.end.send(());
        self.server.await?;
        self.aggregator.stop().await;
        Ok(())
    }

    /// A client of a node that settles nothing: no recipient is ever final.
    pub fn client(&self) -> TestResult<Client> {
        let retry = Retry {
            attempts: 10,
            first_delay: Duration::from_millis(20),
            max_delay: Duration::from_secs(1),
        };
        let client = Client::new(&self.url)?.with_retry(retry);
        Ok(client.with_recipient_check(RecipientCheck::Trusted))
    }

    /// Opens accounts 1 to `accounts` over HTTP and funds them as L1 would; `from` deposits came
    /// before.
    pub async fn fund(&self, accounts: u32, from: u64) -> TestResult {
        let client = self.client()?;
        let mut entries = Vec::new();
        for account in 1..=accounts {
            let opened = client.open_account(&key(account), identity(account).owner).await?;
            assert_eq!(opened.id.get(), account);
            let AccountIdentity { key, owner } = identity(account);
            entries.push(QueueEntry::Deposit(Deposit::new(owner, key.to_words(), FUNDS)?));
        }
        self.aggregator.consume_queue(QueueIndex::new(from)?, entries).await?;
        Ok(())
    }

    /// Seals the open batch and waits until it is in the index.
    pub async fn seal(&self) -> TestResult {
        if let Some(batch) = self.aggregator.seal().await? {
            self.aggregator.progress().wait_for(|progress| progress.indexed > batch).await?;
        }
        Ok(())
    }
}

pub fn signer(account: u32) -> Signer {
    Signer::new(AccountId::from(account), key(account), domain_digest())
}

/// A share table: accounts with their shares, then parents with theirs.
pub fn shares(accounts: &[(u32, u64)], parents: &[(u32, u64)]) -> TestResult<ShareTable> {
    let accounts = accounts.iter().map(|(id, n)| (farthing_testkit::account(*id), *n));
    let parents = parents.iter().map(|(id, n)| (farthing_testkit::license(*id), *n));
    farthing_testkit::shares(&accounts.chain(parents).collect::<Vec<_>>())
}

/// Registers license 0 of accounts 1 and 2, and license 1 of account 3 derived from it.
pub async fn register_two(node: &Node) -> TestResult {
    let client = node.client()?;
    let price = Price::new(PRICE)?;
    let first = shares(&[(1, 600_000), (2, 400_000)], &[])?;
    let quarter = Shares::new(250_000)?;
    let registered =
        client.register_license(&signer(1), price, quarter, Bytes32([1; 32]), first).await?;
    assert_eq!(registered.registers, Some(LicenseId::from(0)));
    let second = shares(&[(3, 750_000)], &[(0, 250_000)])?;
    let registered =
        client.register_license(&signer(3), price, Shares::ZERO, Bytes32([2; 32]), second).await?;
    assert_eq!(registered.registers, Some(LicenseId::from(1)));
    Ok(())
}

pub fn uses(n: u64) -> TestResult<Uses> {
    Ok(Uses::new(n)?)
}

/// The problem of an answer, whose headers say the same as its body.
pub async fn problem_of(response: reqwest::Response) -> TestResult<Problem> {
    let status = response.status().as_u16();
    let header = |name: &str| {
        let value = response.headers().get(name).and_then(|value| value.to_str().ok());
        value.map(str::to_owned)
    };
    assert_eq!(header("content-type").as_deref(), Some("application/problem+json"));
    let id = header("x-request-id").ok_or("a request id")?;
    let (retry_after, advice) = (header("retry-after"), header("x-should-retry"));
    let problem: Problem = serde_json::from_slice(&response.bytes().await?)?;
    assert_eq!(problem.status, status);
    assert_eq!(problem.code.status(), status);
    assert_eq!(problem.request_id, Some(id));
    assert_eq!(problem.kind, format!("/docs#{}", problem.code));
    assert_eq!(retry_after.is_some(), problem.code.is_retryable(), "{}", problem.code);
    assert_eq!(advice, Some(problem.code.is_retryable().to_string()), "{}", problem.code);
    Ok(problem)
}
