//! A session with `farthing dev` as README tells it, by the command line alone: keys, accounts,
//! deposits, licenses, payments, a real proof, claims, receipts, and a node rebuilt from L1.

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

type TestResult<T = ()> = Result<T, Box<dyn std::error::Error>>;

const BINARY: &str = env!("CARGO_BIN_EXE_farthing");
/// Seconds for a proof and its way to L1, circuits built first and the machine busy.
const TIMEOUT: &str = "1200";
const PROVENANCE: &str = "0x0505050505050505050505050505050505050505050505050505050505050505";
/// Somebody without tokens.
const STRANGER: &str = "0x0101010101010101010101010101010101010101010101010101010101010101";

/// A process that serves until it is asked to end; killed if the test ends before it.
struct Serving {
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Drop for Serving {
    fn drop(&mut self) {
        // One that has ended needs no killing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Serving {
    /// `farthing dev`, and its banner.
    fn dev(data: &Path) -> TestResult<(Self, Value)> {
        let mut child = Command::new(BINARY)
            .args(["dev", "--json", "--class", "tiny", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            // The folder l1-contracts is found from here upwards.
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdout(Stdio::piped())
            .spawn()?;
        let mut out = BufReader::new(child.stdout.take().ok_or("its output")?);
        let mut line = String::new();
        out.read_line(&mut line)?;
        Ok((Self { child, out }, serde_json::from_str(&line)?))
    }

    /// Ctrl-C; whether it ended well.
    fn interrupt(mut self) -> TestResult<bool> {
        let id = self.child.id().to_string();
        assert!(Command::new("sh").args(["-c", &format!("kill -INT {id}")]).status()?.success());
        let well = self.child.wait()?.success();
        let mut rest = String::new();
        self.out.read_line(&mut rest)?;
        assert_eq!(rest, "", "for programs it prints one line");
        Ok(well)
    }
}

/// The working folder and the configuration of a user.
struct User {
    folder: PathBuf,
    config: PathBuf,
}

impl User {
    fn run(&self, arguments: &[&str]) -> std::io::Result<Output> {
        let mut command = Command::new(BINARY);
        command.current_dir(&self.folder).args(["--config".as_ref(), self.config.as_os_str()]);
        command.args(arguments).output()
    }

    /// The JSON that a command prints when it succeeds.
    fn json(&self, arguments: &[&str]) -> TestResult<Value> {
        let output = self.run(&[arguments, &["--json"]].concat())?;
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// The documents that a command which succeeds prints.
    fn documents(&self, arguments: &[&str]) -> TestResult<Vec<Value>> {
        let output = self.run(&[arguments, &["--json"]].concat())?;
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        let documents = serde_json::Deserializer::from_slice(&output.stdout).into_iter();
        Ok(documents.collect::<Result<_, _>>()?)
    }

    /// The errors of a command that fails.
    fn error(&self, arguments: &[&str]) -> TestResult<String> {
        let output = self.run(arguments)?;
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        Ok(String::from_utf8(output.stderr)?)
    }

    /// Waits until a command prints this value at this place.
    fn becomes(&self, arguments: &[&str], pointer: &str, expected: &str) -> TestResult {
        let start = Instant::now();
        loop {
            let printed = self.json(arguments)?;
            if printed.pointer(pointer).is_some_and(|value| value == expected) {
                return Ok(());
            }
            assert!(start.elapsed() < Duration::from_secs(120), "{arguments:?}: {printed:#}");
            std::thread::sleep(Duration::from_millis(300));
        }
    }
}

fn text<'a>(value: &'a Value, pointer: &str) -> TestResult<&'a str> {
    Ok(value.pointer(pointer).and_then(Value::as_str).ok_or(format!("{pointer} in {value:#}"))?)
}

#[test]
fn from_keys_to_tokens_on_l1_and_back_from_l1_alone() -> TestResult {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let (dev, banner) = Serving::dev(&data)?;
    let config = PathBuf::from(text(&banner, "/config")?);
    let user = User { folder: folder.path().to_owned(), config };
    assert_eq!(user.json(&["status"])?["contract"], banner["contract"]);

    let artist = open_and_fund(&user, &banner)?;
    let (paid, withdrawn) = license_and_pay(&user, &artist)?;
    let owner = text(&banner, "/accounts/1/owner")?;
    user.becomes(&["claim", owner, "--dry-run"], "/0/status", "not proven yet")?;
    user.becomes(&["license", "earnings", "0"], "/0/received", "10000000000")?;
    assert_eq!(user.json(&["license", "show", "0"])?["finalized"], false, "not on L1 yet");
    early_receipt(&user, &paid)?;
    let wait = ["intent", "status", &withdrawn, "--wait", "finalized", "--timeout", TIMEOUT];
    assert_eq!(user.json(&wait)?["status"], "finalized");
    path(&user, &artist)?;
    claim(&user, owner)?;
    receipt(&user, &paid)?;
    restore(&user, &paid)?;

    let l1 = text(&banner, "/l1")?.trim_start_matches("http://").trim_end_matches('/').to_owned();
    assert!(TcpStream::connect(&l1).is_ok());
    assert!(dev.interrupt()?, "it ends well when it is asked to");
    assert!(TcpStream::connect(&l1).is_err(), "its L1 ends with it");
    Ok(())
}

/// An artist without a wallet of his own: his owner is that of dev-2, who also deposits for him.
fn open_and_fund(user: &User, banner: &Value) -> TestResult<String> {
    user.json(&["keys", "new", "--out", "artist.key"])?;
    assert!(user.error(&["keys", "new", "--out", "artist.key"])?.contains("never overwritten"));
    let owner = text(banner, "/accounts/1/owner")?;
    let key = ["--key", "artist.key"];
    let opened = user.json(&[&["account", "open", "--owner", owner], &key[..]].concat())?;
    let account = opened["id"].to_string();
    let deposit = [&["account", "deposit", "--amount", "25"], &key[..]].concat();
    let by = |wallet: &str| [&deposit[..], &["--l1-key", wallet]].concat().join(" ");
    let deposit = |wallet: &str| by(wallet).split(' ').map(str::to_owned).collect::<Vec<_>>();
    let deposited = deposit("data/dev-2.l1.key");
    let deposited: Vec<&str> = deposited.iter().map(String::as_str).collect();
    assert!(text(&user.json(&deposited)?, "/transaction")?.starts_with("0x"));
    std::fs::write(user.folder.join("stranger.l1.key"), STRANGER)?;
    let refused = deposit("stranger.l1.key");
    let refused: Vec<&str> = refused.iter().map(String::as_str).collect();
    assert!(user.error(&refused)?.contains("0 tokens, 25 are needed"));
    user.becomes(&["account", "show", &account], "/spendable", "25000000000")?;
    Ok(account)
}

/// The artist registers a license; dev-1 signs a payment, and pays for 20 uses; the artist takes
/// money out. The payment and the withdrawal.
fn license_and_pay(user: &User, artist: &str) -> TestResult<(String, String)> {
    let share = format!("{artist}=1000000");
    let by_artist = ["--account", artist, "--key", "artist.key"];
    let register = ["license", "register", "--price", "0.5", "--share", &share];
    let register = [&register[..], &["--provenance", PROVENANCE], &by_artist].concat();
    let license = user.json(&register)?["registers"].to_string();
    let by_platform = ["--account", "1", "--key", "data/dev-1.key"];
    let signed = user.run(&[&["pay", &license, "--dry-run"], &by_platform[..]].concat())?;
    let body: Value = serde_json::from_slice(&signed.stdout)?;
    assert_eq!(body["operation"]["pay"]["amount"], "500000000");
    assert_eq!(user.json(&["account", "show", "1"])?["nonce"], "0", "a dry run sends nothing");
    let pay = [&["pay", &license, "--uses", "20"], &by_platform[..]];
    let paid = user.json(&pay.concat())?;
    let wrong = ["pay", &license, "--account", "2", "--key", "data/dev-1.key"];
    let wrong = user.error(&wrong)?;
    assert!(wrong.contains("invalid_signature") && wrong.contains("hint: is --key"), "{wrong}");
    let withdraw = ["withdraw", "--amount", "20", "--wait", "sequenced"];
    let withdrawn = user.documents(&[&withdraw[..], &by_artist].concat())?.remove(0);
    Ok((text(&paid, "/id")?.to_owned(), text(&withdrawn, "/id")?.to_owned()))
}

/// A receipt before L1 has anything: good as far as it goes, and no further.
fn early_receipt(user: &User, paid: &str) -> TestResult {
    user.json(&["receipt", "get", paid, "--out", "early.json"])?;
    let elsewhere = tempfile::tempdir()?;
    let path = user.folder.join("early.json");
    let offline = Command::new(BINARY)
        .current_dir(&elsewhere)
        .args(["receipt".as_ref(), "verify".as_ref(), path.as_os_str(), "--json".as_ref()])
        .output()?;
    assert_eq!(offline.status.code(), Some(4), "consistent, and L1 was not asked");
    let shown: Value = serde_json::from_slice(&offline.stdout)?;
    assert_eq!((&shown["consistent"], &shown["settled"]), (&true.into(), &false.into()));
    assert!(user.error(&["receipt", "verify", "early.json"])?.contains("has not verified batch"));
    Ok(())
}

/// The path of an account leads to the state root that the contract holds.
fn path(user: &User, artist: &str) -> TestResult {
    let proof = user.json(&["account", "proof", artist])?;
    assert_eq!(proof["verified_on_l1"], true, "{proof:#}");
    assert_eq!(proof["balance"], "15000000000");
    assert_eq!(user.json(&["license", "show", "0"])?["finalized"], true);
    let elsewhere = ["account", "proof", artist, "--chain-id", "5"];
    assert!(user.error(&elsewhere)?.contains("chain id"));
    Ok(())
}

fn claim(user: &User, owner: &str) -> TestResult {
    let by = ["--l1-key", "data/dev-3.l1.key"];
    let claim = [&["claim", owner], &by[..]].concat();
    assert!(user.error(&["claim", owner])?.contains("--l1-key FILE"));
    assert_eq!(user.json(&["claim", owner, "--dry-run"])?[0]["status"], "can be claimed");
    let claimed = user.json(&claim)?;
    assert_eq!(
        (&claimed[0]["base_units"], &claimed[0]["status"]),
        (&"20000000".into(), &"claimed".into())
    );
    assert_eq!(user.json(&["claim", owner, "--dry-run"])?[0]["status"], "claimed before");
    assert!(claimed[0]["batch"].is_string(), "as everywhere");
    assert_eq!(user.json(&claim)?[0]["status"], "claimed before");
    // With the tokens, the owner can deposit more than he had.
    let deposit = ["account", "deposit", "--amount", "995", "--key", "artist.key"];
    let by_owner = ["--l1-key", "data/dev-2.l1.key"];
    user.json(&[&deposit[..], &by_owner].concat())?;
    Ok(())
}

fn receipt(user: &User, paid: &str) -> TestResult {
    user.json(&["receipt", "get", paid, "--out", "receipt.json"])?;
    let shown = user.json(&["receipt", "verify", "receipt.json"])?;
    assert_eq!((&shown["id"], &shown["verified_on_l1"]), (&paid.into(), &true.into()));
    let other = [
        "receipt",
        "verify",
        "receipt.json",
        "--contract",
        "0x1111111111111111111111111111111111111111",
    ];
    assert!(user.error(&other)?.contains("the receipt is invalid"));
    let away = ["receipt", "verify", "receipt.json", "--l1-url", "http://127.0.0.1:1"];
    assert!(user.error(&away)?.contains("L1"));
    let changed = std::fs::read_to_string(user.folder.join("receipt.json"))?;
    std::fs::write(
        user.folder.join("changed.json"),
        changed.replace("\"intents\": ", "\"intents\": 1"),
    )?;
    assert!(user.error(&["receipt", "verify", "changed.json"])?.contains("the receipt is invalid"));
    every_field_counts(user)
}

/// A receipt with any one value changed is not settled, whichever it is.
fn every_field_counts(user: &User) -> TestResult {
    let receipt: Value = serde_json::from_slice(&std::fs::read(user.folder.join("receipt.json"))?)?;
    assert!(receipt.pointer("/block/l1/transaction").is_some(), "the whole way to L1");
    let pointers = leaves(&receipt, "");
    assert!(pointers.len() >= 55, "{pointers:?}");
    for pointer in pointers {
        let mut changed = receipt.clone();
        let value = changed.pointer_mut(&pointer).ok_or("a value")?;
        *value = other(value).ok_or_else(|| format!("{pointer}: {value}"))?;
        std::fs::write(user.folder.join("changed.json"), changed.to_string())?;
        let output = user.run(&["receipt", "verify", "changed.json"])?;
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{pointer}: {errors}");
    }
    Ok(())
}

/// The pointer of every value that is neither object nor array.
fn leaves(value: &Value, at: &str) -> Vec<String> {
    match value {
        Value::Object(fields) => {
            fields.iter().flat_map(|(name, value)| leaves(value, &format!("{at}/{name}"))).collect()
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.flat_map(|(index, value)| leaves(value, &format!("{at}/{index}"))).collect()
        }
        _ => vec![at.to_owned()],
    }
}

/// Another value of the same form: a number one higher, bytes with another last digit.
fn other(value: &Value) -> Option<Value> {
    match value {
        Value::Number(number) => Some((number.as_u64()? + 1).into()),
        Value::String(text) if text.starts_with("0x") => {
            let (rest, last) = text.split_at(text.len() - 1);
            let digit = u32::from_str_radix(last, 16).ok()? ^ 1;
            Some(format!("{rest}{digit:x}").into())
        }
        Value::String(text) => Some((text.parse::<u64>().ok()? + 1).to_string().into()),
        _ => None,
    }
}

/// A node from L1 alone has the state, and says what it cannot know.
fn restore(user: &User, paid: &str) -> TestResult {
    let restored = user.json(&["restore", "--data", "restored"])?;
    assert!(restored["batches"].as_u64().is_some_and(|batches| batches >= 1), "{restored}");
    let again = user.error(&["restore", "--data", "restored"])?;
    assert!(again.contains("holds a node's data"), "{again}");
    let owner = ["--operator-owner", "0x1111111111111111111111111111111111111111"];
    let other = user.error(&[&["restore", "--data", "other"], &owner[..]].concat())?;
    assert!(other.contains("the rollup was deployed with key"), "{other}");

    let mut node = Command::new(BINARY)
        .current_dir(&user.folder)
        .args(["--config".as_ref(), user.config.as_os_str()])
        .args(["node", "--data", "restored", "--listen", "127.0.0.1:0", "--no-prover"])
        .env("NO_COLOR", "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut lines = BufReader::new(node.stderr.take().ok_or("its log")?).lines();
    let out = BufReader::new(node.stdout.take().ok_or("its output")?);
    let node = Serving { child: node, out };
    let address = loop {
        let line = lines.next().ok_or("the node ended")??;
        if let Some((_, rest)) = line.split_once("address=") {
            break rest.split_whitespace().next().unwrap_or_default().to_owned();
        }
    };
    // A log that is not read fills the pipe.
    std::thread::spawn(move || lines.for_each(drop));
    let there = ["--node", &format!("http://{address}")];
    let account = user.json(&[&["account", "show", "1"], &there[..]].concat())?;
    assert_eq!(account["balance"], "990000000000");
    let status = user.error(&[&["intent", "status", paid], &there[..]].concat())?;
    assert!(status.contains("intent_history_unavailable"), "{status}");
    let to = ["receipt", "get", paid, "--out", "none.json"];
    assert!(user.error(&[&to[..], &there].concat())?.contains("intent_history_unavailable"));
    assert!(node.interrupt()?);
    Ok(())
}
