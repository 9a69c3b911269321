//! A process that is killed while it writes: nothing acknowledged is missing, the root is right.

mod support;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use farthing_ledger::{AdmitError, Checked, Durability, Ledger, LedgerError, StoredBatch};
use farthing_protocol::{
    AccountId, BatchClass, BatchNumber, Digest, Fee, Holder, Intent, IntentId, LicenseId, Nonce,
    Operation, Pay, Price, SecretKey, UnixTime, Uses,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use support::{TestLedger, TestResult, account, identity, seed};

const KILLS: usize = 100;
const PAYERS: u32 = 4;
/// A child acknowledges a step in less, however slow the machine.
const LIFE_MAX: Duration = Duration::from_secs(120);
const STORE: &str = "FARTHING_CRASH_STORE";
const CLASS: BatchClass = BatchClass::TINY;

/// Holders of license 0, which account 1 registers.
fn holders() -> [(Holder, u64); 2] {
    [(account(2), 400_000), (account(3), 600_000)]
}

/// The intent that `payer` sends with `nonce`: the parent can name it again.
fn intent(payer: u32, nonce: u64) -> TestResult<Intent> {
    let operation = match nonce % 3 {
        0 => TestLedger::transfer((payer + 1) % PAYERS, nonce % 50)?,
        _ => {
            let uses = Uses::new(nonce % 7 + 1)?;
            let amount = Price::new(1)?.times(uses)?;
            let memo = support::memo(5);
            let (license, recipient) = (LicenseId::from(0), support::origin(1, &holders())?);
            Operation::Pay(Pay { license, uses, amount, recipient, memo })
        }
    };
    Ok(Intent {
        account: AccountId::from(payer),
        nonce: Nonce::new(nonce)?,
        fee: Fee::MIN,
        valid_until: UnixTime::MAX,
        operation,
    })
}

fn last_nonce(ledger: &Ledger, payer: u32, domain: &Digest) -> TestResult<u64> {
    let settled = ledger.account(AccountId::from(payer))?.ok_or("no account")?.state.nonce.get();
    let mut nonce = settled;
    while ledger.intent(&intent(payer, nonce + 1)?.id(domain))?.is_some() {
        nonce += 1;
    }
    Ok(nonce)
}

/// A batch being sealed on a thread of its own.
type Sealing = JoinHandle<Result<StoredBatch, LedgerError>>;

/// Waits for a batch, tells the ledger, and acknowledges it.
fn end_seal(ledger: &mut Ledger, sealing: Sealing, out: &mut impl Write) -> TestResult<()> {
    let stored = sealing.join().map_err(|_| "the sealing thread failed")?;
    let sealed = ledger.end_seal(stored)?;
    writeln!(out, "sealed {}", sealed.witness.statement.header.new_root)?;
    Ok(out.flush()?)
}

/// The child: admits as fast as it can, seals each batch beside the next one, and acknowledges on
/// standard output.
#[test]
fn child_that_is_killed() -> TestResult<()> {
    let Ok(path) = std::env::var(STORE) else { return Ok(()) };
    let mut ledger = Ledger::open(Path::new(&path), CLASS, Durability::Synced)?;
    let domain = ledger.domain_digest();
    let keys: Vec<SecretKey> = (0..PAYERS).map(|id| SecretKey::from_seed(&seed(id))).collect();
    let mut next = Vec::new();
    for payer in 0..PAYERS {
        next.push(last_nonce(&ledger, payer, &domain)? + 1);
    }
    let now = support::time(support::NOW);
    let mut out = std::io::stdout().lock();
    let mut sealing: Option<Sealing> = None;
    loop {
        for payer in 0..PAYERS {
            let nonce = next[payer as usize];
            let signed = intent(payer, nonce)?.sign(&keys[payer as usize], &domain);
            let Checked::Fresh(checked) = ledger.check(&[signed])?.remove(0)? else {
                return Err("a new intent is known".into());
            };
            match ledger.admit(now, &[checked])?.remove(0) {
                Ok(admission) => {
                    writeln!(out, "admitted {payer} {nonce} {}", admission.id)?;
                    out.flush()?;
                    next[payer as usize] += 1;
                }
                Err(AdmitError::BatchFull(_)) => {
                    if let Some(before) = sealing.take() {
                        end_seal(&mut ledger, before, &mut out)?;
                    }
                    let job = ledger.begin_seal()?.ok_or("nothing to seal")?;
                    sealing = Some(std::thread::spawn(move || job.run()));
                }
                Err(other) => return Err(other.into()),
            }
            if let Some(done) = sealing.take_if(|sealing| sealing.is_finished()) {
                end_seal(&mut ledger, done, &mut out)?;
            }
        }
    }
}

/// Runs the child until it has acknowledged some steps, and a random moment longer; one of eight is
/// killed at any time, also while it opens the store. Returns the lines that it acknowledged.
fn run_and_kill(path: &Path, rng: &mut ChaCha8Rng) -> TestResult<Vec<String>> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["--exact", "child_that_is_killed", "--nocapture", "--test-threads=1"])
        .env(STORE, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let stdout = child.stdout.take().ok_or("no output")?;
    let (heard, hear) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        let lines = BufReader::new(stdout).lines().map_while(Result::ok);
        let acknowledged =
            |line: &String| ["admitted ", "sealed "].iter().any(|w| line.starts_with(w));
        let tell = |line: &String| {
            if acknowledged(line) {
                // Who has heard enough listens no more.
                let _ = heard.send(());
            }
        };
        lines.inspect(tell).collect::<Vec<_>>()
    });
    if rng.random_bool(0.125) {
        std::thread::sleep(Duration::from_micros(rng.random_range(1_000..150_000)));
    } else {
        for _ in 0..rng.random_range(1..=24) {
            hear.recv_timeout(LIFE_MAX)?;
        }
        std::thread::sleep(Duration::from_micros(rng.random_range(0..5_000)));
    }
    child.kill()?;
    child.wait()?;
    reader.join().map_err(|_| "reader failed".into())
}

