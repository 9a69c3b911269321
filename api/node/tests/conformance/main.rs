//! The scenario of all SDKs, `api/conformance/scenario.json`, run by the Rust client against a node of
//! `farthing dev`. The format is described in the README beside it.

mod expect;
mod runner;
mod verbs;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use runner::{Runner, Scenario};
use serde_json::Value;

type TestResult<T = ()> = Result<T, Box<dyn std::error::Error>>;

const BINARY: &str = env!("CARGO_BIN_EXE_farthing");

/// A development node; killed if the test ends before it.
struct DevNode(Child);

impl Drop for DevNode {
    fn drop(&mut self) {
        // A node that has ended needs no killing.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl DevNode {
    /// `farthing dev`, and its banner.
    fn start(data: &Path) -> TestResult<(Self, Value)> {
        let mut child = Command::new(BINARY)
            .args(["dev", "--json", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            // The folder l1-contracts is found from here upwards.
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("its output")?).read_line(&mut line)?;
        Ok((Self(child), serde_json::from_str(&line)?))
    }
}

#[tokio::test]
async fn every_step_of_the_scenario_has_its_result() -> TestResult {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../conformance/scenario.json");
    let scenario: Scenario = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    assert_eq!(scenario.format, 1, "the format that this runner reads");
    assert!(scenario.steps.len() >= 30);
    let folder = tempfile::tempdir()?;
    let (_node, banner) = DevNode::start(&folder.path().join("data"))?;
    let mut runner = Runner::new(&banner, scenario.values, folder.path())?;
    for (index, step) in scenario.steps.iter().enumerate() {
        let done = runner.step(step).await;
        done.map_err(|error| format!("step {}, {:?}: {error}", index + 1, step.name))?;
    }
    Ok(())
}
