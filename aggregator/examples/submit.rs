//! How many intents a second the sequencer takes, signatures checked and each durable before its
//! answer: `cargo run --release -p farthing-aggregator --example submit`. Intents are signed before
//! the clock starts.

use std::time::{Duration, Instant};

use farthing_aggregator::{Aggregator, Config, Parts};
use farthing_ledger::Genesis;
use farthing_protocol::{
    AccountId, AccountIdentity, Address, Amount, BatchClass, Bytes32, Deposit, Digest, Domain, Fee,
    Intent, Nonce, Operation, QueueEntry, QueueIndex, SecretKey, SignedIntent, Transfer, UnixTime,
};

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Clients that send at the same time.
const CLIENTS: u32 = 16;
/// Intents in one submission.
const TOGETHER: u64 = 500;
/// Submissions of each client.
const ROUNDS: u64 = 8;
/// Single intents of each client at half load.
const SINGLES: u64 = 200;

fn key(account: u32) -> SecretKey {
    let mut seed = [4; 32];
    seed[..4].copy_from_slice(&account.to_be_bytes());
    SecretKey::from_seed(&seed)
}

fn identity(account: u32) -> AccountIdentity {
    AccountIdentity { key: *key(account).public_key(), owner: Address([7; 20]) }
}

fn transfers(domain: &Digest, account: u32, first: u64, count: u64) -> Outcome<Vec<SignedIntent>> {
    let key = key(account);
    (first..first + count)
        .map(|nonce| {
            let (to, amount) = (AccountId::from(1), Amount::new(1)?);
            let memo = Bytes32([0; 32]);
            let intent = Intent {
                account: AccountId::from(account),
                nonce: Nonce::new(nonce)?,
                fee: Fee::MIN,
                valid_until: UnixTime::MAX,
                operation: Operation::Transfer(Transfer { to, amount, memo }),
            };
            Ok(intent.sign(&key, domain))
        })
        .collect()
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let dir = tempfile::tempdir()?;
    let domain = Domain { chain_id: 1, contract: Address([1; 20]) };
    let genesis = Genesis { domain, operator: identity(0) };
    let mut config = Config::new(dir.path().to_path_buf(), genesis, BatchClass::LARGE);
    config.sequencer.rules.validity_max = Duration::MAX;
    let node = Aggregator::start(config, Parts::default())?;
    let mut entries = Vec::new();
    for account in 1..=CLIENTS {
        let owner = identity(account).owner;
        let signature = AccountIdentity::sign_opening(&key(account), owner, &domain.digest());
        node.open_account(identity(account), &signature).await??;
        let key = identity(account).key.to_words();
        entries.push(QueueEntry::Deposit(Deposit::new(Address([7; 20]), key, 1 << 40)?));
    }
    node.consume_queue(QueueIndex::MIN, entries).await?;
    let rate = many(&node, &domain.digest()).await?;
    singles(&node, &domain.digest(), rate / 2.0).await?;
    node.stop().await;
    Ok(())
}

/// All clients send many at once; prints and returns the rate.
async fn many(node: &Aggregator, domain: &Digest) -> Outcome<f64> {
    let mut work = Vec::new();
    for account in 1..=CLIENTS {
        let rounds = (0..ROUNDS).map(|r| transfers(domain, account, 1 + r * TOGETHER, TOGETHER));
        work.push(rounds.collect::<Outcome<Vec<_>>>()?);
    }
    let start = Instant::now();
    let mut clients = tokio::task::JoinSet::new();
    for rounds in work {
        let node = node.clone();
        clients.spawn(async move {
            for intents in rounds {
                for answer in node.submit(intents).await? {
                    answer?;
                }
            }
            Outcome::Ok(())
        });
    }
    while let Some(done) = clients.join_next().await {
        done??;
    }
    let count = u64::from(CLIENTS) * ROUNDS * TOGETHER;
    let rate = count as f64 / start.elapsed().as_secs_f64();
    let metrics = node.metrics();
    println!("{count} intents, {TOGETHER} in a submission: {rate:.0} per second");
    println!("  {} synced writes, {} seals", metrics.commits, metrics.batches_sealed);
    for times in node.latencies() {
        println!("  {:<7} {:?} in all", times.step.name(), times.total());
    }
    Ok(rate)
}

/// Each client sends one at a time, all together at `rate`; prints the latencies.
async fn singles(node: &Aggregator, domain: &Digest, rate: f64) -> Outcome<()> {
    let rate = rate.min(2_500.0);
    let pause = Duration::from_secs_f64(f64::from(CLIENTS) / rate);
    let first = 1 + ROUNDS * TOGETHER;
    let mut clients = tokio::task::JoinSet::new();
    for account in 1..=CLIENTS {
        let intents = transfers(domain, account, first, SINGLES)?;
        let node = node.clone();
        clients.spawn(async move {
            let mut took = Vec::new();
            let mut ticks = tokio::time::interval(pause);
            for intent in intents {
                ticks.tick().await;
                let start = Instant::now();
                node.submit(vec![intent]).await?.remove(0)?;
                took.push(start.elapsed());
            }
            Outcome::Ok(took)
        });
    }
    let mut took = Vec::new();
    while let Some(done) = clients.join_next().await {
        took.extend(done??);
    }
    took.sort();
    let at = |part: f64| took.get((took.len() as f64 * part) as usize).copied().unwrap_or_default();
    println!("single intents at {rate:.0} per second: p50 {:?}, p99 {:?}", at(0.5), at(0.99));
    Ok(())
}