#[test]
fn nothing_acknowledged_is_lost() -> TestResult<()> {
    let mut test = TestLedger::funded(CLASS, PAYERS, 1_000_000_000)?;
    test.deposit(0, 1_000_000_000)?;
    test.register(1, 1, 0, &holders())?;
    test.seal()?;
    assert_eq!(test.ledger.account_of(&identity(1))?, Some(AccountId::from(1)));
    // The nonces of account 1 begin behind the registration.
    let domain = test.domain;
    let TestLedger { ledger, dir, .. } = test;
    drop(ledger);

    let mut rng = ChaCha8Rng::seed_from_u64(8);
    let (mut admitted, mut sealed) = (0, 0);
    for kill in 0..KILLS {
        let lines = run_and_kill(dir.path(), &mut rng)?;
        // Opening recomputes the root of everything stored and replays the open batch.
        let ledger = Ledger::open(dir.path(), CLASS, Durability::Buffered)?;
        let mut last_root = None;
        for line in &lines {
            let words: Vec<&str> = line.split(' ').collect();
            match words[..] {
                ["admitted", payer, nonce, id] => {
                    let expected = intent(payer.parse()?, nonce.parse()?)?.id(&domain);
                    assert_eq!(expected.to_string(), id);
                    assert!(
                        ledger.intent(&expected)?.is_some(),
                        "kill {kill}: intent {payer}/{nonce} was acknowledged and is gone"
                    );
                    admitted += 1;
                }
                ["sealed", root] => {
                    last_root = Some(root.to_string());
                    sealed += 1;
                }
                _ => {}
            }
        }
        if let Some(root) = last_root {
            let number = ledger.next_batch().get() - 1;
            let found = (number.saturating_sub(1)..=number).any(|n| {
                let number = BatchNumber::new(n).ok();
                let batch = number.and_then(|n| ledger.batch(n).ok().flatten());
                batch.is_some_and(|b| b.statement.header.new_root.to_string() == root)
            });
            assert!(found, "kill {kill}: the sealed root {root} is gone");
        }
        assert!(ledger.reserve()?.is_full());
    }
    println!("{KILLS} kills, {admitted} intents acknowledged, {sealed} batches sealed");
    assert!(admitted > KILLS && sealed > KILLS / 4);

    // Every intent acknowledged is in exactly one batch.
    let mut ledger = Ledger::open(dir.path(), CLASS, Durability::Buffered)?;
    ledger.seal()?;
    let mut seen: std::collections::HashSet<IntentId> = std::collections::HashSet::new();
    for n in 0..ledger.next_batch().get() {
        let number = BatchNumber::new(n)?;
        for witness in ledger.batch(number)?.ok_or("batch missing")?.intents {
            assert!(seen.insert(witness.signed.intent.id(&domain)), "settled twice");
        }
    }
    assert!(seen.len() >= admitted);
    Ok(())
}
