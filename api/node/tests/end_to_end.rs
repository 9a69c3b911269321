//! The main job, from an empty machine to tokens in a creator's wallet: real contracts on a real EVM,
//! real proofs, a client process of its own. Of the smallest class, and few payments.

use std::io::BufReader;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use farthing_client::dto::ReceiptBody;
use farthing_client::verify_receipt;
use farthing_protocol::Stage;
use serde_json::Value;

type TestResult = Result<(), Box<dyn std::error::Error>>;

/// Six inferences; the demo pays for the first five.
const LOG: &str = "\
TIMESTAMP,ContextTokens,GeneratedTokens
2023-11-16 18:15:46.6805900,374,44
2023-11-16 18:15:50.9951690,396,109
2023-11-16 18:15:51.2224670,879,55
2023-11-16 18:15:51.3910170,91,16
2023-11-16 18:15:52.5732450,91,16
2023-11-16 18:15:52.7102620,381,84
";
const PAYMENTS: u64 = 5;
/// Base units that the two platforms deposit.
const DEPOSITED_UNITS: u64 = 2 * 100_000_000;

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_farthing"));
    // The folder l1-contracts is found from here upwards.
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

fn farthing(arguments: &[&str]) -> std::io::Result<Output> {
    command(arguments).output()
}

/// A demo that serves; killed if the test ends before it.
struct Serving {
    child: Child,
    documents: serde_json::StreamDeserializer<'static, JsonLines, Value>,
}

type JsonLines = serde_json::de::IoRead<BufReader<ChildStdout>>;

impl Drop for Serving {
    fn drop(&mut self) {
        // One that has ended needs no killing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Serving {
    fn start(arguments: &[&str]) -> Result<Self, Box<dyn std::error::Error>> {
        let mut child = command(arguments).stdout(Stdio::piped()).spawn()?;
        let out = BufReader::new(child.stdout.take().ok_or("its output")?);
        let documents = serde_json::Deserializer::from_reader(out).into_iter();
        Ok(Self { child, documents })
    }

    /// The next document that it prints.
    fn says(&mut self) -> Result<Value, Box<dyn std::error::Error>> {
        Ok(self.documents.next().ok_or("it ended")??)
    }

    /// Ctrl-C; its exit code.
    fn interrupt(&mut self) -> Result<Option<i32>, Box<dyn std::error::Error>> {
        let id = self.child.id().to_string();
        assert!(Command::new("sh").args(["-c", &format!("kill -INT {id}")]).status()?.success());
        Ok(self.child.wait()?.code())
    }
}

fn text(path: &Path) -> Result<&str, &'static str> {
    path.to_str().ok_or("a path")
}

fn number(value: &Value, pointer: &str) -> Result<u64, String> {
    value.pointer(pointer).and_then(Value::as_u64).ok_or(format!("{pointer} in {value:#}"))
}

