//! An inference log is paid for once, however often the client is killed and started again.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use farthing_client::dto::{IntentBody, WireDigest, WirePublicKey};
use farthing_client::{Client, Signer};
use farthing_protocol::{AccountId, Bytes32, LicenseId, Pay, Price, SecretKey, Uses};
use serde_json::{Value, json};

use crate::support::{Node, TestResult, documents, silent_for_posts};

const SEED: [u8; 32] = [0x5e; 32];
/// Of `1,2,3`.
const SHA256_OF_THE_FIRST_ROW: [u8; 32] = [
    0x8a, 0x6a, 0xe1, 0x51, 0x22, 0x00, 0x12, 0x29, 0xed, 0xb8, 0x86, 0x6f, 0x56, 0xe3, 0x42, 0xaf,
    0x12, 0xae, 0x81, 0x87, 0x20, 0x3c, 0x3e, 0x3b, 0x33, 0x93, 0x17, 0x43, 0xe7, 0xc0, 0xc4, 0x8d,
];
/// Nothing is sealed for its age.
const NEVER: u32 = 100_000;

/// A node, a license without a price, and payers that pay for it.
fn market(folder: &Path) -> TestResult<Node> {
    let node = Node::with_alice(folder, NEVER)?;
    let seed = Bytes32(SEED).to_string();
    std::fs::write(folder.join("bob.key"), &seed)?;
    let owner = crate::support::OWNER;
    let opened = node.json(folder, &["account", "open", "--owner", owner, "--key", "bob.key"])?;
    assert_eq!(opened["id"], 2);
    let register = ["license", "register", "--price", "0", "--share", "1=1000000"];
    let by =
        ["--provenance", &Bytes32([5; 32]).to_string(), "--key", "alice.key", "--account", "1"];
    node.json(folder, &[&register[..], &by].concat())?;
    let payers = json!({ "payers": [{ "account": 2, "seed": seed }], "licenses": [0] });
    std::fs::write(folder.join("payers.json"), payers.to_string())?;
    Ok(node)
}

/// A counter of the node.
async fn counter(node: &Node, name: &str) -> TestResult<u64> {
    let metrics = Client::new(&node.url)?.metrics().await?;
    let name = format!("farthing_{name}_total ");
    let value = metrics.lines().find_map(|line| line.strip_prefix(&name)).ok_or(metrics.clone())?;
    Ok(value.parse::<f64>()? as u64)
}

