//! The binary as people use it: a node of its own, and every verb that needs no L1.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

const BINARY: &str = env!("CARGO_BIN_EXE_farthing");
const CONTRACT: &str = "0x1111111111111111111111111111111111111111";
const OWNER: &str = "0x2222222222222222222222222222222222222222";

/// A node process; killed if a test ends before it.
struct Node {
    child: Child,
    url: String,
}

impl Drop for Node {
    fn drop(&mut self) {
        // One that has ended needs no killing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Node {
    fn start(folder: &Path) -> Outcome<Self> {
        let mut child = Command::new(BINARY)
            .args(["node", "--no-prover", "--listen", "127.0.0.1:0", "--class", "tiny"])
            .args(["--chain-id", "31337", "--contract", CONTRACT, "--operator-owner", OWNER])
            .args(["--operator-key", &format!("0x{}", "07".repeat(40))])
            .arg("--config")
            .arg(folder.join("farthing.toml"))
            .env("NO_COLOR", "1")
            .stderr(Stdio::piped())
            .spawn()?;
        let log = child.stderr.take().ok_or("its log")?;
        let mut lines = BufReader::new(log).lines();
        let address = loop {
            let line = lines.next().ok_or("the node ended")??;
            if let Some((_, rest)) = line.split_once("address=") {
                break rest.split_whitespace().next().unwrap_or_default().to_owned();
            }
        };
        // Whoever does not read lets the node's log fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self { child, url: format!("http://{address}") })
    }

    fn run(&self, folder: &Path, arguments: &[&str]) -> Outcome<Output> {
        let mut command = Command::new(BINARY);
        command.current_dir(folder).env("FARTHING_NODE", &self.url).args(arguments);
        Ok(command.output()?)
    }

    /// What a command that succeeds prints as JSON.
    fn json(&self, folder: &Path, arguments: &[&str]) -> Outcome<Value> {
        let output = self.run(folder, &[arguments, &["--json"]].concat())?;
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// What a command that fails says.
    fn error(&self, folder: &Path, arguments: &[&str]) -> Outcome<String> {
        let output = self.run(folder, arguments)?;
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        Ok(String::from_utf8(output.stderr)?)
    }

    /// Asks it to end, and returns whether it ended well.
    fn stop(mut self) -> Outcome<bool> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status()?.success());
        Ok(self.child.wait()?.success())
    }
}

