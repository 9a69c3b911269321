//! A node without prover and L1 on a temporary folder, for tests of the API from outside. It prints
//! its URL, and ends when its standard input does.
//!
//! Accounts 1 to 8 have money and licenses 0 and 1 can be paid, so that every route has something to
//! show. Nothing is ever final.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use farthing_aggregator::{Aggregator, Components, Config, OpeningQuota, SequencerConfig};
use farthing_client::{Client, Signer};
use farthing_ledger::Genesis;
use farthing_protocol::{
    AccountId, AccountIdentity, Address, BatchClass, Bytes32, Deposit, Domain, Holder,
    HolderShares, LicenseId, Price, QueueEntry, QueueIndex, SecretKey, ShareTable, Shares, Uses,
};
use farthing_server::{Server, ServerConfig};

type ExampleResult<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

const ACCOUNTS: u8 = 8;
const FUNDS_NANO: u64 = 1 << 40;
const DOMAIN: Domain = Domain { chain_id: 1, contract: Address([0x22; 20]) };

#[tokio::main]
async fn main() -> ExampleResult {
    let folder = tempfile::tempdir()?;
    let data = folder.path().to_path_buf();
    let genesis = Genesis { domain: DOMAIN, operator: identity(0) };
    let mut config = Config::new(data.clone(), genesis, BatchClass::SMALL);
    config.sequencer = SequencerConfig {
        seal_age: Duration::from_secs(2),
        openings: OpeningQuota { per_minute: 1_000_000, burst: 100_000 },
        ..SequencerConfig::default()
    };
    let aggregator = Aggregator::start(config, Components::default())?;
    let limits = ServerConfig {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        requests_per_second: 100_000,
        requests_burst: 100_000,
        accounts_per_minute: 1_000_000,
        accounts_burst: 100_000,
        wait_seconds_max: 1,
        ..ServerConfig::default()
    };
    let server = Server::bind(aggregator.clone(), limits, &data).await?;
    let url = format!("http://{}", server.address());
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(server.run(async {
        // A sender that is gone ends the server too.
        let _ = ended.await;
    }));
    prepare(&aggregator, &url).await?;
    println!("{url}");
    std::io::stdout().flush()?;
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    drop(end);
    serving.await?;
    aggregator.stop().await;
    Ok(())
}

/// Funds the accounts as L1 would, registers licenses, pays once, and forms a block.
async fn prepare(aggregator: &Aggregator, url: &str) -> ExampleResult {
    let mut deposits = Vec::new();
    for account in 1..=ACCOUNTS {
        let AccountIdentity { key, owner } = identity(account);
        deposits.push(QueueEntry::Deposit(Deposit::new(owner, key.to_words(), FUNDS_NANO)?));
    }
    aggregator.consume_queue(QueueIndex::new(0)?, deposits).await?;
    let client = Client::new(url)?;
    let signer = |account: u8| {
        Signer::new(AccountId::from(u32::from(account)), key(account), DOMAIN.digest())
    };
    for parent in [None, Some(LicenseId::from(0))] {
        let mut lines = vec![HolderShares {
            holder: Holder::Account(AccountId::from(1)),
            shares: Shares::new(if parent.is_some() { 750_000 } else { 1_000_000 })?,
        }];
        if let Some(parent) = parent {
            let shares = Shares::new(250_000)?;
            lines.push(HolderShares { holder: Holder::License(parent), shares });
        }
        let (price, table) = (Price::new(250)?, ShareTable::new(lines)?);
        let least = Shares::new(100_000)?;
        client.register_license(&signer(1), price, least, Bytes32([1; 32]), table).await?;
    }
    client.pay(&signer(2), LicenseId::from(1), Uses::MIN, Bytes32([2; 32])).await?;
    aggregator.seal().await?;
    aggregator.form_block().await?;
    Ok(())
}

fn key(account: u8) -> SecretKey {
    SecretKey::from_seed(&[account; 32])
}

fn identity(account: u8) -> AccountIdentity {
    AccountIdentity { key: *key(account).public_key(), owner: Address([account | 0xa0; 20]) }
}
