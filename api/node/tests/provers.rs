//! `farthing node` and `farthing prover` as processes, with real proofs: one prover is killed in a step.

use std::error::Error;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

type TestResult<T> = Result<T, Box<dyn Error>>;

/// Circuits, and a handful of steps on a machine that does other things, too.
const TIMEOUT: Duration = Duration::from_secs(900);

/// A process that ends with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> TestResult<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn circuits() -> std::path::PathBuf {
    let named = std::env::var_os("FARTHING_CIRCUITS");
    named.map_or_else(|| Path::new(env!("CARGO_TARGET_TMPDIR")).join("circuits"), Into::into)
}

fn farthing(log: &Path, arguments: &[&str]) -> TestResult<Process> {
    let log = std::fs::File::create(log)?;
    let child = Command::new(env!("CARGO_BIN_EXE_farthing"))
        .args(arguments)
        .env("FARTHING_CIRCUITS", circuits())
        .env("FARTHING_LOG", "info")
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()?;
    Ok(Process(child))
}

/// Waits until a file has a line.
fn wait_for(file: &Path, line: &str, since: Instant) -> TestResult<()> {
    loop {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        if text.contains(line) {
            return Ok(());
        }
        if since.elapsed() > TIMEOUT {
            return Err(format!("{}: no {line:?} in\n{text}", file.display()).into());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn json(arguments: &[&str]) -> TestResult<Value> {
    let output =
        Command::new(env!("CARGO_BIN_EXE_farthing")).arg("--json").args(arguments).output()?;
    let failed = || String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() {
        Ok(serde_json::from_slice(&output.stdout)?)
    } else {
        Err(failed().into())
    }
}

#[test]
fn a_block_is_proven_although_a_prover_is_killed() -> TestResult<()> {
    let since = Instant::now();
    let dir = tempfile::tempdir()?;
    let path = |name: &str| dir.path().join(name);
    let text = |name: &str| path(name).display().to_string();
    let (nats_port, port) = (free_port()?, free_port()?);
    let (nats, node) =
        (format!("nats://127.0.0.1:{nats_port}"), format!("http://127.0.0.1:{port}"));
    let found = std::env::var("PATH").unwrap_or_default();
    let server = Command::new("nats-server")
        // Debian puts it where not every user looks.
        .env("PATH", format!("{found}:/usr/sbin"))
        .args(["-js", "-a", "127.0.0.1", "-p", &nats_port.to_string(), "-sd", &text("nats")])
        .stderr(Stdio::null())
        .spawn();
    let _server =
        Process(server.map_err(|error| format!("nats-server: {error}: run scripts/setup"))?);

    let prover = |name: &str| {
        farthing(&path(name), &["prover", "--nats", &nats, "--class", "tiny", "--name", name])
    };
    let mut first = prover("first")?;
    wait_for(&path("first"), "no steps from NATS yet", since)?;
    json(&["keys", "new", "--out", &text("key")])?;
    let key = json(&["keys", "show", "--key", &text("key")])?;
    let key = key["public_key"].as_str().ok_or("a key")?.to_owned();
    let config = format!(
        "[node]\ndata = 'data'\nclass = 'tiny'\nseal_seconds = 1\nblock_seconds = 1\n\
         operator_key = '{key}'\noperator_owner = '0x{:040x}'\n[l1]\nchain_id = 31337\n\
         contract = '0x{:040x}'\n[nats]\nurl = '{nats}'\n",
        0x11, 0x22
    );
    std::fs::write(path("farthing.toml"), config)?;
    let listen = format!("127.0.0.1:{port}");
    let _node = farthing(
        &path("node"),
        &["node", "--config", &text("farthing.toml"), "--listen", &listen],
    )?;
    wait_for(&path("node"), "the node listens", since)?;
    // The first block makes the queue ready; from the second on, the prover makes the steps.
    let open = |number: u64| {
        let owner = format!("0x{:040x}", 0x1000 + number);
        let (file, node) = (text(&format!("key {number}")), node.clone());
        json(&["keys", "new", "--out", &file])?;
        json(&["account", "open", "--owner", &owner, "--key", &file, "--node", &node])
    };
    open(1)?;
    wait_for(&path("node"), "the queue of proof steps is ready", since)?;
    wait_for(&path("node"), "the block is proven block=1", since)?;
    open(2)?;
    wait_for(&path("first"), "queue=tiny.leaf", since)?;
    // It is in the wrap, which takes seconds.
    std::thread::sleep(Duration::from_millis(500));
    first.0.kill()?;
    first.0.wait()?;
    let _second = prover("second")?;
    wait_for(&path("node"), "the block is proven block=2", since)?;
    let log = std::fs::read_to_string(path("node"))?;
    assert!(!log.contains("refused"), "{log}");
    let status = json(&["status", "--node", &node])?;
    assert!(status.to_string().contains("\"proven\""), "{status}");
    Ok(())
}
