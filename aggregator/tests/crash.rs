//! SIGKILL under load, again and again: what was acknowledged is settled exactly once.
//!
//! A child process runs a node and a load, and prints every intent that was acknowledged to it. It
//! dies at a named point, or when the parent kills it. The next child works on the same folder.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use farthing_aggregator::{Aggregator, Components, Config, FaultPoint, Faults};
use farthing_ledger::{Durability, Ledger};
use farthing_protocol::{
    AccountId, BatchClass, BatchNumber, BlockNumber, Operation, QueueIndex, Stage,
};
use support::prover::Asked;
use support::*;

const KILLS: u32 = 50;
const PAYERS: u32 = 4;
/// Account that receives everything.
const SINK: u32 = 5;
/// Intents in one submission: they fill a batch and more.
const TOGETHER: u64 = 5;
/// No child lives longer.
const LIFE_MAX: Duration = Duration::from_secs(120);

const FOLDER: &str = "FARTHING_CRASH_FOLDER";
const FAULT: &str = "FARTHING_CRASH_FAULT";
const LIFE: &str = "FARTHING_CRASH_LIFE";

fn crash_config(path: &Path) -> Config {
    let mut config = config(path, BatchClass::TINY);
    config.blocks.batches_max = 2;
    config
}

fn proving_parts() -> Components {
    let prover = Some(Asked::default().source(Duration::ZERO));
    Components { prover, ..Components::default() }
}

