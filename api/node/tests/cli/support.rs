//! A node process of its own, and the binary as people use it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

pub(crate) type TestResult<T = ()> = Result<T, Box<dyn std::error::Error>>;

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_farthing");
pub(crate) const CONTRACT: &str = "0x1111111111111111111111111111111111111111";
pub(crate) const OWNER: &str = "0x2222222222222222222222222222222222222222";

/// The binary with nothing of the tester's environment.
pub(crate) fn farthing(folder: &Path) -> Command {
    let mut command = Command::new(BINARY);
    command.current_dir(folder).env_clear().env("NO_COLOR", "1");
    command
}

/// A node process without L1 and prover; killed if a test ends before it.
pub(crate) struct Node {
    child: Child,
    pub(crate) url: String,
}

impl Drop for Node {
    fn drop(&mut self) {
        // One that has ended needs no killing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Node {
    /// Starts on `folder/farthing.toml`.
    pub(crate) fn start(folder: &Path) -> TestResult<Self> {
        let mut child = farthing(folder)
            .args(["node", "--no-prover", "--listen", "127.0.0.1:0", "--class", "tiny"])
            .args(["--chain-id", "31337", "--contract", CONTRACT, "--operator-owner", OWNER])
            .args(["--operator-key", &format!("0x{}", "07".repeat(40))])
            .arg("--config")
            .arg(folder.join("farthing.toml"))
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
        // A log that is not read fills the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self { child, url: format!("http://{address}") })
    }

    /// A node whose batches are sealed after `seal_seconds`, with the key and account of alice, who is
    /// account 1.
    pub(crate) fn with_alice(folder: &Path, seal_seconds: u32) -> TestResult<Self> {
        let text = format!("[node]\ndata = 'data'\nseal_seconds = {seal_seconds}\n");
        std::fs::write(folder.join("farthing.toml"), text)?;
        let node = Self::start(folder)?;
        node.json(folder, &["keys", "new", "--out", "alice.key"])?;
        node.json(folder, &["account", "open", "--owner", OWNER, "--key", "alice.key"])?;
        Ok(node)
    }

    pub(crate) fn command(&self, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = farthing(folder);
        command.env("FARTHING_NODE", &self.url).args(arguments);
        command
    }

    /// The documents that a command prints as JSON, if it succeeds.
    pub(crate) fn documents(&self, folder: &Path, arguments: &[&str]) -> TestResult<Vec<Value>> {
        let output = self.command(folder, &[arguments, &["--json"]].concat()).output()?;
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        documents(&output)
    }

    /// The only document that a command prints.
    pub(crate) fn json(&self, folder: &Path, arguments: &[&str]) -> TestResult<Value> {
        let mut documents = self.documents(folder, arguments)?;
        assert_eq!(documents.len(), 1, "{arguments:?}");
        Ok(documents.pop().ok_or("a document")?)
    }

    /// The errors of a command that fails.
    pub(crate) fn error(&self, folder: &Path, arguments: &[&str]) -> TestResult<String> {
        let output = self.command(folder, arguments).output()?;
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        Ok(String::from_utf8(output.stderr)?)
    }

    /// Asks it to end, and returns whether it ended well.
    pub(crate) fn stop(mut self) -> TestResult<bool> {
        send("TERM", &self.child)?;
        Ok(self.child.wait()?.success())
    }
}

/// The JSON documents on standard output.
pub(crate) fn documents(output: &Output) -> TestResult<Vec<Value>> {
    let documents = serde_json::Deserializer::from_slice(&output.stdout).into_iter();
    Ok(documents.collect::<Result<_, _>>()?)
}

/// Sends a signal to a process of the test.
pub(crate) fn send(signal: &str, child: &Child) -> TestResult {
    // A shell has its own `kill`; a bare Debian has no program of this name.
    let kill = format!("kill -{signal} {}", child.id());
    let sent = Command::new("sh").args(["-c", &kill]).status()?;
    assert!(sent.success());
    Ok(())
}

/// A proxy that passes everything on and keeps the answers to POST requests to itself.
pub(crate) fn silent_for_posts(url: &str) -> TestResult<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let own = format!("http://{}", listener.local_addr()?);
    let target = url.trim_start_matches("http://").to_owned();
    let copy = |mut from: TcpStream, mut to: TcpStream, silent: bool| -> std::io::Result<()> {
        let mut bytes = [0; 16_384];
        loop {
            let read = from.read(&mut bytes)?;
            if read == 0 {
                return Ok(());
            }
            if !silent {
                to.write_all(&bytes[..read])?;
            }
        }
    };
    std::thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let target = target.clone();
            std::thread::spawn(move || -> std::io::Result<()> {
                // One request a connection: the answer closes it.
                let mut node = TcpStream::connect(target)?;
                let mut bytes = [0; 16_384];
                let read = client.read(&mut bytes)?;
                let post = bytes.starts_with(b"POST");
                let text = String::from_utf8_lossy(&bytes[..read]).replacen(
                    "\r\n",
                    "\r\nConnection: close\r\n",
                    1,
                );
                node.write_all(text.as_bytes())?;
                let (up, down) = (client.try_clone()?, node.try_clone()?);
                std::thread::spawn(move || copy(up, down, false));
                let answered = copy(node, client.try_clone()?, post);
                if post {
                    // Not even the end of the connection tells anything.
                    std::thread::sleep(std::time::Duration::from_secs(30));
                }
                answered
            });
        }
    });
    Ok(own)
}