#[test]
fn a_node_and_the_verbs() -> Outcome {
    let dir = tempfile::tempdir()?;
    let folder = dir.path();
    std::fs::write(folder.join("farthing.toml"), "[node]\ndata = 'data'\nseal_seconds = 1\n")?;
    let node = Node::start(folder)?;
    node.json(folder, &["keys", "new", "--out", "alice.key"])?;
    let key = ["--key", "alice.key"];
    let open = [&["account", "open", "--owner", OWNER], &key[..]].concat();
    assert_eq!(node.json(folder, &open)?["existed"], false);
    assert_eq!(node.json(folder, &open)?["existed"], true);
    let alice = [&key[..], &["--account", "1"]].concat();
    assert_eq!(node.json(folder, &["account", "show", "1"])?["balance"], "0");

    let pay = [&["pay", "--to", "1", "--amount", "0", "--wait", "sequenced"], &alice[..]].concat();
    let paid = node.json(folder, &pay)?;
    assert_eq!(paid["status"], "sequenced");
    let id = paid["id"].as_str().ok_or("an id")?;
    let status = node.json(folder, &["status", id, "--receipt", "receipt.json"])?;
    assert_eq!(status["batch"], paid["batch"]);
    let deployment = ["--chain-id", "31337", "--contract", CONTRACT];
    let verify = [&["verify", "receipt.json"], &deployment[..]].concat();
    let verified = node.json(folder, &verify)?;
    assert_eq!((&verified["id"], &verified["verified_on_l1"]), (&paid["id"], &Value::Bool(false)));

    let register = ["license", "register", "--price", "0.00025", "--share", "1=1000000"];
    let hash = format!("0x{}", "05".repeat(32));
    let register = [&register[..], &["--provenance", &hash], &alice[..]].concat();
    assert_eq!(node.json(folder, &register)?["registers"], 0);
    let quote = node.json(folder, &["license", "quote", "0", "--uses", "4"])?;
    assert_eq!(quote["amount"], "1000000");
    assert_eq!(node.json(folder, &["license", "show", "0"])?["price"], "250000");
    assert_eq!(node.json(folder, &["claim", OWNER, "--dry-run"])?, Value::Array(Vec::new()));
    assert_eq!(node.json(folder, &["status"])?["batch_class"], "tiny");

    let poor = node.error(folder, &[&["pay", "0"], &alice[..]].concat())?;
    assert!(poor.contains("insufficient_funds"), "{poor}");
    let uneven = node.error(folder, &[&["withdraw", "--amount", "5n"], &alice[..]].concat())?;
    assert!(uneven.contains("not a multiple of 1000"), "{uneven}");
    let other = ["verify", "receipt.json", "--chain-id", "1", "--contract", CONTRACT];
    assert!(node.error(folder, &other)?.contains("31337"));
    let text = std::fs::read_to_string(folder.join("receipt.json"))?;
    let tampered = text.replacen("\"nonce\": \"1", "\"nonce\": \"2", 1);
    assert_ne!(tampered, text);
    std::fs::write(folder.join("tampered.json"), tampered)?;
    assert!(node.error(folder, &["verify", "tampered.json"])?.contains("shows nothing"));
    assert!(node.error(folder, &["pay", "0"])?.contains("--account"));
    assert!(node.stop()?, "it ends well when it is asked to");

    // What was acknowledged is there again.
    let node = Node::start(folder)?;
    assert_eq!(node.json(folder, &["status", id])?["status"], "sequenced");
    assert!(node.stop()?);
    Ok(())
}

#[test]
fn help_teaches_every_verb() -> Outcome {
    let help = |arguments: &[&str]| -> Outcome<String> {
        let output = Command::new(BINARY).args(arguments).output()?;
        assert!(output.status.success());
        Ok(String::from_utf8(output.stdout)?)
    };
    let overview = help(&["--help"])?;
    for verb in ["node", "keys", "account", "license", "pay", "withdraw", "claim", "status"] {
        assert!(overview.contains(verb), "{verb}");
        let own = help(&[verb, "--help"])?;
        assert!(own.contains("farthing") && own.contains("Usage"), "{verb}");
    }
    for verb in ["node", "pay", "withdraw", "claim", "status", "verify", "restore"] {
        assert!(help(&[verb, "--help"])?.contains("Example"), "{verb}");
    }
    Ok(())
}

#[test]
fn a_wallets_message_is_shown_and_its_signature_makes_the_key() -> Outcome {
    let dir = tempfile::tempdir()?;
    let run = |arguments: &[&str]| {
        Command::new(BINARY)
            .current_dir(dir.path())
            .args(["keys", "wallet"])
            .args(arguments)
            .output()
    };
    let deployment = ["--chain-id", "1", "--contract", CONTRACT];
    let shown: Value = serde_json::from_slice(&run(&deployment)?.stdout)?;
    assert_eq!(shown["primaryType"], "FarthingKey");
    std::fs::write(dir.path().join("wallet"), format!("0x{}", "01".repeat(32)))?;
    let mut keys = Vec::new();
    for out in ["a.key", "b.key"] {
        let made = run(&[&deployment[..], &["--l1-key", "wallet", "--out", out]].concat())?;
        assert!(made.status.success());
        keys.push(made.stdout);
    }
    assert_eq!(keys[0], keys[1], "the same wallet gets the same key");
    Ok(())
}