/// The child: not a test of its own, it returns at once unless a parent gave it a folder.
#[tokio::test(flavor = "multi_thread")]
async fn child() -> TestResult<()> {
    let Ok(folder) = std::env::var(FOLDER) else { return Ok(()) };
    let life: u64 = std::env::var(LIFE)?.parse()?;
    let mut config = crash_config(Path::new(&folder));
    if let Ok(fault) = std::env::var(FAULT) {
        config.faults = fault.parse::<Faults>()?;
    }
    let node = Aggregator::start(config, proving_parts())?;
    // Each life has nonces of its own, and goes on with a deposit to the sink per round.
    let mut payers = tokio::task::JoinSet::new();
    for payer in 1..=PAYERS {
        payers.spawn(pay_on(node.clone(), payer, life));
    }
    payers.spawn(deposit_on(node.clone()));
    payers.spawn(open_on(node.clone(), life));
    let work = async { while payers.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(LIFE_MAX, work).await;
    Ok(())
}

/// Sends transfers of 1 nano and prints each nonce that is acknowledged.
async fn pay_on(node: Aggregator, payer: u32, life: u64) -> TestResult<()> {
    for round in 0u64.. {
        let first = 1 + life * 1_000_000 + round * TOGETHER;
        let intents = (first..first + TOGETHER)
            .map(|nonce| transfer(payer, nonce, SINK, 1))
            .collect::<TestResult<Vec<_>>>()?;
        for (answer, nonce) in node.submit(intents).await?.into_iter().zip(first..) {
            answer?;
            say(&format!("paid {payer} {nonce}"))?;
        }
    }
    Ok(())
}

async fn deposit_on(node: Aggregator) -> TestResult<()> {
    // The queue as L1 would have it: entry i is a deposit of 1 nano, entries 0 to 4 fund accounts.
    let mut next = node.consume_queue(QueueIndex::MIN, Vec::new()).await?;
    loop {
        next = node.consume_queue(next, vec![deposit(SINK, 1)?; 3]).await?;
        say(&format!("consumed {next}"))?;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

async fn open_on(node: Aggregator, life: u64) -> TestResult<()> {
    for i in 0u64.. {
        let account = 1_000_000 + u32::try_from(life * 10_000 + i)?;
        let opened = open(&node, account).await??;
        say(&format!("opened {account} {}", opened.id))?;
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(())
}

fn say(line: &str) -> TestResult<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n@{line}")?;
    Ok(out.flush()?)
}

/// Acknowledgements that children received.
#[derive(Default)]
struct Acknowledged {
    paid: BTreeSet<(u32, u64)>,
    opened: BTreeMap<u32, u32>,
    consumed: u64,
}

impl Acknowledged {
    fn take(&mut self, line: &str) -> TestResult<()> {
        let Some(line) = line.strip_prefix('@') else { return Ok(()) };
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["paid", payer, nonce] => {
                assert!(self.paid.insert((payer.parse()?, nonce.parse()?)));
            }
            ["opened", account, id] => {
                self.opened.insert(account.parse()?, id.parse()?);
            }
            ["consumed", next] => self.consumed = next.parse()?,
            _ => return Err(format!("what is {line}?").into()),
        }
        Ok(())
    }
}

fn spawn_child(folder: &Path, life: u32, fault: Option<String>) -> TestResult<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--exact", "child", "--nocapture", "--test-threads=1"]);
    command.env(FOLDER, folder).env(LIFE, life.to_string());
    if let Some(fault) = fault {
        command.env(FAULT, fault);
    }
    Ok(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?)
}

/// Runs a child until it dies; kills it after `words` lines if no fault does.
fn run_child(
    mut child: Child,
    acknowledged: &mut Acknowledged,
    words: Option<u32>,
) -> TestResult<ExitStatus> {
    let out = child.stdout.take().ok_or("stdout")?;
    for (said, line) in (1..).zip(BufReader::new(out).lines()) {
        acknowledged.take(&line?)?;
        if words.is_some_and(|words| said == words) {
            child.kill()?;
        }
    }
    Ok(child.wait()?)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_acknowledged_is_settled_exactly_once_whatever_dies() -> TestResult<()> {
    let dir = tempfile::tempdir()?;
    let node = Aggregator::start(crash_config(dir.path()), Components::default())?;
    fund(&node, SINK, 0).await?;
    node.stop().await;
    drop(node);

    // Reached with an L1 only: `pending_tx_recovery.rs` and `rebase.rs` die there.
    let on_l1 = [FaultPoint::TransactionSent, FaultPoint::RebasePlanned, FaultPoint::LedgerRebased];
    let points: Vec<FaultPoint> =
        FaultPoint::ALL.iter().copied().filter(|point| !on_l1.contains(point)).collect();
    let mut acknowledged = Acknowledged { consumed: u64::from(SINK), ..Acknowledged::default() };
    for life in 1..=KILLS {
        // Two of three die at a named point, the third whenever the parent says so.
        let turn = usize::try_from(life)?;
        let fault = (life % 3 != 0).then(|| {
            let point = points[turn % points.len()];
            format!("{}:{}", point.name(), 1 + life % 7)
        });
        let words = fault.is_none().then_some(1 + life * 7);
        let named = fault.clone();
        let status = run_child(spawn_child(dir.path(), life, fault)?, &mut acknowledged, words)?;
        assert!(!status.success(), "life {life} with fault {named:?} did not die");
    }
    assert!(
        acknowledged.paid.len() > 100,
        "too few payments were acknowledged: {}",
        acknowledged.paid.len()
    );
    check_everything(dir.path(), &acknowledged).await
}

/// Everything acknowledged is there, and everything there is there once.
async fn check_everything(path: &Path, acknowledged: &Acknowledged) -> TestResult<()> {
    let node = Aggregator::start(crash_config(path), proving_parts())?;
    for (payer, nonce) in &acknowledged.paid {
        let answer = node.submit(vec![transfer(*payer, *nonce, SINK, 1)?]).await?.remove(0)?;
        assert!(answer.repeated, "{payer} {nonce} was acknowledged and is not known");
    }
    node.seal().await?;
    for (account, id) in &acknowledged.opened {
        let found = node.account_of(identity(*account)).await?.ok_or("opened and not there")?;
        assert_eq!(found.id.get(), *id);
    }
    node.form_block().await?;
    let last = node.progress().borrow().sequenced;
    let proven = async { node.progress().wait_for(|p| p.proven == last).await.map(|_| ()) };
    tokio::time::timeout(Duration::from_secs(60), proven).await??;

    // Every batch is in one block, and blocks follow on one another.
    let mut next = BatchNumber::MIN;
    for block in node.blocks(BlockNumber::FIRST, 1_000).await? {
        assert_eq!(block.first_batch(), next);
        assert!(node.block_proof(block.number).await?.here().is_some());
        next = block.end();
    }
    assert_eq!(next, last);
    let one = acknowledged.paid.iter().next().ok_or("nothing")?;
    let id = transfer(one.0, one.1, SINK, 1)?.intent.id(&domain());
    assert_eq!(node.intent(id).await?.ok_or("known")?.stage, Stage::Proven);
    node.stop().await;
    drop(node);
    check_ledger(path, acknowledged)
}

fn check_ledger(path: &Path, acknowledged: &Acknowledged) -> TestResult<()> {
    let ledger = Ledger::open(&path.join("ledger"), BatchClass::TINY, Durability::Synced)?;
    assert!(ledger.reserve()?.is_full());
    let mut settled: BTreeMap<(u32, u64), u32> = BTreeMap::new();
    let mut number = BatchNumber::MIN;
    while let Some(batch) = ledger.batch(number)? {
        for intent in &batch.intents {
            let intent = &intent.signed.intent;
            assert!(matches!(intent.operation, Operation::Transfer(_)));
            *settled.entry((intent.account.get(), intent.nonce.get())).or_default() += 1;
        }
        number = number.next();
    }
    assert!(settled.values().all(|times| *times == 1));
    for paid in &acknowledged.paid {
        assert!(settled.contains_key(paid), "{paid:?} was acknowledged and is not settled");
    }
    assert!(ledger.queue_next().get() >= acknowledged.consumed);
    // Money: each payer lost what it paid, the sink has it, and a nano of each later deposit.
    let balance = |id: u32| -> TestResult<u64> {
        Ok(ledger.account(AccountId::from(id))?.ok_or("account")?.state.balance.get())
    };
    for payer in 1..=PAYERS {
        let paid = settled.keys().filter(|(account, _)| *account == payer).count() as u64;
        assert_eq!(balance(payer)?, FUNDS - paid);
    }
    let deposits = ledger.queue_next().get() - u64::from(SINK);
    assert_eq!(balance(SINK)?, FUNDS + settled.len() as u64 + deposits);
    Ok(())
}