fn simulate(node: &Node, folder: &Path, arguments: &[&str]) -> TestResult<Value> {
    node.json(folder, &[&["simulate", "--payers", "payers.json"], arguments].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_is_killed_pays_nothing_twice() -> TestResult {
    let dir = tempfile::tempdir()?;
    let folder = dir.path();
    let node = market(folder)?;
    let before = counter(&node, "intents_accepted").await?;

    // The first request is accepted, and the client dies before it knows.
    let silent = silent_for_posts(&node.url)?;
    let mut child = node
        .command(folder, &["simulate", "--payers", "payers.json", "--payments", "300"])
        .args(["--node", &silent])
        .stderr(Stdio::null())
        .spawn()?;
    let start = Instant::now();
    while counter(&node, "intents_accepted").await? < before + 250 {
        assert!(start.elapsed() < Duration::from_secs(60));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    child.kill()?;
    child.wait()?;

    let report = simulate(&node, folder, &["--payments", "300"])?;
    assert_eq!((&report["payments"], &report["paid_before"]), (&300.into(), &0.into()));
    assert_eq!(counter(&node, "intents_accepted").await?, before + 300, "each once");
    assert!(counter(&node, "intents_repeated").await? >= 250, "the same bytes again");

    // All is paid: nothing is sent. More of the same log: only what is new.
    let report = simulate(&node, folder, &["--payments", "300"])?;
    assert_eq!(report["paid_before"], 300);
    let report = simulate(&node, folder, &["--payments", "310"])?;
    assert_eq!((&report["payments"], &report["paid_before"]), (&310.into(), &300.into()));
    assert_eq!(counter(&node, "intents_accepted").await?, before + 310);

    // A second payment must be asked for.
    let report = simulate(&node, folder, &["--payments", "10", "--restart"])?;
    assert_eq!((&report["payments"], &report["paid_before"]), (&10.into(), &0.into()));
    assert_eq!(counter(&node, "intents_accepted").await?, before + 320);
    Ok(())
}

/// Ctrl-C: the error names the journal, and the next run goes on there.
#[test]
fn an_interrupted_client_says_where_it_stopped() -> TestResult {
    let dir = tempfile::tempdir()?;
    let folder = dir.path();
    let node = market(folder)?;
    let silent = silent_for_posts(&node.url)?;
    let child = node
        .command(folder, &["simulate", "--payers", "payers.json", "--payments", "5", "--json"])
        .args(["--node", &silent])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    std::thread::sleep(Duration::from_secs(3));
    crate::support::send("INT", &child)?;
    let output = child.wait_with_output()?;
    assert_eq!(output.status.code(), Some(3));
    let errors = String::from_utf8(output.stderr.clone())?;
    assert!(errors.contains("payers.json.generated.journal"), "{errors}");
    assert!(documents(&output)?.is_empty());
    let report = simulate(&node, folder, &["--payments", "5"])?;
    assert_eq!(report["payments"], 5);
    Ok(())
}

#[test]
fn another_log_does_not_go_on_with_this_journal() -> TestResult {
    let dir = tempfile::tempdir()?;
    let folder = dir.path();
    let node = market(folder)?;
    std::fs::write(folder.join("log.csv"), "1,2,3\n2,2,0\n3,2,4\n")?;
    let report = simulate(&node, folder, &["--log", "log.csv", "--payments", "2"])?;
    assert_eq!((&report["payments"], &report["free"]), (&2.into(), &1.into()));
    std::fs::write(folder.join("log.csv"), "1,2,3\n2,2,0\n3,2,5\n")?;
    let again = ["simulate", "--payers", "payers.json", "--log", "log.csv", "--payments", "2"];
    let refused = node.error(folder, &again)?;
    assert!(refused.contains("inference log.csv:3 of the log is not the one"), "{refused}");
    std::fs::write(folder.join("other.json"), std::fs::read(folder.join("payers.json"))?)?;
    let journal = ["--journal", "payers.json.log.csv.journal", "--log", "log.csv"];
    let text = std::fs::read_to_string(folder.join(journal[1]))?;
    std::fs::write(
        folder.join(journal[1]),
        text.replacen("\"licenses\":[0]", "\"licenses\":[1]", 1),
    )?;
    let other = [&again[..3], &journal, &["--payments", "2"]].concat();
    let refused = node.error(folder, &other)?;
    assert!(refused.contains("the journal of another set of licenses"), "{refused}");
    Ok(())
}

/// An export has ids of its own: what is in a later export too is paid for once, wherever it stands there.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_paid_once_under_its_own_id() -> TestResult {
    let dir = tempfile::tempdir()?;
    let folder = dir.path();
    let node = market(folder)?;
    let before = counter(&node, "intents_accepted").await?;
    let header =
        "generation_id,created_at,tokens_prompt,tokens_completion,finish_reason_normalized\n";
    let row = |id: &str, tokens: u32, finish: &str| {
        format!("{id},2026-06-28 03:46:57.713,10,{tokens},{finish}\n")
    };
    let export = [row("gen-1", 3, "stop"), row("gen-2", 9, "error"), row("gen-3", 4, "length")];
    std::fs::write(folder.join("activity.csv"), format!("{header}{}", export.concat()))?;
    let report = simulate(&node, folder, &["--log", "activity.csv"])?;
    assert_eq!((&report["payments"], &report["free"]), (&2.into(), &1.into()));
    let later = [row("gen-4", 5, "stop"), row("gen-3", 4, "length"), row("gen-1", 3, "stop")];
    std::fs::write(folder.join("activity.csv"), format!("{header}{}", later.concat()))?;
    let report = simulate(&node, folder, &["--log", "activity.csv"])?;
    assert_eq!((&report["payments"], &report["paid_before"]), (&3.into(), &2.into()));
    assert_eq!(counter(&node, "intents_accepted").await?, before + 3);
    Ok(())
}

/// A payment that was signed, never sent, and is too old by now: the node does not know it and will
/// never take it, so another is signed in its place.
#[tokio::test(flavor = "multi_thread")]
async fn what_expired_before_it_was_sent_is_signed_anew() -> TestResult {
    let dir = tempfile::tempdir()?;
    let folder = dir.path();
    let node = market(folder)?;
    std::fs::write(folder.join("log.csv"), "1,2,3\n2,2,4\n")?;
    let key = SecretKey::from_seed(&SEED);
    let public = WirePublicKey::from(*key.public_key());
    let domain: WireDigest = Client::new(&node.url)?.version().await?.domain;
    let signer = Signer::new(AccountId::from(2), key, domain.0).with_validity(Duration::ZERO)?;
    let (license, uses) = (LicenseId::from(0), Uses::new(3)?);
    let memo = Bytes32(SHA256_OF_THE_FIRST_ROW);
    let amount = Price::new(0)?.times(uses)?;
    let recipient = Client::new(&node.url)?.license(license).await?.recipient.0;
    let old = signer.pay(Pay { license, uses, amount, recipient, memo })?;
    let header = json!({
        "farthing_simulation_journal": 2,
        "domain": domain,
        "payers": [[2, public]],
        "licenses": [0],
    });
    let line = json!({ "at": 0, "id": "log.csv:1", "intent": IntentBody::from(&old) });
    std::fs::write(folder.join("journal"), format!("{header}\n{line}\n"))?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = counter(&node, "intents_accepted").await?;
    let arguments = ["--log", "log.csv", "--payments", "2", "--journal", "journal"];
    assert_eq!(simulate(&node, folder, &arguments)?["payments"], 2);
    assert_eq!(counter(&node, "intents_accepted").await?, before + 2);
    let unknown = Client::new(&node.url)?.intent(old.intent.id(&domain.0)).await;
    assert!(unknown.is_err(), "the old one never was");
    let journal = std::fs::read_to_string(folder.join("journal"))?;
    assert_eq!(journal.matches("{\"at\":0,").count(), 2, "{journal}");
    assert_eq!(simulate(&node, folder, &arguments)?["paid_before"], 2);
    Ok(())
}