#[test]
fn from_an_inference_log_to_tokens_in_a_creators_wallet() -> TestResult {
    let folder = tempfile::tempdir()?;
    let (log, data) = (folder.path().join("log.csv"), folder.path().join("data"));
    std::fs::write(&log, LOG)?;
    let payments = PAYMENTS.to_string();
    let arguments = ["--json", "demo", "--class", "tiny", "--payments", &payments];
    let serve = ["--serve", "--listen", "127.0.0.1:0"];
    let paths = ["--log", text(&log)?, "--data", text(&data)?];
    let mut demo = Serving::start(&[&arguments[..], &serve, &paths].concat())?;
    let told = demo.says()?;

    // Platforms paid by REST, an intent for each line of the log, for licenses that creators had
    // registered, one of them for a work that derives from another.
    assert_eq!(number(&told, "/payments")?, PAYMENTS);
    assert_eq!((number(&told, "/licenses")?, number(&told, "/derivatives")?), (4, 1));
    let paid: u64 = told["paid"].as_str().ok_or("paid")?.parse()?;
    assert!(paid >= 500 * (44 + 109 + 55 + 16 + 16), "at least the lowest price a token: {paid}");

    // One proof of one batch, which the contract verified within the gas of a transaction.
    assert_eq!(number(&told, "/block/batches")?, 1);
    assert!(number(&told, "/block/proof_bytes")? > 10_000);
    let (data_gas, proof_gas) =
        (number(&told, "/block/gas/commit")?, number(&told, "/block/gas/prove")?);
    assert!((1_000_000..16_777_216).contains(&proof_gas), "{proof_gas}");
    let each = told["gas_per_payment"].as_f64().ok_or("gas per payment")?;
    assert!((each * PAYMENTS as f64 - (data_gas + proof_gas) as f64).abs() < 1.0);
    for step in ["leaf", "wrap", "final"] {
        assert!(told["proof_seconds"][step].as_f64().is_some_and(|s| s > 0.0), "{step}");
    }

    // Creators were paid, and one took it to L1 and collected the tokens.
    assert!(number(&told, "/creators_paid")? >= 2);
    let claimed = number(&told, "/withdrawal/units")?;
    assert!(claimed > 0 && claimed * 1_000 <= paid);

    // No unit came or went: the contract holds what was deposited and not claimed, all of it owed.
    let reserve = |part: &str| number(&told, &format!("/reserve/{part}"));
    assert_eq!(reserve("held")?, (DEPOSITED_UNITS - claimed) * 1_000);
    assert_eq!(reserve("held")?, reserve("balances")? + reserve("vaults")? + reserve("unclaimed")?);
    assert_eq!(reserve("unclaimed")?, 0);

    // The last payment's receipt shows it with no node; L1 had verified its batch. Changed, it
    // shows nothing.
    assert_eq!(told["receipt"]["verified_on_l1"], true);
    let receipt = std::fs::read_to_string(data.join("receipt.json"))?;
    let receipt: ReceiptBody = serde_json::from_str(&receipt)?;
    let shown = verify_receipt(&receipt, None)?;
    assert_eq!(shown.block.map(|block| block.batches), Some(1));
    let l1 = receipt.block.as_ref().and_then(|block| block.l1);
    assert!(l1.is_some(), "{} on L1", Stage::Finalized);
    let mut changed = receipt;
    changed.batch.intents += 1;
    assert!(verify_receipt(&changed, None).is_err());
    serves_until_it_is_asked_to_end(demo)
}

/// Everything is left running, its places and keys told; then it ends, and all ends with it.
fn serves_until_it_is_asked_to_end(mut demo: Serving) -> TestResult {
    let banner = demo.says()?;
    let address = |name: &str| -> Result<String, String> {
        let url = banner[name].as_str().ok_or(format!("{name} in {banner:#}"))?;
        Ok(url.trim_start_matches("http://").trim_end_matches('/').to_owned())
    };
    let (rest, l1) = (address("rest")?, address("l1")?);
    assert!(banner["warning"].as_str().is_some_and(|text| text.contains("DEVELOPMENT ONLY")));
    let accounts = banner["accounts"].as_array().ok_or("accounts")?;
    assert!(!accounts.is_empty());
    assert!(accounts.iter().all(|a| a["seed"].is_string() && a["owner_key"].is_string()));

    let config = banner["config"].as_str().ok_or("config")?;
    let status = farthing(&["--config", config, "status", "--json"])?;
    let errors = String::from_utf8_lossy(&status.stderr);
    assert!(status.status.success(), "{errors}");
    let status: Value = serde_json::from_slice(&status.stdout)?;
    assert_eq!(status["contract"], banner["contract"]);
    assert!(TcpStream::connect(&l1).is_ok());

    assert_eq!(demo.interrupt()?, Some(0));
    for address in [rest, l1] {
        assert!(TcpStream::connect(&address).is_err(), "{address} answers");
    }
    Ok(())
}

#[test]
fn a_log_that_is_too_short_is_refused_before_anything_starts() -> TestResult {
    let folder = tempfile::tempdir()?;
    let log = folder.path().join("log.csv");
    std::fs::write(&log, LOG)?;
    let output = farthing(&["demo", "--log", text(&log)?, "--payments", "7"])?;
    assert_eq!(output.status.code(), Some(1));
    let errors = String::from_utf8(output.stderr)?;
    assert!(errors.contains("6 inferences that generated tokens, 7 are asked for"), "{errors}");
    Ok(())
}

#[test]
fn a_folder_in_use_is_refused() -> TestResult {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("kept"), "")?;
    let output = farthing(&["demo", "--data", text(folder.path())?])?;
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr)?.contains("is not empty"));
    Ok(())
}
