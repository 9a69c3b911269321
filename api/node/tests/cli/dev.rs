//! `farthing dev` that is killed leaves nothing: no anvil, no folder with keys.

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{TestResult, farthing, send};

/// A development node in a temporary folder below `temporary`, and its banner.
fn dev(temporary: &Path) -> TestResult<(Child, Value)> {
    let mut child = farthing(Path::new(env!("CARGO_MANIFEST_DIR")))
        .args(["dev", "--json", "--class", "tiny", "--listen", "127.0.0.1:0"])
        .args(["--circuits".as_ref(), temporary.join("circuits").as_os_str()])
        .env("TMPDIR", temporary)
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().ok_or("its output")?).read_line(&mut line)?;
    Ok((child, serde_json::from_str(&line)?))
}

fn folders(temporary: &Path) -> TestResult<usize> {
    let names = std::fs::read_dir(temporary)?.flatten().map(|entry| entry.file_name());
    Ok(names.filter(|name| name.to_string_lossy().starts_with("farthing-dev-")).count())
}

fn until(what: &str, mut done: impl FnMut() -> TestResult<bool>) -> TestResult {
    let start = Instant::now();
    while !done()? {
        assert!(start.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

#[test]
fn a_killed_development_node_leaves_no_anvil_and_no_keys() -> TestResult {
    let temporary = tempfile::tempdir()?;
    let (mut child, banner) = dev(temporary.path())?;
    let l1 = banner["l1"].as_str().ok_or("l1")?;
    let l1 = l1.trim_start_matches("http://").trim_end_matches('/').to_owned();
    assert!(TcpStream::connect(&l1).is_ok());
    assert_eq!(folders(temporary.path())?, 1);
    send("KILL", &child)?;
    child.wait()?;
    until("anvil ends", || Ok(TcpStream::connect(&l1).is_err()))?;
    until("the folder is removed", || Ok(folders(temporary.path())? == 0))
}
